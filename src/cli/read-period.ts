/** A wrong option; the message is one sentence. */
export class UsageError extends Error {}

/** Parses an ISO 8601 day or time, in UTC without a zone, into milliseconds since 1970. `name`: name of the option. */
function parseDate(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, day = '', clock = ''] = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(text) ?? [];
  // Date.parse reads a time without a zone as local time.
  const zone = clock === '' || /(?:Z|[+-]\d{2}:?\d{2})$/i.test(clock) ? '' : 'Z';
  const time = day === '' ? Number.NaN : Date.parse(`${text}${zone}`);
  // Date.parse reads February 31 as a day of March.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(Date.parse(day)).toISOString().startsWith(day);
  if (Number.isNaN(time) || !isDay) throw new UsageError(`${name} must be a date such as 2026-01-31`);
  return time;
}

/** Reads the period from `--since` and `--until`. Throws a UsageError. */
export function parsePeriod(options: { since?: string | undefined; until?: string | undefined }) {
  const since = parseDate('--since', options.since) ?? 0;
  const until = parseDate('--until', options.until) ?? Number.MAX_SAFE_INTEGER;
  if (since >= until) throw new UsageError('--since must be before --until');
  return { since, until };
}
