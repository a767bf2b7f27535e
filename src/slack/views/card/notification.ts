import { outputText } from '../../../approval/model/output.ts';
import { isClosed } from '../../../approval/model/round-status.ts';
import type { CardContent } from '../../../approval/ports.ts';
import { escapeLine } from '../text/escape.ts';
import { mentionAny, nameDecider } from '../text/people.ts';
import { capitalize, formatLaterRound } from '../text/text.ts';
import { summarizeState } from './state.ts';

const PREVIEWED = 300;

/** For phones and screen readers, which do not get the blocks: task, crew, state and what a person can do. */
export function writeNotification({ approval, round, output, preview }: CardContent): string {
  // The title of a task without a name is the beginning of its output.
  const task = approval.titleOnly && !preview ? 'an output' : escapeLine(approval.task, 100);
  const crew = escapeLine(approval.crew, 64);
  const { decision, mentioned = [] } = round;
  if (round.status === 'waiting') {
    const to = mentioned.length > 0 ? `${mentioned.map(mentionAny).join(' ')} ` : '';
    const begins = preview ? ` ${escapeLine(outputText(output), PREVIEWED)}` : '';
    return `${to}${crew}: ${task}${formatLaterRound(round.number)} is waiting for a decision. ${round.review ? 'Choose an answer.' : 'Approve it or request a revision.'}${begins}`;
  }
  return decision && !isClosed(round)
    ? `${crew}: ${task}, decided by ${nameDecider(decision)}. ${capitalize(summarizeState(approval, round))}.`
    : `${crew}: ${task}, nothing to decide any more`;
}
