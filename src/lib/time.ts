import { DeadlineError } from './errors.ts';

/** Slack accepts an ack for 3 s. A decision is recorded within 2 s or not at all; its answer may take longer. */
export const ANSWERED_WITHIN = 2_500;

/** Runs work; rejects with a DeadlineError after this many milliseconds. The work itself is not stopped. */
export async function withTimeout<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError()), milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The timers of a clock, so that tests can drive them. */
interface Timers {
  after(milliseconds: number, callback: () => void): () => void;
}

/** Waits this many milliseconds by a clock. */
export function sleep(clock: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}
