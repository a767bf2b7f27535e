import type { KnownBlock, RichTextElement } from '@slack/types';
import { diffArrays } from 'diff';
import { showUnseen } from '../../../lib/unseen.ts';
import type { Texts } from '../../texts/texts.ts';
import { trackFence } from '../text/fences.ts';
import { splitAtWords } from '../text/truncate.ts';

/** A part of the comparison of two texts. `folded`: equal paragraphs, shown only as their number. */
export type Change =
  | { kind: 'same' | 'added' | 'removed'; text: string }
  | { kind: 'folded'; paragraphs: number };

/** Longest passages that are compared word by word, which is slow: characters of both versions together. */
const LONGEST_BY_WORDS = 20_000;
/** Characters of all passages that are compared word by word, because the comparison blocks the event loop. */
const LONGEST_IN_ALL = 60_000;
/** Most paragraphs, and words per passage, that may differ. Beyond that, two texts count as completely different. */
const MAX_PARAGRAPHS = 250;
const MAX_WORDS = 250;
/** Characters of both texts together. Longer texts are not compared, because the comparison would delay every click. */
export const LONGEST_COMPARED = 256 * 1024;

/** Characters rendered for one comparison, because rendering blocks the event loop. Beyond them, texts stay as their source. */
const LONGEST_RENDERED = 24_000;

/**
 * Compares two texts: folds equal paragraphs, and compares the others word by word as `render` writes them. If two of them
 * differ only in what `render` leaves out, compares their source instead. Pure.
 */
export function compareTexts(
  before: string,
  after: string,
  render: (source: string) => string = (source) => source,
): Change[] {
  const changes: Change[] = [];
  const blocks = diffArrays(splitParagraphs(before), splitParagraphs(after), {
    maxEditLength: MAX_PARAGRAPHS,
    comparator: (previous, next) => previous.text === next.text,
  });
  if (!blocks) return replaceText(before, after);
  let roomToCompare = LONGEST_IN_ALL;
  let roomToRender = LONGEST_RENDERED;
  const renderAll = (...parts: Paragraph[][]): string[] => {
    const sources = parts.map(joinParagraphs);
    roomToRender -= sources.join('').length;
    const rendered =
      roomToRender < 0
        ? sources
        : // A paragraph inside a fence is code: put the opening of its fence before it.
          sources.map((source, at) => render([...(parts[at]?.[0]?.fence ?? []), source].join('\n')));
    return rendered.some((text) => text.trim() === '') || new Set(rendered).size < sources.length
      ? sources
      : rendered;
  };
  for (let at = 0; at < blocks.length; at += 1) {
    const block = blocks[at];
    if (!block) break;
    const next = blocks[at + 1];
    if (!block.added && !block.removed) changes.push({ kind: 'folded', paragraphs: block.value.length });
    else if (next && block.removed && next.added) {
      roomToCompare -= joinParagraphs(block.value).length + joinParagraphs(next.value).length;
      const [beforeText = '', afterText = ''] = renderAll(block.value, next.value);
      changes.push(
        ...(roomToCompare < 0 ? replaceText(beforeText, afterText) : compareWords(beforeText, afterText)),
        {
          kind: 'same',
          text: '\n\n',
        },
      );
      at += 1;
    } else changes.push({ kind: block.added ? 'added' : 'removed', text: `${renderAll(block.value)}\n\n` });
  }
  return changes;
}

/** Splits a text into words and the characters between them. Joined characters, such as a family emoji, stay whole. */
function splitWords(text: string): string[] {
  return [...words.segment(text)].map(({ segment }) => segment);
}
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

function compareWords(before: string, after: string): Change[] {
  const parts =
    before.length + after.length > LONGEST_BY_WORDS
      ? undefined
      : diffArrays(splitWords(before), splitWords(after), { maxEditLength: MAX_WORDS })?.map((part) => ({
          ...part,
          value: part.value.join(''),
        }));
  if (!parts || isMostlyOther(parts, before, after)) return replaceText(before, after);
  const changes = parts.map(({ value, added, removed }) => ({
    kind: added ? ('added' as const) : removed ? ('removed' as const) : ('same' as const),
    text: value,
  }));
  return changes.flatMap((change, at) => [...(needsSpace(changes[at - 1], change) ? [SPACE] : []), change]);
}

/** True if most words differ: the old text followed by the new one is easier to read than many replaced words. */
function isMostlyOther(
  words: readonly { value: string; added: boolean; removed: boolean }[],
  before: string,
  after: string,
): boolean {
  const sameLength = words.reduce(
    (sum, { value, added, removed }) => sum + (added || removed ? 0 : value.trim().length),
    0,
  );
  return (
    sameLength < Math.max(before.length, after.length) / 3 &&
    sameLength < Math.min(before.length, after.length) / 2
  );
}

const SPACE: Change = { kind: 'same', text: ' ' };

/** True if an added word directly follows a removed one: without a space, both would look like one word. */
function needsSpace(
  previous: { kind: string; text: string } | undefined,
  { kind, text }: { kind: string; text: string },
) {
  return previous?.kind === 'removed' && kind === 'added' && /\S$/.test(previous.text) && /^\S/.test(text);
}

function describeFolded(texts: Texts, paragraphs: number): string {
  return `… ${texts.reading.unchangedParagraphs(paragraphs)} …`;
}

function replaceText(before: string, after: string): Change[] {
  const changes: Change[] = [
    { kind: 'removed', text: before },
    { kind: 'same', text: '\n\n' },
    { kind: 'added', text: after },
  ];
  // Slack rejects a view with an empty text.
  return changes.filter((change) => change.kind === 'folded' || change.text !== '');
}

/** A paragraph. `fence`: opening of the fence that contains the paragraph; empty: the paragraph is not code. */
interface Paragraph {
  text: string;
  fence: string[];
}

function splitParagraphs(text: string): Paragraph[] {
  let openFence: string | undefined;
  return text.split(/\n[ \t]*\n+/).flatMap((paragraph) => {
    const fence = openFence === undefined ? [] : [openFence];
    if (/`{3}|~{3}/.test(paragraph))
      for (const line of paragraph.split('\n')) openFence = trackFence(openFence, line);
    return paragraph.trim() === '' ? [] : [{ text: paragraph.trimEnd(), fence }];
  });
}

const joinParagraphs = (paragraphs: readonly Paragraph[]) => paragraphs.map(({ text }) => text).join('\n\n');

/** Characters of a group's text: one block must hold them. */
const RICH_TEXT_MAX = 2_000;

/** Changes that fit into one block. */
export type ChangeGroup = Change[];

/** Groups changes so that each group fits into one block. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
  const groups: ChangeGroup[] = [[]];
  let size = 0;
  for (const change of changes.flatMap(splitChange)) {
    const length = change.kind === 'folded' ? 30 : change.text.length;
    if (size + length > RICH_TEXT_MAX && size > 0) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(change);
    size += length;
  }
  return groups.filter((group) => group.length > 0);
}

function splitChange(change: Change): Change[] {
  if (change.kind === 'folded' || change.text.length <= RICH_TEXT_MAX) return [change];
  return splitAtWords(change.text, RICH_TEXT_MAX / 2).map((text) => ({ kind: change.kind, text }));
}

/** Estimates the length of a group's block, in characters. */
export function estimateLength(group: ChangeGroup): number {
  return group.reduce((sum, change) => sum + 60 + (change.kind === 'folded' ? 30 : change.text.length), 60);
}

export function buildChangesBlock(texts: Texts, group: ChangeGroup): KnownBlock {
  const elements = group.map((change): RichTextElement => {
    if (change.kind === 'folded') {
      return {
        type: 'text',
        text: `${describeFolded(texts, change.paragraphs)}\n\n`,
        style: { italic: true },
      };
    }
    const style = { added: { bold: true }, removed: { strike: true }, same: undefined }[change.kind];
    // An invisible character that is harmless inside a word is unseen once the word is cut, so escape it.
    return { type: 'text', text: showUnseen(change.text), ...(style ? { style } : {}) };
  });
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}
