import { performance } from 'node:perf_hooks';
import type { Clock } from '../approval/ports.ts';

const LONGEST_TIMER = 2 ** 31 - 1;

/** Calls back once after this many milliseconds; returns a function that cancels it. */
export function after(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(LONGEST_TIMER, Math.max(0, milliseconds)));
  return () => clearTimeout(timer);
}

/** This machine's clock, for a store that one process uses. */
export function createSystemClock(): Clock {
  const steady = new SteadyTime(
    () => Date.now(),
    () => performance.now(),
  );
  return { now: () => steady.now(), after };
}

/** Follows the wall clock forward and never back: a timer must not wait longer because the wall clock was set back. */
export class SteadyTime {
  private readonly wall: () => number;
  private readonly monotonic: () => number;
  private base: number;

  constructor(wall: () => number, monotonic: () => number) {
    this.wall = wall;
    this.monotonic = monotonic;
    this.base = wall() - monotonic();
  }

  now(): number {
    const elapsed = this.monotonic();
    this.base = Math.max(this.base, this.wall() - elapsed);
    return Math.floor(this.base + elapsed);
  }
}
