import { canBeUndone } from '../../../approval/lifecycle/card-key.ts';
import { contradictsDecision } from '../../../approval/lifecycle/delivery.ts';
import { countApprovalsRequired } from '../../../approval/lifecycle/rounds.ts';
import { isExpiryRuleExhausted } from '../../../approval/lifecycle/timers.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { Round } from '../../../approval/model/round.ts';
import { canRetryHelp, describeFailure } from '../text/crewai.ts';
import { clean, escapeLine, escapeText } from '../text/escape.ts';
import { mention, nameDecider } from '../text/people.ts';
import { EXPIRY_RULE_EXHAUSTED } from '../text/sentences.ts';
import { formatDate } from '../text/text.ts';

/** What has become of a round, in one line of mrkdwn: only what is known, in the words of its state. */
export function describeState(round: Round, currentLink: string | undefined): string | undefined {
  const { decision, delivery } = round;
  const who = decision ? `${describeDecision(decision)} ${formatDate(decision.at)}` : '';
  const current = currentLink ? ` <${currentLink}|See the current card>` : '';
  const ended = round.settledAt === undefined ? '' : ` (${formatDate(round.settledAt)})`;
  switch (round.status) {
    case 'waiting':
      return round.mayHaveContinued
        ? ':warning: Another task of this run has reported since: the run may have gone on without a decision.'
        : undefined;
    case 'sending':
      if (delivery?.failure) {
        return `:hourglass_flowing_sand: ${who}. Not accepted yet: ${describeFailure(delivery.failure)}. Trying again.`;
      }
      return canBeUndone(round)
        ? `:hourglass_flowing_sand: ${who}. It will be sent to CrewAI ${formatDate(delivery?.undoUntil ?? 0)}; until then *Undo* takes it back.`
        : `:hourglass_flowing_sand: ${who}. Sending it to CrewAI…`;
    case 'refused':
      return `:x: ${who}, but ${describeFailure(delivery?.failure)}.${delivery?.unsure ? ' An earlier attempt may have arrived.' : ''} ${canRetryRound(round) ? '*Retry* sends the same decision again, *Give up* closes this.' : '*Give up* closes this.'}`;
    case 'undelivered':
      return delivery?.unsure
        ? `:x: ${who}. CrewAI may have it: ${describeFailure(delivery.failure)}, and no later answer settled it. *Retry* sends it again, *Give up* closes this.`
        : `:x: ${who}, but it did not arrive: ${describeFailure(delivery?.failure)}. *Retry* sends it again, *Give up* closes this.`;
    case 'approved':
      return `:white_check_mark: ${who}. ${describeAcceptance(round)}${current}`;
    case 'revision_requested':
      return `:leftwards_arrow_with_hook: ${who}. ${describeAcceptance(round)}${current}`;
    case 'superseded':
      return `:fast_forward: A newer output has replaced this one${ended}.${current}`;
    case 'resolved_elsewhere':
      if (round.notWaiting)
        return `:heavy_minus_sign: This task does not wait for a decision${ended}: CrewAI announces its pauses separately.${current}`;
      return decision
        ? `:heavy_minus_sign: ${who}, but CrewAI was no longer waiting: this was resolved elsewhere${ended}.${current}`
        : `:heavy_minus_sign: This was resolved elsewhere${ended}.${current}`;
    case 'run_ended':
      return decision
        ? `:heavy_minus_sign: ${who}, but the run ended before CrewAI accepted it${ended}.${current}`
        : `:heavy_minus_sign: The run ended before anyone decided${ended}.${current}`;
    case 'given_up':
      return `:heavy_minus_sign: This was given up${round.givenUpBy ? ` by ${mention(round.givenUpBy)}` : ''}${ended}.${delivery?.unsure ? ' The decision may have arrived at CrewAI.' : ''}${current}`;
  }
}

/** Who looks after a waiting round, who was asked, who has approved already, and whether its time is over. */
export function describeAttention(approval: Approval, round: Round): string[] {
  if (round.status !== 'waiting') return [];
  const required = countApprovalsRequired(approval, round);
  const approved = round.votes.filter(({ action }) => action === 'approve');
  const who = approved.map(({ by }) => mention(by)).join(', ');
  return [
    ...(required > 1
      ? [`:ballot_box_with_check: ${approved.length} of ${required} approved${who ? `: ${who}` : ''}.`]
      : []),
    ...(round.assignee ? [`:point_right: ${mention(round.assignee)} was asked to decide.`] : []),
    ...(round.claim ? [`:eyes: ${mention(round.claim.by)} is on it.`] : []),
    ...(round.expiredAt === undefined
      ? []
      : [
          `:alarm_clock: The deadline passed ${formatDate(round.expiredAt)}; you can still decide.${isExpiryRuleExhausted(approval, round) ? ` ${EXPIRY_RULE_EXHAUSTED}` : ''}`,
        ]),
  ];
}

/** "Approved by …", "Revision requested by …". */
export function describeDecision(decision: Decision): string {
  return `${decision.action === 'approve' ? 'Approved' : 'Revision requested'} by ${nameDecider(decision)}`;
}

/** CrewAI took the decision: its answer says so, except on the live dialect, where only a webhook of the run does. */
export function isConfirmed({ delivery, continuedAt }: Round): boolean {
  if (continuedAt !== undefined) return true;
  return delivery?.dialect === undefined || delivery.dialect === 'documented';
}

function describeAcceptance(round: Round): string {
  const { delivery, decision, continuedAt } = round;
  if (decision && delivery?.says !== undefined && contradictsDecision(decision, delivery.says))
    return `CrewAI accepted it and says "${escapeLine(delivery.says, 40)}".`;
  if (continuedAt !== undefined) return 'CrewAI accepted it, and the run went on.';
  return isConfirmed(round) ? 'CrewAI accepted it.' : 'Sent to CrewAI, not confirmed yet.';
}

/** *Retry* is offered only where the same decision can be taken the next time. */
export function canRetryRound({ status, delivery }: Round): boolean {
  return status !== 'refused' || !delivery?.failure || canRetryHelp(delivery.failure);
}

const QUOTED_LINES = 12;

/** Feedback as a quote, at most `max` characters and 12 lines. */
export function quote(feedback: string, max: number): string {
  const lines = clean(feedback).trim().split('\n');
  const kept = lines.length > QUOTED_LINES ? [...lines.slice(0, QUOTED_LINES - 1), '…'] : lines;
  return escapeText(kept.join('\n'), max - QUOTED_LINES)
    .split('\n')
    .map((line) => `>${line}`)
    .join('\n');
}

const DECIDED = ['sending', 'refused', 'undelivered', 'approved', 'revision_requested'];

/** Whose doing a round's state is; undefined where it is nobody's, although someone may have decided before. */
export function nameStateActor({ status, decision, givenUpBy }: Round): string | undefined {
  if (status === 'given_up') return givenUpBy && mention(givenUpBy);
  return decision && DECIDED.includes(status) ? nameDecider(decision) : undefined;
}

/** The state in a word or two, for a list. */
export function summarizeState(approval: Approval, round: Round): string {
  const taken = isConfirmed(round) ? 'accepted by CrewAI' : 'sent to CrewAI, not confirmed yet';
  const words: Record<Round['status'], string> = {
    waiting: 'waiting for a decision',
    sending: 'decided, being sent to CrewAI',
    refused: 'decided, refused by CrewAI',
    undelivered: 'decided, not delivered',
    approved: round.continuedAt ? 'approved, the run went on' : `approved, ${taken}`,
    revision_requested: round.continuedAt
      ? 'revision requested, the run went on'
      : `revision requested, ${taken}`,
    superseded: 'replaced by a newer output',
    resolved_elsewhere: 'resolved elsewhere',
    run_ended: 'the run ended',
    given_up: 'given up',
  };
  return approval.runEndedAt && round.status === 'approved'
    ? 'approved, the run has finished'
    : words[round.status];
}
