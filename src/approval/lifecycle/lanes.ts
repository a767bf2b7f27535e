import {
  type Approval,
  FREE_LANE,
  type Laned,
  type LaneName,
  type Lease,
  setLane,
} from '../model/approval.ts';
import type { Note } from '../model/note.ts';

/**
 * Time from a claim until its call must begin, in milliseconds. A later call is not made: its lease would end before its answer.
 * Claiming, reading and a call of 8 s stay within a lease.
 */
export const LONGEST_CALL_DELAY = 1_500;

/** Length of a lease, in milliseconds. A worker that has not reported by its end counts as stopped. Calls time out before. */
export const LEASE = 10_000;

/** Largest difference between the clocks of two replicas, in milliseconds. */
export const CLOCKS_DIFFER = 5_000;

/** Longest time until a lease can end, in milliseconds. A lease that ends later was written before the clock was set back. */
export const LONGEST_LEASE = LEASE + CLOCKS_DIFFER;

/** Longest wait before an automatic retry, in milliseconds. */
export const LONGEST_RETRY_DELAY = 60 * 60_000;

/**
 * Returns `at`; 0: no time, or a time so far ahead that the clock must have been set back after it was recorded. With a `now` that
 * is not finite, as for an index, `at` is never ignored.
 */
export function ignoreFarTime(at: number | undefined, now: number, longest = LONGEST_RETRY_DELAY): number {
  return at === undefined || (Number.isFinite(now) && at > now + longest + CLOCKS_DIFFER) ? 0 : at;
}

/** True if `at` is before `than`. A gap of more than an hour does not count: the clock was set back in between. */
export function isEarlier(at: number, than = 0): boolean {
  return at < than && than <= at + LONGEST_RETRY_DELAY;
}

/**
 * Returns when a lease ends; 0: the lease does not count. `soleWorkerId`: on a store for one process, the owner of any other lease
 * no longer runs. `longest`: length of such leases, in milliseconds.
 */
export function leasedUntil(
  lease: Lease | undefined,
  now: number,
  soleWorkerId: string | undefined,
  longest = LEASE,
): number {
  if (!lease || (soleWorkerId !== undefined && lease.owner.split('/')[0] !== soleWorkerId)) return 0;
  return ignoreFarTime(lease.until, now, longest);
}

export function claimLane<R extends Laned>(record: R, lane: LaneName, owner: string, now: number): R {
  return setLane(record, lane, {
    ...(record.lanes[lane] ?? FREE_LANE),
    lease: { owner, until: now + LEASE },
  });
}

/** Releases a lane, unless another worker has taken it over meanwhile. */
export function releaseLane<R extends Laned>(record: R, lane: LaneName, owner: string): R {
  const heldLane = record.lanes[lane] ?? FREE_LANE;
  if (heldLane.lease?.owner !== owner) return record;
  const { lease: _, ...freeLane } = heldLane;
  return setLane(record, lane, freeLane);
}

/**
 * Records a failure in a lane. `blocked`: only a person can help before `notBefore`, and a restart of the bot may be a sign that
 * somebody did. `notBefore`: time of the next attempt, in milliseconds by the store's clock.
 */
export function failLane<R extends Laned>(record: R, lane: LaneName, notBefore: number, blocked = false): R {
  const { blocked: _, ...heldLane } = record.lanes[lane] ?? FREE_LANE;
  const failures = heldLane.failures + 1;
  return setLane(record, lane, { ...heldLane, failures, notBefore, ...(blocked ? { blocked } : {}) });
}

/** Makes blocked lanes due now. Returns the same object if none was blocked. */
export function unblockLanes<R extends Laned>(record: R): R {
  let unblocked = record;
  for (const [lane, { blocked, notBefore: _, ...openLane }] of Object.entries(record.lanes))
    if (blocked) unblocked = setLane(unblocked, lane as LaneName, openLane);
  return unblocked;
}

export function resetLane<R extends Laned>(record: R, lane: LaneName): R {
  const { notBefore: _, blocked: __, ...laneState } = record.lanes[lane] ?? FREE_LANE;
  return setLane(record, lane, { ...laneState, failures: 0 });
}

export function removeNote(approval: Approval, postedNote: Note): Approval {
  const text = JSON.stringify(postedNote);
  const at = approval.notes.findIndex((note) => JSON.stringify(note) === text);
  return resetLane({ ...approval, notes: approval.notes.filter((_, index) => index !== at) }, 'thread');
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 5 * 60_000;

/** Returns the wait after this many failures in a row, in milliseconds: exponential, full jitter, from 1 s to `longest`. */
export function computeBackoff(failures: number, random: () => number, longest = LONGEST_WAIT): number {
  const ceiling = Math.min(longest, FIRST_WAIT * 2 ** Math.min(failures, 20));
  return FIRST_WAIT + random() * (ceiling - FIRST_WAIT);
}
