import { type Approval, currentRound, isPauseId, isTitleOnly } from '../model/approval.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { type Decision, hasUndeliveredDecision, mayHaveArrived, type Round } from '../model/round.ts';
import type { RoundOutput, TaskWebhook } from '../model/run/webhook.ts';

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
  const namelessBefore = round.humanInput && isUnnamed(approval);
  const otherRoute = humanInput !== round.humanInput && (nameless || namelessBefore);
  return otherRoute && round.status === 'waiting' && isSameHash(round, hashes);
}

/** Whether a later output of this approval could be the one of the webhook: one of the two does not name the task. */
export function couldBeSamePause(approval: Approval, webhook: TaskWebhook): boolean {
  const { taskId, humanInput } = webhook.round;
  return (
    (humanInput && hasOnlyPauseId(webhook)) ||
    approval.rounds.some((round) => round.humanInput || round.taskId === taskId) ||
    isUnnamed(approval)
  );
}

/** Whether a task webhook tells the output of this approval's pause: its task is not certain yet, or is the same one. */
export function showsPause(approval: Approval, { taskKey, round: output }: TaskWebhook): boolean {
  const round = currentRound(approval);
  if (round.chained && round.humanInput && isSameOutput(round, output)) return true;
  const paused = approval.rounds.some(({ humanInput }) => humanInput);
  return (isTitleOnly(approval) || (paused && approval.task === taskKey)) && isKnownOutput(approval, output);
}

/** It tells its pause by its own id only; its task's name may be known from events. */
function hasOnlyPauseId({ taskKey, round }: TaskWebhook): boolean {
  return taskKey === round.taskId;
}

/** The name of its task is not certain: where a webhook has only an id or only a name, that stands for both. */
function isUnnamed(approval: Approval): boolean {
  return isTitleOnly(approval) || approval.rounds.some((round) => approval.task === round.taskId);
}

/** The pause of a human-input webhook, among the approvals of its run. */
export type Pause =
  /** It has a round already. */
  | { kind: 'seen'; id: string }
  /** The next round of an approval whose decision it probably answers. */
  | { kind: 'answer'; id: string }
  /** An output of this approval's task: on the documented dialect the id is the task's. */
  | { kind: 'same_task'; id: string }
  | { kind: 'new' };

/**
 * Which approval a pause belongs to that is told by its own id and not by its task's name. Where one revision that CrewAI took
 * or may have taken has no answer yet, this is it; of several, the one that it accepted first. An approve whose own output comes back in a new pause
 * was not taken for one. `at`: when the webhook came in. Pure.
 */
export function findPause(
  webhook: TaskWebhook,
  approvals: readonly Approval[],
  dialect: Dialect,
  at: number,
): Pause {
  const { taskId, hashes } = webhook.round;
  const { task } = webhook;
  const seen = approvals.find(({ rounds }) => rounds.some((round) => round.taskId === taskId));
  const namesPauses = hasPauseId(webhook, dialect);
  if (seen && namesPauses) return { kind: 'seen', id: seen.id };
  if (!hasOnlyPauseId(webhook)) return { kind: 'new' };
  if (seen) return { kind: 'same_task', id: seen.id };
  if (!namesPauses) return { kind: 'new' };
  const canBe = (approval: Approval) => task === undefined || isTitleOnly(approval) || approval.task === task;
  const taken = (approval: Approval, action: Decision['action']) => {
    const round = currentRound(approval);
    const settled = round.status === (action === 'approve' ? 'approved' : 'revision_requested');
    const wasSent = settled || (hasUndeliveredDecision(round) && mayHaveArrived(round));
    return round.decision?.action === action && wasSent && !isBeforeAttempt(at, round);
  };
  const revised = approvals.filter((approval) => canBe(approval) && taken(approval, 'request_revision'));
  const answered = revised.length > 1 ? findOldestAccepted(revised) : revised[0];
  if (answered) return { kind: 'answer', id: answered.id };
  const repeated = approvals.findLast(
    (approval) => canBe(approval) && taken(approval, 'approve') && isSameHash(currentRound(approval), hashes),
  );
  return repeated ? { kind: 'answer', id: repeated.id } : { kind: 'new' };
}

/** Whose revision CrewAI accepted first. */
function findOldestAccepted(revised: readonly Approval[]): Approval | undefined {
  const acceptedAt = (approval: Approval) => currentRound(approval).delivery?.acceptedAt;
  return revised
    .filter((approval) => acceptedAt(approval) !== undefined)
    .toSorted((a, b) => (acceptedAt(a) ?? 0) - (acceptedAt(b) ?? 0))[0];
}

/** How far the clocks of two replicas may differ, in milliseconds. */
const CLOCKS_DIFFER = 5_000;

/** A webhook that came in before a round's decision was sent, and was recorded late, proves nothing of it. */
export function isBeforeAttempt(at: number, { delivery }: Round): boolean {
  return at + CLOCKS_DIFFER < (delivery?.firstAttemptAt ?? 0);
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
