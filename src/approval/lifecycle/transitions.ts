import { type Approval, addFact, findRound } from '../model/approval.ts';
import type { Decision } from '../model/decision.ts';
import type { Note } from '../model/note.ts';
import { mayHaveArrived, type Round } from '../model/round.ts';
import { hasUndeliveredDecision, isOpen } from '../model/round-status.ts';
import {
  closeNotWaitingTask,
  endAttempt,
  expireDelivery,
  holdDelivery,
  proveAttempt,
  startAttempt,
} from './delivery.ts';
import type { ApprovalEvent, DecideEvent, PersonEvent } from './events.ts';
import { receiveOutput } from './new-output.ts';
import { type Refusal, refuseDecision } from './refusal.ts';
import { claimOrAssign, moveToChannel, undo } from './requests.ts';
import {
  addNote,
  countApprovalsRequired,
  newDelivery,
  recordDecision,
  replaceRound,
  settle,
} from './rounds.ts';
import {
  allowCallback,
  nameTask,
  noteStall,
  noteTaskDone,
  noteTaskFailed,
  noteWarnings,
  updateUrls,
} from './run-facts.ts';
import { failRun, finishRun, noteLaterPause, noteRunProgress } from './run-progress.ts';
import { escalateReview, fireTimers, postponeReminder } from './timers.ts';
import { identifyChoice, isEnough, readChoice } from './votes.ts';

export type Transition = { approval: Approval } | { refusal: Refusal };

/**
 * The table of events: what becomes of an approval when something happens to it. Pure. An event that changes
 * nothing (a webhook delivered twice) gives back the same object.
 */
export function transition(approval: Approval, event: ApprovalEvent): Transition {
  switch (event.type) {
    case 'output':
      return { approval: receiveOutput(approval, event) };
    case 'other_webhook':
      return { approval: noteRunProgress(approval, event.at, event.taskReported) };
    case 'run_finished':
      return { approval: finishRun(approval, event) };
    case 'run_failed':
      return { approval: failRun(approval, event) };
    case 'task_failed':
      return { approval: noteTaskFailed(approval, event) };
    case 'later_pause':
      return { approval: noteLaterPause(approval, event.at) };
    case 'not_waiting':
      return { approval: closeNotWaitingTask(approval, event.at) };
    case 'callback_allowed':
      return { approval: allowCallback(approval, event) };
    case 'escalation_asked':
      return { approval: escalateReview(approval, event) };
    case 'task_named':
      return { approval: nameTask(approval, event) };
    case 'urls_known':
      return { approval: updateUrls(approval, event) };
    case 'task_done':
      return { approval: noteTaskDone(approval, event) };
    case 'settings_ignored':
      return { approval: noteWarnings(approval, event.warnings) };
    case 'decide':
      return recordVote(approval, event);
    case 'tie_found':
      return { approval: noteFoundTie(approval, event) };
    case 'retry':
      return retry(approval, event);
    case 'give_up':
      return giveUp(approval, event);
    case 'undo':
      return undo(approval, event);
    case 'claim':
    case 'release':
    case 'assign':
      return claimOrAssign(approval, event);
    case 'timers_due':
      return { approval: fireTimers(approval, event.at) };
    case 'reminder_postponed':
      return { approval: postponeReminder(approval, event) };
    case 'dm_rejected':
      return { approval: moveToChannel(approval, event) };
    case 'attempt_started':
      return { approval: startAttempt(approval, event) };
    case 'attempt_ended':
      return { approval: endAttempt(approval, event) };
    case 'attempt_proved':
      return { approval: proveAttempt(approval, event) };
    case 'delivery_expired':
      return { approval: expireDelivery(approval, event) };
    case 'restored':
      return { approval: holdDelivery(approval, event) };
    case 'stall_detected':
      return { approval: noteStall(approval, event) };
  }
}

/** The approval after an event that no person asked for: only what people ask for is ever refused. */
export function applyEvent(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  return 'approval' in result ? result.approval : approval;
}

function recordVote(approval: Approval, event: DecideEvent): Transition {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  const refusal = refuseDecision(approval, round);
  if (refusal) return { refusal };
  const read = readChoice(round, event);
  if ('refusal' in read) return read;
  const vote: Decision = { ...read.choice, by: event.by, at: event.at };
  const choice = identifyChoice(vote);
  if (round.votes.some((other) => other.by === event.by && identifyChoice(other) === choice))
    return { refusal: { code: 'already_voted' } };

  const counting = round.votes.filter(({ by }) => by !== event.by && !event.without?.includes(by));
  const votes = [...counting, vote];
  const enough = isEnough(votes, vote, countApprovalsRequired(approval, round));
  const voted = { ...round, votes };
  const noted = event.note
    ? addNote(approval, { kind: 'for_people', by: event.by, text: event.note })
    : approval;
  if (enough)
    return { approval: recordDecision(noted, voted, { ...vote, feedback: feedbackOf(votes, vote) }) };
  // The text of a vote is deleted with its approval, and a fact is not.
  const fact = { at: event.at, what: 'voted', round: round.number, by: event.by, detail: vote.action };
  const tied = event.others === 0 && round.review !== undefined && round.tiedAt === undefined;
  const counted = addFact(replaceRound(noted, tied ? { ...voted, tiedAt: event.at } : voted), fact);
  return { approval: tied ? addNote(counted, noteTie(counted, voted)) : counted };
}

/** Votes and approvers can change without a vote: a tie is told once. */
function noteFoundTie(
  approval: Approval,
  { at, round: number, without }: Extract<ApprovalEvent, { type: 'tie_found' }>,
): Approval {
  const round = findRound(approval, number);
  if (round?.status !== 'waiting' || !round.review || round.tiedAt !== undefined) return approval;
  const tied = { ...round, tiedAt: at, votes: round.votes.filter(({ by }) => !without.includes(by)) };
  const fact = {
    at,
    what: 'tied',
    round: number,
    detail: without.length > 0 ? `without ${without.join(', ')}` : undefined,
  };
  const counted = addFact(replaceRound(approval, tied), fact);
  return addNote(counted, noteTie(counted, tied));
}

function noteTie(approval: Approval, round: Round): Note {
  const voters = round.votes.map(({ by }) => by);
  return {
    kind: 'tied',
    round: round.number,
    voters,
    required: countApprovalsRequired(approval, round),
  };
}

function retry(approval: Approval, event: PersonEvent): Transition {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  if (!hasUndeliveredDecision(round) || round.status === 'sending') {
    return { refusal: refuseDecision(approval, round) ?? { code: 'not_decided' } };
  }
  const unsure = mayHaveArrived(round);
  // An earlier attempt may still show that it arrived.
  const tickets = round.delivery?.tickets;
  const delivery = { ...newDelivery(event.at), unsure, ...(tickets ? { tickets } : {}) };
  const again: Round = { ...round, status: 'sending', delivery };
  delete again.settledAt;
  const lanes = { ...approval.lanes, delivery: { failures: 0 } };
  return {
    approval: addFact(replaceRound({ ...approval, lanes }, again), {
      at: event.at,
      what: 'retried',
      round: round.number,
      by: event.by,
    }),
  };
}

function giveUp(approval: Approval, event: PersonEvent): Transition {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  if (round.status === 'sending' && mayHaveArrived(round)) return { refusal: { code: 'on_its_way' } };
  // Only the decider can take a decision back.
  if (round.decision && event.at < (round.delivery?.undoUntil ?? 0)) {
    return { refusal: { code: 'already_decided', round: round.number, decision: round.decision } };
  }
  if (!isOpen(round)) {
    return { refusal: refuseDecision(approval, round) ?? { code: 'unknown' } };
  }
  const { decision } = round;
  const given = { ...round, givenUpBy: event.by };
  const closed = settle(approval, given, 'given_up', event.at, { by: event.by });
  // The decider already knows of a decision that did not arrive.
  if (round.status !== 'sending' || !decision || decision.by === event.by) return { approval: closed };
  const note = { kind: 'not_sent', why: 'given_up', decision, by: event.by, unsure: false } as const;
  return { approval: addNote(closed, note) };
}

/** Everyone's note goes with an approval of several. */
function feedbackOf(votes: readonly Decision[], last: Decision): string {
  if (last.action !== 'approve') return last.feedback;
  const notes = votes.filter(({ action }) => action === 'approve').map(({ feedback }) => feedback);
  return notes.filter((note) => note !== '').join('\n\n');
}
