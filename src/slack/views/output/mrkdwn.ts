import type { KnownBlock } from '@slack/types';
import slackifyMarkdown from 'slackify-markdown';
import { isBlankText, type Output } from '../../../approval/model/output.ts';
import { section } from '../text/elements.ts';
import { clean, escapeText, sanitizeMarkdown } from '../text/escape.ts';
import { buildJsonBeginning } from './json.ts';
import { describeBlank, EMPTY_OUTPUT, renderMarkdown } from './output-blocks.ts';
import { alignTables } from './tables.ts';

/** A part of a Markdown text for one block, of at most `max` characters: as it is written where it would be longer. Never blank. */
export function convertPart(markdown: string, max: number): string {
  const converted = convertToMrkdwn(markdown);
  return converted.length <= max ? converted : escapeText(markdown, max);
}

/** `cut`: not all of the output. */
export interface Beginning {
  blocks: KnownBlock[];
  cut: boolean;
}

/** The beginning of an output: so many characters of it, and so many as they are written. JSON stays JSON. */
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
  // Escapes can fill the block before the text ends.
  return { blocks: [section(text)], cut: text !== convertToMrkdwn(shown) && text !== escapeText(shown) };
}

/** A link as mrkdwn writes it. */
const LINK = /<(https?:\/\/[^\s<>|]+)(?:\|([^<>|]*))?>/g;

/**
 * Markdown from outside as Slack's mrkdwn, for modals and the home tab, which take no `markdown` block. Only links to
 * http and https stay; nothing in it mentions anyone. Never blank: what the conversion would leave nothing of is shown
 * as it is written.
 */
export function convertToMrkdwn(markdown: string): string {
  const converted = isTooMuchToConvert(markdown) ? undefined : slackify(markdown);
  const shown = converted === undefined || isBlankText(converted) ? escapeText(markdown) : converted;
  return isBlankText(shown) ? EMPTY_OUTPUT : shown;
}

/** A block holds no more. */
const LONGEST = 4_000;
/** Quotes and lists that open in one line, and the space before a list's line: the parser's work grows with the square of them. */
const NESTED = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))){12}|^[ \t]{40,}(?:[-+*]|\d{1,9}[.)])[ \t]/m;
/** Each mark of emphasis, link or code is held against those before it. */
const MARKS = /[*_~`[\]]/g;
const MOST_MARKS = 400;

/** Whether converting it would take long: nobody writes so for people. */
function isTooMuchToConvert(markdown: string): boolean {
  if (markdown.length > LONGEST || NESTED.test(markdown)) return true;
  return (markdown.match(MARKS)?.length ?? 0) > MOST_MARKS;
}

/** Undefined for what the parser stumbles over. */
function slackify(markdown: string): string | undefined {
  let converted: string;
  try {
    converted = slackifyMarkdown(sanitizeMarkdown(alignTables(markdown)));
  } catch {
    return undefined;
  }
  const links: string[] = [];
  // What the converter writes between a list and a code block that follow each other.
  if (!markdown.includes('<!---->')) converted = converted.replace(/^<!---->\n\n?/gm, '');
  const marked = clean(converted).replace(LINK, (link) => `\u0001${links.push(link) - 1}\u0002`);
  const kept = marked
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/(?<!^|\n)>/g, '&gt;');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: `clean` has left none but ours
  return kept.replace(/\u0001(\d+)\u0002/g, (_, index) => links[Number(index)] ?? '').trimEnd();
}
