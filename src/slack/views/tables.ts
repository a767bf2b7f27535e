import { markdownTable } from 'markdown-table';
import stringWidth from 'string-width';

export const FENCE = /^ {0,3}(`{3,20}|~{3,20})[^`~\n]*$/;
const DELIMITERS = /^[ \t|:-]*$/;

/** A wider row is shown as it is written: it would be wrapped either way. */
const WIDEST = 100;
/** A block holds 3,000: columns that need more are shown as they are written. */
const ALIGNED_MAX = 2_800;

/** Whether the head of a Markdown table stands there, with the line below it. */
export function isTableHead(lines: readonly string[], at: number): boolean {
  const [head = '', delimiters = ''] = [lines[at], lines[at + 1]];
  if (!head.includes('|') || !delimiters.includes('|') || !DELIMITERS.test(delimiters)) return false;
  const columns = cellsOf(delimiters);
  return columns.every((column) => /^:?-+:?$/.test(column)) && cellsOf(head).length === columns.length;
}

/** What begins another block ends a table, bars or not. */
const OTHER_BLOCK = /^ {0,3}(?:#{1,6}|>|[-+*]|\d{1,9}[.)])[ \t]/;

export function isTableRow(line: string): boolean {
  return line.includes('|') && !FENCE.test(line) && !OTHER_BLOCK.test(line);
}

/** Markdown tables as text in columns, for where Slack shows none: mrkdwn would make rows of bars of them. Pure. */
export function alignTables(markdown: string): string {
  if (!markdown.includes('|')) return markdown;
  const lines = markdown.split('\n');
  const made: string[] = [];
  let fence: string | undefined;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    if (fence === undefined && isTableHead(lines, at)) {
      let end = at + 2;
      while (end < lines.length && isTableRow(lines[end] as string)) end += 1;
      made.push(...aligned(lines.slice(at, end)));
      at = end;
      continue;
    }
    const opener = FENCE.exec(line)?.[1];
    if (fence === undefined) fence = opener;
    else if (opener?.startsWith(fence)) fence = undefined;
    made.push(line);
    at += 1;
  }
  return made.join('\n');
}

function aligned(lines: readonly string[]): readonly string[] {
  const rows = lines.filter((_, index) => index !== 1).map((line) => cellsOf(line).map(shownCell));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    }
  }
  const width = widths.reduce((sum, one) => sum + one + 3, 1);
  if (width > WIDEST || width * lines.length > ALIGNED_MAX) return lines;
  return ['```', markdownTable(rows, { stringLength: stringWidth }), '```'];
}

/** What stands between the bars of a row; a bar after a backslash is text. */
function cellsOf(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** Without the marks of a cell that is bold or code as a whole: inside a cell they may be a name's own. */
function shownCell(cell: string): string {
  const text = cell.replace(/\\\|/g, '|').replace(/^(\*\*|`)([^*`]+)\1$/, '$2');
  return text.replace(/`{3,}/g, (fence) => [...fence].join('\u200b'));
}
