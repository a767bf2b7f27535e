const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  min: 60_000,
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
};
/** Timers and dates hold more; nobody means more. */
const LONGEST = 366 * 24 * 60 * 60_000;

/** A time such as "90 s", "10 min", "4h" or "2 days", in milliseconds; undefined when it is none, or beyond a year. */
export function parseDuration(text: string): number | undefined {
  const pattern = /^(\d{1,9}(?:\.\d{1,3})?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)$/i;
  const [, number, word] = pattern.exec(text.trim()) ?? [];
  if (number === undefined || word === undefined) return undefined;
  const unit = word[0]?.toLowerCase() === 'm' ? 'min' : (word[0]?.toLowerCase() ?? '');
  const milliseconds = Number(number) * (UNITS[unit] ?? 0);
  return milliseconds <= LONGEST ? milliseconds : undefined;
}
