import type { Stats } from '../../../approval/queries/stats.ts';
import { formatCount } from '../text/text.ts';

const DAY = 24 * 60 * 60_000;
/** 90 days, the longest period, touch 14 calendar weeks at most. */
const MAX_LINES = 14;
/** In characters, so that a line does not wrap on a phone. */
const LINE_WIDTH = 32;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

interface Bar {
  label: string;
  decisions: number;
}

/**
 * Decisions per day or, in a long period, per calendar week, as lines of label, number and bar. The bar is last, so
 * that a font with block elements of another width does not move the numbers. Pure.
 */
export function drawDecisionBars(days: Stats['days']): { per: 'day' | 'week'; lines: string[] } {
  return days.length > MAX_LINES
    ? { per: 'week', lines: drawBars(sumWeeks(days)) }
    : { per: 'day', lines: drawBars(days.map(({ from, ...day }) => ({ ...day, label: formatDay(from) }))) };
}

function drawBars(bars: readonly Bar[]): string[] {
  const most = Math.max(1, ...bars.map(({ decisions }) => decisions));
  const labelWidth = Math.max(...bars.map(({ label }) => label.length));
  const numberWidth = formatCount(most).length;
  const barWidth = Math.max(0, LINE_WIDTH - labelWidth - numberWidth - 2);
  return bars.map(({ label, decisions }) => {
    const number = formatCount(decisions).padStart(numberWidth);
    return `${label.padEnd(labelWidth)} ${number} ${drawBar((decisions / most) * barWidth)}`.trimEnd();
  });
}

function sumWeeks(days: Stats['days']): Bar[] {
  const weeks = new Map<number, number>();
  for (const { from, decisions } of days) {
    const monday = findMonday(from);
    weeks.set(monday, (weeks.get(monday) ?? 0) + decisions);
  }
  return [...weeks].map(([monday, decisions]) => ({
    label: `week of ${formatDayAndMonth(monday)}`,
    decisions,
  }));
}

/** The beginning of the calendar week in UTC. Day 0, 1 January 1970, is a Thursday. */
function findMonday(at: number): number {
  const day = Math.floor(at / DAY);
  return (day - ((day + 3) % 7)) * DAY;
}

/** Rounded up to an eighth of a character: one decision is visible beside thousands. */
function drawBar(width: number): string {
  const eighths = Math.ceil(width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

function formatDay(at: number): string {
  return `${new Date(at).toUTCString().slice(0, 3)} ${formatDayAndMonth(at)}`;
}

/** `toUTCString` has one format in every runtime: "Mon, 23 Nov 2026 00:00:00 GMT". */
function formatDayAndMonth(at: number): string {
  const [, day, month] = new Date(at).toUTCString().split(' ');
  return `${Number(day)} ${month}`;
}
