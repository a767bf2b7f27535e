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

/** What somebody was told last of another person: that they stand in for them, or that their substitute is away too. */
const toldSchema = z.object({
  what: z.enum(['stands_in', 'substitute_away']),
  to: z.string(),
  about: z.string(),
  /** Until when, as in an absence. */
  day: z.iso.date(),
  until: time,
  /** Since when it no longer holds. */
  endedAt: time.optional(),
});
export type Told = z.infer<typeof toldSchema>;

/** What cannot be read is left out: the others stay away. */
const orNothing = <T>(schema: z.ZodType<T>) =>
  z.unknown().transform((value): T | undefined => schema.safeParse(value).data);

/** All who are away, by their Slack user ids, also people who were. */
export const absencesSchema = z.object({
  people: z.record(z.string(), orNothing(awaySchema)),
  told: z.array(orNothing(toldSchema)).transform((all) => all.filter((one) => one !== undefined)),
  /** A process sends notices until then. */
  sendingUntil: time.optional(),
});
export type Absences = z.infer<typeof absencesSchema>;

/** Those who are away now. */
export function listAway(absences: Absences | undefined, now: number): Map<string, Away> {
  const all = Object.entries(absences?.people ?? {});
  return new Map(all.flatMap(([id, away]) => (away && away.until > now ? [[id, away]] : [])));
}

/** What is to be told now, or no longer holds (`ends`); `isChanged`: only the day is another one. */
export interface Notice extends Told {
  isChanged?: boolean;
  ends?: boolean;
}

/** What people were told that still is so, and since when somebody no longer stands in, which they have to be told. */
export function listTold(away: ReadonlyMap<string, Away>, told: readonly Told[], now: number): Told[] {
  return told.flatMap(({ endedAt = now, ...one }): Told[] => {
    const { what, to, about } = one;
    if (what === 'substitute_away') return away.get(to)?.substitute === about && away.has(about) ? [one] : [];
    return [away.get(about)?.substitute === to ? one : { ...one, endedAt }];
  });
}

/** Somebody may go away again at once, so that they no longer stand in is told after this time, in milliseconds. */
const ENDS_AFTER = 5 * 60_000;

/** The difference between what holds and what people were told, one at a time. An absence that ends on its day needs no notice. Pure. */
export function findNotice(
  away: ReadonlyMap<string, Away>,
  told: readonly Told[],
  now: number,
): Notice | undefined {
  const holds = [...away].flatMap(([person, { substitute, day, until }]): Told[] => {
    const other = away.get(substitute);
    return [
      { what: 'stands_in', to: substitute, about: person, day, until },
      ...(other
        ? [
            {
              what: 'substitute_away',
              to: person,
              about: substitute,
              day: other.day,
              until: other.until,
            } as const,
          ]
        : []),
    ];
  });
  for (const one of holds) {
    const known = told.find((before) => isSameNotice(before, one));
    if (known?.day !== one.day) return { ...one, ...(known ? { isChanged: true } : {}) };
  }
  const ended = told.find(
    ({ what, until, endedAt = now }) => what === 'stands_in' && until > now && now - endedAt >= ENDS_AFTER,
  );
  return ended && { ...ended, ends: true };
}

/** What people have been told, with a notice that was sent; without what is over. */
export function recordNotice(
  told: readonly Told[],
  { isChanged: _, ends, ...sent }: Notice,
  now: number,
): Told[] {
  const others = told.filter((one) => one.until > now && !isSameNotice(one, sent));
  return ends ? others : [...others, sent];
}

function isSameNotice(one: Told, other: Told): boolean {
  return one.what === other.what && one.to === other.to && one.about === other.about;
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
