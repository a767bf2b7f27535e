const DAY = 24 * 60 * 60_000;
/** Milliseconds per unit, by the unit's first letter. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 60 * 60_000,
  d: DAY,
  w: 7 * DAY,
  y: 365 * DAY,
};
/** Longest duration: a longer one is probably a mistake. */
const LONGEST_DURATION = 10 * 366 * DAY;

const LARGEST_FIRST = ['day', 'hour', 'minute', 'second'] as const;

/** Splits a duration into its largest units, at most `max` consecutive ones, without zeros. Less than a second is 0 seconds. */
export function splitDuration(milliseconds: number, max = 2) {
  let remaining = milliseconds;
  const counts = LARGEST_FIRST.map((unit) => {
    const size = UNITS[unit.charAt(0)] ?? 1;
    const count = Math.floor(remaining / size);
    remaining %= size;
    return { count, unit };
  });
  const firstUnit = counts.findIndex(({ count }) => count > 0);
  return counts
    .slice(firstUnit)
    .slice(0, max)
    .filter(({ count }, index) => index === 0 || count > 0);
}

/** Parses a time such as "90 s", "10 min", "4h", "2 days" or "1 year" into milliseconds; undefined if invalid or too long. */
export function parseDuration(text: string): number | undefined {
  const pattern =
    /^(\d{1,9}(?:\.\d{1,3})?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?|y|years?)$/i;
  const [, number, word = ''] = pattern.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const milliseconds = Number(number) * (UNITS[word.charAt(0).toLowerCase()] ?? 0);
  return milliseconds <= LONGEST_DURATION ? milliseconds : undefined;
}
