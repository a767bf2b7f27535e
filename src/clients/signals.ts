/**
 * A signal that aborts with the first of these signals, or with a TimeoutError after so many seconds. Unlike one of AbortSignal.any,
 * it holds on to what it waits for: a timeout that only such a signal knows is lost to the garbage collector. `release` is to be
 * called in the end.
 */
export function joinSignals(
  given: readonly (AbortSignal | undefined)[],
  seconds?: number,
): { signal: AbortSignal; release: () => void } {
  const joined = new AbortController();
  const signals = given.filter((signal) => signal !== undefined);
  const leave = signals.map((signal) => {
    const abort = () => joined.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
  const expire = () =>
    joined.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  const timer = seconds === undefined ? undefined : setTimeout(expire, Math.ceil(seconds * 1_000));
  return {
    signal: joined.signal,
    release: () => {
      clearTimeout(timer);
      for (const end of leave) end();
    },
  };
}
