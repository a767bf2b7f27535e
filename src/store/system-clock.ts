import { performance } from 'node:perf_hooks';
import type { Clock } from '../approval/ports.ts';

const LONGEST_TIMER = 2 ** 31 - 1;

/** Calls back once after so many milliseconds; gives what cancels it. */
export function after(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(LONGEST_TIMER, Math.max(0, milliseconds)));
  return () => clearTimeout(timer);
}

/** This machine's clock: the one of a store for one process. When the wall clock is set back it goes on as before. */
export function createSystemClock(): Clock {
  return {
    now: createSteadyTime(
      () => Date.now(),
      () => performance.now(),
    ),
    after,
  };
}

/** Follows the wall clock forward and never back: what was to be in a minute is not in an hour then. */
export function createSteadyTime(wall: () => number, monotonic: () => number): () => number {
  let base = wall() - monotonic();
  return () => {
    const elapsed = monotonic();
    base = Math.max(base, wall() - elapsed);
    return Math.floor(base + elapsed);
  };
}
