import type { Approval, Lane, LaneName, Round } from './approval.ts';
import { laneNames } from './approval.ts';
import { LEASE } from './lanes.ts';
import { CLAIMED_FOR } from './people.ts';

/** The longest that anything waits by itself before it is tried again, in milliseconds. */
export const LONGEST_PAUSE = 60 * 60_000;
const DAY = 24 * 60 * 60_000;

/**
 * An approval whose times are not later than the clock can have written them: after a clock that was ahead was set back,
 * what was recorded meanwhile would otherwise be due only when that time comes again. The same object when nothing is
 * wrong. Pure; `now` in milliseconds since 1970.
 */
export function withTimesUntil(approval: Approval, now: number): Approval {
  const lanes = Object.fromEntries(
    laneNames.map((name) => [name, laneUntil(approval.lanes[name], now)]),
  ) as Record<LaneName, Lane>;
  const rounds = approval.rounds.map((round) => roundUntil(round, now));
  const same =
    laneNames.every((name) => lanes[name] === approval.lanes[name]) &&
    rounds.every((round, index) => round === approval.rounds[index]);
  return same ? approval : { ...approval, lanes, rounds };
}

function laneUntil(lane: Lane, now: number): Lane {
  const changed = { ...lane };
  if (lane.notBefore !== undefined) changed.notBefore = Math.min(lane.notBefore, now + LONGEST_PAUSE);
  if (lane.lease) changed.lease = { ...lane.lease, until: Math.min(lane.lease.until, now + LEASE) };
  return isSame(lane, changed) ? lane : changed;
}

function roundUntil(round: Round, now: number): Round {
  const changed: Round = { ...round, receivedAt: Math.min(round.receivedAt, now) };
  const { claim, delivery, remindNotBefore } = round;
  if (claim) changed.claim = { ...claim, until: Math.min(claim.until, now + CLAIMED_FOR) };
  if (remindNotBefore !== undefined) changed.remindNotBefore = Math.min(remindNotBefore, now + DAY);
  if (delivery) {
    const until = (time: number) => Math.min(time, now);
    changed.delivery = {
      ...delivery,
      since: until(delivery.since),
      ...(delivery.firstAttemptAt === undefined ? {} : { firstAttemptAt: until(delivery.firstAttemptAt) }),
      ...(delivery.acceptedAt === undefined ? {} : { acceptedAt: until(delivery.acceptedAt) }),
      ...(delivery.undoUntil === undefined
        ? {}
        : { undoUntil: Math.min(delivery.undoUntil, now + LONGEST_PAUSE) }),
    };
  }
  return isSame(round, changed) ? round : changed;
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
