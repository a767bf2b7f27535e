/** The timers of a clock, so that tests can drive them. */
interface Timers {
  after(milliseconds: number, callback: () => void): () => void;
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
