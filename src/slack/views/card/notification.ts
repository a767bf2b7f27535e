import { outputText } from '../../../approval/model/output.ts';
import { isClosed } from '../../../approval/model/round-status.ts';
import type { CardContent } from '../../../approval/ports.ts';
import { escapeLine } from '../text/escape.ts';
import { mentionAny, nameDecider } from '../text/people.ts';
import { capitalize, formatLaterRound } from '../text/text.ts';
import { summarizeState } from './state.ts';

const PREVIEWED = 300;

/** The title of a task without a name is the beginning of its output, which a notification must not hold. */
export function hidesTitle({ approval, preview }: CardContent): boolean {
  return approval.titleOnly === true && !preview;
}

/** For phones and screen readers, which do not get the blocks: task, crew, state and what a person can do. */
export function writeNotification(content: CardContent): string {
  const { approval, round, output, preview } = content;
  const task = hidesTitle(content) ? 'an output' : escapeLine(approval.task, 100);
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
