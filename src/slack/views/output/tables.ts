import { markdownTable } from 'markdown-table';
import stringWidth from 'string-width';
import { isFence, trackFence } from '../text/fences.ts';

const DELIMITERS = /^[ \t|:-]*$/;

/** Width of the widest aligned table, in characters. A phone would wrap a wider one, so its cells are listed. */
const WIDEST = 40;
/** Length of the longest rendered table, in characters. A longer table stays as written, because a block holds 3,000. */
const RENDERED_MAX = 2_800;

/** True if the line is the head of a Markdown table, followed by its delimiters. */
export function isTableHead(lines: readonly string[], at: number): boolean {
  const [head = '', delimiters = ''] = [lines[at], lines[at + 1]];
  if (!head.includes('|') || !delimiters.includes('|') || !DELIMITERS.test(delimiters)) return false;
  const columns = splitCells(delimiters);
  return columns.every((column) => /^:?-+:?$/.test(column)) && splitCells(head).length === columns.length;
}

/** Beginning of another block, which ends a table even if the line has bars. */
const OTHER_BLOCK = /^ {0,3}(?:#{1,6}|>|[-+*]|\d{1,9}[.)])[ \t]/;

export function isTableRow(line: string): boolean {
  return line.includes('|') && !isFence(line) && !OTHER_BLOCK.test(line);
}

/**
 * Replaces Markdown tables, which mrkdwn does not have, with aligned columns, or with a list of each row's cells if the rows are
 * too wide. Pure.
 */
export function alignTables(markdown: string): string {
  if (!markdown.includes('|')) return markdown;
  const lines = markdown.split('\n');
  const alignedLines: string[] = [];
  let fence: string | undefined;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    if (fence === undefined && isTableHead(lines, at)) {
      let end = at + 2;
      while (end < lines.length && isTableRow(lines[end] as string)) end += 1;
      alignedLines.push(...renderTable(lines.slice(at, end)));
      at = end;
      continue;
    }
    fence = trackFence(fence, line);
    alignedLines.push(line);
    at += 1;
  }
  return alignedLines.join('\n');
}

function renderTable(lines: readonly string[]): readonly string[] {
  const rows = lines.filter((_, index) => index !== 1).map((line) => splitCells(line).map(unescapeCell));
  const rendered = renderColumns(rows.map((row) => row.map(stripMarks))) ?? renderRows(rows);
  return rows.length === 1 || rendered.join('\n').length > RENDERED_MAX ? lines : rendered;
}

/** Renders the rows as aligned columns; undefined: the table would be too wide. */
function renderColumns(rows: readonly string[][]): string[] | undefined {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    }
  }
  const width = widths.reduce((sum, columnWidth) => sum + columnWidth + 3, 1);
  return width > WIDEST ? undefined : ['```', markdownTable(rows, { stringLength: stringWidth }), '```'];
}

/** Renders each row as a paragraph with a line for each cell. */
function renderRows([head = [], ...rows]: readonly string[][]): string[] {
  return rows.flatMap((row) => ['', ...renderRow(head, row)]);
}

function renderRow(head: readonly string[], row: readonly string[]): string[] {
  const columns = row.length > head.length ? row : head;
  return columns.map((_, column) => labelCell(head[column] ?? '', row[column] ?? '')).filter(Boolean);
}

function labelCell(name: string, cell: string): string {
  // Without the zero-width space, the cell could begin a block.
  if (name === '') return cell && `\u200b${cell}`;
  return `${MARKS.test(name) ? `${name}:` : `**${name}:**`} ${cell || '–'}`;
}

/** Marks of emphasis, code and links. */
const MARKS = /[*_`~[\]<>\\]/;

/** Splits a row at its bars. A bar after a backslash is text. */
function splitCells(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** Unescapes bars, and breaks three backticks, which would open a fence. */
function unescapeCell(cell: string): string {
  return cell.replace(/\\\|/g, '|').replace(/`{3,}/g, (fence) => [...fence].join('\u200b'));
}

/** Removes marks around a whole cell. Marks inside a cell may belong to a name, so they stay. */
function stripMarks(cell: string): string {
  return cell.replace(/^(\*\*|`)([^*`]+)\1$/, '$2');
}
