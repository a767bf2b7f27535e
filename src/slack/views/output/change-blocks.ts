import type { KnownBlock, RichTextElement } from '@slack/types';
import { inParts } from '../text/truncate.ts';
import { type Change, foldedWords } from './changes.ts';

export type Run = Change[];

/** Changes in groups that each fit into one block. */
export function runsOf(changes: readonly Change[]): Run[] {
  const runs: Run[] = [[]];
  let size = 0;
  for (const change of changes.flatMap(partsOf)) {
    const length = change.kind === 'folded' ? 30 : change.text.length;
    if (size + length > RICH_TEXT_MAX && size > 0) {
      runs.push([]);
      size = 0;
    }
    runs.at(-1)?.push(change);
    size += length;
  }
  return runs.filter((run) => run.length > 0);
}

function partsOf(change: Change): Change[] {
  if (change.kind === 'folded' || change.text.length <= RICH_TEXT_MAX) return [change];
  return inParts(change.text, RICH_TEXT_MAX / 2).map((text) => ({ kind: change.kind, text }));
}

/** About how long the block of a run is, in characters. */
export function lengthOf(run: Run): number {
  return run.reduce((sum, change) => sum + 60 + (change.kind === 'folded' ? 30 : change.text.length), 60);
}

export function runBlock(run: Run): KnownBlock {
  const elements = run.map((change): RichTextElement => {
    if (change.kind === 'folded') {
      return { type: 'text', text: `… ${foldedWords(change.paragraphs)} …\n\n`, style: { italic: true } };
    }
    const style = { added: { bold: true }, removed: { strike: true }, same: undefined }[change.kind];
    return { type: 'text', text: change.text, ...(style ? { style } : {}) };
  });
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

const RICH_TEXT_MAX = 2000;
