import { isExpiryRuleExhausted } from '../../../approval/lifecycle/timers.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Note } from '../../../approval/model/note.ts';
import { nameChoice } from '../card/state.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { mentionAny } from '../text/people.ts';
import { EXPIRY_RULE_EXHAUSTED } from '../text/sentences.ts';
import { capitalize, formatDate } from '../text/text.ts';
import { nameApproval, nameInNotification } from './names.ts';

/** A note that asks people to decide. */
export interface Request {
  approval: Approval;
  mentions: readonly string[];
  /** Whether the note is in the thread of the card, where it is clear what "this" is. */
  inThread: boolean;
  command: string;
}

export function buildMention(request: Request): MessageView {
  const { approval, mentions } = request;
  const text = `:bell: ${addressAll(mentions)}${nameApproval(approval)} is waiting for your decision.`;
  return buildRequest(request, text);
}

export function buildAssignment(request: Request): MessageView {
  const subject = request.mentions.length > 0 ? `${addressAll(request.mentions)}you` : 'You';
  const text = `:point_right: ${subject} were asked to decide on ${nameObject(request)}.`;
  return buildRequest(request, text + describeCommand(request));
}

export function buildReminder(request: Request): MessageView {
  const text = `:alarm_clock: ${nameSubject(request)} is still waiting for a decision, since ${formatWait(request)}.`;
  return buildRequest(request, text + describeCommand(request));
}

export function buildEscalation(request: Request): MessageView {
  const text = `:rotating_light: ${nameSubject(request)} has been waiting for a decision since ${formatWait(request)}. You can decide now.`;
  return buildRequest(request, text + describeCommand(request));
}

/** The deadline of a round passed: people can still decide, or a rule did. */
export function buildExpiry(
  request: Request,
  { round, decision }: Extract<Note, { kind: 'expired' }>,
): MessageView {
  if (decision) {
    const what = {
      approve: 'Approved',
      request_revision: 'Revision requested',
      choose: `${capitalize(nameChoice(decision))} was chosen`,
    }[decision.action];
    return buildSentence(`:alarm_clock: ${what} automatically: nobody decided before the deadline.`);
  }
  const exhausted = isExpiryRuleExhausted(request.approval, { number: round })
    ? ` ${EXPIRY_RULE_EXHAUSTED}`
    : '';
  const text = `:alarm_clock: ${nameSubject(request)} has passed its deadline; you can still decide.`;
  return buildRequest(request, text + describeCommand(request) + exhausted);
}

/** Everyone has voted on a review, and no answer has enough votes. */
export function describeTie({ voters, required }: Extract<Note, { kind: 'tied' }>): string {
  return `:scales: ${addressAll(voters)}everyone who can decide has voted, and no answer has the ${required} equal votes that it needs. One of you has to vote again.`;
}

/** The notification also names the crew and the task. */
function buildRequest({ approval }: Request, text: string): MessageView {
  return { ...buildSentence(text), text: `${nameInNotification(approval)}. ${text}` };
}

function nameObject({ approval, inThread }: Request): string {
  return inThread ? 'this' : nameApproval(approval);
}

/** The subject of a sentence, after the people that it addresses. */
function nameSubject(request: Request): string {
  const { mentions } = request;
  if (mentions.length > 0) return `${addressAll(mentions)}${nameObject(request)}`;
  return capitalize(nameObject(request));
}

function addressAll(ids: readonly string[]): string {
  return ids.length === 0 ? '' : `${ids.map(mentionAny).join(' ')}, `;
}

function formatWait({ approval }: Request): string {
  return formatDate(currentRound(approval).receivedAt);
}

function describeCommand({ approval, inThread, command }: Request): string {
  return inThread ? '' : ` \`${command} ${approval.id}\` shows it.`;
}
