import type { Refusal } from '../../../approval/lifecycle/refusal.ts';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { RoundStatus } from '../../../approval/model/round-status.ts';
import type { LookUpRefusal } from '../../../approval/queries/look-ups.ts';
import { escapeLine } from './escape.ts';
import { mention } from './people.ts';
import { formatDate } from './text.ts';

/** Why something was not done, in one plain sentence for the person who asked; `link`: to the current card. */
export function describeRefusal(refusal: Refusal, link: string | undefined): string {
  switch (refusal.code) {
    case 'unknown':
      return UNKNOWN_APPROVAL;
    case 'not_approver':
      return 'You are not an approver of this crew, so nothing was recorded.';
    case 'requester':
      return 'You started this run, so someone else has to decide; nothing was recorded.';
    case 'guest':
      return 'Guests and external users cannot decide here. Nothing was recorded.';
    case 'not_member':
      return 'Only members of the channel can decide this. Join the channel and open the card. Nothing was recorded.';
    case 'open_card':
      return `Open the card to decide: from here I cannot check yet whether you are in its channel. Nothing was recorded.${link ? ` <${link}|Open the card>` : ''}`;
    case 'assignee_may_not':
      return ASSIGNEE_MAY_NOT;
    case 'claimed':
      return `${mention(refusal.by)} is on it already; you may still decide.`;
    case 'not_undone':
      return NOT_UNDONE[refusal.why];
    case 'cannot_check':
      return 'I cannot check who may approve right now, so nothing was recorded. Please try again in a minute.';
    case 'already_decided':
      return `${describeDecision(refusal.decision)}, so nothing more was recorded.`;
    case 'already_voted':
      return 'Your vote was already recorded; others have to approve too.';
    case 'superseded': {
      const current = link ? ` <${link}|See the current card>` : '';
      return `There is a newer output (round ${refusal.current})${mentionDecision(refusal.decision)}, so nothing was recorded.${current}`;
    }
    case 'closed':
      return `${describeClosed(refusal.status)}${mentionDecision(refusal.decision)}, so nothing was recorded.`;
    case 'other_output': {
      const current = link ? ` <${link}|See the current card>` : '';
      return `This button belongs to an older output. Nothing was recorded.${current}`;
    }
    case 'not_decided':
      return 'Nothing was decided here yet, so there is nothing to send again.';
    case 'on_its_way':
      return 'The decision is on its way to CrewAI, so it cannot be given up now.';
  }
}

/** Why a look-up shows nothing, in one plain sentence. */
export function describeLookUpRefusal(refusal: LookUpRefusal): string {
  switch (refusal.code) {
    case 'may_not_look':
      return "Only approvers and members of a crew's channels can look up its approvals.";
    case 'cannot_check':
      return 'I cannot check right now whether you may look this up. Please try again in a minute.';
    case 'unknown_crew':
      return `I found no crew "${escapeLine(refusal.crew, 64)}" that you have access to. Your crews: ${escapeLine(refusal.crews.join(', '), 1_000)}.`;
    case 'ambiguous':
      return `More than one execution begins with "${escapeLine(refusal.text, 100)}": please give more of it.`;
  }
}

/** To one who looked for an id. */
export function describeNotFound(id: string): string {
  return `I found no approval or run "${escapeLine(id, 100)}" that you have access to.`;
}

/** To one who typed a round that an approval does not have yet. */
export function describeMissingRound(id: string, round: number, newest: number, command: string): string {
  const has = newest === 1 ? 'one round' : `${newest} rounds`;
  return `\`${id}\` has ${has}, and no round ${round}, so nothing was recorded: \`${command} ${id}\` shows it.`;
}

/** Of a time that is over for the fourth time. */
export const EXPIRY_RULE_EXHAUSTED =
  'The rule for expired approvals has requested a revision three times in a row, so a person decides now.';

const NOT_UNDONE = {
  sent: 'It is too late to undo this: the decision is on its way to CrewAI.',
  not_yours: 'Only whoever decided can undo it.',
  nothing: 'Nothing is decided here any more, so there is nothing to undo.',
} as const;

/** To one whose modal or button names nothing that we know, for a modal's error line. */
export const UNKNOWN_APPROVAL = 'I do not know this approval, so nothing was recorded.';

export const NOT_RECORDED =
  'I could not reach my store, so nothing was recorded. Please try again in a moment.';

export const PERHAPS_RECORDED =
  'My store did not answer in time, so I cannot say whether this was recorded. The card will show it.';

export const NOT_LOOKED_UP = 'I could not look that up right now. Please try again in a moment.';

/** To one who decided where no card tells. */
export const RECORDED = 'Recorded. Look it up again to see the outcome.';

/** To one who clicked on a card that Slack has not changed yet. */
export const CARD_FOLLOWS = 'Recorded. The card will be updated shortly.';

/** To one who decided by typing. */
export function confirmTypedApproval(approval: Approval, number: number, command: string): string {
  const task = escapeLine(approval.task, 150);
  const round = findRound(approval, number);
  if (round?.status === 'waiting')
    return `Your vote for *${task}* (round ${number}) is recorded; others have to approve too.`;
  return `You approved *${task}* (round ${number}). \`${command} ${approval.id}\` shows the outcome.`;
}

/** To one who asked for the details of a message that has none. */
export const NOT_A_CARD = 'This message is not an approval card.';

/** To one whose click waited while the bot stood still. */
export const TOO_LATE = 'Your click reached the bot too late, so nothing was recorded. Please click again.';

export const UNKNOWN_BUTTON = 'I do not know this button, so nothing was recorded.';

export const NOT_OPENED = 'Slack did not open the form, so nothing was recorded. Please click again.';

function describeDecision(decision: Decision): string {
  const what = decision.action === 'approve' ? 'approved this' : 'requested a revision';
  return `${decision.rule ? 'The rule for expired approvals' : mention(decision.by)} already ${what} ${formatDate(decision.at)}`;
}

function mentionDecision(decision: Decision | undefined): string {
  return decision ? ` (${describeDecision(decision)})` : '';
}

function describeClosed(status: RoundStatus): string {
  if (status === 'run_ended') return 'The run has ended';
  if (status === 'given_up') return 'This was given up';
  return 'This was resolved elsewhere';
}

/** A person was typed, and not chosen. */
export function describeUnknownPerson(name: string): string {
  return `I cannot tell who "${escapeLine(name, 80)}" is. Type @ and choose the person from Slack's list, or use a member ID (profile → Copy member ID).`;
}

export const ASSIGNEE_MAY_NOT =
  'This person may not decide on this, or I cannot check it right now: nobody was asked. Choose someone else.';
