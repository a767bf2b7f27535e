const FIRST = 1_000;
const LONGEST = 5 * 60_000;

/** How long to wait after so many failures in a row, in milliseconds: exponential with full jitter, 1 s to 5 min. */
export function backoff(failures: number, random: () => number): number {
  const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 20));
  return FIRST + random() * (ceiling - FIRST);
}
