import { findOpenFence } from './fences.ts';

const ELLIPSIS = '…';

/** At most `max` characters of `write(text)`, cut between graphemes and never inside the result of `write` for one. */
export function truncate(
  text: string,
  max: number,
  write: (part: string) => string = (part) => part,
): string {
  if (text.length <= max && write(text).length <= max) return write(text);
  let written = '';
  // A surrogate pair stays whole.
  const start = text.slice(0, /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max + 1 : max);
  for (const { segment, index } of graphemes.segment(start)) {
    // The last grapheme may be incomplete.
    if (index + segment.length === start.length && start.length < text.length) break;
    const next = write(segment);
    if (written.length + next.length > max - ELLIPSIS.length) break;
    written += next;
  }
  return max < ELLIPSIS.length ? '' : written + ELLIPSIS;
}

/** Characters of the longest grapheme that stays whole. */
const LONGEST_GRAPHEME = 100;

/** The end of the last grapheme before `max`. Reads only the text around `max`. */
export function findLastBoundary(text: string, max: number): number {
  const near = Math.max(0, max - LONGEST_GRAPHEME);
  // A surrogate pair stays whole.
  const from = near > 0 && /[\udc00-\udfff]/.test(text.charAt(near)) ? near - 1 : near;
  const around = graphemes.segment(text.slice(from, max + LONGEST_GRAPHEME));
  const start = around.containing(max - from)?.index ?? 0;
  if (start > 0) return from + start;
  return /[\udc00-\udfff]/.test(text.charAt(max)) ? max - 1 : max;
}

/** The end of a text, at most `max` characters, starting with a whole line or word if possible. */
export function truncateStart(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = text.slice(text.length - max + ELLIPSIS.length);
  const gap = /\s/.exec(end.slice(0, max / 2));
  // Without a space, the text starts after the first grapheme, which may be incomplete.
  const start = gap
    ? gap.index + 1
    : (graphemes.segment(end.slice(0, 100))[Symbol.iterator]().next().value?.segment.length ?? 1);
  return ELLIPSIS + end.slice(start).toWellFormed();
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
export interface Preview {
  shown: string;
  /** Characters that are not shown. */
  missing: number;
}

/**
 * The beginning of a Markdown text: at most `max` characters, and at most `lines` lines that are not blank. Cut at a
 * paragraph if possible, else at a line or a word. Does not end with a heading.
 */
export function previewMarkdown(markdown: string, max: number, lines = Number.POSITIVE_INFINITY): Preview {
  const few = takeLines(markdown, lines);
  if (few.length === markdown.length && markdown.length <= max) return { shown: markdown, missing: 0 };
  // The cut may have to close a fence.
  const room = max - CLOSED_FENCE.length;
  const start = few.slice(0, room);
  const gaps = ['\n\n', '\n', ' '].map((gap) => start.lastIndexOf(gap));
  // If there are too many lines, half of them are enough to end with a paragraph.
  const ends = few.length > room ? gaps : [...gaps.slice(0, 1), few.length];
  const least = Math.min(room, few.length) / 2;
  const end = ends.find((at) => at >= least && start.slice(0, at).trim() !== '');
  const whole = end === undefined ? truncate(markdown, room).slice(0, -ELLIPSIS.length) : start.slice(0, end);
  const fence = findOpenFence(whole);
  // In code, what looks like a heading is none.
  const kept = fence === undefined ? dropTrailingHeading(whole) : whole;
  // Any other fence ends with its text.
  const shown = fence === '```' ? kept + CLOSED_FENCE : kept;
  return { shown, missing: markdown.length - kept.length };
}

/** The beginning of a text with at most `lines` lines that are not blank. */
export function takeLines(text: string, lines: number): string {
  let left = lines;
  for (const { index } of text.matchAll(/\S[^\n]*/g)) {
    if (left <= 0) return text.slice(0, index).trimEnd();
    left -= 1;
  }
  return text;
}

/** Returns the text itself if it has only headings. */
function dropTrailingHeading(markdown: string): string {
  const lines = markdown.split('\n');
  while (lines.length > 0 && /^ {0,3}#{1,6}(?:\s|$)|^\s*$/.test(lines.at(-1) ?? '')) lines.pop();
  return lines.length > 0 ? lines.join('\n') : markdown;
}

const CLOSED_FENCE = '\n```';

/** Lines together, in texts of at most `max` characters; a longer line is cut in parts. */
export function packLines(lines: readonly string[], max: number): string[] {
  const texts: string[] = [];
  for (const part of lines.flatMap((line) => splitText(line, max))) {
    const last = texts.at(-1);
    if (last === undefined || last.length + 1 + part.length > max) texts.push(part);
    else texts[texts.length - 1] = `${last}\n${part}`;
  }
  return texts;
}

/** Splits a text into parts of at most `max` characters, between graphemes. */
export function splitText(text: string, most: number): string[] {
  // Less than one character would never end.
  const max = Math.max(1, most);
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.slice(at, at + max + LONGEST_GRAPHEME);
    const part = next.length > max ? next.slice(0, findLastBoundary(next, max)) : next;
    parts.push(part);
    at += part.length;
  }
  return parts;
}

/** Splits a text into parts of at most `max` characters, between words, as far as words are shorter than half a part. */
export function splitAtWords(text: string, most: number): string[] {
  const max = Math.max(1, most);
  const parts: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const space = rest.slice(0, max).search(/\s\S*$/);
    const [part = ''] = space > max / 2 ? [rest.slice(0, space + 1)] : splitText(rest.slice(0, 2 * max), max);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return rest === '' ? parts : [...parts, rest];
}
