import type { KnownBlock } from '@slack/types';
import slackifyMarkdown from 'slackify-markdown';
import { isBlankText, type Output } from '../../../approval/model/output.ts';
import { en as texts } from '../../texts/en.ts';
import { section } from '../text/elements.ts';
import { clean, escapeText, sanitizeMarkdown } from '../text/escape.ts';
import { buildJsonBeginning } from './json.ts';
import { describeBlank, renderMarkdown } from './output-blocks.ts';
import { alignTables, trackFence } from './tables.ts';

/** Converts Markdown for one block of at most `max` characters, or returns its source if that is too long. Never blank. */
export function convertPart(markdown: string, max: number): string {
  const converted = convertToMrkdwn(markdown);
  return converted.length <= max ? converted : escapeText(markdown, max);
}

/** `cut`: a part of the output is missing. */
export interface Beginning {
  blocks: KnownBlock[];
  cut: boolean;
}

/** The beginning of an output. `shown`: characters of the source; `written`: characters of the block. JSON stays JSON. */
export function buildBeginning(
  output: Output,
  { shown: max, written }: { shown: number; written: number },
): Beginning {
  const blank = describeBlank(output);
  if (blank) return { blocks: [section(blank)], cut: false };
  if (output.kind === 'json') return buildJsonBeginning(output, max);
  const { shown, missing } = renderMarkdown(output, max);
  const text = convertPart(shown, written);
  if (missing > 0) return { blocks: [section(`${text} …`)], cut: true };
  // Escapes can fill the block before the text is complete.
  return { blocks: [section(text)], cut: text !== convertToMrkdwn(shown) && text !== escapeText(shown) };
}

/** A link in mrkdwn. */
const LINK = /<(https?:\/\/[^\s<>|]+)(?:\|([^<>|]*))?>/g;

/**
 * Converts Markdown from outside to Slack's mrkdwn, because modals and the home tab do not accept `markdown` blocks. Keeps
 * only http and https links, and mentions nobody. A paragraph or list item that cannot be converted without hiding a part
 * of it stays as its source. Never blank.
 */
export function convertToMrkdwn(markdown: string): string {
  let attempts = MOST_ATTEMPTS;
  // Halving finds one bad piece in few attempts.
  const convert = (pieces: readonly string[]): string => {
    const source = pieces.join('');
    attempts -= 1;
    const converted = attempts < 0 ? undefined : convertWhole(source);
    if (converted !== undefined) return converted + source.slice(source.trimEnd().length);
    if (pieces.length === 1 || attempts <= 0) return escapeText(source);
    const half = Math.ceil(pieces.length / 2);
    return convert(pieces.slice(0, half)) + convert(pieces.slice(half));
  };
  const shown = convert(splitPieces(markdown.trimEnd()));
  return isBlankText(shown) ? texts.reading.emptyOutput : shown;
}

/** Each takes a few milliseconds. */
const MOST_ATTEMPTS = 24;
const LIST_ITEM = /^(?:[-+*]|\d{1,9}[.)])[ \t]/;

/** Splits Markdown before paragraphs and list items, never inside a fence. */
function splitPieces(markdown: string): string[] {
  const pieces: string[] = [];
  let fence: string | undefined;
  let isAfterBlank = true;
  for (const line of markdown.split(/(?<=\n)/)) {
    const starts = fence === undefined && (LIST_ITEM.test(line) || (isAfterBlank && /^\S/.test(line)));
    if (starts || pieces.length === 0) pieces.push(line);
    else pieces[pieces.length - 1] += line;
    isAfterBlank = line.trim() === '';
    fence = trackFence(fence, line.trimEnd());
  }
  return pieces;
}

/** Undefined if the conversion fails, takes too long or would hide a part of the text. */
function convertWhole(markdown: string): string | undefined {
  if (isTooMuchToConvert(markdown)) return undefined;
  const marked = replaceTaskMarks(markdown);
  const converted = slackify(marked);
  if (converted === undefined || isBlankText(converted)) return undefined;
  const hides = countLetters(converted) < countLetters(marked) - countDroppedLetters(marked);
  return hides ? undefined : converted;
}

const FENCED_OR_TASK =
  /(^ *(`{3,}|~{3,})[\s\S]*?(?:\n *\2|(?![\s\S])))|(^[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t]+)\[([ xX])\](?=[ \t]+\S)/gm;

/** The converter would drop the marks, and done and open tasks would look the same. */
function replaceTaskMarks(markdown: string): string {
  return markdown.replace(FENCED_OR_TASK, (whole, fenced, _, item, mark) =>
    fenced === undefined ? `${item}${mark === ' ' ? '☐' : '☑'}` : whole,
  );
}

/** The language of a fence and the title of a link, which mrkdwn does not have. */
const DROPPED = [
  /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})([^`\n]*)$/gm,
  /\]\([^\s]+[ \t]+("[^"\n]*"|'[^'\n]*'|\([^()\n]*\))[ \t]*\)/g,
];

function countDroppedLetters(markdown: string): number {
  const dropped = DROPPED.flatMap((form) => [...markdown.matchAll(form)].map(([, part = '']) => part));
  return countLetters(dropped.join(''));
}

function countLetters(text: string): number {
  // A bare URL becomes a link that has it twice.
  const once = text.replace(/<([^<>|]+)\|\1>/g, '$1').replace(/&(?:amp|lt|gt);/g, '');
  return once.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** Characters of a block. */
const LONGEST = 4_000;
/** Nested quotes and lists in one line, and indentation: the parser's time grows with the square of their number. */
const NESTED = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))){12}|^[ \t]{40,}(?:[-+*]|\d{1,9}[.)])[ \t]/m;
/** The parser compares each mark of emphasis, link or code with all marks before it. */
const MARKS = /[*_~`[\]]/g;
const MOST_MARKS = 400;

/** Whether the conversion would take long, which is not the case for text that people write. */
function isTooMuchToConvert(markdown: string): boolean {
  if (markdown.length > LONGEST || NESTED.test(markdown)) return true;
  return (markdown.match(MARKS)?.length ?? 0) > MOST_MARKS;
}

/** Undefined if the parser fails. */
function slackify(markdown: string): string | undefined {
  let converted: string;
  try {
    converted = slackifyMarkdown(sanitizeMarkdown(alignTables(markdown)));
  } catch {
    return undefined;
  }
  const links: string[] = [];
  // The converter writes this comment between a list and a code block.
  if (!markdown.includes('<!---->')) converted = converted.replace(/^<!---->\n\n?/gm, '');
  const marked = clean(converted).replace(LINK, (link) => `\u0001${links.push(link) - 1}\u0002`);
  const kept = marked
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/(?<!^|\n)>/g, '&gt;');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: `clean` removed every other control character
  return kept.replace(/\u0001(\d+)\u0002/g, (_, index) => links[Number(index)] ?? '').trimEnd();
}

/** Slack's limit for a section, in characters. */
const LONGEST_SECTION = 3_000;

/** Converts a section of Markdown to texts that each fit into one block, because escapes make it longer. */
export function convertSection(markdown: string): string[] {
  return splitUntilFits(markdown, convertToMrkdwn);
}

/** The same without conversion, which takes no time. */
export function escapeSection(markdown: string): string[] {
  return splitUntilFits(markdown, (part) => escapeText(part));
}

function splitUntilFits(markdown: string, write: (part: string) => string): string[] {
  if (isBlankText(markdown)) return [];
  const text = write(markdown);
  if (text.length <= LONGEST_SECTION) return [text];
  const points = [...markdown];
  const half = Math.ceil(points.length / 2);
  return [points.slice(0, half), points.slice(half)].flatMap((part) => splitUntilFits(part.join(''), write));
}
