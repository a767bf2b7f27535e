import {
  type Approval,
  type Decision,
  isUnsettled,
  mayHaveArrived,
  type Round,
  roundNumbered,
} from '../model/approval.ts';
import { withFact } from '../model/facts.ts';
import { attemptEnded, attemptStarted, deliveryHeld, notWaiting, triesUsedUp } from './delivery.ts';
import type { ApprovalEvent, DecideEvent, PersonEvent } from './events.ts';
import { outputCame } from './new-output.ts';
import type { Refusal } from './refusal.ts';
import { refuseDecision } from './refuse-decision.ts';
import { attend, fellBack, undo } from './requests.ts';
import { addNote, approvalsRequired, decidedBy, freshDelivery, replaceRound, settle } from './rounds.ts';
import { foundSilent, taskDone, taskFailed, taskNamed, urlsKnown, warned } from './run-facts.ts';
import { movedOn, otherWebhook, runFailed, runFinished } from './run-progress.ts';
import { remindLater, timeCame } from './timers.ts';

export type Transition = { approval: Approval } | { refusal: Refusal };

/**
 * The table of events: what becomes of an approval when something happens to it. Pure. An event that changes
 * nothing (a webhook delivered twice) gives back the same object.
 */
export function transition(approval: Approval, event: ApprovalEvent): Transition {
  switch (event.type) {
    case 'output':
      return { approval: outputCame(approval, event) };
    case 'other_webhook':
      return { approval: otherWebhook(approval, event.at, event.taskReported) };
    case 'run_finished':
      return { approval: runFinished(approval, event) };
    case 'run_failed':
      return { approval: runFailed(approval, event) };
    case 'task_failed':
      return { approval: taskFailed(approval, event) };
    case 'moved_on':
      return { approval: movedOn(approval, event.at) };
    case 'not_waiting':
      return { approval: notWaiting(approval, event.at) };
    case 'task_named':
      return { approval: taskNamed(approval, event) };
    case 'urls_known':
      return { approval: urlsKnown(approval, event) };
    case 'task_done':
      return { approval: taskDone(approval, event) };
    case 'warned':
      return { approval: warned(approval, event.warnings) };
    case 'decide':
      return decide(approval, event);
    case 'retry':
      return retry(approval, event);
    case 'give_up':
      return giveUp(approval, event);
    case 'undo':
      return undo(approval, event);
    case 'claim':
    case 'release':
    case 'assign':
      return attend(approval, event);
    case 'time_came':
      return { approval: timeCame(approval, event.at) };
    case 'remind_later':
      return { approval: remindLater(approval, event) };
    case 'fell_back':
      return { approval: fellBack(approval, event) };
    case 'attempt_started':
      return { approval: attemptStarted(approval, event) };
    case 'attempt_ended':
      return { approval: attemptEnded(approval, event) };
    case 'tries_used_up':
      return { approval: triesUsedUp(approval, event) };
    case 'restored':
      return { approval: deliveryHeld(approval, event) };
    case 'found_silent':
      return { approval: foundSilent(approval, event) };
  }
}

function decide(approval: Approval, event: DecideEvent): Transition {
  const round = roundNumbered(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  const refusal = refuseDecision(approval, round);
  if (refusal) return { refusal };
  if (round.votes.some((vote) => vote.by === event.by && vote.action === event.action)) {
    return { refusal: { code: 'already_voted' } };
  }

  const vote: Decision = { action: event.action, feedback: event.feedback, by: event.by, at: event.at };
  const counting = round.votes.filter(({ by }) => by !== event.by && !event.without?.includes(by));
  const votes = [...counting, vote];
  const enough =
    event.action === 'request_revision' ||
    votes.filter((v) => v.action === 'approve').length >= approvalsRequired(approval, round);
  const voted = { ...round, votes };
  const noted = event.note
    ? addNote(approval, { kind: 'for_people', by: event.by, text: event.note })
    : approval;
  if (enough) return { approval: decidedBy(noted, voted, { ...vote, feedback: feedbackOf(votes, vote) }) };
  const fact = { at: event.at, what: 'voted', round: round.number, by: event.by, detail: event.action };
  return { approval: withFact(replaceRound(noted, voted), fact) };
}

function retry(approval: Approval, event: PersonEvent): Transition {
  const round = roundNumbered(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  if (round.status !== 'refused' && round.status !== 'undelivered') {
    return { refusal: refuseDecision(approval, round) ?? { code: 'not_decided' } };
  }
  const unsure = mayHaveArrived(round);
  const again: Round = { ...round, status: 'sending', delivery: { ...freshDelivery(event.at), unsure } };
  delete again.settledAt;
  const lanes = { ...approval.lanes, resume: { failures: 0 } };
  return {
    approval: withFact(replaceRound({ ...approval, lanes }, again), {
      at: event.at,
      what: 'retried',
      round: round.number,
      by: event.by,
    }),
  };
}

function giveUp(approval: Approval, event: PersonEvent): Transition {
  const round = roundNumbered(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  if (round.status === 'sending' && mayHaveArrived(round)) return { refusal: { code: 'on_its_way' } };
  // Whoever decided can take that back; nobody else can in their place.
  if (round.decision && event.at < (round.delivery?.undoUntil ?? 0)) {
    return { refusal: { code: 'already_decided', round: round.number, decision: round.decision } };
  }
  if (!isUnsettled(round)) {
    return { refusal: refuseDecision(approval, round) ?? { code: 'unknown' } };
  }
  const { decision } = round;
  const given = { ...round, givenUpBy: event.by };
  const closed = settle(approval, given, 'given_up', event.at, { by: event.by });
  // Of one that did not arrive the decider was told already.
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
