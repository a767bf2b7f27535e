const DAY_STARTS_AT = 8;
const DAY_ENDS_AT = 20;
const MINUTES_PER_DAY = 24 * 60;

/** How long until daytime (8:00 to 20:00) in a time zone, in milliseconds; 0 in daytime or if the zone is unknown. */
export function computeTimeUntilDay(timeZone: string | undefined, now: number): number {
  const minutes = timeZone === undefined ? undefined : readMinutesOfDay(timeZone, now);
  if (minutes === undefined || (minutes >= DAY_STARTS_AT * 60 && minutes < DAY_ENDS_AT * 60)) return 0;
  return ((DAY_STARTS_AT * 60 - minutes + MINUTES_PER_DAY) % MINUTES_PER_DAY) * 60_000;
}

function readMinutesOfDay(timeZone: string, now: number): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const [hours = '', minutes = ''] = format.format(now).split(':');
    return Number(hours) * 60 + Number(minutes);
  } catch {
    return undefined;
  }
}
