import type { KnownBlock } from '@slack/types';
import slackifyMarkdown from 'slackify-markdown';
import { isBlankText, type Output } from '../../../approval/model/output.ts';
import { section } from '../text/elements.ts';
import { clean, escapeText, sanitizeMarkdown } from '../text/escape.ts';
import { buildJsonBeginning } from './json.ts';
import { describeBlank, EMPTY_OUTPUT, renderMarkdown } from './output-blocks.ts';
import { alignTables } from './tables.ts';

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
 * only http and https links, and mentions nobody. Never blank: if the conversion would remove everything, the source stays.
 */
export function convertToMrkdwn(markdown: string): string {
  const converted = isTooMuchToConvert(markdown) ? undefined : slackify(markdown);
  const shown = converted === undefined || isBlankText(converted) ? escapeText(markdown) : converted;
  return isBlankText(shown) ? EMPTY_OUTPUT : shown;
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
