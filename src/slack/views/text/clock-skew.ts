/** Operators are alerted if the host's clock is further from Slack's than this, in milliseconds. */
export const MAX_CLOCK_SKEW = 5_000;

/** A skew in words; undefined if the clocks agree well enough. */
export function describeClockSkew(aheadMs: number): string | undefined {
  if (Math.abs(aheadMs) <= MAX_CLOCK_SKEW) return undefined;
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  return `this machine's clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Slack's: set it by NTP`;
}
