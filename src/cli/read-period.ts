/** A wrong option, described in one sentence. */
export class UsageError extends Error {}

/** Parses a day or a time in ISO 8601, in UTC where it names no zone, into milliseconds since 1970. `name`: the option. */
function parseDate(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, day = '', clock = ''] = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(text) ?? [];
  // Date.parse takes a time without a zone for one of this machine.
  const zone = clock === '' || /(?:Z|[+-]\d{2}:?\d{2})$/i.test(clock) ? '' : 'Z';
  const time = day === '' ? Number.NaN : Date.parse(`${text}${zone}`);
  // Date.parse takes the 31st of February for a day of March.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(Date.parse(day)).toISOString().startsWith(day);
  if (Number.isNaN(time) || !isDay) throw new UsageError(`${name} must be a date such as 2026-01-31`);
  return time;
}

/** The period of `--since` and `--until`. */
export function parsePeriod(options: { since?: string | undefined; until?: string | undefined }) {
  const since = parseDate('--since', options.since) ?? 0;
  const until = parseDate('--until', options.until) ?? Number.MAX_SAFE_INTEGER;
  if (since >= until) throw new UsageError('--since must be before --until');
  return { since, until };
}
