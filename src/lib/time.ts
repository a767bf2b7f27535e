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

/** Does something again and again, so many milliseconds after it was done. `work` never rejects. Returns what ends it. */
export function repeat(
  clock: Timers,
  every: number,
  work: () => Promise<void>,
  { firstAfter = 0 }: { firstAfter?: number } = {},
): () => void {
  let cancel = () => {};
  let closed = false;
  const run = async () => {
    await work();
    if (!closed) cancel = clock.after(every, () => void run());
  };
  if (firstAfter > 0) cancel = clock.after(firstAfter, () => void run());
  else void run();
  return () => {
    closed = true;
    cancel();
  };
}

/** Runs work for the same key one after another, in the order of the calls; different keys run at the same time. */
export function createSerializer() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}

/** Runs work in a turn of the event loop of its own. */
export type GiveWay = <T>(work: () => T) => Promise<T>;

/**
 * Runs pieces of work one per turn of the event loop, across all callers: however many people read long outputs at
 * once, a click waits for one piece only.
 */
export function createGiveWay(): GiveWay {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(() => new Promise<void>((resolve) => setImmediate(resolve))).then(work);
    last = result.catch(() => {});
    return result;
  };
}
