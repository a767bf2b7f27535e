import { DeadlineError } from './errors.ts';

/** Longest time to answer a click, in milliseconds. Slack waits 3 s for an ack; a decision is recorded within 2 s or never. */
export const REPLY_TIMEOUT = 2_500;

/** Runs work; rejects with a DeadlineError after this many milliseconds. Does not stop the work itself. */
export async function withTimeout<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeLimit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError()), milliseconds);
  });
  try {
    return await Promise.race([work(), timeLimit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The timers of a clock. Tests drive them. */
interface Timers {
  after(milliseconds: number, callback: () => void): () => void;
}

/** Waits this many milliseconds by a clock. */
export function sleep(clock: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}

/** Repeats work, each time `every` milliseconds after its end, until the returned function is called. `work` must not reject. */
export function repeat(
  clock: Timers,
  every: number,
  work: () => Promise<void>,
  { firstAfter = 0 }: { firstAfter?: number } = {},
): () => void {
  let cancel = () => {};
  let isClosed = false;
  const run = async () => {
    await work();
    if (!isClosed) cancel = clock.after(every, () => void run());
  };
  if (firstAfter > 0) cancel = clock.after(firstAfter, () => void run());
  else void run();
  return () => {
    isClosed = true;
    cancel();
  };
}

/** Creates a function that runs work with the same key in the order of the calls. Work with different keys runs in parallel. */
export function createSerializer() {
  const lastTurns = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (lastTurns.get(key) ?? Promise.resolve()).then(work, work);
    lastTurns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (lastTurns.get(key) === turn) lastTurns.delete(key);
    }
  };
}

/** Runs work in its own turn of the event loop. Without `work`, the caller continues in its own turn. */
export type GiveWay = <T = void>(work?: () => T) => Promise<T>;

/**
 * Runs pieces of work one per turn of the event loop, across all callers. Many people can read long outputs at the same time, and
 * a click still waits for only one piece.
 */
export function createGiveWay(): GiveWay {
  let lastTurn: Promise<unknown> = Promise.resolve();
  return <T>(work?: () => T) => {
    const result = lastTurn
      .then(() => new Promise<void>((resolve) => setImmediate(resolve)))
      .then(() => work?.() as T);
    lastTurn = result.catch(() => {});
    return result;
  };
}
