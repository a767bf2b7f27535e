import {
  type Approval,
  currentRound,
  type Decision,
  mayHaveArrived,
  type Round,
  roundNumbered,
} from './approval.ts';
import { attemptEnded, attemptStarted, deliveryHeld, triesUsedUp } from './delivery.ts';
import type { ApprovalEvent, DecideEvent, OutputEvent, PersonEvent } from './events.ts';
import { withFact } from './facts.ts';
import { cameBefore, isKnownOutput, isOf, sharesHash } from './pauses.ts';
import { attend, fellBack, undo } from './people.ts';
import type { Refusal } from './refusal.ts';
import { refuseDecision } from './refuse-decision.ts';
import { addNote, decidedBy, freshDelivery, newRound, replaceRound, settle } from './rounds.ts';
import { foundSilent, taskDone, urlsKnown } from './run-facts.ts';
import { remindLater, timeCame } from './time.ts';

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
      return { approval: runFinished(approval, event.at, event.withResult) };
    case 'run_failed':
      return { approval: runFailed(approval, event) };
    case 'task_failed':
      return { approval: addNote(approval, { kind: 'task_failed', task: event.task, reason: event.reason }) };
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

function outputCame(approval: Approval, event: OutputEvent): Approval {
  const round = currentRound(approval);
  const same = isOf(round, event.output);
  const unchanged = sharesHash(round, event.output.hashes);
  const known = isKnownOutput(approval, event.output);

  if (event.pause === 'seen') return pauseSeenAgain(approval, event);
  if (event.pause === 'answer') return openRound(answered(approval, round, event.at), event, unchanged);
  if (round.status === 'revision_requested') {
    // The same pause can be told by both routes: the second one answers nothing.
    const secondRoute = !event.opensRounds || (event.output.humanInput && !round.humanInput);
    if (same && secondRoute) return addFacts(approval, round, event);
    if (!event.opensRounds) return approval;
    const answered = round.wentOnAt === undefined ? markWentOn(approval, round, event.at) : approval;
    return openRound(answered, event, unchanged);
  }
  if (same) return addFacts(approval, round, event);
  if (known || !event.opensRounds) return approval;
  return openRound(closeForNewOutput(approval, round, event.at), event, unchanged);
}

/** A pause that has a round already, delivered again: it may complete what is known of its output, and opens nothing. */
function pauseSeenAgain(approval: Approval, event: OutputEvent): Approval {
  const round = approval.rounds.find(({ taskId }) => taskId === event.output.taskId);
  return round && sharesHash(round, event.output.hashes) ? addFacts(approval, round, event) : approval;
}

/** The current round's decision has an answer: CrewAI took it, or did not take it for what it was. */
function answered(approval: Approval, round: Round, at: number): Approval {
  const closed = closeForNewOutput(approval, round, at);
  const settled = currentRound(closed);
  // Its answer is here, whichever is recorded first: this or the acceptance.
  return wentOn(closed, settled, Math.max(at, settled.delivery?.acceptedAt ?? 0));
}

/** A pause that came in once a decision was on its way proves it, whichever is recorded first: the pause or the acceptance. */
function wentOnAfterAttempt(approval: Approval, round: Round, at: number): Approval {
  const { acceptedAt = 0, firstAttemptAt = acceptedAt } = round.delivery ?? {};
  return wentOn(approval, round, at < firstAttemptAt ? at : Math.max(at, acceptedAt));
}

/** A round that comes after the crew's last webhook, which overtook it, waits for nobody. */
function openRound(approval: Approval, event: OutputEvent, unchanged: boolean): Approval {
  const opened = newRound(approval, event, unchanged);
  return approval.runEndedAt === undefined
    ? opened
    : settle(opened, currentRound(opened), 'run_ended', event.at);
}

function closeForNewOutput(approval: Approval, round: Round, at: number): Approval {
  switch (round.status) {
    case 'waiting':
      return settle(approval, round, 'superseded', at);
    // An earlier attempt of a refused one may have arrived: then its re-run is here.
    case 'refused':
    case 'undelivered':
      return asksForRevision(round) && mayHaveArrived(round)
        ? revisionProved(approval, round, at)
        : settle(approval, round, 'superseded', at);
    case 'sending': {
      const decision = round.decision as Decision;
      if (!mayHaveArrived(round)) {
        return addNote(settle(approval, round, 'superseded', at), {
          kind: 'not_sent',
          why: 'superseded',
          decision,
          unsure: false,
        });
      }
      if (asksForRevision(round)) return revisionProved(approval, round, at);
      return addNote(settle(approval, round, 'resolved_elsewhere', at), { kind: 'not_taken', decision });
    }
    default:
      return approval;
  }
}

/** Its re-run is here: CrewAI took the request, whatever became of the answer. */
function revisionProved(approval: Approval, round: Round, at: number): Approval {
  const proved = settle(approval, round, 'revision_requested', at, { proved: true });
  return wentOn(proved, currentRound(proved), at);
}

function asksForRevision(round: Round): boolean {
  return round.decision?.action === 'request_revision';
}

/** A second webhook of the same pause completes what the first one said. */
function addFacts(approval: Approval, round: Round, event: OutputEvent): Approval {
  const { output } = event;
  const complete: Round = {
    ...round,
    hashes: [...new Set([...round.hashes, ...output.hashes])],
    // The human-input webhook's task id is the one that its pause is resumed by.
    taskId: output.humanInput ? output.taskId : round.taskId,
    humanInput: round.humanInput || output.humanInput,
  };
  for (const field of ['agent', 'description', 'expectedOutput'] as const) {
    const value = round[field] ?? output[field];
    if (value !== undefined) complete[field] = value;
  }
  const named = event.task === undefined ? approval : withTaskName(approval, event.task);
  if (JSON.stringify(complete) === JSON.stringify(round)) return named;
  const route = output.humanInput ? 'human-input' : 'task';
  return withFact(replaceRound(named, complete), {
    at: event.at,
    what: 'received',
    round: round.number,
    detail: `same output by the ${route} webhook`,
  });
}

function otherWebhook(approval: Approval, at: number, taskReported: boolean): Approval {
  const round = currentRound(approval);
  if (round.status === 'waiting' && taskReported && !round.mayHaveGoneOn) {
    const noted = replaceRound(approval, { ...round, mayHaveGoneOn: true });
    return withFact(noted, { at, what: 'other_task_reported', round: round.number });
  }
  return wentOn(approval, round, at);
}

function wentOn(approval: Approval, round: Round, at: number): Approval {
  const accepted = round.status === 'approved' || round.status === 'revision_requested';
  // A webhook that came in before the acceptance proves nothing.
  const early = at < (round.delivery?.acceptedAt ?? 0);
  return !accepted || early || round.wentOnAt !== undefined ? approval : markWentOn(approval, round, at);
}

function markWentOn(approval: Approval, round: Round, at: number): Approval {
  return withFact(replaceRound(approval, { ...round, wentOnAt: at }), {
    at,
    what: 'went_on',
    round: round.number,
  });
}

function runFinished(approval: Approval, at: number, withResult: boolean): Approval {
  if (approval.runEndedAt !== undefined) return approval;
  const ended = withFact({ ...approval, runEndedAt: at }, { at, what: 'run_finished' });
  const closed = closeForRunEnd(ended, currentRound(ended), at);
  return withResult ? addNote(closed, { kind: 'run_result' }) : closed;
}

function closeForRunEnd(approval: Approval, round: Round, at: number): Approval {
  const { decision } = round;
  switch (round.status) {
    case 'waiting':
      return settle(approval, round, 'run_ended', at);
    case 'refused':
    case 'undelivered':
    case 'sending': {
      if (!decision) return approval;
      const unsure = mayHaveArrived(round);
      if (decision.action === 'approve' && unsure) {
        const proved = settle(approval, round, 'approved', at, { proved: true });
        return wentOn(proved, currentRound(proved), at);
      }
      const ended = settle(approval, round, 'run_ended', at);
      // Otherwise the decider was told already.
      if (round.status !== 'sending') return ended;
      return addNote(ended, { kind: 'not_sent', why: 'run_ended', decision, unsure });
    }
    default:
      // It comes once, whichever is recorded first: this or the acceptance that it proves.
      return wentOn(approval, round, Math.max(at, round.delivery?.acceptedAt ?? 0));
  }
}

/** The same warning does not wait twice for the thread. */
function warned(approval: Approval, warnings: string[]): Approval {
  const note = { kind: 'ignored', warnings } as const;
  const waits = approval.notes.some((one) => JSON.stringify(one) === JSON.stringify(note));
  return waits ? approval : addNote(approval, note);
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
    votes.filter((v) => v.action === 'approve').length >= approval.policy.approvalsRequired;
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
  if (!['waiting', 'sending', 'refused', 'undelivered'].includes(round.status)) {
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

/** The run failed: a failure never proves that a decision was taken, nor that it was not. */
function runFailed(approval: Approval, event: Extract<ApprovalEvent, { type: 'run_failed' }>): Approval {
  if (approval.runFailure || approval.runEndedAt !== undefined) return approval;
  const round = currentRound(approval);
  const { decision, status } = round;
  // Events come in any order: what failed before the last decision was taken is another attempt's story.
  const taken = status === 'approved' || status === 'revision_requested';
  if (taken && decision && event.failedAt < decision.at) return approval;
  const { at, failedAt, reason } = event;
  const failure = { at: failedAt, ...(reason === undefined ? {} : { reason }) };
  const failed = withFact({ ...approval, runFailure: failure, runEndedAt: at }, { at, what: 'run_failed' });
  const unsure = mayHaveArrived(round);
  const open = ['waiting', 'sending', 'refused', 'undelivered'].includes(status);
  const closed = open ? settle(failed, round, 'run_ended', at) : failed;
  if (!open && !taken) return closed;
  const told = decision && status !== 'waiting' ? { decision } : {};
  return addNote(closed, {
    kind: 'run_failed',
    ...(reason === undefined ? {} : { reason }),
    ...told,
    unsure: open && unsure,
  });
}

/** A later pause of the run proves that what was approved before it was taken. */
function movedOn(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  if (round.decision?.action !== 'approve' || cameBefore(at, round)) return approval;
  if (round.status === 'approved') return wentOnAfterAttempt(approval, round, at);
  const open = ['sending', 'refused', 'undelivered'].includes(round.status);
  if (!open || !mayHaveArrived(round)) return approval;
  const proved = settle(approval, round, 'approved', at, { proved: true });
  return wentOn(proved, currentRound(proved), at);
}

/** A card that was opened before it was known that this platform tells its pauses another way. */
function notWaiting(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  if (round.humanInput || !['waiting', 'sending', 'refused', 'undelivered'].includes(round.status))
    return approval;
  const closed = settle(approval, { ...round, notWaiting: true }, 'resolved_elsewhere', at);
  const { decision } = round;
  return decision ? addNote(closed, { kind: 'task_does_not_wait', decision }) : closed;
}

/** The task of the current round became known. */
function taskNamed(
  approval: Approval,
  { task, agent }: Extract<ApprovalEvent, { type: 'task_named' }>,
): Approval {
  const named = withTaskName(approval, task);
  const round = currentRound(named);
  if (agent === undefined || round.agent !== undefined) return named;
  return replaceRound(named, { ...round, agent });
}

/** The approval with its task's name; a round that was taken for an answer to another task's revision says so. */
function withTaskName(approval: Approval, task: string): Approval {
  const round = currentRound(approval);
  if (approval.titleOnly) {
    const { titleOnly: _, ...titled } = approval;
    return { ...titled, task };
  }
  if (!round.chained) return approval;
  const { chained: _, ...rest } = round;
  return replaceRound(
    approval,
    approval.task === task ? rest : { ...rest, chained: true, chainDoubted: true },
  );
}
