import { z } from 'zod';
import type { Approval } from './approval.ts';
import { time } from './round.ts';

/** Absence of a person, who names a substitute. */
const awaySchema = z.object({
  /** Last day of the absence, YYYY-MM-DD. */
  day: z.iso.date(),
  since: time,
  /** End of the last day in the person's time zone. */
  until: time,
  /** Slack user id. */
  substitute: z.string(),
});
export type Away = z.infer<typeof awaySchema>;

/** Last notice to a person (`to`) about another: `to` stands in for `about`, or `about`, the substitute of `to`, is away too. */
const sentNoticeSchema = z.object({
  what: z.enum(['stands_in', 'substitute_away']),
  to: z.string(),
  about: z.string(),
  /** Last day and end of the absence. */
  day: z.iso.date(),
  until: time,
  /** When the bot noticed that `to` no longer stands in for `about`, also after an absence that ended on its day. */
  endedAt: time.optional(),
});
export type SentNotice = z.infer<typeof sentNoticeSchema>;

/** Drops an entry that cannot be read, so that one damaged entry does not hide the other absences. */
const dropUnreadable = <T>(schema: z.ZodType<T>) =>
  z.unknown().transform((value): T | undefined => schema.safeParse(value).data);

/** Absences by Slack user id, and the notices about them. Past absences stay until the next change. */
export const absencesSchema = z.object({
  people: z.record(z.string(), dropUnreadable(awaySchema)),
  told: z
    .array(dropUnreadable(sentNoticeSchema))
    .transform((notices) => notices.filter((notice) => notice !== undefined)),
  /** Until this time one process sends the notices. */
  sendingUntil: time.optional(),
});
export type Absences = z.infer<typeof absencesSchema>;

/** Lists the people who are away now, by Slack user id. */
export function listAway(absences: Absences | undefined, now: number): Map<string, Away> {
  const entries = Object.entries(absences?.people ?? {});
  return new Map(entries.flatMap(([id, away]) => (away && away.until > now ? [[id, away]] : [])));
}

/** A notice to send now. `noLongerStandsIn`: the substitution ended; `isChanged`: only the last day changed. */
export interface Notice extends SentNotice {
  isChanged?: boolean;
  noLongerStandsIn?: boolean;
}

/** Lists the notices that are still true, and with `endedAt` those to people who no longer stand in. Drops other old notices. */
export function listSentNotices(
  away: ReadonlyMap<string, Away>,
  sentNotices: readonly SentNotice[],
  now: number,
): SentNotice[] {
  return sentNotices.flatMap(({ endedAt = now, ...notice }): SentNotice[] => {
    const { what, to, about } = notice;
    if (what === 'substitute_away')
      return away.get(to)?.substitute === about && away.has(about) ? [notice] : [];
    return [away.get(about)?.substitute === to ? notice : { ...notice, endedAt }];
  });
}

/** Delay before people learn that they no longer stand in: a person may set a new absence at once, in milliseconds. */
const END_NOTICE_DELAY = 5 * 60_000;

/** Finds the first notice that is missing or outdated. An absence that ends on its day needs no notice. Pure. */
export function findNotice(
  away: ReadonlyMap<string, Away>,
  sentNotices: readonly SentNotice[],
  now: number,
): Notice | undefined {
  const currentNotices = [...away].flatMap(([person, { substitute, day, until }]): SentNotice[] => {
    const substituteAbsence = away.get(substitute);
    return [
      { what: 'stands_in', to: substitute, about: person, day, until },
      ...(substituteAbsence
        ? [
            {
              what: 'substitute_away',
              to: person,
              about: substitute,
              day: substituteAbsence.day,
              until: substituteAbsence.until,
            } as const,
          ]
        : []),
    ];
  });
  for (const notice of currentNotices) {
    const sentNotice = sentNotices.find((sent) => isSameNotice(sent, notice));
    if (sentNotice?.day !== notice.day) return { ...notice, ...(sentNotice ? { isChanged: true } : {}) };
  }
  const endedNotice = sentNotices.find(
    ({ what, until, endedAt = now }) =>
      what === 'stands_in' && until > now && now - endedAt >= END_NOTICE_DELAY,
  );
  return endedNotice && { ...endedNotice, noLongerStandsIn: true };
}

/** Adds a sent notice and drops expired ones. A notice that a substitution ended is not added: it removes the earlier notice. */
export function recordNotice(
  sentNotices: readonly SentNotice[],
  { isChanged: _, noLongerStandsIn, ...notice }: Notice,
  now: number,
): SentNotice[] {
  const otherNotices = sentNotices.filter((other) => other.until > now && !isSameNotice(other, notice));
  return noLongerStandsIn ? otherNotices : [...otherNotices, notice];
}

function isSameNotice(one: SentNotice, other: SentNotice): boolean {
  return one.what === other.what && one.to === other.to && one.about === other.about;
}

/** True if the person has voted or decided on the approval since then: they no longer count as away for it. */
export function hasDecidedSince({ rounds }: Approval, person: string, since: number): boolean {
  return rounds
    .flatMap(({ votes, decision }) => [...votes, ...(decision ? [decision] : [])])
    .some(({ by, at }) => by === person && at >= since);
}

/** A day as people type it: a date (YYYY-MM-DD), a weekday from today on (0: Sunday), or a number of days from today. */
export type NamedDay = { date: string } | { weekday: number } | { ahead: number };

const DAY = 24 * 60 * 60_000;

/** Finds the date of a day; `today`: the date in the person's time zone (YYYY-MM-DD). */
export function findDate(day: NamedDay, today: string): string {
  if ('date' in day) return day.date;
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  return addDays(today, 'ahead' in day ? day.ahead : (day.weekday - weekday + 7) % 7);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Finds the date in a time zone. `at`: milliseconds since 1970. */
export function findDateIn(zone: string, at: number): string {
  return formatTimeIn(zone, at).slice(0, 10);
}

/** Finds when a day ends in a time zone, in milliseconds since 1970. */
export function findEndOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`) + DAY;
  // Clocks can change at midnight: of both candidates, the first one that falls on the next date is right.
  const candidates = [midnight - DAY, midnight + DAY].map((at) => midnight - findOffset(zone, at));
  return Math.min(...candidates.filter((at) => findDateIn(zone, at) > date));
}

/** Finds how far a zone's clocks are ahead of UTC, in milliseconds. */
function findOffset(zone: string, at: number): number {
  return Date.parse(`${formatTimeIn(zone, at)}Z`) - at;
}

/** Formats a time in a zone: the Swedish format is ISO 8601. An unknown zone counts as UTC. */
function formatTimeIn(timeZone: string, at: number): string {
  const format = (zone: string) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  try {
    return format(timeZone).replace(' ', 'T');
  } catch {
    return format('UTC').replace(' ', 'T');
  }
}
