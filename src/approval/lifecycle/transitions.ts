import { type Approval, addFact, findRound, setLane } from '../model/approval.ts';
import type { Note } from '../model/note.ts';
import {
  asksForHidden,
  type Decision,
  hasUndeliveredDecision,
  isOpen,
  listOptions,
  mayHaveArrived,
  type Round,
} from '../model/round.ts';
import { openChangedRound } from './changed-rounds.ts';
import {
  closeAnsweredReview,
  closeNotWaitingTask,
  endAttempt,
  expireDelivery,
  holdDelivery,
  proveAttempt,
  startAttempt,
} from './delivery.ts';
import type { ApprovalEvent, DecideEvent, PersonEvent } from './events.ts';
import { receiveOutput } from './new-output.ts';
import { allowCall, endPermission } from './permissions.ts';
import { endPush, expirePush, recordFetched } from './pushes.ts';
import { extendQuestionLease, offerDecision, withdrawQuestion } from './questions.ts';
import { type Refusal, refuseDecision } from './refusal.ts';
import { claimOrAssign, moveToChannel, undo } from './requests.ts';
import {
  addNote,
  createDelivery,
  describeOption,
  hashDecisionTexts,
  recordDecision,
  replaceRound,
  settle,
} from './rounds.ts';
import {
  allowCallback,
  changeUrls,
  nameTask,
  noteStall,
  noteTaskDone,
  noteTaskFailed,
  noteWarnings,
} from './run-facts.ts';
import { applyLaterPause, failRun, finishRun, recordRunProgress } from './run-progress.ts';
import { escalateReview, fireTimers, postponeReminder } from './timers.ts';
import { hasQuorum, identifyChoice, readChoice } from './votes.ts';

type Refused = { refusal: Refusal };
export type Transition = { approval: Approval } | Refused;

type Handlers = {
  [T in ApprovalEvent['type']]: (
    approval: Approval,
    event: Extract<ApprovalEvent, { type: T }>,
  ) => Approval | Refused;
};

/** Handlers of an approval's events. */
const HANDLERS: Handlers = {
  output: receiveOutput,
  other_webhook: recordRunProgress,
  run_finished: finishRun,
  run_failed: failRun,
  task_failed: noteTaskFailed,
  later_pause: applyLaterPause,
  not_waiting: closeNotWaitingTask,
  answered_elsewhere: closeAnsweredReview,
  callback_allowed: allowCallback,
  escalation_asked: escalateReview,
  task_named: nameTask,
  urls_known: changeUrls,
  task_done: noteTaskDone,
  settings_ignored: noteWarnings,
  decide: recordVote,
  retry,
  give_up: giveUp,
  undo,
  claim: claimOrAssign,
  release: claimOrAssign,
  assign: claimOrAssign,
  timers_due: fireTimers,
  reminder_postponed: postponeReminder,
  dm_rejected: moveToChannel,
  attempt_started: startAttempt,
  attempt_ended: endAttempt,
  attempt_proved: proveAttempt,
  delivery_expired: expireDelivery,
  offered: offerDecision,
  fetched: recordFetched,
  push_ended: endPush,
  push_expired: expirePush,
  withdrawn: withdrawQuestion,
  call_allowed: allowCall,
  end_permission: endPermission,
  program_alive: extendQuestionLease,
  restored: holdDelivery,
  stall_checked: noteStall,
};

/** Applies an event to an approval. Pure. An event that changes nothing (a webhook delivered twice) returns the same object. */
export function transition(approval: Approval, event: ApprovalEvent): Transition {
  const handle = HANDLERS[event.type] as (approval: Approval, event: ApprovalEvent) => Approval | Refused;
  const result = handle(approval, event);
  return 'refusal' in result ? result : { approval: result };
}

/** Applies an event that no person asked for: only people's requests can be refused. */
export function applyEvent(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  return 'approval' in result ? result.approval : approval;
}

function recordVote(approval: Approval, event: DecideEvent): Approval | Refused {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  const refusal = refuseDecision(approval, round);
  if (refusal) return { refusal };
  const reading = readChoice(round, event);
  if ('refusal' in reading) return reading;
  const seen = event.seen ? { seen: event.seen } : {};
  const vote: Decision = { ...reading.choice, by: event.by, ...seen, at: event.at };
  // The others have to agree to what one person changed or entered.
  const isNew =
    vote.edited !== undefined || (vote.values !== undefined && vote.values !== round.entered?.values);
  if (isNew && round.question && approval.policy.approvalsRequired > 1)
    return openChangedRound(noteForPeople(approval, event), round, vote);
  const choice = identifyChoice(vote);
  if (
    round.votes.some((earlierVote) => earlierVote.by === event.by && identifyChoice(earlierVote) === choice)
  )
    return { refusal: { code: 'already_voted' } };

  const countingVotes = round.votes.filter(
    ({ by }) => by !== event.by && !event.ineligibleVoters?.includes(by),
  );
  const votes = [...countingVotes, vote];
  const isDecided = hasQuorum(votes, vote, approval.policy.approvalsRequired);
  const roundWithVote = { ...round, votes };
  const withNote = noteForPeople(approval, event);
  if (isDecided)
    return recordDecision(withNote, roundWithVote, { ...vote, feedback: joinFeedback(votes, vote) });
  // The text of a vote is deleted with its approval, but a fact stays, so it gets only the hash.
  const texts = hashDecisionTexts(vote);
  const option = describeOption(round, vote);
  const fact = {
    at: event.at,
    round: round.number,
    by: event.by,
    detail: vote.action,
    texts,
    option,
    ...seen,
  };
  const isTied =
    event.remainingVoters === 0 && listOptions(round) !== undefined && round.tiedAt === undefined;
  const withVote = addFact(
    replaceRound(withNote, isTied ? { ...roundWithVote, tiedAt: event.at } : roundWithVote),
    {
      ...fact,
      what: 'voted',
    },
  );
  return isTied ? addNote(withVote, noteTie(withVote, roundWithVote)) : withVote;
}

function noteForPeople(approval: Approval, { note, by }: DecideEvent): Approval {
  return note ? addNote(approval, { kind: 'for_people', by, text: note }) : approval;
}

function noteTie(approval: Approval, round: Round): Note {
  const voters = round.votes.map(({ by }) => by);
  return {
    kind: 'tied',
    round: round.number,
    voters,
    required: approval.policy.approvalsRequired,
  };
}

function retry(approval: Approval, event: PersonEvent): Approval | Refused {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  if (!hasUndeliveredDecision(round) || round.status === 'sending') {
    return { refusal: refuseDecision(approval, round) ?? { code: 'not_decided' } };
  }
  const unsure = mayHaveArrived(round);
  // A webhook's ticket may still prove that an earlier attempt arrived.
  const tickets = round.delivery?.tickets;
  const delivery = { ...createDelivery(event.at), unsure, ...(tickets ? { tickets } : {}) };
  const sendingRound: Round = { ...round, status: 'sending', delivery };
  delete sendingRound.settledAt;
  return addFact(replaceRound(setLane(approval, 'delivery', { failures: 0 }), sendingRound), {
    at: event.at,
    what: 'retried',
    round: round.number,
    by: event.by,
  });
}

function giveUp(approval: Approval, event: PersonEvent): Approval | Refused {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  if (round.status === 'sending' && mayHaveArrived(round)) return { refusal: { code: 'on_its_way' } };
  // Only the decider can take a decision back.
  if (round.decision && event.at < (round.delivery?.undoUntil ?? 0)) {
    return { refusal: { code: 'already_decided', decision: round.decision } };
  }
  if (!isOpen(round) || asksForHidden(round)) {
    return { refusal: refuseDecision(approval, round) ?? { code: 'unknown' } };
  }
  const { decision } = round;
  const givenUpRound = { ...round, givenUpBy: event.by };
  const closed = settle(approval, givenUpRound, 'given_up', event.at, { by: event.by });
  // The decider already knows that the decision did not arrive, or gave up on it themselves.
  if (round.status !== 'sending' || !decision || decision.by === event.by) return closed;
  const unsure = round.delivery?.offeredAt !== undefined;
  const note = { kind: 'not_sent', why: 'given_up', decision, by: event.by, unsure } as const;
  return addNote(closed, note);
}

/** Joins the notes of everyone who approved; for other decisions, returns the last vote's text. */
function joinFeedback(votes: readonly Decision[], lastVote: Decision): string {
  if (lastVote.action !== 'approve') return lastVote.feedback;
  const notes = votes.filter(({ action }) => action === 'approve').map(({ feedback }) => feedback);
  return notes.filter((note) => note !== '').join('\n\n');
}
