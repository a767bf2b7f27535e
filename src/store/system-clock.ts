import { performance } from 'node:perf_hooks';
import type { Clock } from '../approval/ports.ts';

const LONGEST_TIMER = 2 ** 31 - 1;

/** Calls back once after this many milliseconds. Returns a function that cancels the call. */
export function after(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(LONGEST_TIMER, Math.max(0, milliseconds)));
  return () => clearTimeout(timer);
}

/**
 * Creates this machine's clock, for a store that only one process uses. The clock follows the wall clock forward and never back:
 * a timer must not wait longer because the wall clock was set back.
 */
export function createSystemClock(): Clock {
  let base = Date.now() - performance.now();
  return {
    now() {
      const elapsed = performance.now();
      base = Math.max(base, Date.now() - elapsed);
      return Math.floor(base + elapsed);
    },
    after,
  };
}
