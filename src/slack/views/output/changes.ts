import type { KnownBlock, RichTextElement } from '@slack/types';
import { diffArrays } from 'diff';
import { showUnseen } from '../../../lib/unseen.ts';
import type { Texts } from '../../texts/texts.ts';
import { trackFence } from '../text/fences.ts';
import { splitAtWords } from '../text/truncate.ts';

/** A part of the comparison of two texts. `folded`: a number of equal paragraphs. */
export type Change =
  | { kind: 'same' | 'added' | 'removed'; text: string }
  | { kind: 'folded'; paragraphs: number };

/** Characters of the longest paragraphs that are compared word by word, which takes long. */
const LONGEST_BY_WORDS = 20_000;
/** The same for all paragraphs together, because the comparison blocks the event loop. */
const LONGEST_IN_ALL = 60_000;
/** The most paragraphs, and words per paragraph, that may differ before two texts count as completely different. */
const MOST_PARAGRAPHS = 250;
const MOST_WORDS = 250;
/** Characters of both texts; longer texts are not compared, because that would delay every click. */
export const LONGEST_COMPARED = 256 * 1024;

/** Characters that are rendered for one comparison, because that blocks the event loop; more are shown as their source. */
const LONGEST_RENDERED = 24_000;

/**
 * Compares two texts, word by word in the paragraphs that differ, which are shown as `render` writes them. If only what it
 * leaves out differs, their source is shown. Equal paragraphs are folded. Pure.
 */
export function compareTexts(
  before: string,
  after: string,
  render: (source: string) => string = (source) => source,
): Change[] {
  const changes: Change[] = [];
  const blocks = diffArrays(splitParagraphs(before), splitParagraphs(after), {
    maxEditLength: MOST_PARAGRAPHS,
    comparator: (one, two) => one.text === two.text,
  });
  if (!blocks) return replaceText(before, after);
  let left = LONGEST_IN_ALL;
  let leftToRender = LONGEST_RENDERED;
  const renderAll = (...parts: Paragraph[][]): string[] => {
    const sources = parts.map(joinParagraphs);
    leftToRender -= sources.join('').length;
    const rendered =
      leftToRender < 0
        ? sources
        : // The rest of a fence is code too.
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
      left -= joinParagraphs(block.value).length + joinParagraphs(next.value).length;
      const [one = '', two = ''] = renderAll(block.value, next.value);
      changes.push(...(left < 0 ? replaceText(one, two) : compareWords(one, two)), {
        kind: 'same',
        text: '\n\n',
      });
      at += 1;
    } else changes.push({ kind: block.added ? 'added' : 'removed', text: `${renderAll(block.value)}\n\n` });
  }
  return changes;
}

/** Words and what is between them: what is joined stays whole. */
function splitWords(text: string): string[] {
  return [...words.segment(text)].map(({ segment }) => segment);
}
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

function compareWords(before: string, after: string): Change[] {
  const parts =
    before.length + after.length > LONGEST_BY_WORDS
      ? undefined
      : diffArrays(splitWords(before), splitWords(after), { maxEditLength: MOST_WORDS })?.map((part) => ({
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

/** Words that were replaced one by one could not be read: the text before and the text after can. */
function isMostlyOther(
  words: readonly { value: string; added: boolean; removed: boolean }[],
  before: string,
  after: string,
): boolean {
  const kept = words.reduce(
    (sum, { value, added, removed }) => sum + (added || removed ? 0 : value.trim().length),
    0,
  );
  return kept < Math.max(before.length, after.length) / 3 && kept < Math.min(before.length, after.length) / 2;
}

const SPACE: Change = { kind: 'same', text: ' ' };

/** Whether an added word follows a removed one directly: without a space they would look like one word. */
function needsSpace(
  before: { kind: string; text: string } | undefined,
  { kind, text }: { kind: string; text: string },
) {
  return before?.kind === 'removed' && kind === 'added' && /\S$/.test(before.text) && /^\S/.test(text);
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

/** `fence`: the opening of the one that it is in. */
interface Paragraph {
  text: string;
  fence: string[];
}

function splitParagraphs(text: string): Paragraph[] {
  let open: string | undefined;
  return text.split(/\n[ \t]*\n+/).flatMap((paragraph) => {
    const fence = open === undefined ? [] : [open];
    if (/`{3}|~{3}/.test(paragraph)) for (const line of paragraph.split('\n')) open = trackFence(open, line);
    return paragraph.trim() === '' ? [] : [{ text: paragraph.trimEnd(), fence }];
  });
}

const joinParagraphs = (paragraphs: readonly Paragraph[]) => paragraphs.map(({ text }) => text).join('\n\n');

/** Characters of a block. */
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

/** The approximate length of a group's block, in characters. */
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
    // What is harmless within a word is nothing that people see where it stands alone.
    return { type: 'text', text: showUnseen(change.text), ...(style ? { style } : {}) };
  });
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}
