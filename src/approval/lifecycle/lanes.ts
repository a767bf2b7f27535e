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
 * A call that has not begun by then is not made: its lease would end before its answer. Reading, claiming and a call
 * of 8 s stay within a lease.
 */
export const CALL_BEGINS_WITHIN = 1_500;

/** After this time without a report a worker counts as stopped, in milliseconds. Calls time out before. */
export const LEASE = 10_000;

/** How far the clocks of two replicas may differ, in milliseconds. */
export const CLOCKS_DIFFER = 5_000;

/** A lease that ends later than this was not written by this clock. */
export const LONGEST_LEASE = LEASE + CLOCKS_DIFFER;

/** The longest that anything waits by itself before it is tried again, in milliseconds. */
export const DELAYED_AT_MOST = 60 * 60_000;

/**
 * A time that something waits for; 0 if it is further ahead than such a time can be, by the clock of any replica: the clock was
 * set back since. An index of records has no `now`: it takes times as they were recorded.
 */
export function boundTime(at: number | undefined, now: number, longest = DELAYED_AT_MOST): number {
  return at === undefined || (Number.isFinite(now) && at > now + longest + CLOCKS_DIFFER) ? 0 : at;
}

/** Whether something came before another time; by more than an hour: the clock was set back in between. */
export function isEarlier(at: number, than = 0): boolean {
  return at < than && than <= at + DELAYED_AT_MOST;
}

/**
 * When a lease ends; 0 if it does not count. `soleWorker`: on a store for one process, the owner of any other lease no longer
 * runs. `longest`: of such leases, in milliseconds.
 */
export function leasedUntil(
  lease: Lease | undefined,
  now: number,
  soleWorker: string | undefined,
  longest = LEASE,
): number {
  if (!lease || (soleWorker !== undefined && lease.owner.split('/')[0] !== soleWorker)) return 0;
  return boundTime(lease.until, now, longest);
}

export function claimLane<R extends Laned>(record: R, lane: LaneName, owner: string, now: number): R {
  return setLane(record, lane, {
    ...(record.lanes[lane] ?? FREE_LANE),
    lease: { owner, until: now + LEASE },
  });
}

/** Gives a lane back, unless another worker has taken it over meanwhile. */
export function releaseLane<R extends Laned>(record: R, lane: LaneName, owner: string): R {
  const held = record.lanes[lane] ?? FREE_LANE;
  if (held.lease?.owner !== owner) return record;
  const { lease: _, ...free } = held;
  return setLane(record, lane, free);
}

/**
 * The work of a lane failed; it is tried again at `notBefore`, in milliseconds by the store's clock. `blocked`: until
 * then only a person can help, and a start of the bot may be their sign that they did.
 */
export function failLane<R extends Laned>(record: R, lane: LaneName, notBefore: number, blocked = false): R {
  const { blocked: _, ...held } = record.lanes[lane] ?? FREE_LANE;
  const failures = held.failures + 1;
  return setLane(record, lane, { ...held, failures, notBefore, ...(blocked ? { blocked } : {}) });
}

/** Lanes that were blocked are tried again now; the same object when none was. */
export function unblockLanes<R extends Laned>(record: R): R {
  let freed = record;
  for (const [lane, { blocked, notBefore: _, ...open }] of Object.entries(record.lanes))
    if (blocked) freed = setLane(freed, lane as LaneName, open);
  return freed;
}

export function resetLane<R extends Laned>(record: R, lane: LaneName): R {
  const { notBefore: _, blocked: __, ...worked } = record.lanes[lane] ?? FREE_LANE;
  return setLane(record, lane, { ...worked, failures: 0 });
}

export function removeNote(approval: Approval, posted: Note): Approval {
  const text = JSON.stringify(posted);
  const at = approval.notes.findIndex((note) => JSON.stringify(note) === text);
  return resetLane({ ...approval, notes: approval.notes.filter((_, index) => index !== at) }, 'thread');
}

const FIRST = 1_000;
const LONGEST = 5 * 60_000;

/** How long to wait after so many failures in a row, in milliseconds: exponential with full jitter, from 1 s. */
export function backoff(failures: number, random: () => number, longest = LONGEST): number {
  const ceiling = Math.min(longest, FIRST * 2 ** Math.min(failures, 20));
  return FIRST + random() * (ceiling - FIRST);
}
