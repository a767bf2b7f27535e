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
