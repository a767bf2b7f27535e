import type { KnownBlock, RichTextElement } from '@slack/types';
import { splitText } from '../text/truncate.ts';
import { type Change, describeFolded } from './changes.ts';

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
  return splitText(change.text, RICH_TEXT_MAX / 2).map((text) => ({ kind: change.kind, text }));
}

/** The approximate length of a group's block, in characters. */
export function estimateLength(group: ChangeGroup): number {
  return group.reduce((sum, change) => sum + 60 + (change.kind === 'folded' ? 30 : change.text.length), 60);
}

export function buildChangesBlock(group: ChangeGroup): KnownBlock {
  const elements = group.map((change): RichTextElement => {
    if (change.kind === 'folded') {
      return { type: 'text', text: `… ${describeFolded(change.paragraphs)} …\n\n`, style: { italic: true } };
    }
    const style = { added: { bold: true }, removed: { strike: true }, same: undefined }[change.kind];
    return { type: 'text', text: change.text, ...(style ? { style } : {}) };
  });
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}
