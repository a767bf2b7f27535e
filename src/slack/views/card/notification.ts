import { outputText } from '../../../approval/model/output.ts';
import type { CardContent } from '../../../approval/ports.ts';
import { escapeLine } from '../text/escape.ts';
import { mentionAny, nameDecider } from '../text/people.ts';
import { capitalize } from '../text/text.ts';
import { summarizeState } from './state.ts';

const PREVIEWED = 300;

/** What a phone shows and a screen reader says, which is not what is in the blocks: task, crew, state, what can be done. */
export function writeNotification({ approval, round, output, preview }: CardContent): string {
  // The title of a task without a name is the beginning of its output.
  const task = approval.titleOnly && !preview ? 'an output' : escapeLine(approval.task, 100);
  const crew = escapeLine(approval.crew, 64);
  const { decision, mentioned = [] } = round;
  if (round.status === 'waiting') {
    const to = mentioned.length > 0 ? `${mentioned.map(mentionAny).join(' ')} ` : '';
    const again = round.number > 1 ? ` (round ${round.number})` : '';
    const begins = preview ? ` ${escapeLine(outputText(output), PREVIEWED)}` : '';
    return `${to}${crew}: ${task}${again} is waiting for a decision. Approve it or request a revision.${begins}`;
  }
  const taken = !['superseded', 'resolved_elsewhere', 'run_ended', 'given_up'].includes(round.status);
  return decision && taken
    ? `${crew}: ${task}, decided by ${nameDecider(decision)}. ${capitalize(summarizeState(approval, round))}.`
    : `${crew}: ${task}, nothing to decide any more`;
}
