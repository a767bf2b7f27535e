import type { Refusal } from '../../../approval/lifecycle/refusal.ts';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { RoundStatus } from '../../../approval/model/round-status.ts';
import type { LookUpRefusal } from '../../../approval/queries/look-up.ts';
import { escapeLine } from './escape.ts';
import { mention } from './people.ts';
import { formatDate } from './text.ts';

/** The name of this action on buttons, in the menu and in sentences. */
export const CLOSE_LABEL = 'Close without a decision';
export const CLOSE_WARNING =
  'CrewAI is not notified and its run keeps waiting. This approval can no longer be decided in Slack.';

/** Why something was not done, for the person who tried. `link`: to the current card. */
export function describeRefusal(refusal: Refusal, link: string | undefined): string {
  const current = link ? ` <${link}|See the current card>` : '';
  switch (refusal.code) {
    case 'unknown':
      return UNKNOWN_APPROVAL;
    case 'not_approver':
      return 'You are not an approver of this crew, so nothing was recorded.';
    case 'requester':
      return 'You started this run, so someone else has to decide. Nothing was recorded.';
    case 'guest':
      return 'Guests and external users cannot decide here. Nothing was recorded.';
    case 'not_member':
      return 'Only members of the channel can decide this. Join the channel and open the card. Nothing was recorded.';
    case 'open_card':
      return `Open the card to decide: from here I cannot check yet whether you are in its channel. Nothing was recorded.${link ? ` <${link}|Open the card>` : ''}`;
    case 'assignee_may_not':
      return ASSIGNEE_MAY_NOT;
    case 'claimed':
      return `${mention(refusal.by)} is on it already. You can still decide.`;
    case 'not_undone':
      return NOT_UNDONE[refusal.why];
    case 'cannot_check':
      return 'I cannot check who may approve right now, so nothing was recorded. Please try again in a minute.';
    case 'already_decided':
      return `${describeDecision(refusal.decision)}, so nothing more was recorded.`;
    case 'already_voted':
      return 'Your vote was already recorded; others have to decide too.';
    case 'superseded':
      return `There is a newer output (round ${refusal.current})${mentionDecision(refusal.decision)}, so nothing was recorded.${current}`;
    case 'closed':
      return `${describeClosed(refusal.status)}${mentionDecision(refusal.decision)}, so nothing was recorded.`;
    case 'other_output':
      return `This button belongs to an older output. Nothing was recorded.${current}`;
    case 'no_such_option':
      return describeOptions(refusal.options);
    case 'answer_in_crewai':
      return describeBlockedHost(refusal.host);
    case 'not_decided':
      return 'Nothing was decided here yet, so there is nothing to send again.';
    case 'on_its_way':
      return 'The decision is on its way to CrewAI, so you cannot close this now.';
  }
}

function describeDecision(decision: Decision): string {
  const who = decision.rule ? 'The rule for expired approvals' : mention(decision.by);
  const what = {
    approve: 'approved this',
    request_revision: 'requested a revision',
    choose: decision.option === undefined ? 'answered this' : `chose *${escapeLine(decision.feedback, 75)}*`,
  }[decision.action];
  return `${who} already ${what} ${formatDate(decision.at)}`;
}

/** For a person who decided in a way that an approval does not offer. */
function describeOptions(options: readonly string[] | undefined): string {
  if (!options) return 'This is decided by Approve or Request revision. Nothing was recorded.';
  if (options.length === 0)
    return 'This is answered in your own words: use *Other answer…* on its card. Nothing was recorded.';
  const named = options.slice(0, 10).map((option) => `*${escapeLine(option, 75)}*`);
  return `This is decided by one of its own options: ${named.join(', ')}. Nothing was recorded.`;
}

/** The host of a review's answer is not in the settings. */
export function describeBlockedHost(host: string | undefined): string {
  const named = host === undefined ? 'the host that it wants its answer at' : escapeLine(host, 100);
  return `Answer this in CrewAI: the settings of this bot do not allow calls to ${named} (CALLBACK_HOSTS).`;
}

function mentionDecision(decision: Decision | undefined): string {
  return decision ? ` (${describeDecision(decision)})` : '';
}

function describeClosed(status: RoundStatus): string {
  if (status === 'run_ended') return 'The run has ended';
  if (status === 'given_up') return 'This was closed without a decision';
  return 'This was resolved elsewhere';
}

const NOT_UNDONE = {
  sent: 'It is too late to undo this: the decision is on its way to CrewAI.',
  not_yours: 'Only the person who decided can undo this.',
  nothing: 'Nothing is decided here any more, so there is nothing to undo.',
} as const;

/** Why a look-up shows nothing. */
export function describeLookUpRefusal(refusal: LookUpRefusal): string {
  switch (refusal.code) {
    case 'may_not_look':
      return "Only approvers and members of a crew's channels can look up its approvals.";
    case 'cannot_check':
      return 'I cannot check right now whether you may look this up. Please try again in a minute.';
    case 'unknown_crew':
      return `I found no crew "${escapeLine(refusal.crew, 64)}" that you have access to. Your crews: ${escapeLine(refusal.crews.join(', '), 1_000)}.`;
    case 'ambiguous':
      return `More than one run begins with "${escapeLine(refusal.text, 100)}". Please type more of its ID.`;
  }
}

export function describeNotFound(id: string): string {
  return `I found no approval or run "${escapeLine(id, 100)}" that you have access to.`;
}

/** For a person who typed a round that an approval does not have yet. */
export function describeMissingRound(id: string, round: number, newest: number, command: string): string {
  const has = newest === 1 ? 'one round' : `${newest} rounds`;
  return `\`${id}\` has ${has} and no round ${round}, so nothing was recorded. \`${command} ${id}\` shows it.`;
}

/** For a person who approved by typing. */
export function confirmTypedApproval(approval: Approval, number: number, command: string): string {
  const task = escapeLine(approval.task, 150);
  const round = findRound(approval, number);
  if (round?.status === 'waiting')
    return `Your vote for *${task}* (round ${number}) is recorded; others have to approve too.`;
  return `You approved *${task}* (round ${number}). \`${command} ${approval.id}\` shows the outcome.`;
}

/** For a person who chose an option of a Flow by typing. */
export function confirmTypedChoice(
  approval: Approval,
  number: number,
  option: string,
  command: string,
): string {
  const task = escapeLine(approval.task, 150);
  const chosen = `*${escapeLine(option, 75)}* for *${task}* (round ${number})`;
  if (findRound(approval, number)?.status === 'waiting')
    return `Your vote ${chosen} is recorded; others have to choose it too.`;
  return `You chose ${chosen}. \`${command} ${approval.id}\` shows the outcome.`;
}

/** For a person who typed a name instead of choosing a person. */
export function describeUnknownPerson(name: string): string {
  return `I found no person "${escapeLine(name, 80)}". Type @ and choose the person from Slack's list, or use a member ID (profile → Copy member ID).`;
}

/** Follows "failed". A reason that says so itself is a sentence of its own. */
export function writeReason(reason: string | undefined, max: number): string {
  if (reason === undefined) return '';
  const said = escapeLine(reason.replace(FAILED_AGAIN, ''), max).replace(/\.$/, '');
  if (said === '') return '';
  return `${/^[^:]{0,150}\bfailed:/i.test(said) ? '.' : ':'} ${said}`;
}

/** "Crew execution failed: " */
const FAILED_AGAIN =
  /^(?:(?:the )?(?:crew|flow|run|kickoff|execution)(?: (?:run|kickoff|execution))? failed:\s*)+/i;

/** Values of a run's `meta` or registration that do not fit the settings of its crew. */
export function describeIgnored(warnings: readonly string[]): string {
  return `Ignored from the run's settings: ${warnings.map((text) => escapeLine(text, 300)).join('; ')}.`;
}

/** After the rule has requested as many revisions as it may. */
export const EXPIRY_RULE_EXHAUSTED =
  'The rule for expired approvals has requested a revision three times in a row, so a person decides now.';

export const UNKNOWN_APPROVAL = 'I did not find this approval, so nothing was recorded.';

export const UNKNOWN_BUTTON = 'This version of the bot does not know this button, so nothing was recorded.';

export const NOT_RECORDED =
  'I could not reach my store, so nothing was recorded. Please try again in a moment.';

export const PERHAPS_RECORDED =
  'My store did not answer in time, so I cannot say whether this was recorded. The card will show it.';

export const NOT_LOOKED_UP = 'I could not look that up right now. Please try again in a moment.';

/** The state of a Flow may hold secrets. */
export const NOT_YOUR_STATE = 'Only people who may decide on this can read the state of its Flow.';

/** After a click in a list, which does not show the outcome. */
export const RECORDED = 'Recorded. Look it up again to see the outcome.';

/** After a click on a card that the bot has not updated yet. */
export const CARD_FOLLOWS = 'Recorded. The card will be updated shortly.';

export const NOT_A_CARD = 'This message is not an approval card.';

/** For a click that was queued while the bot was not running. */
export const TOO_LATE = 'Your click reached the bot too late, so nothing was recorded. Please click again.';

export const NOT_OPENED = 'Slack did not open the form, so nothing was recorded. Please click again.';

export const ASSIGNEE_MAY_NOT =
  'This person may not decide on this, or I cannot check it right now. Nobody was asked. Choose someone else.';
