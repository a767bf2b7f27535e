const UNITS: readonly [name: string, milliseconds: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];
/** The last time that a date can say, in milliseconds since 1970. */
const LAST_TIME = 8.64e15;

/** A duration with its two largest units. */
export function writeTimeSpan(milliseconds: number): string {
  if (!(Math.abs(milliseconds) <= LAST_TIME)) return `${milliseconds} ms`;
  const first = UNITS.findIndex(([, unit]) => milliseconds >= unit);
  if (first === -1) return '0 s';
  let rest = milliseconds;
  const parts = UNITS.slice(first, first + 2).flatMap(([name, unit]) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return parts.join(' ');
}

/** A time in UTC; a number that no clock shows, as it is. */
export function writeTime(at: number): string {
  if (!isTime(at)) return `${at} ms after 1970`;
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Whether a number of an entry can be a time. */
export function isTime(at: number): boolean {
  return Math.abs(at) <= LAST_TIME;
}

/** The day of a time in UTC, YYYY-MM-DD. */
export function dayOf(at: number): string {
  return isTime(at) ? new Date(at).toISOString().slice(0, -14) : 'no day';
}
