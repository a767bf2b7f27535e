import { markdownTable } from 'markdown-table';
import stringWidth from 'string-width';

export const FENCE = /^ {0,3}(`{3,20}|~{3,20})[^`~\n]*$/;
const DELIMITERS = /^[ \t|:-]*$/;

/** A wider row would be wrapped: its cells are listed. */
const WIDEST = 100;
/** A block holds 3,000: a table that needs more is shown as it is written. */
const MADE_MAX = 2_800;

/** Whether the head of a Markdown table stands there, with the line below it. */
export function isTableHead(lines: readonly string[], at: number): boolean {
  const [head = '', delimiters = ''] = [lines[at], lines[at + 1]];
  if (!head.includes('|') || !delimiters.includes('|') || !DELIMITERS.test(delimiters)) return false;
  const columns = splitCells(delimiters);
  return columns.every((column) => /^:?-+:?$/.test(column)) && splitCells(head).length === columns.length;
}

/** What begins another block ends a table, bars or not. */
const OTHER_BLOCK = /^ {0,3}(?:#{1,6}|>|[-+*]|\d{1,9}[.)])[ \t]/;

export function isTableRow(line: string): boolean {
  return line.includes('|') && !FENCE.test(line) && !OTHER_BLOCK.test(line);
}

/**
 * Markdown tables for where Slack shows none, since mrkdwn would make rows of bars of them: as text in columns, or as a
 * list of each row's cells where a row is too wide. Pure.
 */
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
      made.push(...renderTable(lines.slice(at, end)));
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

function renderTable(lines: readonly string[]): readonly string[] {
  const rows = lines.filter((_, index) => index !== 1).map((line) => splitCells(line).map(unescapeCell));
  const made = renderColumns(rows.map((row) => row.map(stripMarks))) ?? renderRows(rows);
  return rows.length === 1 || made.join('\n').length > MADE_MAX ? lines : made;
}

/** Undefined when it would be too wide. */
function renderColumns(rows: readonly string[][]): string[] | undefined {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    }
  }
  const width = widths.reduce((sum, one) => sum + one + 3, 1);
  return width > WIDEST ? undefined : ['```', markdownTable(rows, { stringLength: stringWidth }), '```'];
}

/** Each row as a paragraph: a line for each cell, after its column's name. */
function renderRows([head = [], ...rows]: readonly string[][]): string[] {
  const paragraph = (row: readonly string[]) => {
    const columns = row.length > head.length ? row : head;
    return columns.map((_, column) => labelCell(head[column] ?? '', row[column] ?? '')).filter(Boolean);
  };
  return rows.flatMap((row) => ['', ...paragraph(row)]);
}

function labelCell(name: string, cell: string): string {
  // At the beginning of a line it could begin a block.
  if (name === '') return cell && `\u200b${cell}`;
  return `${MARKS.test(name) ? `${name}:` : `**${name}:**`} ${cell || '–'}`;
}

/** Marks of emphasis, code and links. */
const MARKS = /[*_`~[\]<>\\]/;

/** What stands between the bars of a row; a bar after a backslash is text. */
function splitCells(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** A bar after a backslash is a bar; three backticks would open a fence. */
function unescapeCell(cell: string): string {
  return cell.replace(/\\\|/g, '|').replace(/`{3,}/g, (fence) => [...fence].join('\u200b'));
}

/** Without the marks of a cell that is bold or code as a whole: inside a cell they may be a name's own. */
function stripMarks(cell: string): string {
  return cell.replace(/^(\*\*|`)([^*`]+)\1$/, '$2');
}
