/** The timers of a clock, so that tests can drive them. */
interface Timers {
  after(milliseconds: number, callback: () => void): () => void;
}

/** Waits this many milliseconds by a clock. */
export function sleep(clock: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}
