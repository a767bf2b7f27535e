import { splitDuration } from '../lib/duration.ts';

const UNITS = { day: 'd', hour: 'h', minute: 'min', second: 's' } as const;
/** Last time that a Date can hold, in milliseconds since 1970. */
const LAST_TIME = 8.64e15;

/** Writes a duration with its two largest units. */
export function writeTimeSpan(milliseconds: number): string {
  if (!isTime(milliseconds)) return `${milliseconds} ms`;
  const parts = splitDuration(milliseconds).map(({ count, unit }) => `${count} ${UNITS[unit]}`);
  return parts.join(' ');
}

/** Writes a time in UTC. A number that is not a time is written as it is. */
export function writeTime(at: number): string {
  if (!isTime(at)) return `${at} ms after 1970`;
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** True if a number in an entry can be a time. */
export function isTime(at: number): boolean {
  return Math.abs(at) <= LAST_TIME;
}

/** Returns the day of a time in UTC, YYYY-MM-DD. */
export function dayOf(at: number): string {
  return isTime(at) ? new Date(at).toISOString().slice(0, -14) : 'no day';
}
