import { type Approval, currentRound, findAgent } from '../model/approval.ts';
import { maskUrl, type ResolvedUrl, type UrlOrigin, webhookKinds } from '../model/crew/webhook-urls.ts';
import type { Review } from '../model/review.ts';
import type { Round } from '../model/round.ts';
import { hasUndeliveredDecision, isOpen } from '../model/round-status.ts';
import { identifyChoice } from './votes.ts';

/** CrewAI's answer usually comes within this time: then the card goes from "waiting" to "accepted" in one update. */
const SENDING_SHOWN_AFTER = 300;

/**
 * What the round's card has to show, as a key: two equal keys are the same card. A card is due as long as the key
 * that it shows is not this one.
 */
export function buildCardKey(approval: Approval, round: Round): string {
  const { delivery } = round;
  const open = hasUndeliveredDecision(round);
  const current = currentRound(approval);
  return JSON.stringify([
    round.status,
    round.votes.map((vote) => vote.by),
    round.status === 'waiting' ? [round.claim?.by, round.assignee, round.expiredAt !== undefined] : 0,
    canBeUndone(round),
    round.mayHaveContinued,
    round.continuedAt !== undefined,
    open ? [delivery?.since, delivery?.failure?.kind, delivery?.failure?.status] : 0,
    round.status === 'undelivered' || round.status === 'given_up' ? delivery?.unsure : 0,
    round.agent !== undefined,
    // A description alone gives way to what was expected.
    round.expectedOutput === undefined && round.description !== undefined
      ? 'description'
      : round.expectedOutput !== undefined,
    round.status === 'waiting' ? listShownUrls(approval, round) : 0,
    current.number === round.number ? 0 : (current.card?.ts ?? 0),
    ...sinceThen(approval, round),
    ...(round.review ? describeReview(approval, round, round.review) : []),
  ]);
}

/** The votes of a review, how it was answered, and whether its Flow asks again after our answer. */
function describeReview(
  { rounds }: Approval,
  { number, votes }: Round,
  { answeredVia = '', blockedHost }: Review,
): unknown[] {
  const before = rounds.find((other) => other.number === number - 1);
  const blocked = blockedHost === undefined ? [] : [blockedHost];
  return [votes.map(identifyChoice), answeredVia, before?.status ?? 0, ...blocked];
}

/** What version 0.1.0 does not show: nothing where there is none of it, so that its cards are not updated for it. */
function sinceThen(approval: Approval, round: Round): unknown[] {
  const { delivery } = round;
  const { dialect = 'documented' } = delivery ?? {};
  const unconfirmed = delivery?.acceptedAt !== undefined && dialect !== 'documented';
  const open = hasUndeliveredDecision(round);
  const shown = [
    approval.strictest ? approval.task : 0,
    approval.runFailure?.reason ?? (approval.runFailure ? 1 : 0),
    round.chained ? 1 : 0,
    round.chainDoubted ? 1 : 0,
    round.notWaiting ? 1 : 0,
    unconfirmed ? 1 : 0,
    delivery?.says ?? 0,
    approval.titleOnly ? 1 : 0,
    (open && delivery?.failure?.detail) || 0,
    round.status === 'refused' && delivery?.unsure ? 1 : 0,
    isOpen(round) ? (approval.ignored ?? 0) : 0,
    round.status === 'waiting' ? (approval.tooFew ?? 0) : 0,
  ];
  const agentBefore =
    isOpen(round) && round.agent === undefined && !round.review ? findAgent(approval, round) : undefined;
  return [
    ...(shown.some((one) => one !== 0) ? shown : []),
    ...(agentBefore === undefined ? [] : [agentBefore]),
  ];
}

/** The URLs that a decision on this round will be sent with, as people may see them. */
export function listShownUrls(
  approval: Approval,
  round: Round,
): { kind: string; url: string; from: UrlOrigin }[] {
  const known: [string, ResolvedUrl | undefined][] = [
    ...webhookKinds.map((kind): [string, ResolvedUrl | undefined] => [kind, approval.urls[kind]]),
    ['human input', round.humanInput ? approval.humanInputUrl : undefined],
  ];
  return known.flatMap(([kind, sent]) =>
    sent ? [{ kind, url: maskUrl(sent.url, sent.from === 'bot'), from: sent.from }] : [],
  );
}

/** CrewAI has no address to report to after this round's decision: neither a task URL nor a human-input webhook. */
export function runGoesSilent(approval: Approval, round: Round): boolean {
  if (round.review) return false;
  return approval.urls.task === undefined && !(round.humanInput && approval.humanInputUrl !== undefined);
}

/** Whether the decision waits to be sent, so that its maker can take it back. */
export function canBeUndone({ status, delivery }: Round): boolean {
  return status === 'sending' && delivery?.undoUntil !== undefined && delivery.attempts === 0;
}

/** When the round's card, if it is due, is to be updated; in milliseconds, 0 for at once. */
export function cardDueAt(round: Round): number {
  if (round.status !== 'sending' || !round.delivery || round.delivery.failure || canBeUndone(round)) return 0;
  return round.delivery.since + SENDING_SHOWN_AFTER;
}
