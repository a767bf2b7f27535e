import type { Output } from '../../../approval/model/output.ts';
import { clean } from '../text/escape.ts';
import { findLastBoundary } from '../text/truncate.ts';
import { formatJson, splitJson } from './json.ts';
import { FENCE, isTableHead, isTableRow } from './tables.ts';

/** Of a section's source; what it becomes has to fit into Slack's 3,000. */
const SECTION_MAX = 2_000;
/** Of a page, in characters. */
export const PAGE_MAX = 16_000;
const SECTIONS_A_PAGE = 30;

/**
 * An output cut into pages of sections that each fit into one block: Markdown at headings, else paragraphs, lines, words;
 * JSON at its lines.
 */
export function paginateOutput(output: Output): string[][] {
  if (output.kind === 'json') return packPages(splitJson(formatJson(output), SECTION_MAX));
  return packPages(splitSections(clean(output.text)));
}

/** Packs sections into pages. */
export function packPages<T extends { length: number }>(sections: readonly T[]): T[][] {
  const pages: T[][] = [[]];
  let size = 0;
  for (const section of sections) {
    const page = pages.at(-1) as T[];
    if (page.length > 0 && (size + section.length > PAGE_MAX || page.length >= SECTIONS_A_PAGE)) {
      pages.push([section]);
      size = section.length;
    } else {
      page.push(section);
      size += section.length;
    }
  }
  return pages;
}

/** Parts of a Markdown text; a fence that is cut is closed and opened again, a table has its head again. */
export function splitSections(markdown: string, max = SECTION_MAX): string[] {
  const sections: string[] = [];
  let lines: string[] = [];
  let size = 0;
  let fence: string | undefined;
  let table: string[] | undefined;
  /** More than the beginning that a fence or a table has again. */
  let written = false;
  const end = () => {
    const text = [...lines, ...(fence === undefined ? [] : [fence])].join('\n').trimEnd();
    if (written && text.trim() !== '' && text !== `${fence}\n${fence}`) sections.push(text);
    lines = fence === undefined ? [...(table ?? [])] : [fence];
    size = lines.join('\n').length;
    written = false;
  };
  const all = markdown.split('\n');
  for (const [at, line] of all.entries()) {
    if (table && !isTableRow(line)) table = undefined;
    const opener: string | undefined = FENCE.exec(line)?.[1];
    const heading = fence === undefined && /^#{1,3} /.test(line);
    const paragraph = fence === undefined && line.trim() === '' && size > max / 2;
    // In columns it is longer.
    const room = table ? max / 2 : max;
    const newTable = fence === undefined && isTableHead(all, at) && size > max / 2;
    if (heading || paragraph || newTable || size + line.length > room) end();
    for (const part of splitLine(line, max)) {
      if (size + part.length > max) end();
      lines.push(part);
      size += part.length + 1;
      written = true;
    }
    if (fence === undefined && line.includes('|') && isTableHead(all, at - 1)) {
      const head = all.slice(at - 1, at + 1);
      if (head.join('\n').length < max / 4) table = head;
    }
    if (opener !== undefined) {
      if (fence === undefined) fence = opener;
      else if (opener.startsWith(fence)) fence = undefined;
    }
  }
  end();
  return sections;
}

/** A line in parts of at most `max` characters, cut between words, else graphemes. */
function splitLine(line: string, max: number): string[] {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > max) {
    const space = rest.lastIndexOf(' ', max);
    const length = space > max / 2 ? space : findLastBoundary(rest, max);
    parts.push(rest.slice(0, Math.max(1, length)));
    rest = rest.slice(Math.max(1, length)).replace(/^ /, '');
  }
  return [...parts, rest];
}
