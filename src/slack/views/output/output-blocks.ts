import type { Block, KnownBlock } from '@slack/types';
import { isBlankText, type Output, parseFirstItems } from '../../../approval/model/output.ts';
import { getOwn } from '../../../lib/own-member.ts';
import type { Texts } from '../../texts/texts.ts';
import { context, plain, readSection, section } from '../text/elements.ts';
import {
  clean,
  cleanLine,
  escapeCleaned,
  escapeText,
  readMrkdwn,
  sanitizeMarkdown,
  sanitizeText,
} from '../text/escape.ts';
import { humanizeName } from '../text/names.ts';
import type { Preview } from '../text/truncate.ts';
import { previewMarkdown, takeLines, truncate } from '../text/truncate.ts';
import {
  buildJsonBeginning,
  formatCell,
  formatJson,
  isFlatObject,
  isOneLine,
  renderFlatJson,
  splitJson,
} from './json.ts';
import { convertPart, convertSection, convertToMrkdwn, LONGEST_SECTION } from './mrkdwn.ts';
import { packParts, splitSections } from './sections.ts';
import { writeOutput } from './write-output.ts';

/**
 * Ways to show an output, each plainer than the previous, because Slack rejects some outputs regardless of their length.
 * `whole`: people can unfold the rest of a long output on the card.
 */
export const CARD_FORMS = ['whole', 'full', 'plain', 'bare'] as const;
export type CardForm = (typeof CARD_FORMS)[number];

// All blocks of a message together hold 11,300 characters (measured): https://docs.slack.dev/reference/block-kit
/** Characters of an output above the buttons of a card, so that the card fits on a phone. */
const CARD_MAX = 1_500;
const BARE_MAX = 200;
/** Length of the longest output that a card holds whole, in characters. People read a longer one in pages. */
const WHOLE_MAX = 8_000;
/** Characters of all blocks of a whole output, with marks and escapes. */
const WHOLE_BLOCKS_MAX = 7_600;
// https://docs.slack.dev/reference/block-kit/blocks/container-block
const CONTAINER_MAX = 10;
/** A preview may have one line per so many characters, because short lines fill the screen of a phone, too. */
const LINE_LENGTH = 50;
/** Most lines of a preview: Slack turns each heading into a block, and a message has at most 50. */
const MAX_LINES = 45;
const computeMaxLines = (max: number) => Math.min(max / LINE_LENGTH, MAX_LINES);
/**
 * Characters of the beginning of an output on Home and in a row of a list: of the source (`shown`) and of the block (`written`).
 * Ten rows must fit into one message.
 */
export const PREVIEWS = { home: { shown: 300, written: 2_000 }, list: { shown: 200, written: 500 } } as const;
/** Characters of a run's result, which has no buttons and is not shown elsewhere. */
export const RESULT_MAX = 3_000;

// https://docs.slack.dev/reference/block-kit/blocks/table-block
const TABLE_LIMITS = { rows: 100, columns: 20 } as const;

/** The part of an output that is shown, if not all of it, in characters. `of`: 0 for an output that is lost. */
export interface Cut {
  shown: number;
  of: number;
}

export interface OutputBlocks {
  blocks: (KnownBlock | Block)[];
  /** Part of the output that is shown; undefined: all of it. */
  cut: Cut | undefined;
}

/** The cut of an output that is lost or not shown at all. */
export const ALL_HIDDEN: Cut = { shown: 0, of: 0 };

/** Tells a person how much of an output is shown, or that it is lost. */
export function describeCut(texts: Texts, { shown, of }: Cut): string {
  return of === 0 ? texts.reading.lostOutput : texts.actions.unread(shown, of);
}

/** Characters of a question's message on its card, on Home and in a row of a list. */
export const MESSAGES = { card: 1_500, home: 300, list: 100 } as const;

/** Adds the part of a question's message that is not shown to the cut of its output. `max`: characters shown of the message. */
export function addHiddenMessage(
  cut: Cut | undefined,
  message = '',
  max: number = MESSAGES.card,
): Cut | undefined {
  const shownMessage = escapeText(message, max);
  if (cut?.of === 0 || shownMessage === escapeText(message)) return cut;
  // Escapes take room, so fewer than `max` characters of the message may be shown.
  const shownLength = Math.min(readMrkdwn(shownMessage).length, message.length) - 1;
  return { shown: (cut?.shown ?? 0) + shownLength, of: (cut?.of ?? 0) + message.length };
}

const computeCut = ({ shown, missing }: Preview): Cut | undefined =>
  missing > 0 ? { shown: shown.length, of: shown.length + missing } : undefined;

/**
 * Builds the blocks of an output for a message: Markdown as a `markdown` block, a flat object as lines, flat rows as a table,
 * other JSON as code. `max`: characters shown; `reserved`: characters of other parts of the message that can be unfolded.
 */
export function buildOutputBlocks(
  texts: Texts,
  output: Output,
  form: CardForm,
  { max = CARD_MAX, reserved = 0 }: { max?: number; reserved?: number } = {},
): OutputBlocks {
  const blank = describeEmptyOutput(texts, output);
  if (blank) return { blocks: [section(blank)], cut: undefined };
  if (output.kind === 'lost') return buildLost(texts, output);
  if (form === 'plain' || form === 'bare') {
    const preview = renderPlain(texts, output, form === 'bare' ? BARE_MAX : max);
    const block: KnownBlock = { type: 'section', text: plain(preview.shown) };
    return { blocks: [block, ...context(describeMissing(texts, preview.missing))], cut: computeCut(preview) };
  }
  const rows = buildRowsTable(texts, output, max);
  if (rows) return rows;
  const foldedOutput =
    form === 'whole' && max === CARD_MAX ? foldOutput(texts, output, WHOLE_BLOCKS_MAX - reserved) : undefined;
  if (foldedOutput) return foldedOutput;
  const preview = renderMarkdown(texts, output, max);
  return {
    blocks: [
      { type: 'markdown', text: preview.shown } as KnownBlock,
      ...context(describeMissing(texts, preview.missing)),
    ],
    cut: computeCut(preview),
  };
}

/** Builds the beginning of an output that is too long to be shown at once, and the rest folded; undefined: any other output. */
function foldOutput(texts: Texts, output: Output, max: number): OutputBlocks | undefined {
  const isJson = output.kind === 'json';
  if (output.text.length > 2 * WHOLE_MAX || output.kind === 'lost') return undefined;
  if (isJson && renderFlatJson(output) !== undefined) return undefined;
  const text = isJson ? formatJson(output) : clean(writeOutput(texts, output)).trim();
  if (text.length > WHOLE_MAX) return undefined;
  const parts = isJson ? splitJson(text, CARD_MAX) : splitSections(text, CARD_MAX);
  const { open, folded } = chooseOpen(parts, isJson ? '\n' : '\n\n');
  if (open === undefined || folded.length === 0) return undefined;
  const beginning = isJson ? fence(sanitizeText(open)) : sanitizeMarkdown(open);
  const foldedParts = packParts(folded, isJson ? '\n' : '\n\n').flatMap((part) =>
    isJson ? [fence(escapeCleaned(part))] : convertSection(texts, part),
  );
  const size = foldedParts.reduce((sum, part) => sum + part.length, beginning.length);
  const fits = foldedParts.length <= CONTAINER_MAX && size <= max;
  if (!fits || foldedParts.some((part) => part.length > LONGEST_SECTION)) return undefined;
  const count = folded.reduce((sum, part) => sum + part.length, 0);
  return {
    blocks: [{ type: 'markdown', text: beginning } as KnownBlock, buildFolded(texts, count, foldedParts)],
    cut: undefined,
  };
}

/** Chooses the beginning that is open on a card, as many lines as a phone shows, and the parts to fold. */
function chooseOpen(parts: readonly string[], apart: string): { open?: string; folded: string[] } {
  const countLines = (text: string) => text.split('\n').filter((line) => line.trim() !== '').length;
  const fits = (text: string) => text.length <= CARD_MAX && countLines(text) <= CARD_MAX / LINE_LENGTH;
  const [firstPart = '', ...otherParts] = parts;
  if (!fits(firstPart)) {
    const code = splitCode(firstPart, CARD_MAX / LINE_LENGTH);
    if (code) return { open: code[0], folded: [code[1], ...otherParts] };
    const open = takeLines(firstPart, CARD_MAX / LINE_LENGTH);
    // A fence or a table that is cut would look like something else.
    const isPlain = open.length <= CARD_MAX && open !== '' && !/^ {0,3}(?:```|~~~)|\|/m.test(firstPart);
    return isPlain
      ? { open, folded: [firstPart.slice(open.length).trim(), ...otherParts].filter(Boolean) }
      : { folded: [] };
  }
  let open = firstPart;
  while (otherParts[0] !== undefined && fits(`${open}${apart}${otherParts[0]}`))
    open += `${apart}${otherParts.shift()}`;
  return { open, folded: otherParts };
}

/** Splits a section that is one block of code into two blocks, the first with `max` lines; undefined: any other section. */
function splitCode(section: string, max: number): [string, string] | undefined {
  const lines = section.split('\n');
  const [opening = ''] = lines;
  const marks = /^ {0,3}(`{3,}|~{3,})/.exec(opening)?.[1];
  const isOneBlock =
    marks !== undefined &&
    lines.at(-1)?.trim() === marks &&
    lines.slice(1, -1).every((line) => !line.startsWith(marks));
  if (!isOneBlock) return undefined;
  const open = [...lines.slice(0, max), marks].join('\n');
  return open.length > CARD_MAX ? undefined : [open, [opening, ...lines.slice(max)].join('\n')];
}

function fence(text: string): string {
  return `\`\`\`\n${breakFences(text)}\n\`\`\``;
}

/** Breaks three backticks in a text, which would close its fence. */
function breakFences(text: string): string {
  return text.replace(/`{3,}/g, (marks) => [...marks].join('\u200b'));
}

/** Builds the folded rest of an output. `count`: its characters. */
function buildFolded(texts: Texts, count: number, parts: readonly string[]): Block {
  return {
    type: 'container',
    title: plain(texts.card.folded(count)),
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: parts.map(readSection),
  } as Block;
}

/** Renders an output as Markdown for a `markdown` block, at most `max` characters. */
export function renderMarkdown(texts: Texts, output: Output, max: number): Preview {
  if (output.kind !== 'json') {
    const preview = previewBeginning(writeOutput(texts, output), max, (head) =>
      previewMarkdown(sanitizeMarkdown(head), max, computeMaxLines(max)),
    );
    return isBlankText(preview.shown) ? renderPlain(texts, output, max) : preview;
  }
  const lines = renderFlatJson(output);
  if (lines) return previewMarkdown(lines, max, computeMaxLines(max));
  return previewBeginning(writeOutput(texts, output), max, (head) => {
    // Three backticks in the output would close the fence.
    const json = breakFences(sanitizeText(head));
    const { shown, missing } = previewMarkdown(`\`\`\`\n${json}`, max - 4, max / LINE_LENGTH);
    return missing > 0 ? { shown, missing } : { shown: `${shown}\n\`\`\``, missing };
  });
}

/** Renders an output as plain text of at most `max` characters, in case Slack rejects it as Markdown. */
export function renderPlain(texts: Texts, output: Output, max: number): Preview {
  return previewBeginning(writeOutput(texts, output), max, (head) => {
    const text = sanitizeText(head);
    const firstLines = takeLines(text, max / LINE_LENGTH);
    const shown =
      firstLines.length < text.length && firstLines.length < max
        ? `${firstLines}…`
        : truncate(firstLines, max);
    return shown === text ? { shown, missing: 0 } : { shown, missing: text.length - shown.length + 1 };
  });
}

/** Previews a text. Reads only its beginning, four times `max` characters. */
function previewBeginning(text: string, max: number, make: (head: string) => Preview): Preview {
  const { shown, missing } = make(clean(text.slice(0, 4 * max)));
  return { shown, missing: missing + Math.max(0, text.length - 4 * max) };
}

export function buildLost(texts: Texts, output: Output): Beginning {
  return { blocks: [section(writeOutput(texts, output))], cut: ALL_HIDDEN };
}

/** Returns the sentence for an output without visible text; undefined: any other output. */
export function describeEmptyOutput(texts: Texts, output: Output): string | undefined {
  return output.kind === 'text' && !/[^\t\n\r\p{Zs}]/u.test(output.text)
    ? texts.reading.emptyOutput
    : undefined;
}

/** Warns about invisible characters in an output. `count`: how many. */
export function describeUnseen(texts: Texts, count = 0): KnownBlock[] {
  return context(count > 0 ? `:warning: ${texts.reading.unseenCharacters(count)}` : undefined);
}

function describeMissing(texts: Texts, missing: number): string | undefined {
  return missing > 0 ? texts.reading.hiddenCharacters(missing) : undefined;
}

/** Builds a table of as many rows as fit from a list of flat objects; undefined: any other value. */
function buildRowsTable(texts: Texts, output: Output, max: number): OutputBlocks | undefined {
  const { items, rest } = parseFirstItems(output) ?? { items: [], rest: 0 };
  if (!items.every(isFlatObject)) return undefined;
  // A card must fit on the screen of a phone. A result has as many rows as Slack accepts.
  const firstItems = items.slice(0, max > CARD_MAX ? TABLE_LIMITS.rows - 1 : max / LINE_LENGTH);
  const columns = [...new Set(firstItems.flatMap(Object.keys))];
  if (columns.length === 0 || columns.length > TABLE_LIMITS.columns) return undefined;
  const cells = firstItems.map((row) => columns.map((name) => getOwn(row, name)));
  if (![columns, ...cells].flat().every(isOneLine)) return undefined;
  const rows = [columns.map(humanizeName), ...cells.map((row) => row.map(formatCell))].map((row) =>
    row.map((cell) => sanitizeText(cleanLine(cell)) || '–'),
  );
  let room = max;
  const shownRows = rows.filter((row) => {
    room -= row.reduce((sum, cell) => sum + cell.length, 0);
    return room >= 0;
  });
  if (shownRows.length < 2) return undefined;
  const missing = items.length + 1 - shownRows.length;
  const hiddenRowsText = missing > 0 ? texts.reading.hiddenRows(missing) : undefined;
  // The end of a long list is not parsed, so its rows cannot be counted: report characters instead.
  const hiddenText =
    rest > 0
      ? describeMissing(texts, rest + JSON.stringify(items.slice(shownRows.length - 1)).length)
      : hiddenRowsText;
  const isWhole = missing === 0 && rest === 0;
  const shownLength = shownRows.slice(1).flat().join('').length;
  return {
    blocks: [buildTable(shownRows), ...context(hiddenText)],
    cut: isWhole ? undefined : { shown: Math.min(shownLength, output.text.length), of: output.text.length },
  };
}

function buildTable(rows: string[][]): Block {
  const cells = rows.map((row) => row.map((text) => ({ type: 'raw_text', text })));
  return { type: 'table', rows: cells } as Block;
}

export interface Beginning extends Pick<OutputBlocks, 'cut'> {
  blocks: KnownBlock[];
}

/** Builds the beginning of an output. JSON stays JSON. `shown`: characters of the source; `written`: characters of the block. */
export function buildBeginning(
  texts: Texts,
  output: Output,
  { shown: max, written }: { shown: number; written: number },
): Beginning {
  const blank = describeEmptyOutput(texts, output);
  if (blank) return { blocks: [section(blank)], cut: undefined };
  if (output.kind === 'lost') return buildLost(texts, output);
  if (output.kind === 'json') return buildJsonBeginning(output, max);
  const preview = previewBeginning(writeOutput(texts, output), max, (head) =>
    previewMarkdown(head, max, max / LINE_LENGTH),
  );
  const { shown, missing } = preview;
  const text = convertPart(texts, shown, written);
  if (missing > 0) return { blocks: [section(`${text} …`)], cut: computeCut(preview) };
  // Escapes can fill the block before the text is complete.
  const isWhole = text === convertToMrkdwn(texts, shown) || text === escapeText(shown);
  const shownLength = Math.min(readMrkdwn(text).length, shown.length - 1);
  const cut = isWhole ? undefined : { shown: shownLength, of: shown.length };
  return { blocks: [section(text)], cut };
}
