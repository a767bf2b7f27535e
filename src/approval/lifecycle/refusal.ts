import { type Approval, currentRound } from '../model/approval.ts';
import {
  asksForHidden,
  type Decision,
  findOptionNumber,
  isClosed,
  type Round,
  type RoundStatus,
} from '../model/round.ts';

/** A recorded decision. `optionNumber`: of the chosen option, if others look the same; `isTool`: for a tool call. */
interface RecordedDecision {
  decision: Decision;
  optionNumber?: number;
  isTool?: true;
}

/** Why a person's request was not carried out. The request changed nothing. */
export type Refusal =
  | { code: 'unknown' }
  | { code: 'not_approver' }
  /** The person started the run. */
  | { code: 'requester' }
  /** The person is a guest or an external user. */
  | { code: 'guest' }
  /** No approvers are named, so the members of the channel decide, and the person is not a member. */
  | { code: 'not_member' }
  /** No approvers are named, and the members of the channel are not known yet: a click on the card proves membership. */
  | { code: 'open_card' }
  /** The person to be asked cannot decide. */
  | { code: 'assignee_may_not' }
  /** `by`: person who has claimed the round. */
  | { code: 'claimed'; by: string }
  /** `sent`: too late to undo; `not_yours`: another person decided; `nothing`: there is no decision. */
  | { code: 'not_undone'; why: 'sent' | 'not_yours' | 'nothing' }
  /** A person or a user group could not be looked up in Slack. */
  | { code: 'cannot_check' }
  | ({ code: 'already_decided' } & RecordedDecision)
  | { code: 'already_voted' }
  /** `decision`: the decision on the superseded round, if it had one. */
  | ({ code: 'superseded'; current: number } & Partial<RecordedDecision>)
  | ({ code: 'closed'; status: RoundStatus; lapsed?: Round['lapsed'] } & Partial<RecordedDecision>)
  /** The button was made for an output that this round does not show. */
  | { code: 'other_output' }
  /** The round cannot be answered this way. `options`: its options, possibly none; absent: the round is approved or sent back. */
  | { code: 'no_such_option'; options?: readonly string[] }
  /** An edited text: the output cannot be edited, or the text is blank, the same as before, or no longer JSON. */
  | { code: 'not_editable' }
  | { code: 'edited_blank' }
  | { code: 'nothing_edited' }
  | { code: 'edited_not_json' }
  /** All of it has to be shown first: the arguments of a tool, or a question that requires it. */
  | { code: 'read_first' }
  /** All of it has to be shown, and the place no longer shows what it did when it was drawn. */
  | { code: 'card_changed' }
  /** The program requires a text with each answer. */
  | { code: 'text_required' }
  /** The answer needs values: the form of its button asks for them. `field`: name of a field whose value is invalid. */
  | { code: 'values_required'; field?: string }
  /** The settings do not allow the host of the review's callback. */
  | { code: 'answer_in_crewai'; host: string | undefined }
  | { code: 'not_decided' }
  /** The permission for further calls of a tool: a person ended it, it ended with the run, or there is none. */
  | { code: 'permission_ended'; by: string; at: number }
  | { code: 'permission_over' }
  | { code: 'no_permission' }
  /** CrewAI may already have the decision: the round cannot be closed. */
  | { code: 'on_its_way' };

/** Returns why this round can no longer be decided; undefined: it waits for a decision. */
export function refuseDecision(approval: Approval, round: Round): Refusal | undefined {
  const isCurrent = round.number === currentRound(approval).number;
  // The bot closes questions for hidden values. Until it has closed this one, refuse decisions as if it were closed.
  if (isCurrent && asksForHidden(round))
    return { code: 'closed', status: 'withdrawn', lapsed: 'hidden_fields' };
  if (isCurrent && round.status === 'waiting') return undefined;
  const { decision, status } = round;
  const optionNumber = findOptionNumber(round, decision);
  const decisionFacts = {
    ...(optionNumber === undefined ? {} : { optionNumber }),
    ...(round.question?.tool ? { isTool: true as const } : {}),
  };
  const recordedDecision = decision ? { decision, ...decisionFacts } : {};
  if (isClosed(round) && status !== 'superseded')
    return { code: 'closed', status, ...recordedDecision, ...(round.lapsed ? { lapsed: round.lapsed } : {}) };
  if (status === 'superseded' || !decision) {
    return { code: 'superseded', current: currentRound(approval).number, ...recordedDecision };
  }
  return { code: 'already_decided', decision, ...decisionFacts };
}
