const DAY_BEGINS = 8;
const DAY_ENDS = 20;
const MINUTES_A_DAY = 24 * 60;

/** How long until it is day in a time zone (8 to 20 o'clock), in milliseconds; 0 when it is, or the zone is unknown. */
export function untilDay(timeZone: string | undefined, now: number): number {
  const minutes = timeZone === undefined ? undefined : minutesOfDay(timeZone, now);
  if (minutes === undefined || (minutes >= DAY_BEGINS * 60 && minutes < DAY_ENDS * 60)) return 0;
  return ((DAY_BEGINS * 60 - minutes + MINUTES_A_DAY) % MINUTES_A_DAY) * 60_000;
}

function minutesOfDay(timeZone: string, now: number): number | undefined {
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
