import type { Approval } from '../../../approval/model/approval.ts';
import { type Output, outputText } from '../../../approval/model/output.ts';
import type { Round } from '../../../approval/model/round.ts';
import { clean, tamedMarkdown } from '../text/escape.ts';
import { cut, inParts } from '../text/truncate.ts';
import { changesBetween, changesText } from './changes.ts';
import { PAGE_MAX } from './sections.ts';

export interface FileToPost {
  filename: string;
  title: string;
  content: string;
}

/** A whole output as a file. Pure. */
export function wholeOutput(approval: Approval, round: Round, output: Output): FileToPost {
  const content = outputText(output).toWellFormed();
  return {
    filename: `${nameOf(approval)}-round-${round.number}.${output.kind === 'json' ? 'json' : 'md'}`,
    title: `${titleOf(approval)}, round ${round.number}`,
    // Slack takes no empty file.
    content: content === '' ? ' ' : content,
  };
}

/** Longer changes are tedious to page through, in characters. */
const LONGEST_IN_PAGES = 10 * PAGE_MAX;

/** What a round changed as a file; undefined when the modal shows it well enough. Pure. */
export function wholeChanges(
  approval: Approval,
  round: Round,
  { before, after }: { before: Output; after: Output },
): FileToPost | undefined {
  const content = changesText(changesBetween(clean(outputText(before)), clean(outputText(after))));
  if (content.length <= LONGEST_IN_PAGES) return undefined;
  return {
    filename: `${nameOf(approval)}-round-${round.number}-changes.md`,
    title: `${titleOf(approval)}, what changed in round ${round.number}`,
    content,
  };
}

function nameOf({ task }: Approval): string {
  return inParts(clean(task).replace(/[^\p{L}\p{N}_-]+/gu, '-'), 60)[0] || 'output';
}

function titleOf({ task }: Approval): string {
  return cut(tamedMarkdown(task.replace(/\s+/g, ' ')), 150);
}
