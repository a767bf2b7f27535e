import { findOpenFence } from './fences.ts';

const ELLIPSIS = '…';

/** Returns at most `max` characters of `write(text)`. Cuts between graphemes, never inside what `write` makes of one. */
export function truncate(
  text: string,
  max: number,
  write: (part: string) => string = (part) => part,
): string {
  if (text.length <= max && write(text).length <= max) return write(text);
  let truncated = '';
  // Never cut inside a surrogate pair.
  const start = text.slice(0, /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max + 1 : max);
  for (const { segment, index } of graphemes.segment(start)) {
    // The last grapheme may be incomplete.
    if (index + segment.length === start.length && start.length < text.length) break;
    const nextPart = write(segment);
    if (truncated.length + nextPart.length > max - ELLIPSIS.length) break;
    truncated += nextPart;
  }
  return max < ELLIPSIS.length ? '' : truncated + ELLIPSIS;
}

/** Length of the longest grapheme that is never cut, in characters. */
const LONGEST_GRAPHEME = 100;

/** Finds the end of the last grapheme that ends at or before `max`. Reads only the text around `max`. */
export function findLastBoundary(text: string, max: number): number {
  const near = Math.max(0, max - LONGEST_GRAPHEME);
  // Never start inside a surrogate pair.
  const from = near > 0 && /[\udc00-\udfff]/.test(text.charAt(near)) ? near - 1 : near;
  const around = graphemes.segment(text.slice(from, max + LONGEST_GRAPHEME));
  const start = around.containing(max - from)?.index ?? 0;
  if (start > 0) return from + start;
  return /[\udc00-\udfff]/.test(text.charAt(max)) ? max - 1 : max;
}

/** Returns the end of a text, at most `max` characters. Starts with a whole line or word if possible. */
export function keepEnd(text: string, max: number): string {
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
  /** Number of characters that are not shown. */
  missing: number;
}

/**
 * Returns the beginning of a Markdown text: at most `max` characters and at most `lines` lines that are not blank. Cuts at a
 * paragraph if possible, else at a line or a word. Does not end with a heading.
 */
export function previewMarkdown(markdown: string, max: number, lines = Number.POSITIVE_INFINITY): Preview {
  const firstLines = takeLines(markdown, lines);
  if (firstLines.length === markdown.length && markdown.length <= max) return { shown: markdown, missing: 0 };
  // The cut may have to close a fence.
  const room = max - CLOSED_FENCE.length;
  const start = firstLines.slice(0, room);
  const gaps = ['\n\n', '\n', ' '].map((gap) => start.lastIndexOf(gap));
  // If only the lines are too many, cut at a paragraph in their second half, else after the last allowed line.
  const ends = firstLines.length > room ? gaps : [...gaps.slice(0, 1), firstLines.length];
  const earliestEnd = Math.min(room, firstLines.length) / 2;
  const end = ends.find((at) => at >= earliestEnd && start.slice(0, at).trim() !== '');
  const beginning =
    end === undefined ? truncate(markdown, room).slice(0, -ELLIPSIS.length) : start.slice(0, end);
  const fence = findOpenFence(beginning);
  // Inside a code block, `#` does not begin a heading.
  const withoutHeading = fence === undefined ? dropTrailingHeading(beginning) : beginning;
  // Any other open fence needs no closing mark: the end of the text closes it.
  const shown = fence === '```' ? withoutHeading + CLOSED_FENCE : withoutHeading;
  return { shown, missing: markdown.length - withoutHeading.length };
}

/** Returns the beginning of a text, with at most `lines` lines that are not blank. */
export function takeLines(text: string, lines: number): string {
  let remainingLines = lines;
  for (const { index } of text.matchAll(/\S[^\n]*/g)) {
    if (remainingLines <= 0) return text.slice(0, index).trimEnd();
    remainingLines -= 1;
  }
  return text;
}

/** Drops headings and blank lines from the end. Returns the text itself if there is nothing else. */
function dropTrailingHeading(markdown: string): string {
  const lines = markdown.split('\n');
  while (lines.length > 0 && /^ {0,3}#{1,6}(?:\s|$)|^\s*$/.test(lines.at(-1) ?? '')) lines.pop();
  return lines.length > 0 ? lines.join('\n') : markdown;
}

const CLOSED_FENCE = '\n```';

/** Joins lines to texts of at most `max` characters. Splits a line that is longer. */
export function packLines(lines: readonly string[], max: number): string[] {
  const texts: string[] = [];
  for (const part of lines.flatMap((line) => splitText(line, max))) {
    const lastText = texts.at(-1);
    if (lastText === undefined || lastText.length + 1 + part.length > max) texts.push(part);
    else texts[texts.length - 1] = `${lastText}\n${part}`;
  }
  return texts;
}

/** Splits a text into parts of at most `max` characters, between graphemes. */
export function splitText(text: string, max: number): string[] {
  // With less than one character per part, the loop would never end.
  const size = Math.max(1, max);
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const chunk = text.slice(at, at + size + LONGEST_GRAPHEME);
    const part = chunk.length > size ? chunk.slice(0, findLastBoundary(chunk, size)) : chunk;
    parts.push(part);
    at += part.length;
  }
  return parts;
}

/** Splits a text into parts of at most `max` characters: after a blank in the second half of a part, else between graphemes. */
export function splitAtWords(text: string, max: number): string[] {
  const size = Math.max(1, max);
  const parts: string[] = [];
  let rest = text;
  while (rest.length > size) {
    const space = rest.slice(0, size).search(/\s\S*$/);
    const [part = ''] =
      space > size / 2 ? [rest.slice(0, space + 1)] : splitText(rest.slice(0, 2 * size), size);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return rest === '' ? parts : [...parts, rest];
}
