import { getOwn } from '../../lib/own-member.ts';
import { type Approval, addFact, currentRound, findAttempt, findRound, setLane } from '../model/approval.ts';
import {
  type AnswerFault,
  canBeAnsweredHere,
  type Decision,
  type Delivery,
  type Failure,
  hasUndeliveredDecision,
  isAccepted,
  isOpen,
  mayHaveArrived,
  REVIEW_FAULTS,
  type Round,
} from '../model/round.ts';
import { addTicketId, type Ticket } from '../model/run/ticket.ts';
import type { ApprovalEvent, AttemptEndedEvent, AttemptStartedEvent, ResumeOutcome } from './events.ts';
import { ignoreFarTime, LEASE } from './lanes.ts';
import { addNote, keepUnsentNote, replaceRound, settle } from './rounds.ts';
import { findAcceptedStatus } from './votes.ts';
import { recordContinued } from './went-on.ts';

const MINUTE = 60_000;
/** Time during which a decision is sent again if CrewAI cannot be reached or its answer was lost, in milliseconds. */
const LONGEST_RETRY = 60 * MINUTE;
/**
 * Time during which a decision that may have arrived and must not come late is repeated, in milliseconds from the first attempt
 * that may have arrived.
 */
const LONGEST_UNSURE_RETRY = MINUTE;

/** A call that was recorded but never made: its worker was held up. */
const CALL_NOT_MADE_FAILURE: Failure = { kind: 'not_reached', detail: 'HELD_UP' };
/** Detail of a failure: the store was restored while the decision was being sent. */
const RESTORED = 'RESTORED';
export const CALL_NOT_MADE: ResumeOutcome = { kind: 'not_reached', failure: CALL_NOT_MADE_FAILURE };

/** True if a decision with an undo window has not been sent or offered yet. `undo` also checks the time. */
export function canBeUndone({ status, delivery }: Round): boolean {
  const isSent = delivery?.offeredAt !== undefined || (delivery?.attempts ?? 0) > 0;
  return status === 'sending' && delivery?.undoUntil !== undefined && !isSent;
}

/** Why a decision does not count as accepted by CrewAI. Slack's texts have a sentence for each reason. */
export type FailureReason =
  | 'no_answer'
  | 'error_answer'
  | 'not_reached'
  | 'not_ready'
  | 'held_up'
  | 'no_url'
  | 'restored'
  | 'token_rejected'
  | 'unknown_run'
  | 'rejected'
  | 'host_not_allowed'
  | 'callback_rejected'
  | 'unknown_review';

const REASONS_BY_DETAIL: Readonly<Record<string, FailureReason>> = {
  [RESTORED]: 'restored',
  ...({ CREW_GONE: 'no_url', FLOW_REVIEWS_ONLY: 'no_url' } satisfies Partial<
    Record<AnswerFault, FailureReason>
  >),
  [REVIEW_FAULTS.hostNotAllowed]: 'host_not_allowed',
  [REVIEW_FAULTS.callbackRejected]: 'callback_rejected',
  [REVIEW_FAULTS.unknownReview]: 'unknown_review',
};

export function classifyFailure({ kind, status, detail = '' }: Failure): FailureReason {
  if (kind === 'not_reached') {
    if (detail === CALL_NOT_MADE_FAILURE.detail) return 'held_up';
    return status === undefined ? 'not_reached' : 'not_ready';
  }
  const reason = getOwn(REASONS_BY_DETAIL, detail);
  if (reason !== undefined) return reason;
  if (kind === 'unknown') return status !== undefined && status >= 500 ? 'error_answer' : 'no_answer';
  if (status === 401 || status === 403) return 'token_rejected';
  return status === 404 ? 'unknown_run' : 'rejected';
}

/** True if CrewAI may accept the same decision next time. False if CrewAI rejected its content. */
export function isWorthRetrying({ kind, status = 0 }: Failure): boolean {
  return kind !== 'refused' || status < 400 || [401, 403, 404, 429].includes(status);
}

/** Returns the time from which a decision can be sent. */
function findFirstSendTime({ since, undoUntil = 0 }: Delivery): number {
  return Math.max(since, undoUntil);
}

/** Returns the time from which a round's decision can be sent to CrewAI; undefined: not being sent, or it answers a program. */
export function findSendingStart({ status, question, delivery }: Round): number | undefined {
  return status === 'sending' && !question && delivery ? findFirstSendTime(delivery) : undefined;
}

/**
 * Returns when the attempts for a round end; undefined before the first attempt. If the clock was set back, the age of an attempt
 * is not known: a decision that must not come late is not repeated.
 */
export function findDeliveryExpiry(round: Round, now: number): number | undefined {
  const { delivery, decision } = round;
  if (!delivery || !decision || delivery.attempts === 0) return undefined;
  const since = findFirstSendTime(delivery);
  const firstAttemptAt = ignoreFarTime(delivery.firstAttemptAt ?? since, now, LEASE);
  const endsEarly = mayHaveArrived(round) && isRetriedBriefly(decision, delivery);
  return Math.min(
    since + LONGEST_RETRY,
    endsEarly ? firstAttemptAt + LONGEST_UNSURE_RETRY : Number.POSITIVE_INFINITY,
  );
}

/** True if a late repetition could meet an output that nobody saw: a revision always, an approve where a 200 proves nothing. */
function isRetriedBriefly({ action }: Decision, { dialect = 'documented' }: Delivery): boolean {
  // A Flow takes its first answer: a repetition changes nothing.
  if (action === 'choose') return false;
  return action === 'request_revision' || dialect !== 'documented';
}

/** Starts an attempt. An earlier attempt without an outcome (a crash) may have arrived. */
export function startAttempt(approval: Approval, event: AttemptStartedEvent): Approval {
  const round = findRound(approval, event.round);
  if (round?.status !== 'sending' || !round.delivery) return approval;
  const delivery: Delivery = {
    ...round.delivery,
    attempts: round.delivery.attempts + 1,
    firstAttemptAt: round.delivery.firstAttemptAt ?? event.at,
    unsure: mayHaveArrived(round),
    underway: true,
    // The callback of a Flow says if it accepted the answer.
    dialect: round.review ? 'documented' : event.dialect,
    ...(event.ticket === undefined ? {} : { tickets: addTicketId(round.delivery.tickets, event.ticket) }),
  };
  return addFact(replaceRound(approval, { ...round, delivery }), {
    at: event.at,
    what: 'attempt',
    round: round.number,
    detail: `number ${delivery.attempts}`,
  });
}

function replaceTicket(
  delivery: Delivery,
  id: string | undefined,
  ticketFacts: Omit<Ticket, 'id'>,
): Delivery {
  const { tickets } = delivery;
  if (!tickets?.some((ticket) => ticket.id === id)) return delivery;
  return {
    ...delivery,
    tickets: tickets.map((ticket) => (ticket.id === id ? { ...ticket, ...ticketFacts } : ticket)),
  };
}

/** Records that an attempt arrived, since its ticket came back. Settles the decision as accepted unless CrewAI refused it. */
export function proveAttempt(
  approval: Approval,
  { at, ticket, executionId }: Extract<ApprovalEvent, { type: 'attempt_proved' }>,
): Approval {
  const { round, ticket: sentTicket } = findAttempt(approval, ticket) ?? {};
  if (!round?.delivery || !round.decision || !sentTicket) return approval;
  if (sentTicket.usedBy !== undefined && executionId !== undefined && sentTicket.usedBy !== executionId)
    return approval;
  const isNews = sentTicket.usedBy === undefined && executionId !== undefined;
  const delivery = isNews ? replaceTicket(round.delivery, ticket, { usedBy: executionId }) : round.delivery;
  const withUsedTicket = isNews ? replaceRound(approval, { ...round, delivery }) : approval;
  // The ticket counts more than a 503 or a lost answer. A refused decision stays refused unless an attempt may have arrived.
  const isRefused = round.status === 'refused' && !mayHaveArrived(round);
  if (!hasUndeliveredDecision(round) || isRefused) return withUsedTicket;
  const arrivedRound: Round = { ...round, delivery: { ...delivery, unsure: true } };
  const withUnsentNote = keepUnsentNote(withUsedTicket, round.decision, delivery.dialect);
  return settle(withUnsentNote, arrivedRound, findAcceptedStatus(round.decision), at, { proved: true });
}

/**
 * Ends an attempt and adds its outcome to the history. A settled round keeps its status, except after a late acceptance, or if
 * someone else answered its review.
 */
export function endAttempt(approval: Approval, event: AttemptEndedEvent): Approval {
  const round = findRound(approval, event.round);
  if (!round?.delivery) return approval;
  const { outcome, at } = event;
  const fact = {
    at,
    what: 'attempt_ended' as const,
    round: round.number,
    detail: describeOutcome(outcome),
    outcome: outcome.kind,
    ...('failure' in outcome && outcome.failure.status !== undefined
      ? { status: outcome.failure.status }
      : {}),
  };
  // The round is being sent again and has no attempt under way: the outcome only enters the history.
  if (round.status === 'sending' && !mayHaveArrived(round)) return addFact(approval, fact);
  // Unless CrewAI clearly accepted or rejected the decision, a webhook with an unknown id can still belong to this attempt.
  const answeredDelivery =
    outcome.kind === 'unknown' || outcome.kind === 'not_reached'
      ? round.delivery
      : replaceTicket(round.delivery, event.ticket, { answered: true });
  const endedRound: Round = { ...round, delivery: updateDelivery(round, answeredDelivery, outcome) };
  const withOutcome = addFact(replaceRound(approval, endedRound), fact);
  // An acceptance also counts late, after the attempts ended or another one was refused.
  const isLateAcceptance =
    outcome.kind === 'accepted' && hasUndeliveredDecision(round) && round.status !== 'sending';
  if (isProvedWrong(round, outcome) && round.decision)
    return closeAnsweredElsewhere(withOutcome, endedRound, round.decision, { at, via: outcome.via });
  if (!round.decision) return withOutcome;
  if (round.status !== 'sending' && !isLateAcceptance) {
    // A webhook proved the decision before this answer came, which may still say that CrewAI did something else.
    const isProved = isAccepted(round) && round.delivery.underway && outcome.kind === 'accepted';
    return isProved ? noteAnsweredOtherwise(withOutcome, round.decision, outcome.says) : withOutcome;
  }

  const { decision } = round;
  const decidedStatus = findAcceptedStatus(decision);
  switch (outcome.kind) {
    case 'accepted': {
      // The live platform answers 200 even to a task's name, and nothing happens: it resumes only pauses.
      if (outcome.dialect === 'live' && !canBeAnsweredHere(round))
        return closeNotWaitingTask(withOutcome, event);
      const withUnsentNote = keepUnsentNote(withOutcome, decision, outcome.dialect);
      const settled = settle(withUnsentNote, endedRound, decidedStatus, at);
      return noteAnsweredOtherwise(recordEarlyWebhook(settled, round.number), decision, outcome.says);
    }
    case 'not_pending':
      if (round.delivery.unsure && !isAnsweredByOthers(outcome.via)) {
        const withUnsentNote = keepUnsentNote(withOutcome, decision, round.delivery.dialect);
        return settle(withUnsentNote, endedRound, decidedStatus, at, { detail: 'by an earlier attempt' });
      }
      return closeAnsweredElsewhere(withOutcome, endedRound, decision, { at, via: outcome.via });
    case 'refused':
      return noteNotDelivered(settle(withOutcome, endedRound, 'refused', at), endedRound, decision);
    case 'not_reached':
    case 'unknown': {
      const wait = Math.max(event.backoffMs, outcome.retryAfterMs ?? 0);
      const { delivery: lane } = withOutcome.lanes;
      const delayedLane = { ...lane, failures: lane.failures + 1, notBefore: at + wait };
      return setLane(withOutcome, 'delivery', delayedLane);
    }
  }
}

function noteAnsweredOtherwise(approval: Approval, decision: Decision, says: string | undefined): Approval {
  return says !== undefined && contradictsDecision(decision, says)
    ? addNote(approval, { kind: 'answered_otherwise', decision, says })
    : approval;
}

/** True if the Flow's next review seemed to prove this answer, but the outcome of the attempt says that someone else answered. */
function isProvedWrong(
  round: Round,
  outcome: ResumeOutcome,
): outcome is Extract<ResumeOutcome, { kind: 'not_pending' }> {
  const isLate = round.status === 'answered' && mayHaveArrived(round);
  return isLate && outcome.kind === 'not_pending' && isAnsweredByOthers(outcome.via);
}

/** Ways of answering a review that are never the bot's. */
const WAYS_OF_OTHERS: ReadonlySet<string> = new Set(['dashboard', 'email', 'timeout']);

function isAnsweredByOthers(via: string | undefined): boolean {
  return via !== undefined && WAYS_OF_OTHERS.has(via);
}

function closeAnsweredElsewhere(
  approval: Approval,
  round: Round,
  decision: Decision,
  { at, via }: { at: number; via: string | undefined },
): Approval {
  const { review } = round;
  const answeredRound =
    review && via !== undefined ? { ...round, review: { ...review, answeredVia: via } } : round;
  return addNote(settle(approval, answeredRound, 'resolved_elsewhere', at), {
    kind: 'not_taken',
    decision,
    ...(via === undefined ? {} : { via }),
  });
}

/** Closes a review that was answered in CrewAI: its Flow has continued. */
export function closeAnsweredReview(
  approval: Approval,
  { at, round: number }: { at: number; round: number },
): Approval {
  const round = findRound(approval, number);
  if (round?.status !== 'waiting' || !round.review) return approval;
  const answeredRound: Round = { ...round, review: { ...round.review, answeredVia: 'crewai' } };
  return settle(approval, answeredRound, 'resolved_elsewhere', at, { detail: 'answered in CrewAI' });
}

/** Ends the attempts after an hour, or a minute if a late repetition could do harm. A person decides how to go on. */
export function expireDelivery(approval: Approval, event: { at: number; round: number }): Approval {
  const round = findRound(approval, event.round);
  if (round?.status !== 'sending' || !round.delivery || !round.decision) return approval;
  const unsure = mayHaveArrived(round);
  const failure = round.delivery.failure ?? (unsure ? { kind: 'unknown' as const } : CALL_NOT_MADE_FAILURE);
  const endedRound: Round = { ...round, delivery: { ...round.delivery, underway: false, unsure, failure } };
  return noteNotDelivered(settle(approval, endedRound, 'undelivered', event.at), endedRound, round.decision);
}

/** Stops sending a decision after a restore: CrewAI may have it, and a person says how to go on. */
export function holdDelivery(approval: Approval, event: { at: number; round: number }): Approval {
  const round = findRound(approval, event.round);
  if (round?.status !== 'sending' || !round.delivery || !round.decision) return approval;
  // A program fetches its answer again.
  if (round.question) return approval;
  const { undoUntil: _, ...delivery } = round.delivery;
  const failure: Failure = { kind: 'unknown', detail: RESTORED };
  const heldRound: Round = { ...round, delivery: { ...delivery, underway: false, unsure: true, failure } };
  return noteNotDelivered(
    settle(approval, heldRound, 'undelivered', event.at, { detail: 'restored' }),
    heldRound,
    round.decision,
  );
}

/** Records that the run continued if a webhook came after CrewAI's answer but was recorded before that answer. */
function recordEarlyWebhook(approval: Approval, number: number): Approval {
  const round = findRound(approval, number);
  const heardAt = round?.delivery?.heardAt;
  return heardAt === undefined
    ? approval
    : recordContinued(approval, round as Round, { kind: 'past_webhook', at: heardAt });
}

/** Closes a round that a task webhook opened before the bot knew that this platform uses human-input webhooks for pauses. */
export function closeNotWaitingTask(approval: Approval, { at }: { at: number }): Approval {
  const round = currentRound(approval);
  if (canBeAnsweredHere(round) || !isOpen(round)) return approval;
  const closed = settle(approval, { ...round, notWaiting: true }, 'resolved_elsewhere', at);
  const { decision } = round;
  return decision ? addNote(closed, { kind: 'task_does_not_wait', decision }) : closed;
}

function updateDelivery({ status }: Round, delivery: Delivery, outcome: ResumeOutcome): Delivery {
  const endedDelivery: Delivery = { ...delivery, underway: false };
  if (outcome.kind === 'accepted') {
    if (outcome.dialect) endedDelivery.dialect = outcome.dialect;
    if (outcome.says !== undefined) endedDelivery.says = outcome.says;
  }
  if (outcome.kind === 'unknown') endedDelivery.unsure = true;
  if (outcome.kind === 'not_reached' && !endedDelivery.unsure) delete endedDelivery.firstAttemptAt;
  // A call that was not made shows nothing.
  if (status === 'sending' && 'failure' in outcome && outcome !== CALL_NOT_MADE)
    endedDelivery.failure = outcome.failure;
  return endedDelivery;
}

/** True if CrewAI says that it did something else with the decision than asked. */
export function contradictsDecision({ action }: Decision, says: string): boolean {
  if (action === 'choose') return false;
  return action === 'approve' ? says === 'retrying' : says === 'resumed' || says === 'completed';
}

function noteNotDelivered(approval: Approval, round: Round, decision: Decision): Approval {
  const failure = round.delivery?.failure ?? { kind: 'unknown' as const };
  return addNote(approval, { kind: 'not_delivered', decision, failure, unsure: mayHaveArrived(round) });
}

function describeOutcome(outcome: ResumeOutcome): string {
  if (!('failure' in outcome)) return outcome.kind;
  const { status, detail } = outcome.failure;
  // CrewAI's own words may repeat the feedback, so only codes are kept.
  const code = detail !== undefined && /^[A-Z][A-Z0-9_]*$/.test(detail) ? detail : undefined;
  return [outcome.kind, status, code].filter((part) => part !== undefined).join(' ');
}
