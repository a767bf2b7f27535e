import { canBeUndone } from '../../../approval/lifecycle/card-key.ts';
import { contradictsDecision } from '../../../approval/lifecycle/delivery.ts';
import { countApprovalsRequired } from '../../../approval/lifecycle/rounds.ts';
import { isExpiryRuleExhausted } from '../../../approval/lifecycle/timers.ts';
import { identifyChoice } from '../../../approval/lifecycle/votes.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { Round } from '../../../approval/model/round.ts';
import { hasUndeliveredDecision, isAccepted } from '../../../approval/model/round-status.ts';
import { canRetryHelp, describeFailure, isTokenRejected } from '../text/crewai.ts';
import { clean, escapeLine, escapeText } from '../text/escape.ts';
import { mention, nameDecider } from '../text/people.ts';
import { CLOSE_LABEL, EXPIRY_RULE_EXHAUSTED } from '../text/sentences.ts';
import { formatDate } from '../text/text.ts';

const CLOSE_HINT = `*${CLOSE_LABEL}* ends this approval.`;

/** The state of a round in mrkdwn. It says only what is known. `currentLink`: to a newer card. */
export function describeState(round: Round, currentLink: string | undefined): string | undefined {
  const current = currentLink ? ` <${currentLink}|See the current card>` : '';
  switch (round.status) {
    case 'waiting':
      return round.mayHaveContinued
        ? ':warning: Another task of this run has reported since: the run may have continued without a decision.'
        : undefined;
    case 'sending':
      return `:hourglass_flowing_sand: ${describeDated(round)}. ${describeSending(round)}`;
    case 'refused':
      return `:x: ${describeDated(round)}, but ${describeRefused(round)}`;
    case 'undelivered':
      return `:x: ${describeDated(round)}${describeNotDelivered(round)}`;
    case 'approved':
      return `:white_check_mark: ${describeDated(round)}. ${describeAcceptance(round)}${current}`;
    case 'revision_requested':
      return `:leftwards_arrow_with_hook: ${describeDated(round)}. ${describeAcceptance(round)}${current}`;
    case 'answered':
      return `:white_check_mark: ${describeDated(round)}. ${describeAcceptance(round)}${current}`;
    case 'superseded':
      return `:fast_forward: A newer output has replaced this one${formatEnd(round)}.${current}`;
    case 'resolved_elsewhere':
      return `:heavy_minus_sign: ${describeResolvedElsewhere(round)}${current}`;
    case 'run_ended':
      return round.decision
        ? `:heavy_minus_sign: ${describeDated(round)}, but the run ended before CrewAI accepted it${formatEnd(round)}.${current}`
        : `:heavy_minus_sign: The run ended before anyone decided${formatEnd(round)}.${current}`;
    case 'given_up':
      return `:heavy_minus_sign: ${describeClosed(round)}${current}`;
  }
}

/** "Approved by @Ana today at 9:05" */
function describeDated({ decision }: Round): string {
  return decision ? `${describeDecision(decision)} ${formatDate(decision.at)}` : '';
}

/** When the round was settled, in parentheses. */
function formatEnd({ settledAt }: Round): string {
  return settledAt === undefined ? '' : ` (${formatDate(settledAt)})`;
}

function describeSending(round: Round): string {
  const { delivery } = round;
  if (delivery?.failure) return `Not accepted yet: ${describeFailure(delivery.failure)}. Trying again.`;
  return canBeUndone(round)
    ? `It will be sent to CrewAI ${formatDate(delivery?.undoUntil ?? 0)}; until then *Undo* takes it back.`
    : 'Sending it to CrewAI…';
}

function describeRefused(round: Round): string {
  const { delivery } = round;
  const namesRetry = delivery?.failure !== undefined && isTokenRejected(delivery.failure);
  return [
    `${describeFailure(delivery?.failure)}.`,
    delivery?.unsure ? 'An earlier attempt may have arrived.' : undefined,
    canRetryRound(round) && !namesRetry ? '*Retry* sends the same decision again.' : undefined,
    CLOSE_HINT,
  ]
    .filter(Boolean)
    .join(' ');
}

function describeNotDelivered({ delivery }: Round): string {
  const failure = describeFailure(delivery?.failure);
  const what = delivery?.unsure
    ? `. CrewAI may have it: ${failure}. No later answer settled it.`
    : `, but it did not arrive: ${failure}.`;
  return `${what} *Retry* sends it again. ${CLOSE_HINT}`;
}

function describeResolvedElsewhere(round: Round): string {
  if (round.notWaiting)
    return `This task does not wait for a decision${formatEnd(round)}: CrewAI announces its pauses separately.`;
  const where = describeVia(round.review?.answeredVia);
  return round.decision
    ? `${describeDated(round)}, but CrewAI was no longer waiting: this was ${where}${formatEnd(round)}.`
    : `This was ${where}${formatEnd(round)}.`;
}

/** How CrewAI says that a review was answered, or that something else resolved it. */
export function describeVia(via: string | undefined): string {
  if (via === undefined) return 'resolved elsewhere';
  const ways: Readonly<Record<string, string>> = {
    dashboard: "answered in CrewAI's dashboard",
    email: 'answered by e-mail',
    timeout: 'answered by its time-out',
  };
  return ways[via] ?? 'answered elsewhere';
}

function describeClosed(round: Round): string {
  const by = round.givenUpBy ? ` by ${mention(round.givenUpBy)}` : '';
  const arrived = round.delivery?.unsure ? ' The earlier decision may have arrived at CrewAI.' : '';
  return `Closed without a decision${by}${formatEnd(round)}.${arrived}`;
}

/** What a waiting round needs: more approvals, the person who was asked or works on it, and a passed deadline. */
export function describeAttention(approval: Approval, round: Round): string[] {
  if (round.status !== 'waiting') return [];
  const { assignee, claim, expiredAt } = round;
  const exhausted = isExpiryRuleExhausted(approval, round) ? ` ${EXPIRY_RULE_EXHAUSTED}` : '';
  return [
    describeVotes(approval, round),
    assignee && `:point_right: ${mention(assignee)} was asked to decide.`,
    claim && `:eyes: ${mention(claim.by)} is on it.`,
    expiredAt === undefined
      ? undefined
      : `:alarm_clock: The deadline passed ${formatDate(expiredAt)}; you can still decide.${exhausted}`,
  ].filter((line): line is string => Boolean(line));
}

function describeVotes(approval: Approval, round: Round): string | undefined {
  const required = countApprovalsRequired(approval, round);
  if (required <= 1) return undefined;
  if (round.review) return describeOptionVotes(round.votes, required);
  const approved = round.votes.filter(({ action }) => action === 'approve');
  const who = approved.map(({ by }) => mention(by)).join(', ');
  return `:ballot_box_with_check: ${approved.length} of ${required} approved${who ? `: ${who}` : ''}.`;
}

function describeOptionVotes(votes: readonly Decision[], required: number): string {
  const counted = [...new Set(votes.map(identifyChoice))].map((choice) => {
    const equal = votes.filter((vote) => identifyChoice(vote) === choice);
    const who = equal.map(({ by }) => mention(by)).join(', ');
    return `${nameChoice(equal[0] as Decision)} ${equal.length} of ${required}: ${who}`;
  });
  const so = counted.length > 0 ? ` ${counted.join('; ')}.` : '';
  return `:ballot_box_with_check: ${required} people have to choose the same.${so}`;
}

/** The option of a Flow that was chosen, or that it was answered in free text. */
export function nameChoice({ option, feedback }: Decision): string {
  return option === undefined ? 'another answer' : `*${escapeLine(feedback, 75)}*`;
}

/** "Approved by @Ana", "Revision requested by @Ben", "*publish* chosen by @Ana". */
export function describeDecision(decision: Decision): string {
  const what = {
    approve: 'Approved',
    request_revision: 'Revision requested',
    choose: decision.option === undefined ? 'Answered' : `${nameChoice(decision)} chosen`,
  }[decision.action];
  return `${what} by ${nameDecider(decision)}`;
}

/**
 * Whether CrewAI accepted the decision for certain. On the live dialect an answer does not prove that, only a webhook of
 * the run does.
 */
export function isConfirmed({ delivery, continuedAt }: Round): boolean {
  if (continuedAt !== undefined) return true;
  return delivery?.dialect === undefined || delivery.dialect === 'documented';
}

function describeAcceptance(round: Round): string {
  const { delivery, decision, continuedAt } = round;
  if (decision && delivery?.says !== undefined && contradictsDecision(decision, delivery.says))
    return `CrewAI accepted it and says "${escapeLine(delivery.says, 40)}".`;
  if (continuedAt !== undefined) return 'CrewAI accepted it, and the run continued.';
  return isConfirmed(round) ? 'CrewAI accepted it.' : 'Sent to CrewAI, not confirmed yet.';
}

/** Whether *Retry* is offered: only if CrewAI can accept the same decision the next time. */
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

/** Who caused the state of a round; undefined if nobody did, even if someone had decided before. */
export function nameStateActor(round: Round): string | undefined {
  if (round.status === 'given_up') return round.givenUpBy && mention(round.givenUpBy);
  const counts = hasUndeliveredDecision(round) || isAccepted(round);
  return round.decision && counts ? nameDecider(round.decision) : undefined;
}

/** The state in a few words, for a list. */
export function summarizeState(approval: Approval, round: Round): string {
  if (approval.runEndedAt && round.status === 'approved') return 'approved, the run has finished';
  const accepted = isConfirmed(round) ? 'accepted by CrewAI' : 'sent to CrewAI, not confirmed yet';
  const progress = round.continuedAt ? 'the run continued' : accepted;
  const choice = round.decision?.option === undefined ? '' : ` ${nameChoice(round.decision)}`;
  const summaries: Record<Round['status'], string> = {
    waiting: 'waiting for a decision',
    sending: 'decided, being sent to CrewAI',
    refused: 'decided, rejected by CrewAI',
    undelivered: 'decided, not delivered',
    approved: `approved, ${progress}`,
    revision_requested: `revision requested, ${progress}`,
    answered: `answered${choice}, ${progress}`,
    superseded: 'replaced by a newer output',
    resolved_elsewhere: 'resolved elsewhere',
    run_ended: 'the run ended',
    given_up: 'closed without a decision',
  };
  return summaries[round.status];
}
