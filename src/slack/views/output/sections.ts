import type { Output } from '../../../approval/model/output.ts';
import type { Texts } from '../../texts/texts.ts';
import { clean } from '../text/escape.ts';
import { trackFence } from '../text/fences.ts';
import { findLastBoundary } from '../text/truncate.ts';
import { splitJson } from './json.ts';
import { isTableHead, isTableRow } from './tables.ts';
import { writeOutput } from './write-output.ts';

/** Characters of the source of a section: the converted text must fit into Slack's 3,000. */
export const SECTION_MAX = 2_000;
/** Characters of a page. */
const PAGE_MAX = 16_000;
/** Keeps a page with a question's message, entered values and buttons below Slack's 100 blocks: a section can become several. */
const SECTIONS_PER_PAGE = 20;

/**
 * Up to this length, in characters, a whole output is split into sections, which are packed into pages. A longer output is first
 * cut into pages, and only the shown page is split into sections.
 */
const LONGEST_SPLIT = 64 * 1_024;

/** Picks the page that a person turned to, or the last one if there are fewer pages now. */
export function pickPage<T>(pages: readonly T[], page: number): Page<T> {
  const at = Math.min(page, pages.length - 1);
  return { shown: pages[at], page: at, of: pages.length };
}

interface Page<T> {
  shown: T | undefined;
  page: number;
  of: number;
}

/**
 * Picks a page of an output: sections that usually fit into one block each (`convertSection` splits the others). Splits Markdown
 * at headings, else at paragraphs, lines or words, and JSON at lines, else at words.
 */
export function pickOutputPage(texts: Texts, output: Output, page: number): Page<string[]> {
  const split = (text: string) =>
    output.kind === 'json' ? splitJson(text, SECTION_MAX) : splitSections(text);
  if (output.text.length <= LONGEST_SPLIT)
    return pickPage(packPages(split(clean(writeOutput(texts, output)))), page);
  const { shown, ...place } = pickPage(splitIntoPages(output.text), page);
  const sections = shown === undefined ? undefined : split(clean(shown));
  // Short sections, such as those of many headings, share a block.
  const isDense = sections !== undefined && sections.length > SECTIONS_PER_PAGE;
  return { ...place, shown: isDense ? packParts(sections, '\n\n') : sections };
}

/** Joins neighboring parts up to about `max` characters: the separator that is added last is not counted. */
export function packParts(parts: readonly string[], separator: string, max = SECTION_MAX): string[] {
  const packed: string[] = [];
  for (const part of parts) {
    const lastPart = packed.at(-1);
    if (lastPart !== undefined && lastPart.length + part.length < max)
      packed[packed.length - 1] = `${lastPart}${separator}${part}`;
    else packed.push(part);
  }
  return packed;
}

/** Splits a text into pages, at the end of a line or word if possible. Fast, even for the longest output. */
function splitIntoPages(text: string): string[] {
  const pages: string[] = [];
  let at = 0;
  while (text.length - at > PAGE_MAX) {
    const chunk = text.slice(at, at + 2 * PAGE_MAX);
    const ends = [chunk.slice(0, PAGE_MAX).lastIndexOf('\n'), chunk.slice(0, PAGE_MAX).lastIndexOf(' ')];
    const end = ends.find((position) => position > PAGE_MAX / 2) ?? findLastBoundary(chunk, PAGE_MAX);
    pages.push(chunk.slice(0, end));
    at += end;
  }
  return [...pages, text.slice(at)];
}

/** Packs sections into pages: at most 20, and 16,000 characters unless a single section is longer. */
export function packPages<T extends { length: number }>(sections: readonly T[]): T[][] {
  const pages: T[][] = [[]];
  let size = 0;
  for (const section of sections) {
    const page = pages.at(-1) as T[];
    if (page.length > 0 && (size + section.length > PAGE_MAX || page.length >= SECTIONS_PER_PAGE)) {
      pages.push([section]);
      size = section.length;
    } else {
      page.push(section);
      size += section.length;
    }
  }
  return pages;
}

/** Splits a Markdown text. A cut closes a fence and opens it again, and repeats the head of a table unless it is long. */
export function splitSections(markdown: string, max = SECTION_MAX): string[] {
  const writer = new SectionWriter(max);
  const lines = markdown.split('\n');
  for (const at of lines.keys()) writer.write(lines, at);
  return writer.end();
}

class SectionWriter {
  private readonly max: number;
  private readonly sections: string[] = [];
  private lines: string[] = [];
  private size = 0;
  /** Marks of the fence that contains the next line, such as ```. */
  private fenceMarks: string | undefined;
  /** Head and delimiters of the table that contains the next line; undefined: no table, or a head too long to repeat. */
  private table: string[] | undefined;
  /** True if the section has lines of its own, besides a fence opening or a table head that `endSection` repeated. */
  private hasContent = false;

  constructor(max: number) {
    this.max = max;
  }

  write(lines: readonly string[], at: number): void {
    const { max } = this;
    const line = lines[at] as string;
    if (this.table && !isTableRow(line)) this.table = undefined;
    // A table becomes longer when its columns are aligned.
    const room = this.table ? max / 2 : max;
    if (this.startsSection(lines, at) || this.size + line.length > room) this.endSection();
    for (const part of splitLine(line, max)) {
      if (this.size + part.length > max) this.endSection();
      this.lines.push(part);
      this.size += part.length + 1;
      this.hasContent = true;
    }
    this.trackTable(lines, at);
    this.fenceMarks = trackFence(this.fenceMarks, line);
  }

  end(): string[] {
    this.endSection();
    return this.sections;
  }

  /** True if the line starts a section: a heading of level 1 to 3 does, a paragraph or table only if the section is half full. */
  private startsSection(lines: readonly string[], at: number): boolean {
    const line = lines[at] as string;
    if (this.fenceMarks !== undefined) return false;
    if (/^#{1,3} /.test(line)) return true;
    return this.size > this.max / 2 && (line.trim() === '' || isTableHead(lines, at));
  }

  private endSection(): void {
    const { fenceMarks, table, lines } = this;
    const text = [...lines, ...(fenceMarks === undefined ? [] : [fenceMarks])].join('\n').trimEnd();
    if (this.hasContent && text.trim() !== '' && text !== `${fenceMarks}\n${fenceMarks}`)
      this.sections.push(text);
    this.lines = fenceMarks === undefined ? [...(table ?? [])] : [fenceMarks];
    this.size = this.lines.join('\n').length;
    this.hasContent = false;
  }

  private trackTable(lines: readonly string[], at: number): void {
    if (this.fenceMarks !== undefined || !lines[at]?.includes('|') || !isTableHead(lines, at - 1)) return;
    const head = lines.slice(at - 1, at + 1);
    if (head.join('\n').length < this.max / 4) this.table = head;
  }
}

/** Splits a line into parts of at most `max` characters, between words, else between graphemes. */
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
