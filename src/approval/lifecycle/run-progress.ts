import { type Approval, addFact, currentRound, findRound } from '../model/approval.ts';
import {
  type Decision,
  hasUndeliveredDecision,
  isAccepted,
  isOpen,
  mayHaveArrived,
  type Round,
} from '../model/round.ts';
import type { ApprovalEvent } from './events.ts';
import { isPushUnderway } from './questions.ts';
import { addNote, keepUnsentNote, replaceRound, settle } from './rounds.ts';
import { findAcceptedStatus } from './votes.ts';
import { recordContinued } from './went-on.ts';
import { isBeforeAttempt } from './which-approval.ts';

/** Records a webhook or an event of the run that does not bring this approval's own output. */
export function recordRunProgress(
  approval: Approval,
  { at, isTaskReport, cameUnderUnknownId, task }: Extract<ApprovalEvent, { type: 'other_webhook' }>,
): Approval {
  const round = currentRound(approval);
  if (round.status === 'waiting' && isTaskReport && !round.mayHaveContinued) {
    const markedApproval = replaceRound(approval, { ...round, mayHaveContinued: true });
    return addFact(markedApproval, { at, what: 'other_task_reported', round: round.number });
  }
  if (round.status === 'sending') return recordWebhookTime(approval, round, at);
  return recordContinued(
    approval,
    round,
    cameUnderUnknownId ? { kind: 'past_webhook', at } : { kind: 'webhook', at, task },
  );
}

/** Keeps when the webhook came in. CrewAI's answer may be on its way to the store, and shows later if the webhook followed it. */
function recordWebhookTime(approval: Approval, round: Round, at: number): Approval {
  const { delivery } = round;
  if (!delivery || at <= (delivery.heardAt ?? 0)) return approval;
  return replaceRound(approval, { ...round, delivery: { ...delivery, heardAt: at } });
}

/** Settles a decision as accepted: its effect is here, whatever CrewAI's answer was. */
export function proveDecision(approval: Approval, round: Round, at: number): Approval {
  const decision = round.decision as Decision;
  const withUnsentNote = keepUnsentNote(approval, decision, round.delivery?.dialect);
  const provedApproval = settle(withUnsentNote, round, findAcceptedStatus(decision), at, { proved: true });
  return recordContinued(provedApproval, currentRound(provedApproval), { kind: 'webhook', at });
}

/** Records that the crew finished, by its last webhook or by an event, which may come first and brings no result. */
export function finishRun(
  approval: Approval,
  { at, withResult, isLast = false, result: output }: Extract<ApprovalEvent, { type: 'run_finished' }>,
): Approval {
  if (approval.runEndedAt !== undefined) {
    const withResultNote = withResult ? noteLateResult(approval) : approval;
    return output === undefined
      ? withResultNote
      : addFact(withResultNote, { at, what: 'run_result', output });
  }
  const endedApproval = addFact({ ...approval, runEndedAt: at }, { at, what: 'run_finished', output });
  const closed = noteForRequester(closeForRunEnd(endedApproval, currentRound(endedApproval), at), isLast);
  return withResult ? addNote(closed, { kind: 'run_result' }) : { ...closed, resultDue: true };
}

/** Tells the requester about the run's end once, through the run's last approval. */
function noteForRequester(approval: Approval, isLast: boolean): Approval {
  if (!isLast || !approval.hasRequester) return approval;
  return addNote(approval, { kind: 'to_requester', round: currentRound(approval).number, what: 'ended' });
}

function noteLateResult(approval: Approval): Approval {
  const { resultDue, ...rest } = approval;
  return resultDue ? addNote(rest, { kind: 'run_result' }) : approval;
}

function closeForRunEnd(approval: Approval, round: Round, at: number): Approval {
  const { decision } = round;
  switch (round.status) {
    case 'waiting':
      return settle(approval, round, 'run_ended', at);
    case 'refused':
    case 'undelivered':
    case 'sending': {
      // The program may have the answer already: the answer stays readable until the program's reply.
      if (!decision || isPushUnderway(approval, round)) return approval;
      return closeUndelivered(approval, round, decision, at);
    }
    default:
      // The run's end comes once, so it counts even if it is recorded before the acceptance that it proves.
      return recordContinued(approval, round, { kind: 'follows', at });
  }
}

function closeUndelivered(approval: Approval, round: Round, decision: Decision, at: number): Approval {
  const unsure = mayHaveArrived(round) || round.delivery?.offeredAt !== undefined;
  if (decision.action === 'approve' && mayHaveArrived(round)) return proveDecision(approval, round, at);
  const endedApproval = settle(approval, keepUnsure(round), 'run_ended', at);
  // The decider was told already if the decision was refused or undelivered.
  if (round.status !== 'sending') return endedApproval;
  return addNote(endedApproval, { kind: 'not_sent', why: 'run_ended', decision, unsure });
}

/** Closes a question whose run ended while its answer was on its way, if the program did not accept the answer. */
export function closeAfterPush(approval: Approval, number: number, at: number): Approval {
  const round = findRound(approval, number);
  const { decision, status } = round ?? {};
  if (!round || !decision || status !== 'sending' || approval.runEndedAt === undefined) return approval;
  // The note about the run's failure has told the decider.
  return approval.runFailure
    ? settle(approval, round, 'run_ended', at)
    : closeUndelivered(approval, round, decision, at);
}

/** Records that the run failed. A failure proves neither that CrewAI accepted a decision nor that it did not. */
export function failRun(approval: Approval, event: Extract<ApprovalEvent, { type: 'run_failed' }>): Approval {
  if (approval.runFailure || approval.runEndedAt !== undefined) return approval;
  const round = currentRound(approval);
  const { decision, status } = round;
  // Events are unordered: a failure older than the last accepted decision does not concern it.
  if (event.failedAt < findLastAcceptance(approval)) return approval;
  const hasAcceptedDecision = isAccepted(round);
  const { at, failedAt, reason } = event;
  const failure = { at: failedAt, ...(reason === undefined ? {} : { reason }) };
  const failedApproval = addFact(
    { ...approval, runFailure: failure, runEndedAt: at },
    { at, what: 'run_failed' },
  );
  const wasOpen = isOpen(round);
  const isBeingPushed = isPushUnderway(approval, round);
  const unsure = mayHaveArrived(round) || isBeingPushed;
  const closed = noteForRequester(
    wasOpen && !isBeingPushed ? settle(failedApproval, keepUnsure(round), 'run_ended', at) : failedApproval,
    event.isLast ?? false,
  );
  if (!wasOpen && !hasAcceptedDecision) return closed;
  if (event.isReportedByStart && approval.thread && !(wasOpen && unsure)) return closed;
  const decisionField = decision && status !== 'waiting' ? { decision } : {};
  return addNote(closed, {
    kind: 'run_failed',
    ...(reason === undefined ? {} : { reason }),
    ...decisionField,
    unsure: wasOpen && unsure,
  });
}

/** Marks an attempt under way as unsure: whatever its answer, nobody knows if CrewAI got it before the end of the run. */
function keepUnsure(round: Round): Round {
  const { delivery } = round;
  return delivery?.underway ? { ...round, delivery: { ...delivery, unsure: true } } : round;
}

/** Returns when the last accepted decision was made; -Infinity: there is none. */
export function findLastAcceptance(approval: Approval): number {
  const lastRound = approval.rounds.findLast((round) => round.decision && isAccepted(round));
  return lastRound?.decision?.at ?? Number.NEGATIVE_INFINITY;
}

/** Applies a later pause of the run, which proves that CrewAI accepted the approval before it. */
export function applyLaterPause(approval: Approval, { at }: { at: number }): Approval {
  const round = currentRound(approval);
  if (round.decision?.action !== 'approve' || isBeforeAttempt(at, round)) return approval;
  if (round.status === 'approved') return recordContinued(approval, round, { kind: 'later_pause', at });
  if (!hasUndeliveredDecision(round) || !mayHaveArrived(round)) return approval;
  return proveDecision(approval, round, at);
}
