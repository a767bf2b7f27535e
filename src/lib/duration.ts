const DAY = 24 * 60 * 60_000;
/** By the first letter of its name. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 60 * 60_000,
  d: DAY,
  w: 7 * DAY,
  y: 365 * DAY,
};
/** Dates hold more; nobody means more. */
const LONGEST = 10 * 366 * DAY;

/** A time such as "90 s", "10 min", "4h", "2 days" or "1 year", in milliseconds; undefined when it is none, or beyond ten years. */
export function parseDuration(text: string): number | undefined {
  const pattern =
    /^(\d{1,9}(?:\.\d{1,3})?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?|y|years?)$/i;
  const [, number, word = ''] = pattern.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const milliseconds = Number(number) * (UNITS[word.charAt(0).toLowerCase()] ?? 0);
  return milliseconds <= LONGEST ? milliseconds : undefined;
}
