import { z } from 'zod';
import type { Approval } from './approval.ts';
import { time } from './round.ts';

/** A person does not decide for some days, and names who is asked instead. */
const awaySchema = z.object({
  /** The last day, YYYY-MM-DD. */
  day: z.iso.date(),
  since: time,
  /** The end of that day in the person's time zone. */
  until: time,
  /** Slack user id. */
  substitute: z.string(),
});
export type Away = z.infer<typeof awaySchema>;

/**
 * What somebody is still to be told of another person: they stand in for them, until another day, or no longer; or that
 * person, their substitute, is away too.
 */
const noticeSchema = z.object({
  to: z.string(),
  about: z.string(),
  what: z.enum(['named', 'changed', 'released', 'substitute_away']),
  /** A process sends it until then. */
  leasedUntil: time.optional(),
});
export type Notice = z.infer<typeof noticeSchema>;

/** What cannot be read is left out: the others stay away. */
const orNothing = <T>(schema: z.ZodType<T>) =>
  z.unknown().transform((value): T | undefined => schema.safeParse(value).data);

/** All who are away, by their Slack user ids, also people who were; and what is to be told. */
export const absencesSchema = z.object({
  people: z.record(z.string(), orNothing(awaySchema)),
  notices: z.array(orNothing(noticeSchema)).transform((all) => all.filter((one) => one !== undefined)),
});
export type Absences = z.infer<typeof absencesSchema>;

/** Those who are away now. */
export function listAway(absences: Absences | undefined, now: number): Map<string, Away> {
  const all = Object.entries(absences?.people ?? {});
  return new Map(all.flatMap(([id, away]) => (away && away.until > now ? [[id, away]] : [])));
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

/** The date of a day in a time zone, from `today` on (YYYY-MM-DD). */
export function findDate(day: NamedDay, today: string): string {
  if ('date' in day) return day.date;
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  return addDays(today, 'ahead' in day ? day.ahead : (day.weekday - weekday + 7) % 7);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** The date in a time zone. `at`: milliseconds since 1970. */
export function findDateIn(zone: string, at: number): string {
  return formatTimeIn(zone, at).slice(0, 10);
}

/** When a day is over in a time zone, in milliseconds since 1970. */
export function findEndOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`) + DAY;
  // Clocks can go forward or back at midnight: it is the first of both times at which the date is the next one.
  const either = [midnight - DAY, midnight + DAY].map((at) => midnight - findOffset(zone, at));
  return Math.min(...either.filter((at) => findDateIn(zone, at) > date));
}

/** How far a zone's clocks are ahead of UTC, in milliseconds. */
function findOffset(zone: string, at: number): number {
  return Date.parse(`${formatTimeIn(zone, at)}Z`) - at;
}

/** Swedish dates and times are those of ISO 8601. A zone that is not known counts as UTC. */
function formatTimeIn(timeZone: string, at: number): string {
  const format = (zone: string) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  try {
    return format(timeZone).replace(' ', 'T');
  } catch {
    return format('UTC').replace(' ', 'T');
  }
}
