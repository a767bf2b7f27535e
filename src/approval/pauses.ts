import { type Approval, currentRound, type Decision, mayHaveArrived, type Round } from './approval.ts';
import type { Dialect } from './dialect.ts';
import type { RoundOutput } from './events.ts';
import { EXACT } from './output.ts';
import type { TaskWebhook } from './webhook.ts';

/** True when this output was shown before: a webhook of it is a redelivery, unless a revision is being answered. */
export function isKnownOutput(approval: Approval, output: RoundOutput): boolean {
  return approval.rounds.some((round) => isOf(round, output));
}

/** A human-input webhook names its pause: with another task id even the same output is another pause. */
export function isOf(round: Round, output: RoundOutput): boolean {
  const otherPause = round.humanInput && output.humanInput && round.taskId !== output.taskId;
  return !otherPause && sharesHash(round, output.hashes);
}

/** One route names the task, the other only its pause; the pause, or else the output, tells that they are one. */
export function isToldOtherwise(approval: Approval, webhook: TaskWebhook): boolean {
  const round = currentRound(approval);
  const { taskId, humanInput, hashes } = webhook.round;
  const nameless = isNameless(webhook);
  if (nameless && round.taskId === taskId) return true;
  const namelessBefore = round.humanInput && isUnnamed(approval);
  const otherRoute = humanInput !== round.humanInput && (nameless || namelessBefore);
  return otherRoute && round.status === 'waiting' && sharesHash(round, hashes);
}

/** Whether a later output of this approval could be the one of the webhook: one of the two does not name the task. */
export function canBeToldOtherwise(approval: Approval, webhook: TaskWebhook): boolean {
  const { taskId } = webhook.round;
  return (
    isNameless(webhook) || approval.rounds.some((round) => round.taskId === taskId) || isUnnamed(approval)
  );
}

/** A human-input webhook that names only its pause: an id that is no UUID can be a task's name or not. */
function isNameless({ task, round: { humanInput, taskId } }: TaskWebhook): boolean {
  return humanInput && (task === undefined || task === taskId);
}

/** Its task's name is not known; version 0.1.0 called such a task by the id of its pause. */
function isUnnamed(approval: Approval): boolean {
  return approval.titleOnly === true || approval.rounds.some((round) => approval.task === round.taskId);
}

/** The pause of a human-input webhook, among the approvals of its run. */
export type Pause =
  /** It has a round already. */
  | { kind: 'seen'; id: string }
  /** The next round of an approval whose decision it probably answers. */
  | { kind: 'answer'; id: string }
  | { kind: 'new' };

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * Which approval a pause belongs to that is told by its own id and not by its task's name. Where exactly one
 * revision that CrewAI took or may have taken has no answer yet, this is it. An approve whose own output comes back in a new pause
 * was not taken for one. `at`: when the webhook came in. Pure.
 */
export function findPause(
  webhook: TaskWebhook,
  approvals: readonly Approval[],
  dialect: Dialect,
  at = Number.POSITIVE_INFINITY,
): Pause {
  const { taskId, hashes } = webhook.round;
  const { task } = webhook;
  const seen = approvals.find(({ rounds }) => rounds.some((round) => round.taskId === taskId));
  const namesPauses = dialect === 'live' || UUID.test(taskId);
  if (seen && namesPauses) return { kind: 'seen', id: seen.id };
  if (seen || webhook.taskKey !== taskId || !namesPauses) return { kind: 'new' };
  const canBe = (approval: Approval) => task === undefined || approval.titleOnly || approval.task === task;
  const taken = (approval: Approval, action: Decision['action']) => {
    const round = currentRound(approval);
    const settled = round.status === (action === 'approve' ? 'approved' : 'revision_requested');
    const open = ['sending', 'refused', 'undelivered'].includes(round.status);
    const wasSent = settled || (open && mayHaveArrived(round));
    return round.decision?.action === action && wasSent && !cameBefore(at, round);
  };
  const revised = approvals.filter((approval) => canBe(approval) && taken(approval, 'request_revision'));
  const [only] = revised;
  if (only && revised.length === 1) return { kind: 'answer', id: only.id };
  const repeated = approvals.findLast(
    (approval) => canBe(approval) && taken(approval, 'approve') && sharesHash(currentRound(approval), hashes),
  );
  return repeated ? { kind: 'answer', id: repeated.id } : { kind: 'new' };
}

/** How far the clocks of two replicas may differ, in milliseconds. */
const CLOCKS_DIFFER = 5_000;

/** A webhook that came in before a round's decision was sent, and was recorded late, proves nothing of it. */
export function cameBefore(at: number, { delivery }: Round): boolean {
  return at + CLOCKS_DIFFER < (delivery?.firstAttemptAt ?? 0);
}

/** The same to the last digit where both are known so, else in every form, text or JSON, that both are known in. */
export function sharesHash(round: Pick<Round, 'hashes'>, hashes: readonly string[]): boolean {
  const form = (hash: string) => hash.split(':')[0];
  const exact = (all: readonly string[]) => all.filter((hash) => form(hash) === EXACT);
  if (exact(round.hashes).length > 0 && exact(hashes).length > 0)
    return exact(hashes).some((hash) => round.hashes.includes(hash));
  const inBoth = hashes.filter((hash) => round.hashes.some((known) => form(known) === form(hash)));
  return inBoth.length > 0 && inBoth.every((hash) => round.hashes.includes(hash));
}
