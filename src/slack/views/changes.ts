import { diffArrays, diffWordsWithSpace } from 'diff';

/** A part of what changed between two texts. `folded`: so many paragraphs are the same. */
export type Change =
  | { kind: 'same' | 'added' | 'removed'; text: string }
  | { kind: 'folded'; paragraphs: number };

/** Longer paragraphs are compared as a whole: word by word takes long. */
const LONGEST_BY_WORDS = 20_000;
/** How many words may differ before two texts count as different altogether. */
const MOST_EDITS = 2_000;

/** What changed from one text to another, word by word in the paragraphs that differ; equal ones are folded. Pure. */
export function changesBetween(before: string, after: string): Change[] {
  const changes: Change[] = [];
  const blocks = diffArrays(paragraphs(before), paragraphs(after));
  for (let at = 0; at < blocks.length; at += 1) {
    const block = blocks[at];
    if (!block) break;
    const next = blocks[at + 1];
    const text = block.value.join('\n\n');
    if (!block.added && !block.removed) changes.push({ kind: 'folded', paragraphs: block.value.length });
    else if (next && block.removed && next.added) {
      changes.push(...byWords(text, next.value.join('\n\n')), { kind: 'same', text: '\n\n' });
      at += 1;
    } else changes.push({ kind: block.added ? 'added' : 'removed', text: `${text}\n\n` });
  }
  return changes;
}

function byWords(before: string, after: string): Change[] {
  const words =
    before.length + after.length > LONGEST_BY_WORDS
      ? undefined
      : diffWordsWithSpace(before, after, { maxEditLength: MOST_EDITS });
  if (!words) {
    return [
      { kind: 'removed', text: before },
      { kind: 'same', text: '\n\n' },
      { kind: 'added', text: after },
    ];
  }
  return words.map(({ value, added, removed }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}

function paragraphs(text: string): string[] {
  return text
    .split(/\n[ \t]*\n+/)
    .map((paragraph) => paragraph.trimEnd())
    .filter((paragraph) => paragraph.trim() !== '');
}
