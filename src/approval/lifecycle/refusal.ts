import { type Approval, currentRound } from '../model/approval.ts';
import {
  asksForHidden,
  type Decision,
  isClosed,
  numberChosen,
  type Round,
  type RoundStatus,
} from '../model/round.ts';

/** `optionNumber`: of the chosen option, where others look the same; `isTool`: a call of a tool was decided on. */
interface Recorded {
  decision: Decision;
  optionNumber?: number;
  isTool?: true;
}

/** Why something that a person asked for was not done. Nothing was recorded. */
export type Refusal =
  | { code: 'unknown' }
  | { code: 'not_approver' }
  /** They started the run. */
  | { code: 'requester' }
  /** A guest, or of another organisation. */
  | { code: 'guest' }
  /** No approvers are named: the members of the channel decide, and they are not one. */
  | { code: 'not_member' }
  /** The same, and who is in the channel is not known yet: a click on the card proves it. */
  | { code: 'open_card' }
  /** The person that they want to ask cannot decide. */
  | { code: 'assignee_may_not' }
  /** `by`: who has it. */
  | { code: 'claimed'; by: string }
  /** Undone too late, by another, or a second time. */
  | { code: 'not_undone'; why: 'sent' | 'not_yours' | 'nothing' }
  /** A user group could not be read. */
  | { code: 'cannot_check' }
  | ({ code: 'already_decided' } & Recorded)
  | { code: 'already_voted' }
  /** `decision`: one that had been recorded on the round before. */
  | ({ code: 'superseded'; current: number } & Partial<Recorded>)
  | ({ code: 'closed'; status: RoundStatus; lapsed?: Round['lapsed'] } & Partial<Recorded>)
  /** Its button was made for an output that this round does not show. */
  | { code: 'other_output' }
  /** It cannot be answered so: `options` of a Flow, which can be empty; absent for the pause of a crew. */
  | { code: 'no_such_option'; options?: readonly string[] }
  /** An edited text: there is none to edit, it is blank, it is the same as before, or not JSON any more. */
  | { code: 'not_editable' }
  | { code: 'edited_blank' }
  | { code: 'nothing_edited' }
  | { code: 'edited_not_json' }
  /** A tool is allowed only where all its arguments are shown. */
  | { code: 'read_first' }
  /** The program wants a text with each answer. */
  | { code: 'text_required' }
  /** The answer needs values, which the form of its button asks for; `field`: one that does not fit. */
  | { code: 'values_required'; field?: string }
  /** The settings do not allow the host of its answer. */
  | { code: 'answer_in_crewai'; host: string | undefined }
  | { code: 'not_decided' }
  /** The permission for further calls of a tool: someone ended it, it ended with the run, or there is none. */
  | { code: 'permission_ended'; by: string; at: number }
  | { code: 'permission_over' }
  | { code: 'no_permission' }
  | { code: 'on_its_way' };

/** Why this round can no longer be decided; undefined while it waits. */
export function refuseDecision(approval: Approval, round: Round): Refusal | undefined {
  const isCurrent = round.number === currentRound(approval).number;
  // Its program can't get an answer, also while the bot has not closed it yet.
  if (isCurrent && asksForHidden(round))
    return { code: 'closed', status: 'withdrawn', lapsed: 'hidden_fields' };
  if (isCurrent && round.status === 'waiting') return undefined;
  const { decision, status } = round;
  const optionNumber = numberChosen(round, decision);
  const about = {
    ...(optionNumber === undefined ? {} : { optionNumber }),
    ...(round.question?.tool ? { isTool: true as const } : {}),
  };
  const whose = decision ? { decision, ...about } : {};
  if (isClosed(round) && status !== 'superseded')
    return { code: 'closed', status, ...whose, ...(round.lapsed ? { lapsed: round.lapsed } : {}) };
  if (status === 'superseded' || !decision) {
    return { code: 'superseded', current: currentRound(approval).number, ...whose };
  }
  return { code: 'already_decided', decision, ...about };
}
