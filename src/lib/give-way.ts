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

/** Wraps a function so that each call begins in a turn of its own. */
export function runInTurns<Args extends unknown[], Result>(
  giveWay: GiveWay,
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    await giveWay(() => {});
    return work(...args);
  };
}
