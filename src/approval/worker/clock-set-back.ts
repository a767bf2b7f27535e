import { RETRY_UNSURE_FOR } from '../lifecycle/delivery.ts';
import { LEASE } from '../lifecycle/lanes.ts';
import { CLAIM_FOR } from '../lifecycle/requests.ts';
import { type Approval, type Lane, laneNames } from '../model/approval.ts';
import type { Delivery, Round } from '../model/round.ts';
import { MENTIONED_EVERY } from '../notify/mentions.ts';

/** The longest that anything waits by itself before it is tried again, in milliseconds. */
const LONGEST_PAUSE = 60 * 60_000;
const DAY = 24 * 60 * 60_000;

/**
 * An approval whose times are not later than the clock can have written them: after a clock that was ahead was set back,
 * what was recorded meanwhile would otherwise be due only when that time comes again. The same object when nothing is
 * wrong. Pure; `now` in milliseconds since 1970.
 */
export function limitTimes(approval: Approval, now: number): Approval {
  const lanes = Object.fromEntries(
    laneNames.map((name) => [name, limitLane(approval.lanes[name], now)]),
  ) as Approval['lanes'];
  const rounds = approval.rounds.map((round) => limitRound(round, approval.policy.remindAfter, now));
  const notes = approval.notes.map((note) =>
    note.kind === 'mention' && note.at > now + MENTIONED_EVERY
      ? { ...note, since: now, at: now + MENTIONED_EVERY }
      : note,
  );
  const same =
    laneNames.every((name) => lanes[name] === approval.lanes[name]) &&
    rounds.every((round, index) => round === approval.rounds[index]) &&
    notes.every((note, index) => note === approval.notes[index]);
  return same ? approval : { ...approval, lanes, rounds, notes };
}

export function limitLane(lane: Lane, now: number): Lane {
  const changed = { ...lane };
  // Such a pause is none of this clock's: what failed is tried again.
  if (lane.notBefore !== undefined && lane.notBefore > now + LONGEST_PAUSE) changed.notBefore = now;
  if (lane.lease) changed.lease = { ...lane.lease, until: Math.min(lane.lease.until, now + LEASE) };
  return isSame(lane, changed) ? lane : changed;
}

function limitRound(round: Round, remindAfter: number | undefined, now: number): Round {
  const changed: Round = { ...round, receivedAt: Math.min(round.receivedAt, now) };
  const { claim, delivery, reminders, remindNotBefore } = round;
  if (claim) changed.claim = { ...claim, until: Math.min(claim.until, now + CLAIM_FOR) };
  if (remindNotBefore !== undefined) changed.remindNotBefore = Math.min(remindNotBefore, now + DAY);
  if (reminders !== undefined && remindAfter !== undefined)
    changed.reminders = limitReminders(reminders, remindAfter, now - changed.receivedAt);
  if (delivery) changed.delivery = limitDelivery(delivery, now);
  return isSame(round, changed) ? round : changed;
}

/** How many reminders can have come: a clock that was ahead counted all that were due by then. */
function limitReminders(reminders: number, remindAfter: number, waited: number): number {
  let left = reminders;
  while (left > 0 && remindAfter * 2 ** (left - 1) > waited) left -= 1;
  return left;
}

function limitDelivery(delivery: Delivery, now: number): Delivery {
  const { firstAttemptAt, heardAt, acceptedAt, undoUntil } = delivery;
  const since = Math.min(delivery.since, now);
  const changed: Delivery = { ...delivery, since };
  // How long ago that was is not known: a revision that may have arrived is not repeated.
  if (firstAttemptAt !== undefined && firstAttemptAt > now) changed.firstAttemptAt = now - RETRY_UNSURE_FOR;
  if (heardAt !== undefined) changed.heardAt = Math.min(heardAt, now);
  if (acceptedAt !== undefined) changed.acceptedAt = Math.min(acceptedAt, now);
  // As long as it was given.
  if (undoUntil !== undefined) changed.undoUntil = undoUntil - (delivery.since - since);
  return changed;
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
