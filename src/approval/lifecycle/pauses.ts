import { type Approval, currentRound, findRound, isPauseId, isTitleOnly } from '../model/approval.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { hasUndeliveredDecision, mayHaveArrived, type Round } from '../model/round.ts';
import type { RoundOutput, TaskWebhook } from '../model/run/webhook.ts';
import { CLOCKS_DIFFER, isEarlier } from './lanes.ts';

/** True when this output was shown before: a webhook of it is a redelivery, unless a revision is being answered. */
export function isKnownOutput(approval: Approval, output: RoundOutput): boolean {
  return approval.rounds.some((round) => isSameOutput(round, output));
}

/** A human-input webhook names its pause: with another task id even the same output is another pause. */
export function isSameOutput(round: Round, output: RoundOutput): boolean {
  const otherPause = round.humanInput && output.humanInput && round.taskId !== output.taskId;
  return !otherPause && isSameHash(round, output.hashes);
}

/** One route names the task, the other only its pause; the pause, or else the output, tells that they are one. */
export function isSamePauseViaOtherWebhook(approval: Approval, webhook: TaskWebhook): boolean {
  const round = currentRound(approval);
  const { taskId, humanInput, hashes } = webhook.round;
  const nameless = humanInput && hasOnlyPauseId(webhook);
  if (nameless && round.taskId === taskId) return true;
  const namelessBefore = round.humanInput && hasIdAsName(approval);
  const otherRoute = humanInput !== round.humanInput && (nameless || namelessBefore);
  return otherRoute && round.status === 'waiting' && isSameHash(round, hashes);
}

/** Whether a later output of this approval could be the one of the webhook: one of the two does not name the task. */
export function couldBeSamePause(approval: Approval, webhook: TaskWebhook): boolean {
  const { taskId, humanInput } = webhook.round;
  return (
    (humanInput && hasOnlyPauseId(webhook)) ||
    approval.rounds.some((round) => round.humanInput || round.taskId === taskId) ||
    hasIdAsName(approval)
  );
}

/** Whether a task webhook tells the output of this approval's pause: no webhook has named its task, or one named the same. */
export function showsPause(approval: Approval, { taskKey, round: output }: TaskWebhook): boolean {
  const round = currentRound(approval);
  if (round.unnamed && round.number > 1 && isSameOutput(round, output)) return true;
  const paused = approval.rounds.some(({ humanInput }) => humanInput);
  return (isTitleOnly(approval) || (paused && approval.task === taskKey)) && isKnownOutput(approval, output);
}

/** It tells its pause by its own id only; its task's name may be known from events. */
function hasOnlyPauseId({ taskKey, round }: TaskWebhook): boolean {
  return taskKey === round.taskId;
}

/** What it is known by is a title that may change, or the id of a pause: a webhook with only an id or only a name can be its. */
function hasIdAsName(approval: Approval): boolean {
  return isTitleOnly(approval) || approval.rounds.some((round) => approval.task === round.taskId);
}

/** What a webhook follows, by the ticket of its URL: a decision, by its round and attempt; a start; or nothing that is known. */
export type Follows = { approval: string; round: number; ticket: string } | 'start' | undefined;

/** The pause of a human-input webhook, among the approvals of its run. */
export type Pause =
  /** It has a round already. */
  | { kind: 'seen'; id: string }
  /** The next round of an approval. `likely`: nothing proves that it follows the decision there. */
  | { kind: 'next'; id: string; likely?: true }
  /** An output of this approval's task: on the documented dialect the id is the task's. */
  | { kind: 'same_task'; id: string }
  /** That of the approval with its task's key, which may exist or not. */
  | { kind: 'by_key' };

/** Which approval a pause belongs to. `at`: when the webhook came in. Pure. */
export function findPause(
  webhook: TaskWebhook,
  approvals: readonly Approval[],
  { dialect, follows, at }: { dialect: Dialect; follows: Follows; at: number },
): Pause {
  const { taskId, hashes } = webhook.round;
  const seen = approvals.find(({ rounds }) => rounds.some((round) => round.taskId === taskId));
  const followed = approvals.find((approval) => isFollowed(approval, follows));
  const namesPauses = hasPauseId(webhook, dialect);
  if (seen && namesPauses && (dialect === 'live' || !isOfOtherTask(webhook, seen))) {
    const isOther = !seen.rounds.some((round) => isSameHash(round, hashes));
    // There a task can have a UUID, which is the same for each of its rounds.
    const isRedone = dialect !== 'live' && followed === seen && isOther && wasSentBack(seen);
    if (dialect !== 'live' && isOfAnotherAttempt(seen, follows)) return { kind: 'same_task', id: seen.id };
    return { kind: isRedone ? 'next' : 'seen', id: seen.id };
  }
  if (!hasOnlyPauseId(webhook)) return { kind: 'by_key' };
  if (seen) return { kind: 'same_task', id: seen.id };
  if (!namesPauses) return { kind: 'by_key' };
  if (followed) {
    const isIts = wasSentBack(followed) || isSameHash(currentRound(followed), hashes);
    return isIts ? { kind: 'next', id: followed.id } : { kind: 'by_key' };
  }
  return guessPause(approvals, at);
}

/** Whether it names another task than an approval's, whatever its id says. */
function isOfOtherTask(webhook: TaskWebhook, approval: Approval): boolean {
  return !hasOnlyPauseId(webhook) && !isTitleOnly(approval) && webhook.task !== approval.task;
}

/** Whether a webhook follows the decision on an approval's last round. */
export function isFollowed(approval: Approval, follows: Follows): boolean {
  return (
    typeof follows === 'object' &&
    approval.id === follows.approval &&
    currentRound(approval).number === follows.round
  );
}

/**
 * True if a webhook brings the ticket of a revision that has an answer, and no round came with this ticket: another attempt of the
 * revision arrived too, and CrewAI did the task again. Its output is a round of its own, even with a text that was shown before.
 */
export function isOfAnotherAttempt(approval: Approval, follows: Follows): boolean {
  if (typeof follows !== 'object' || approval.id !== follows.approval) return false;
  const brought = approval.rounds.map(({ after }) => after?.ticket);
  return (
    follows.round < currentRound(approval).number &&
    findRound(approval, follows.round)?.decision?.action === 'request_revision' &&
    // The rounds of a run whose URLs bring no tickets tell nothing.
    brought.at(-1) !== undefined &&
    !brought.includes(follows.ticket)
  );
}

function wasSentBack(approval: Approval): boolean {
  return currentRound(approval).decision?.action === 'request_revision';
}

/** Without the ticket of a decision: the next round of the one approval that was sent back and has no answer yet. */
function guessPause(approvals: readonly Approval[], at: number): Pause {
  const [sentBack, ...others] = approvals.filter((approval) => {
    const round = currentRound(approval);
    const wasSent =
      round.status === 'revision_requested' || (hasUndeliveredDecision(round) && mayHaveArrived(round));
    return wasSentBack(approval) && wasSent && !isBeforeAttempt(at, round);
  });
  return sentBack && others.length === 0
    ? { kind: 'next', id: sentBack.id, likely: true }
    : { kind: 'by_key' };
}

/** A webhook that came in before a round's decision was sent, and was recorded late, proves nothing of it. */
export function isBeforeAttempt(at: number, { delivery }: Round): boolean {
  return isEarlier(at + CLOCKS_DIFFER, delivery?.firstAttemptAt);
}

/** Whether a pause comes with its own id only, and that id is not a task's. */
export function isNamelessPause(webhook: TaskWebhook, dialect: Dialect): boolean {
  return webhook.kind === 'human_input' && hasOnlyPauseId(webhook) && hasPauseId(webhook, dialect);
}

/** The live platform gives each pause a UUID of its own; the documented API identifies tasks. */
function hasPauseId({ round }: TaskWebhook, dialect: Dialect): boolean {
  return dialect === 'live' || isPauseId(round.taskId);
}

/** The same in every form, text or JSON, that both are known in. */
export function isSameHash(round: Pick<Round, 'hashes'>, hashes: readonly string[]): boolean {
  const form = (hash: string) => hash.split(':')[0];
  const inBoth = hashes.filter((hash) => round.hashes.some((known) => form(known) === form(hash)));
  return inBoth.length > 0 && inBoth.every((hash) => round.hashes.includes(hash));
}
