import { Lexer, type Token, type Tokens } from 'marked';
import { isBlankText } from '../../../approval/model/output.ts';
import type { Texts } from '../../texts/texts.ts';
import {
  breakMentions,
  clean,
  decodeNumber,
  escapeCleaned,
  escapeText,
  isUnseenEntity,
} from '../text/escape.ts';
import { readsAsOtherHost, showHosts } from '../text/link-targets.ts';
import { packParts, splitSections } from './sections.ts';
import { alignTables } from './tables.ts';

/**
 * Converts Markdown for one block of at most `max` characters. Returns the source, cut, if the result is too long. Never blank.
 */
export function convertPart(texts: Texts, markdown: string, max: number): string {
  const converted = convertToMrkdwn(texts, markdown);
  return converted.length <= max ? converted : escapeText(markdown, max);
}

/**
 * Converts Markdown from outside to Slack's mrkdwn, because modals and the home tab do not accept `markdown` blocks. Links
 * only to http and https, and mentions nobody. Syntax that mrkdwn does not have stays as its source. Never blank.
 */
export function convertToMrkdwn(texts: Texts, markdown: string): string {
  const source = clean(markdown).trimEnd();
  const converted = takesLong(source) ? '' : breakMentions(writeBlocks(MRKDWN, parseMarkdown(source)));
  if (!isBlankText(converted)) return converted;
  return isBlankText(source) ? texts.reading.emptyOutput : escapeCleaned(source);
}

/** Renders Markdown as people read it: without marks, links with their URLs. Parts that take long to parse stay as source. */
export function renderPlainText(markdown: string): string {
  return splitSections(clean(markdown))
    .map((part) =>
      takesLong(part) ? part : writeBlocks(PLAIN_TEXT, parseMarkdown(part)).replace(CELL_SPACES, ''),
    )
    .join('\n\n');
}

/** Zero-width spaces that keep the cells of a table from being read as Markdown (tables.ts). */
const CELL_SPACES = /(?<=^|`)\u200b/gm;

/** Functions that write the parts of a text in a format. */
interface Format {
  escape: (text: string) => string;
  heading: (text: string) => string;
  fence: (code: string) => string;
  quote: (text: string) => string;
  strong: (text: string) => string;
  em: (text: string) => string;
  del: (text: string) => string;
  code: (text: string) => string;
  link: (link: ShownLink) => string;
}

/** A link. `label`: in the marks of the format; `read`: the label as people read it; `raw`: Markdown source of the link. */
interface ShownLink {
  label: string;
  read: string;
  url: string;
  title: string;
  raw: string;
}

/** The format mrkdwn. Zero-width spaces make Slack accept a mark inside a word. */
const MRKDWN: Format = {
  escape: (text) => escapeCleaned(text),
  heading: (text) => `*${text}*`,
  fence: (code) => `\`\`\`\n${code}\n\`\`\``,
  quote: (text) => text.replace(/^/gm, '> '),
  strong: (text) => `\u200b*${text}*\u200b`,
  em: (text) => `\u200b_${text}_\u200b`,
  del: (text) => `\u200b~${text}~\u200b`,
  code: (text) => `\`${text}\``,
  link: writeLink,
};
const asIs = (text: string) => text;
const PLAIN_TEXT: Format = {
  escape: asIs,
  heading: asIs,
  fence: asIs,
  quote: asIs,
  strong: asIs,
  em: asIs,
  // Keep these marks: without them, struck-out text would read as valid.
  del: (text) => `~~${text}~~`,
  code: asIs,
  link: ({ label, url, title }) => (label === '' || label === url ? url : `${label} (${url})`) + title,
};

const takesLong = (source: string) => source.length > LONGEST_SOURCE || NESTED.test(source);
/** Longest source that is parsed, in characters. */
const LONGEST_SOURCE = 4_000;
/** Deeply nested quotes and lists in one line, or a deep indentation: the parser's time grows with the square of the depth. */
const NESTED = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))){12}|^[ \t]{40,}(?:[-+*]|\d{1,9}[.)])[ \t]/m;
/** Marks that make the parser slow: it compares each mark of emphasis, link or code with all marks before, and looks for URLs. */
const MARKS = /[*_~`[\]@]|www\.|:\/\//g;
const MAX_MARKS = 400;
/** A word that makes the parser slow: it looks for an email address from each character. */
const LONG_WORD = /[^\s@]{200}@/;

/** Parses Markdown. Inline text that would take long, which no person writes, stays as its source. */
function parseMarkdown(markdown: string): Token[] {
  const lexer = new Lexer();
  const blocks = lexer.blockTokens(alignTables(markdown));
  for (const { src, tokens } of lexer.inlineQueue) {
    if (LONG_WORD.test(src) || (src.match(MARKS)?.length ?? 0) > MAX_MARKS)
      tokens.push({ type: 'html', raw: src, text: src });
    else lexer.inlineTokens(src, tokens);
  }
  return blocks;
}

/** Shorter gaps: a heading belongs to the block below it, and Slack leaves room below code. */
const BEFORE_NEXT: Readonly<Record<string, string>> = { heading: '\n', code: '\n' };

function writeBlocks(format: Format, tokens: readonly Token[], separator = '\n\n'): string {
  const writtenBlocks = tokens
    .map((token) => ({ text: writeBlock(format, token), after: BEFORE_NEXT[token.type] ?? separator }))
    .filter(({ text }) => text !== '');
  return writtenBlocks
    .map(({ text, after }, at) => (at < writtenBlocks.length - 1 ? text + after : text))
    .join('');
}

function writeBlock(format: Format, token: Token): string {
  switch (token.type) {
    case 'heading':
      return writeHeading(format, token as Tokens.Heading);
    case 'paragraph':
    case 'text':
      return writeInline(format, [token]);
    case 'code':
      // Slack does not show the words after the marks of a fence, so they go into a line above.
      return (token.lang ? `${format.escape(token.lang)}\n` : '') + format.fence(format.escape(token.text));
    case 'blockquote':
      return format.quote(writeBlocks(format, token.tokens ?? []));
    case 'list':
      return writeList(format, token as Tokens.List);
    default:
      return format.escape(token.raw.trim());
  }
}

/** Writes a heading in bold. Drops marks of strong text inside, which would end the bold. */
function writeHeading(format: Format, { tokens, raw }: Tokens.Heading): string {
  const text = writeInline(
    format,
    tokens.flatMap((token) => (token.type === 'strong' ? (token.tokens ?? []) : [token])),
  );
  return text === '' ? format.escape(raw.trim()) : format.heading(text);
}

function writeList(format: Format, { ordered, start, loose, items }: Tokens.List): string {
  const writtenItems = items.map(({ tokens, raw }, index) => {
    // Each item keeps its own number, even if the numbers have gaps.
    const [, itemNumber = Number(start) + index] = /^\s*(\d{1,9})[.)]/.exec(raw) ?? [];
    const mark = (ordered ? `${itemNumber}. ` : '•').padEnd(4);
    const [firstToken, ...otherTokens] = tokens;
    const checkbox = firstToken?.type === 'checkbox' ? (firstToken.checked ? '☑ ' : '☐ ') : '';
    const text = writeBlocks(format, checkbox === '' ? tokens : otherTokens, loose ? '\n\n' : '\n');
    return mark + checkbox + text.replace(/\n(?=.)/g, '\n    ');
  });
  return writtenItems.join(loose ? '\n\n' : '\n');
}

function writeInline(format: Format, tokens: readonly Token[]): string {
  return tokens.map((token) => writeSpan(format, token)).join('');
}

function writeSpan(format: Format, token: Token): string {
  const inner = 'tokens' in token && token.tokens ? writeInline(format, token.tokens) : '';
  switch (token.type) {
    case 'paragraph':
    case 'text':
    case 'escape':
      return inner || format.escape(decodeEntities(token.text));
    case 'strong':
    case 'em':
    case 'del':
      return format[token.type](inner);
    case 'codespan':
      return format.code(format.escape(token.text));
    case 'br':
      return '\n';
    case 'link':
    case 'image':
      return format.link(prepareLink(format, token as Tokens.Link | Tokens.Image, inner));
    default:
      return format.escape(token.raw);
  }
}

function prepareLink(format: Format, token: Tokens.Link | Tokens.Image, inner: string): ShownLink {
  const { href, raw, text } = token;
  const isImage = token.type === 'image';
  const title = token.title ? ` (${format.escape(decodeEntities(token.title))})` : '';
  return {
    label: isImage ? format.escape(text) : inner,
    read: isImage ? text : writeInline(PLAIN_TEXT, token.tokens),
    url: showHosts(decodeEntities(href)),
    title,
    raw,
  };
}

/**
 * Writes a link in mrkdwn. Shows the URL beside a label that reads as another host, and the source of a link that mrkdwn cannot
 * hold: not http or https, or a label with angle brackets or bars.
 */
function writeLink({ label, read, url, title, raw }: ShownLink): string {
  if (!/^https?:\/\/[^\s<>|]+$/.test(url) || /[<>|]/.test(label)) return escapeCleaned(raw);
  if (!/[\p{L}\p{N}\p{S}\p{P}]/u.test(read)) return `<${url}>${title}`;
  return (
    (readsAsOtherHost(read.replace(/~~/g, ''), url) ? `${label} (<${url}>)` : `<${url}|${label}>`) + title
  );
}

const ENTITIES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }));

/** Decodes common and numeric entities. Other entities, and entities of invisible characters, stay as written. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#\d{1,7}|#x[\da-f]{1,6}|([a-z]+));/gi, (entity, name?: string) => {
    if (isUnseenEntity(entity)) return entity;
    return (name === undefined ? decodeNumber(entity) : ENTITIES.get(name)) ?? entity;
  });
}

/** Slack's limit for a section, in characters. */
export const LONGEST_SECTION = 3_000;

/** Converts a section of Markdown to texts that each fit into one block: escapes can make a section too long for one. */
export function convertSection(texts: Texts, markdown: string): string[] {
  return splitUntilFits(markdown, (markdown) => convertToMrkdwn(texts, markdown));
}

/** Escapes a section of Markdown without converting it, which is fast, as texts that each fit into one block. */
export function escapeSection(markdown: string): string[] {
  return splitUntilFits(markdown, (part) => escapeText(part));
}

function splitUntilFits(markdown: string, write: (part: string) => string): string[] {
  if (isBlankText(markdown)) return [];
  const text = write(markdown);
  if (text.length <= LONGEST_SECTION) return [text];
  const halfLength = Math.ceil(markdown.length / 2);
  // Not at each heading: a page has only so many blocks.
  const sections = packParts(splitSections(markdown, halfLength), '\n\n', halfLength);
  const points = [...markdown];
  const half = Math.ceil(points.length / 2);
  const parts =
    sections.length > 1 && sections.every(({ length }) => length < markdown.length)
      ? sections
      : [points.slice(0, half).join(''), points.slice(half).join('')];
  return parts.flatMap((part) => splitUntilFits(part, write));
}
