/**
 * Joins signals into one that aborts with the first of them, or with a TimeoutError after this many seconds. A signal of
 * AbortSignal.any does not keep its sources alive: the garbage collector drops a timeout that nothing else references. `grace`:
 * seconds between the abort of a source and that of the joined signal. Call `release` at the end.
 */
export function joinSignals(
  sources: readonly (AbortSignal | undefined)[],
  seconds?: number,
  grace = 0,
): { signal: AbortSignal; release: () => void } {
  const joined = new AbortController();
  const signals = sources.filter((signal) => signal !== undefined);
  let graceTimer: NodeJS.Timeout | undefined;
  const leave = signals.map((signal) => {
    const end = () => joined.abort(signal.reason);
    const abort = () => {
      if (grace === 0) end();
      else graceTimer ??= setTimeout(end, grace * 1_000);
    };
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
      clearTimeout(graceTimer);
      for (const end of leave) end();
    },
  };
}
