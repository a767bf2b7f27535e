import { type Approval, currentRound, findRound } from '../../../approval/model/approval.ts';
import type { Note } from '../../../approval/model/note.ts';
import { summarizeState } from '../card/state.ts';
import { buildSentence, type CardLinks, type MessageView } from '../message-view.ts';
import { buildCardLink } from '../text/links.ts';
import { capitalize } from '../text/text.ts';
import { nameApproval } from './names.ts';

/** To one person who is not in the channel. */
export function buildDirectMessage(
  approval: Approval,
  { why }: Extract<Note, { kind: 'direct' }>,
  links: CardLinks,
): MessageView {
  const object = nameApproval(approval);
  const subject = capitalize(object);
  const text = {
    waiting: `${subject} is waiting for your decision.`,
    reminder: `${subject} is still waiting for your decision.`,
    escalated: `${subject} has been waiting for a long time. You can decide now.`,
    assigned: `You were asked to decide on ${object}.`,
    expired: `The deadline of ${object} has passed; you can still decide.`,
  }[why];
  return buildSentence(`:bell: ${text} ${describeHowToOpen(approval, links)}`);
}

function describeHowToOpen(approval: Approval, links: CardLinks): string {
  const link = buildCardLink(approval, currentRound(approval), links);
  const command = `\`${links.command} ${approval.id}\` shows it here.`;
  return link ? `<${link}|Open the card>; ${command}` : command;
}

/** To the person who started the run: the state, never an output. */
export function buildRequesterMessage(
  approval: Approval,
  { round: number, what }: Extract<Note, { kind: 'to_requester' }>,
  links: CardLinks,
): MessageView {
  const task = nameApproval(approval);
  const round = findRound(approval, number) ?? currentRound(approval);
  const ended = approval.runFailure ? 'has failed' : 'has finished';
  const text =
    what === 'ended'
      ? `Your run with ${task} ${ended}.`
      : `${capitalize(task)}, from your run: ${summarizeState(approval, round)}.`;
  const link = buildCardLink(approval, currentRound(approval), links);
  return buildSentence(`:information_source: ${text}${link ? ` <${link}|Open the card>` : ''}`);
}
