import type { Clock } from '../approval/ports.ts';

const LONGEST_TIMER = 2 ** 31 - 1;

/** This machine's clock: the one of a store for one process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(LONGEST_TIMER, Math.max(0, milliseconds)));
    return () => clearTimeout(timer);
  },
};
