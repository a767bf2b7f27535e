import { type Spread, spread } from './statistics.ts';

/** A line of the table. */
export interface Row {
  /** Description of the measured value. */
  what: string;
  measured: Spread;
  /** `/s`, `ms`, `MB`, `calls` … */
  unit: string;
  /** The items of the spread; `runs` by default. */
  of?: string;
  /** The required value; absent in a row that is only a reference for others. */
  budget?: { words: string; met: boolean } | undefined;
  /** A value to compare with, measured in the same run. */
  reference?: string;
  /** Lines that --list prints below the table. */
  list?: readonly string[] | undefined;
}

const LIMITS = {
  atLeast: { sign: '≥', isMet: (median: number, limit: number) => median >= limit },
  atMost: { sign: '≤', isMet: (median: number, limit: number) => median <= limit },
  below: { sign: '<', isMet: (median: number, limit: number) => median < limit },
} as const;

type Limits = Partial<Record<keyof typeof LIMITS, number | undefined>>;

/** Builds a row from the values of several runs. The budget is a limit of their median, or is described in words. */
export function row(
  what: string,
  values: readonly number[],
  unit: string,
  { atLeast, atMost, below, ...more }: Limits & Partial<Row> = {},
): Row {
  const measured = spread(values);
  const [limit] = Object.entries({ atLeast, atMost, below }).flatMap(([name, value]) => {
    const { sign, isMet } = LIMITS[name as keyof typeof LIMITS];
    const words = `${sign} ${figure(value ?? 0)} ${unit}`.trim();
    return value === undefined ? [] : [{ words, met: isMet(measured.median, value) }];
  });
  return { what, measured, unit, budget: limit, ...more };
}

/** Formats a number for people: three significant digits, thousands separated. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function measuredText({ median, lowest, highest, runs }: Spread, unit: string, of = 'runs'): string {
  const middle = `${figure(median)} ${unit}`.trim();
  return runs === 1 ? middle : `${middle} (${figure(lowest)} to ${figure(highest)}, ${runs} ${of})`;
}

const HEADS = ['', 'measured: median (spread)', 'budget', 'met', 'beside it, in the same run'];

/** Writes the rows as a Markdown table that is also readable in a terminal. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, of, unit, budget, reference }) => [
    what,
    measuredText(measured, unit, of),
    budget?.words ?? '–',
    budget ? (budget.met ? 'yes' : 'NO') : '–',
    reference ?? '',
  ]);
  const widths = HEADS.map((head, column) =>
    Math.max(3, head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(HEADS), rule, ...cells.map(line)].join('\n');
}
