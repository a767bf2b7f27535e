import {
  type Approval,
  buildApprovalId,
  currentRound,
  findRound,
  isPauseId,
  isTitleOnly,
} from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { matchesTask } from '../model/crew/task-rules.ts';
import { hasUndeliveredDecision, mayHaveArrived, type Round } from '../model/round.ts';
import { announcesPauses, type RunRecord } from '../model/run/run-record.ts';
import type { RoundOutput, TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';
import type { OutputEvent } from './events.ts';
import { CLOCKS_DIFFER, isEarlier } from './lanes.ts';

/** The decision (by round and attempt) or the start that a webhook follows, by the ticket of its URL; undefined: not known. */
export type FollowedDecision = { approval: string; round: number; ticket: string } | 'start' | undefined;

/** How a pause was matched to the approvals of its run. */
export type Pause =
  /** A round has this pause. */
  | { kind: 'seen'; id: string }
  /** The next round of an approval. `likely`: no ticket proves that it follows the decision on the round before. */
  | { kind: 'next'; id: string; likely?: true }
  /** Another output of the approval's task. In the documented dialect the id is the task's. */
  | { kind: 'same_task'; id: string }
  /** The approval with the task's key. It may not exist yet. */
  | { kind: 'by_key' };

interface Search {
  crew: Crew;
  webhook: TaskWebhook;
  /** The run's approvals. */
  siblings: readonly Approval[];
  dialect: Dialect;
  follows: FollowedDecision;
  /** When the webhook came in. */
  at: number;
}

/** Chooses the approval of an output: one that its run has, or a new one under an id that no approval has yet. Pure. */
export function chooseApproval(search: Search): { id: string; pause?: Pause } {
  const { crew, webhook, siblings } = search;
  const idByTaskKey = buildApprovalId(crew.name, webhook.executionId, webhook.taskKey);
  if (webhook.kind === 'task') {
    const reportedApproval = siblings
      .filter((approval) => couldBeSamePause(approval, webhook))
      .find((approval) => isSamePauseViaOtherWebhook(approval, webhook) || reportsPause(approval, webhook));
    return { id: reportedApproval?.id ?? idByTaskKey };
  }
  const pause = findPause(webhook, siblings, search);
  if (pause.kind === 'seen') return { id: pause.id, pause };
  if (pause.kind === 'same_task') return { id: pause.id };
  if (pause.kind === 'next' && !pause.likely) return { id: pause.id, pause };
  // One webhook can bring a pause without its task's name, and the other webhook with the name.
  const samePauseApproval = siblings.find((approval) => isSamePauseViaOtherWebhook(approval, webhook));
  if (samePauseApproval) return { id: samePauseApproval.id };
  if (pause.kind === 'next') return { id: pause.id, pause };
  return { id: idByTaskKey };
}

/**
 * Matches a pause to the approvals of its run. `at`: when the webhook came in. Pure. The rules, in this order:
 * 1. A round has the id of the pause: a redelivery. In the documented dialect the id can be a task's, the same in each round:
 *    the approval with that id, and `placeOutput` chooses the round.
 * 2. The webhook follows a decision on an approval's last round: after a revision the next round; after an approval too, if the
 *    output is the same again; else a new approval.
 * 3. No ticket, or an older round's ticket: the next round if exactly one approval waits for the answer to a revision. In
 *    `chooseApproval`, a waiting round with the same output by the other webhook comes first.
 * 4. Else a new approval: a pause without a name never supersedes a round that waits.
 */
function findPause(
  webhook: TaskWebhook,
  approvals: readonly Approval[],
  { dialect, follows, at }: { dialect: Dialect; follows: FollowedDecision; at: number },
): Pause {
  const { taskId, hashes } = webhook.round;
  const approvalWithPause = approvals.find(({ rounds }) => rounds.some((round) => round.taskId === taskId));
  const followedApproval = approvals.find((approval) => isFollowed(approval, follows));
  const namesPauses = hasPauseId(webhook, dialect);
  // 1.
  if (
    approvalWithPause &&
    namesPauses &&
    (dialect === 'live' || !isOfOtherTask(webhook, approvalWithPause))
  ) {
    const hasOtherOutput = !approvalWithPause.rounds.some((round) => isSameHash(round, hashes));
    // In the documented dialect a task can have a UUID, which is the same for each of its rounds.
    const isRedone =
      dialect !== 'live' &&
      followedApproval === approvalWithPause &&
      hasOtherOutput &&
      hasRevisionRequest(approvalWithPause);
    if (dialect !== 'live' && isOfAnotherAttempt(approvalWithPause, follows))
      return { kind: 'same_task', id: approvalWithPause.id };
    return { kind: isRedone ? 'next' : 'seen', id: approvalWithPause.id };
  }
  if (!hasOnlyPauseId(webhook)) return { kind: 'by_key' };
  if (approvalWithPause) return { kind: 'same_task', id: approvalWithPause.id };
  if (!namesPauses) return { kind: 'by_key' };
  // 2.
  if (followedApproval) {
    const isNextRound =
      hasRevisionRequest(followedApproval) || isSameHash(currentRound(followedApproval), hashes);
    return isNextRound ? { kind: 'next', id: followedApproval.id } : { kind: 'by_key' };
  }
  // 3. and 4.
  return guessPause(approvals, at);
}

/** Guesses a pause without a last round's ticket: it belongs to the one approval that was sent back and has no answer yet. */
function guessPause(approvals: readonly Approval[], at: number): Pause {
  const [sentBackApproval, ...otherApprovals] = approvals.filter((approval) => {
    const round = currentRound(approval);
    const wasSent =
      round.status === 'revision_requested' || (hasUndeliveredDecision(round) && mayHaveArrived(round));
    return hasRevisionRequest(approval) && wasSent && !isBeforeAttempt(at, round);
  });
  return sentBackApproval && otherApprovals.length === 0
    ? { kind: 'next', id: sentBackApproval.id, likely: true }
    : { kind: 'by_key' };
}

/** The place of an output in its approval. */
export type Place =
  /** A round has the output: the webhook may complete that round's facts. `namesTask`: with the task's name. */
  | { kind: 'same'; round: Round; namesTask: boolean }
  /** The output is known, or may not open a round. */
  | { kind: 'nothing' }
  /**
   * A new round. `after`: a decision that the pause was matched to (`findPause`), an accepted revision, or an output that answers
   * nothing.
   */
  | { kind: 'next'; after: 'matched_decision' | 'accepted_revision' | 'other_output' };

/** Chooses the round of an output in its approval. Pure. */
export function placeOutput(approval: Approval, event: OutputEvent): Place {
  const { output, opensRounds } = event;
  const round = currentRound(approval);
  const placeAtRound = (sameRound: Round, namesTask = true): Place => ({
    kind: 'same',
    round: sameRound,
    namesTask,
  });

  if (event.pause === 'seen') {
    const roundWithPause = approval.rounds.find(({ taskId }) => taskId === output.taskId);
    // Events may already have named the task.
    return roundWithPause && isSameHash(roundWithPause, output.hashes)
      ? placeAtRound(roundWithPause, false)
      : { kind: 'nothing' };
  }
  if (event.pause === 'next') return { kind: 'next', after: 'matched_decision' };

  const isCurrent = !event.isOfAnotherAttempt && isSameOutput(round, output);
  const roundWithOutput = event.isOfAnotherAttempt
    ? undefined
    : approval.rounds.findLast((earlierRound) => isSameOutput(earlierRound, output));
  // A task webhook that comes late names the task by an earlier round.
  if (isTitleOnly(approval) && event.task !== undefined && roundWithOutput && !isCurrent && !opensRounds)
    return placeAtRound(roundWithOutput);
  if (round.status === 'revision_requested') {
    if (roundWithOutput && event.isRedelivered) return placeAtRound(roundWithOutput);
    // Both webhooks can report one pause: the second one does not answer the revision.
    const isSecondWebhook = !opensRounds || (output.humanInput && !round.humanInput);
    if (isCurrent && isSecondWebhook) return placeAtRound(round);
    return opensRounds ? { kind: 'next', after: 'accepted_revision' } : { kind: 'nothing' };
  }
  if (isCurrent) return placeAtRound(round);
  return roundWithOutput || !opensRounds ? { kind: 'nothing' } : { kind: 'next', after: 'other_output' };
}

/** True if a webhook may open a card: each pause does; a task webhook only if no other webhook reports the run's pauses. Pure. */
export function canOpenApproval(
  crew: Crew,
  webhook: WebhookFacts,
  record: RunRecord,
  dialect: Dialect,
): boolean {
  if (webhook.kind === 'human_input') return true;
  const namesHumanInput = webhook.meta.humanInputUrl !== undefined;
  const hasOtherRoute = namesHumanInput || dialect === 'live' || announcesPauses(record);
  return webhook.kind === 'task' && !hasOtherRoute && matchesTask(crew.approveTasks, webhook.taskKey);
}

/** True if one webhook names the task, the other only the pause, and both report the same pause: by its id, or by its output. */
function isSamePauseViaOtherWebhook(approval: Approval, webhook: TaskWebhook): boolean {
  const round = currentRound(approval);
  const { taskId, humanInput, hashes } = webhook.round;
  const isNameless = humanInput && hasOnlyPauseId(webhook);
  if (isNameless && round.taskId === taskId) return true;
  const wasNameless = round.humanInput && isUnnamedApproval(approval);
  const hasOtherRoute = humanInput !== round.humanInput && (isNameless || wasNameless);
  return hasOtherRoute && round.status === 'waiting' && isSameHash(round, hashes);
}

/** True if an output of this approval can be the webhook's: one of the two does not name the task. */
function couldBeSamePause(approval: Approval, webhook: TaskWebhook): boolean {
  const { taskId, humanInput } = webhook.round;
  return (
    (humanInput && hasOnlyPauseId(webhook)) ||
    approval.rounds.some((round) => round.humanInput || round.taskId === taskId) ||
    isUnnamedApproval(approval)
  );
}

/** True if a task webhook reports the output of this approval's pause. */
function reportsPause(approval: Approval, { taskKey, round: output }: TaskWebhook): boolean {
  const round = currentRound(approval);
  if (round.unnamed && round.number > 1 && isSameOutput(round, output)) return true;
  const hasPaused = approval.rounds.some(({ humanInput }) => humanInput);
  return (
    (isTitleOnly(approval) || (hasPaused && approval.task === taskKey)) && isKnownOutput(approval, output)
  );
}

/** True if the webhook names its pause only by the pause's own id; events may tell the task's name. */
function hasOnlyPauseId({ taskKey, round }: TaskWebhook): boolean {
  return taskKey === round.taskId;
}

/** True if the approval's only name is a title or a pause id. A webhook with only an id, or only a name, can belong to it. */
function isUnnamedApproval(approval: Approval): boolean {
  return isTitleOnly(approval) || approval.rounds.some((round) => approval.task === round.taskId);
}

/** True if the webhook names another task than the approval, whatever its id says. */
function isOfOtherTask(webhook: TaskWebhook, approval: Approval): boolean {
  return !hasOnlyPauseId(webhook) && !isTitleOnly(approval) && webhook.task !== approval.task;
}

/** True if a webhook follows the decision on an approval's last round. */
export function isFollowed(approval: Approval, follows: FollowedDecision): boolean {
  return (
    typeof follows === 'object' &&
    approval.id === follows.approval &&
    currentRound(approval).number === follows.round
  );
}

/**
 * True if a webhook carries the ticket of an answered revision, and no round came with this ticket: another attempt of the
 * revision arrived too, and CrewAI did the task again. Its output is a separate round, even if an earlier round has the same
 * text.
 */
export function isOfAnotherAttempt(approval: Approval, follows: FollowedDecision): boolean {
  if (typeof follows !== 'object' || approval.id !== follows.approval) return false;
  const tickets = approval.rounds.map(({ after }) => after?.ticket);
  return (
    follows.round < currentRound(approval).number &&
    findRound(approval, follows.round)?.decision?.action === 'request_revision' &&
    // Rounds without tickets prove nothing: the run's URLs may carry none.
    tickets.at(-1) !== undefined &&
    !tickets.includes(follows.ticket)
  );
}

function hasRevisionRequest(approval: Approval): boolean {
  return currentRound(approval).decision?.action === 'request_revision';
}

/** True if the webhook came in before the decision was sent: it proves nothing about it, even if recorded later. */
export function isBeforeAttempt(at: number, { delivery }: Round): boolean {
  return isEarlier(at + CLOCKS_DIFFER, delivery?.firstAttemptAt);
}

/** True if a pause comes only with its own id, which is not a task's. */
export function isNamelessPause(webhook: TaskWebhook, dialect: Dialect): boolean {
  return webhook.kind === 'human_input' && hasOnlyPauseId(webhook) && hasPauseId(webhook, dialect);
}

/** True if the webhook's task id is a pause's: the live platform gives each pause a UUID, the documented API identifies tasks. */
function hasPauseId({ round }: TaskWebhook, dialect: Dialect): boolean {
  return dialect === 'live' || isPauseId(round.taskId);
}

/** True if all hash forms (text, JSON) that both have are equal. */
export function isSameHash(round: Pick<Round, 'hashes'>, hashes: readonly string[]): boolean {
  const readForm = (hash: string) => hash.split(':')[0];
  const comparableHashes = hashes.filter((hash) =>
    round.hashes.some((roundHash) => readForm(roundHash) === readForm(hash)),
  );
  return comparableHashes.length > 0 && comparableHashes.every((hash) => round.hashes.includes(hash));
}

/** True if a round of the approval has this output: the webhook is a redelivery, unless it answers a revision. */
export function isKnownOutput(approval: Approval, output: RoundOutput): boolean {
  return approval.rounds.some((round) => isSameOutput(round, output));
}

/** Compares outputs. Human-input webhooks name their pause: with another task id, the same output is another pause. */
function isSameOutput(round: Round, output: RoundOutput): boolean {
  const isOtherPause = round.humanInput && output.humanInput && round.taskId !== output.taskId;
  return !isOtherPause && isSameHash(round, output.hashes);
}
