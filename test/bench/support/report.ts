import type { Spread } from './statistics.ts';

/** One line of the table. */
export interface Row {
  /** What was measured. */
  what: string;
  measured: Spread;
  /** What the spread is of: `runs`, if nothing else is said. */
  of?: string;
  /** `/s`, `ms`, `MB`, `calls` … */
  unit: string;
  /** What DESIGN.md asks for; absent in a row that is only a reference to others. */
  budget?: Budget;
  /** What it is to be read beside, measured in the same run. */
  reference?: string;
  /** What --list prints below the table. */
  list?: readonly string[];
}

export interface Budget {
  words: string;
  met: boolean;
}

export function atLeast(measured: Spread, least: number, unit: string): Budget {
  return { words: `≥ ${figure(least)} ${unit}`, met: measured.median >= least };
}

export function below(measured: Spread, limit: number, unit: string): Budget {
  return { words: `< ${figure(limit)} ${unit}`, met: measured.median < limit };
}

export function atMost(measured: Spread, most: number, unit: string): Budget {
  return { words: `≤ ${figure(most)} ${unit}`.trim(), met: measured.median <= most };
}

/** As a person reads a number: three digits that count, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function measuredText({ median, lowest, highest, runs }: Spread, unit: string, of = 'runs'): string {
  const middle = `${figure(median)} ${unit}`.trim();
  return runs === 1 ? middle : `${middle} (${figure(lowest)} to ${figure(highest)}, ${runs} ${of})`;
}

const HEADS = ['', 'measured: median (spread)', 'budget', 'met', 'beside it, in the same run'];

/** The rows as a Markdown table that also reads well in a terminal. */
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
