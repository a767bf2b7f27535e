import { type Approval, currentRound, type Round } from './approval.ts';
import {
  maskedUrl,
  type ResolvedUrls,
  type UrlOrigin,
  type WebhookKind,
  webhookKinds,
} from './webhook-urls.ts';

/** CrewAI's answer usually comes within this time: then the card goes from "waiting" to "accepted" in one update. */
export const SENDING_SHOWN_AFTER = 300;

/**
 * What the round's card has to show, as a key: two equal keys are the same card. A card is due as long as the key
 * that it shows is not this one.
 */
export function cardKey(approval: Approval, round: Round): string {
  const { delivery } = round;
  const open = round.status === 'sending' || round.status === 'refused' || round.status === 'undelivered';
  const current = currentRound(approval);
  return JSON.stringify([
    round.status,
    round.votes.length,
    round.mayHaveGoneOn,
    round.wentOnAt !== undefined,
    open ? [delivery?.since, delivery?.failure?.kind, delivery?.failure?.status] : 0,
    round.status === 'undelivered' || round.status === 'given_up' ? delivery?.unsure : 0,
    round.agent !== undefined,
    (round.expectedOutput ?? round.description) !== undefined,
    round.status === 'waiting' ? [shownUrls(approval.urls), approval.humanInputBack] : 0,
    current.number === round.number ? 0 : (current.card?.ts ?? 0),
  ]);
}

/** The URLs that a decision will be sent with, as people may see them. */
export function shownUrls(urls: ResolvedUrls): { kind: WebhookKind; url: string; from: UrlOrigin }[] {
  return webhookKinds.flatMap((kind) => {
    const known = urls[kind];
    return known ? [{ kind, url: maskedUrl(known.url, known.from === 'bot'), from: known.from }] : [];
  });
}

/** CrewAI has no address to report to after this round's decision: neither a task URL nor a human-input webhook. */
export function runGoesSilent(approval: Approval, round: Round): boolean {
  return approval.urls.task === undefined && !(round.humanInput && approval.humanInputBack);
}

/** When the round's card, if it is due, is to be updated; in milliseconds, 0 for at once. */
export function cardDueAt(round: Round): number {
  if (round.status !== 'sending' || !round.delivery || round.delivery.failure) return 0;
  return round.delivery.since + SENDING_SHOWN_AFTER;
}
