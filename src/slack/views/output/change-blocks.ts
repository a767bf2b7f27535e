import type { KnownBlock, RichTextElement } from '@slack/types';
import { splitText } from '../text/truncate.ts';
import { type Change, describeFolded } from './changes.ts';

export type ChangeGroup = Change[];

/** Changes in groups that each fit into one block. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
  const runs: ChangeGroup[] = [[]];
  let size = 0;
  for (const change of changes.flatMap(splitChange)) {
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

function splitChange(change: Change): Change[] {
  if (change.kind === 'folded' || change.text.length <= RICH_TEXT_MAX) return [change];
  return splitText(change.text, RICH_TEXT_MAX / 2).map((text) => ({ kind: change.kind, text }));
}

/** About how long the block of a run is, in characters. */
export function estimateLength(run: ChangeGroup): number {
  return run.reduce((sum, change) => sum + 60 + (change.kind === 'folded' ? 30 : change.text.length), 60);
}

export function buildChangesBlock(run: ChangeGroup): KnownBlock {
  const elements = run.map((change): RichTextElement => {
    if (change.kind === 'folded') {
      return { type: 'text', text: `… ${describeFolded(change.paragraphs)} …\n\n`, style: { italic: true } };
    }
    const style = { added: { bold: true }, removed: { strike: true }, same: undefined }[change.kind];
    return { type: 'text', text: change.text, ...(style ? { style } : {}) };
  });
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

const RICH_TEXT_MAX = 2000;
