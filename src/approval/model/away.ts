import { z } from 'zod';
import type { Approval } from './approval.ts';
import { time } from './round.ts';

/** A person does not decide for some days, and names who is asked instead. */
const awaySchema = z.object({
  /** The last day, YYYY-MM-DD. */
  day: z.string(),
  since: time,
  /** The end of that day in the person's time zone. */
  until: time,
  /** Slack user id. */
  substitute: z.string(),
  /** The substitute has the list of what waits already. */
  told: z.literal(true).optional(),
});
export type Away = z.infer<typeof awaySchema>;

/** All who are away, by their Slack user ids; also people who were. */
export const awayPeopleSchema = z.record(z.string(), awaySchema);
export type AwayPeople = z.infer<typeof awayPeopleSchema>;

/** Those who are away now. */
export function listAway(people: AwayPeople, now: number): Map<string, Away> {
  return new Map(Object.entries(people).filter(([, { until }]) => until > now));
}

/** Who votes or decides on an approval is no longer away for it. */
export function hasDecidedSince({ rounds }: Approval, person: string, since: number): boolean {
  return rounds
    .flatMap(({ votes, decision }) => [...votes, ...(decision ? [decision] : [])])
    .some(({ by, at }) => by === person && at >= since);
}

/** A day as people name it: a date (YYYY-MM-DD), a day of the week (0: Sunday) from today on, or so many days from today. */
export type NamedDay = { date: string } | { weekday: number } | { ahead: number };

const DAY = 24 * 60 * 60_000;

/** The date of a day in a time zone. `now`: milliseconds since 1970. */
export function findDate(day: NamedDay, now: number, zone: string): string {
  if ('date' in day) return day.date;
  const today = Date.parse(`${formatDateIn(zone, now)}T00:00:00Z`);
  const ahead = 'ahead' in day ? day.ahead : (day.weekday - new Date(today).getUTCDay() + 7) % 7;
  return new Date(today + ahead * DAY).toISOString().slice(0, 10);
}

/** When a day is over in a time zone, in milliseconds since 1970. */
export function findEndOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`) + DAY;
  // The offset of the zone at about that time, then at exactly that time: it may change in between.
  const about = midnight - findOffset(zone, midnight);
  return midnight - findOffset(zone, about);
}

/** How far a zone's clocks are ahead of UTC, in milliseconds. */
function findOffset(zone: string, at: number): number {
  return Date.parse(`${formatTimeIn(zone, at)}Z`) - (at - (at % 1_000));
}

function formatDateIn(zone: string, at: number): string {
  return formatTimeIn(zone, at).slice(0, 10);
}

/** Swedish dates and times are those of ISO 8601. */
function formatTimeIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    .format(at)
    .replace(' ', 'T');
}
