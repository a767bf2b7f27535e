import { buildCardFacts, hashCardFacts } from '../card-facts.ts';
import { type Approval, currentRound, findNextNote, findThreadCard } from '../model/approval.ts';
import type { Note } from '../model/note.ts';
import { type Card, listCards, type Round } from '../model/round.ts';
import { canBeUndone, findDeliveryExpiry } from './delivery.ts';
import { ignoreFarTime, LONGEST_RETRY_DELAY, leasedUntil } from './lanes.ts';
import { findNextPush } from './pushes.ts';
import { findStallTime } from './run-facts.ts';
import { findNextTimer } from './timers.ts';

/** A step to do for an approval. `at`: time from which it is due, in milliseconds by the store's clock; 0: at once. */
export type Step = { at: number } & (
  | { lane: 'card'; do: 'post'; round: number }
  | { lane: 'card'; do: 'update'; round: number; card: Card }
  | { lane: 'thread'; do: 'post_note'; note: Note }
  | { lane: 'delivery'; do: 'attempt'; round: number }
  | { lane: 'delivery'; do: 'expire_delivery'; round: number }
  | { lane: 'delivery'; do: 'ask_status'; round: number }
  | { lane: 'delivery'; do: 'fire_timers'; round: number }
  /** The program may fetch the decision from now on. */
  | { lane: 'delivery'; do: 'offer'; round: number }
  /** Sends the question's state to the URL that its program named, or stops trying. `id`: id of the question or call. */
  | { lane: 'delivery'; do: 'push' | 'expire_push'; round: number; id: string; isRetry: boolean }
);

/**
 * Returns the next steps for this approval, at most one per lane, from the record alone. `soleWorkerId`: id of the
 * only process, on a store for one process. Leases of other owners do not count.
 */
export function listNextSteps(approval: Approval, now: number, soleWorkerId?: string): Step[] {
  const steps = [findCardStep(approval, now), findThreadStep(approval, now), findDeliveryStep(approval, now)];
  return steps
    .filter((step) => step !== undefined)
    .map((step) => ({
      ...step,
      at: Math.max(step.at, leasedUntil(approval.lanes[step.lane]?.lease, now, soleWorkerId)),
    }));
}

/** Returns when the next lane of this approval becomes due if nobody changes the record; undefined: never. */
export function dueAt(approval: Approval, now: number): number | undefined {
  const times = listNextSteps(approval, now).map((step) => step.at);
  return times.length === 0 ? undefined : Math.min(...times);
}

function findCardStep(approval: Approval, now: number): Step | undefined {
  const notBefore = ignoreFarTime(approval.lanes.card.notBefore, now);
  // In the order of the rounds: the first card opens the thread of the others. A task that does not wait gets no card.
  const unpostedRound = approval.rounds.find((round) => !round.card && !round.notWaiting);
  if (unpostedRound) return { lane: 'card', do: 'post', round: unpostedRound.number, at: notBefore };
  const staleCard = approval.rounds
    .flatMap((round) => listStaleCards(approval, round).map((card) => ({ round, card })))
    .sort(
      (a, b) => findCardDueTime(a.round) - findCardDueTime(b.round) || b.round.number - a.round.number,
    )[0];
  if (!staleCard) return undefined;
  const at = Math.max(notBefore, ignoreFarTime(findCardDueTime(staleCard.round), now));
  return { lane: 'card', do: 'update', round: staleCard.round.number, card: staleCard.card, at };
}

function listStaleCards(approval: Approval, round: Round): Card[] {
  const cards = listCards(round);
  if (cards.length === 0) return [];
  const currentHash = hashCardFacts(buildCardFacts(approval, round));
  return cards.filter(({ shown }) => shown !== currentHash);
}

/** CrewAI usually answers within this time, in milliseconds: then the card goes from "waiting" to "accepted" in one update. */
const SENDING_SHOWN_DELAY = 300;

/** Returns when the round's card may be updated, in milliseconds; 0: at once. */
export function findCardDueTime(round: Round): number {
  if (round.status !== 'sending' || !round.delivery || round.delivery.failure || canBeUndone(round)) return 0;
  return round.delivery.since + SENDING_SHOWN_DELAY;
}

function findThreadStep(approval: Approval, now: number): Step | undefined {
  const note = findNextNote(approval);
  if (!note || !findThreadCard(approval)) return undefined;
  const at = Math.max(approval.lanes.thread.notBefore ?? 0, note.kind === 'mention' ? note.at : 0);
  return { lane: 'thread', do: 'post_note', note, at: ignoreFarTime(at, now) };
}

/** Returns the earlier step, so that failing pushes delay a timer or the next answer by one call at most. */
function findDeliveryStep(approval: Approval, now: number): Step | undefined {
  const resume = findResumeStep(approval, now);
  const push = findPushStep(approval, now);
  return resume && push ? (push.at < resume.at ? push : resume) : (resume ?? push);
}

function findPushStep(approval: Approval, now: number): Step | undefined {
  const duePush = findNextPush(approval, now);
  if (!duePush) return undefined;
  const { isExpired, ...step } = duePush;
  return { lane: 'delivery', do: isExpired ? 'expire_push' : 'push', ...step };
}

function findResumeStep(approval: Approval, now: number): Step | undefined {
  const round = currentRound(approval);
  const silentAt = findStallTime(approval, round);
  if (silentAt !== undefined)
    return { lane: 'delivery', do: 'ask_status', round: round.number, at: silentAt };
  const isAnsweredQuestion = round.status === 'sending' && round.question !== undefined;
  const undoUntil = ignoreFarTime(
    round.delivery?.undoUntil,
    now,
    Math.max(LONGEST_RETRY_DELAY, approval.policy.undoWindow),
  );
  if (isAnsweredQuestion && round.delivery?.offeredAt === undefined)
    return {
      lane: 'delivery',
      do: 'offer',
      round: round.number,
      at: Math.max(undoUntil, ignoreFarTime(approval.lanes.delivery.notBefore, now)),
    };
  const timerAt = findNextTimer(approval, round);
  if (timerAt !== undefined) return { lane: 'delivery', do: 'fire_timers', round: round.number, at: timerAt };
  if (round.status !== 'sending' || isAnsweredQuestion) return undefined;
  const at = Math.max(ignoreFarTime(approval.lanes.delivery.notBefore, now), undoUntil);
  const end = findDeliveryExpiry(round, now);
  if (end !== undefined && (now >= end || at >= end)) {
    return { lane: 'delivery', do: 'expire_delivery', round: round.number, at: end };
  }
  return { lane: 'delivery', do: 'attempt', round: round.number, at };
}
