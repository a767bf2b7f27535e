import { type Approval, currentRound, type Round } from './approval.ts';
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
  const nameless = humanInput && webhook.taskKey === taskId;
  if (nameless && round.taskId === taskId) return true;
  const namelessBefore = round.humanInput && approval.task === round.taskId;
  const otherRoute = humanInput !== round.humanInput && (nameless || namelessBefore);
  return otherRoute && round.status === 'waiting' && sharesHash(round, hashes);
}

/** Whether a later output of this approval could be the one of the webhook: one of the two does not name the task. */
export function canBeToldOtherwise(approval: Approval, webhook: TaskWebhook): boolean {
  const { taskId, humanInput } = webhook.round;
  return (
    (humanInput && webhook.taskKey === taskId) ||
    approval.rounds.some((round) => approval.task === round.taskId)
  );
}

/** The same in every form, text or JSON, that both are known in; JSON to the last digit where both are known so. */
export function sharesHash(round: Round, hashes: readonly string[]): boolean {
  const form = (hash: string | undefined) => hash?.split(':')[0];
  const inBoth = hashes.filter((hash) => round.hashes.some((known) => form(known) === form(hash)));
  const exact = inBoth.filter((hash) => form(hash) === EXACT);
  // Beside the exact form, the text of JSON is only how version 0.1.0 knew it; the text of a text is what is shown.
  const bothAreTexts = form(round.hashes[0]) === 'text' && form(hashes[0]) === 'text';
  const deciding = exact.length > 0 && !bothAreTexts ? exact : inBoth;
  return deciding.length > 0 && deciding.every((hash) => round.hashes.includes(hash));
}
