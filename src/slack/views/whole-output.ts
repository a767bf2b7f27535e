import type { Approval, Round } from '../../approval/approval.ts';
import { type Output, outputText } from '../../approval/output.ts';
import { clean } from './text.ts';

/** A whole output as a file. Pure. */
export function wholeOutput(approval: Approval, round: Round, output: Output) {
  const name = clean(approval.task)
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .slice(0, 60);
  const ending = output.kind === 'json' ? 'json' : 'md';
  const content = outputText(output).toWellFormed();
  return {
    filename: `${name || 'output'}-round-${round.number}.${ending}`,
    title: `${clean(approval.task).slice(0, 150)}, round ${round.number}`,
    // Slack takes no empty file.
    content: content === '' ? ' ' : content,
  };
}
