import type { Block, KnownBlock } from '@slack/types';
import { isBlank, isBlankText, type Output, parseOutput } from '../../../approval/model/output.ts';
import { getOwn } from '../../../lib/own-member.ts';
import { en as texts } from '../../texts/en.ts';
import { context, plain, section } from '../text/elements.ts';
import { clean, sanitizeMarkdown } from '../text/escape.ts';
import type { Preview } from '../text/truncate.ts';
import { previewMarkdown, takeLines, truncate } from '../text/truncate.ts';
import { formatCell, isFlatObject, joinLines, renderFlatJson } from './json.ts';
import { writeOutput } from './write-output.ts';

/** Ways to show an output, each plainer than the one before: Slack rejects some outputs whatever their length. */
export const CARD_FORMS = ['full', 'plain', 'bare'] as const;
export type CardForm = (typeof CARD_FORMS)[number];

// All blocks of a message hold 11,300 characters (measured): https://docs.slack.dev/reference/block-kit
/** Characters of an output above the buttons of a card, so that it fits on a phone. */
const CARD_MAX = 1_500;
const BARE_MAX = 200;
/** Characters per line of a preview, because short lines fill the screen of a phone too. */
const LINE = 50;
/** Characters of a result, which has no buttons and is shown nowhere else. */
export const RESULT_MAX = 3_000;

// https://docs.slack.dev/reference/block-kit/blocks/table-block
const TABLE_LIMITS = { rows: 100, columns: 20 } as const;
export interface OutputBlocks {
  blocks: (KnownBlock | Block)[];
  /** Whether a part of the output is missing. */
  cut: boolean;
}

/** An output for a message: Markdown as a `markdown` block, a flat object as lines, flat rows as a table, other JSON as code. */
export function buildOutputBlocks(output: Output, form: CardForm, max = CARD_MAX): OutputBlocks {
  const blank = describeBlank(output);
  if (blank) return { blocks: [section(blank)], cut: false };
  if (form !== 'full') {
    const { shown, missing } = renderPlain(output, form === 'bare' ? BARE_MAX : max);
    const block: KnownBlock = { type: 'section', text: plain(shown) };
    return { blocks: [block, ...context(describeMissing(missing))], cut: missing > 0 };
  }
  const rows = buildRowsTable(output, max);
  if (rows) return rows;
  const { shown, missing } = renderMarkdown(output, max);
  return {
    blocks: [{ type: 'markdown', text: shown } as KnownBlock, ...context(describeMissing(missing))],
    cut: missing > 0,
  };
}

/** An output as Markdown for a `markdown` block, at most `max` characters. */
export function renderMarkdown(output: Output, max: number): Preview {
  if (output.kind !== 'json') {
    const made = previewBeginning(writeOutput(output), max, (head) =>
      previewMarkdown(sanitizeMarkdown(head), max, max / LINE),
    );
    return isBlankText(made.shown) ? renderPlain(output, max) : made;
  }
  const lines = renderFlatJson(output);
  if (lines) return previewMarkdown(lines, max, max / LINE);
  // Three backticks in the output would close the fence.
  const json = sanitizeMarkdown(writeOutput(output)).replace(/`{3,}/g, (fence) => [...fence].join('\u200b'));
  const { shown, missing } = previewMarkdown(`\`\`\`\n${json}`, max - 4, max / LINE);
  return missing > 0 ? { shown, missing } : { shown: `${shown}\n\`\`\``, missing };
}

/** An output as plain text of at most `max` characters, in case Slack rejects it as Markdown. */
export function renderPlain(output: Output, max: number): Preview {
  return previewBeginning(writeOutput(output), max, (head) => {
    const text = sanitizeMarkdown(head);
    const few = takeLines(text, max / LINE);
    const shown = few.length < text.length && few.length < max ? `${few}…` : truncate(few, max);
    return shown === text ? { shown, missing: 0 } : { shown, missing: text.length - shown.length + 1 };
  });
}

/** Previews only the beginning of a long text, to save time. */
function previewBeginning(whole: string, max: number, make: (head: string) => Preview): Preview {
  const text = clean(whole);
  const head = text.slice(0, 4 * max);
  const { shown, missing } = make(head);
  return { shown, missing: missing + text.length - head.length };
}

/** The sentence for an output without visible text; undefined for any other output. */
export function describeBlank(output: Output): string | undefined {
  return isBlank(output) ? texts.reading.emptyOutput : undefined;
}

function describeMissing(missing: number): string | undefined {
  return missing > 0 ? texts.reading.hiddenCharacters(missing) : undefined;
}

/** A list of flat objects as a table with as many rows as fit; undefined for any other value. */
function buildRowsTable(output: Output, max: number): OutputBlocks | undefined {
  const value = parseOutput(output);
  if (!Array.isArray(value) || !value.every(isFlatObject)) return undefined;
  // A card fits on the screen of a phone. A result has as many rows as Slack accepts.
  const first = value.slice(0, max > CARD_MAX ? TABLE_LIMITS.rows - 1 : max / LINE);
  const columns = [...new Set(first.flatMap(Object.keys))];
  if (columns.length === 0 || columns.length > TABLE_LIMITS.columns) return undefined;
  const rows = [columns, ...first.map((row) => columns.map((name) => formatCell(getOwn(row, name))))].map(
    (row) => row.map((cell) => sanitizeMarkdown(joinLines(cell)) || '–'),
  );
  let room = max;
  const shown = rows.filter((row) => {
    room -= row.reduce((sum, cell) => sum + cell.length, 0);
    return room >= 0;
  });
  if (shown.length < 2) return undefined;
  const missing = value.length + 1 - shown.length;
  const words = missing > 0 ? texts.reading.hiddenRows(missing) : undefined;
  return { blocks: [buildTable(shown), ...context(words)], cut: missing > 0 };
}

function buildTable(rows: string[][]): Block {
  const cells = rows.map((row) => row.map((text) => ({ type: 'raw_text', text })));
  return { type: 'table', rows: cells } as Block;
}
