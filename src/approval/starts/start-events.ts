import { failLane, ignoreFarTime, leasedUntil, resetLane } from '../lifecycle/lanes.ts';
import { FREE_LANE } from '../model/approval.ts';
import type { StartReason } from '../model/run/run-status.ts';
import type { Start, StartNote, StartStatus } from '../model/run/start.ts';
import { addTicketId } from '../model/run/ticket.ts';

const FREE_LANES = { start: FREE_LANE };

/** Time for calls to CrewAI while it certainly has not started the run, and for a program to fetch the start. In milliseconds. */
const START_TIME_LIMIT = 10 * 60_000;
/** Extra time for the last call, which is due at the end of this time and may begin a little later. In milliseconds. */
const LAST_CALL_GRACE = 30_000;

/** Outcome of a call of /kickoff. */
export type KickoffOutcome =
  | { kind: 'started'; executionId: string }
  /** Refused for good. `missing`: names of the missing inputs. */
  | { kind: 'refused'; reason: StartReason; missing?: string[] }
  /** Certainly not started: no connection, 429, 503. */
  | { kind: 'not_reached'; reason: StartReason; retryAfterMs?: number }
  /** Possibly started: a timeout, a reset, 500, 502, 504, a 2xx without an id. */
  | { kind: 'unknown'; reason: StartReason };

export type StartEvent =
  | { type: 'called'; at: number; ticket?: string }
  /** `backoffMs`: wait before the next call. */
  | { type: 'answered'; at: number; outcome: KickoffOutcome; backoffMs: number }
  /** A process ended during the call, or a program fetched the start and did not answer. */
  | { type: 'call_lost'; at: number }
  /** The bot did not call, or no program fetched the start, in time: a run that nobody expects anymore is not started. */
  | { type: 'too_late'; at: number }
  /** The start's message cannot be posted: without a thread the bot starts nothing. */
  | { type: 'not_posted'; at: number; reason: string }
  /** A webhook or an answer named the run, so it has started. Stored in one commit with the run's record. */
  | { type: 'seen'; at: number; executionId: string; checkAt?: number | undefined }
  /** The time to check has come. `heard`: a webhook of the run has arrived. */
  | { type: 'checked'; heard: boolean }
  /** `result`: hash of a result that has just arrived. */
  | { type: 'run_finished'; at: number; withResult: boolean; result?: string | undefined }
  /** `decider`: the person who made the run's latest decision. */
  | { type: 'run_failed'; at: number; reason?: StartReason | undefined; decider?: string | undefined };

/** Applies an event to a start. Returns the same object if nothing changes. Pure. */
export function applyStartEvent(start: Start, event: StartEvent): Start {
  const next = changeStart(start, event);
  return next.status === start.status || !('at' in event) ? next : { ...next, changedAt: event.at };
}

function changeStart(start: Start, event: StartEvent): Start {
  switch (event.type) {
    case 'called':
      return {
        ...start,
        calledAt: event.at,
        ...(event.ticket === undefined ? {} : { tickets: addTicketId(start.tickets, event.ticket) }),
      };
    case 'answered':
      return applyAnswer(start, event);
    case 'call_lost':
      return start.status === 'starting' ? end(start, 'unsure', 'unsure') : start;
    case 'too_late':
      return end(start, 'not_started', 'not_started', {
        code: start.program ? 'not_fetched' : 'too_late',
      });
    case 'not_posted': {
      // Another worker may have taken over this step.
      const isOpen = start.status === 'starting' && !start.message;
      return isOpen ? end(start, 'not_started', 'not_started', event.reason) : start;
    }
    case 'seen':
      return markRunning(start, event);
    case 'checked':
      return endCheck(start, event.heard);
    case 'run_finished':
      return finishStart(start, event);
    case 'run_failed':
      return isOver(start) ? start : fail(start, event);
  }
}

function applyAnswer(
  start: Start,
  { at, outcome, backoffMs }: Extract<StartEvent, { type: 'answered' }>,
): Start {
  // A webhook came before the answer.
  if (start.executionId !== undefined) return start;
  switch (outcome.kind) {
    case 'started':
      // Reached only if the run belongs to another start: `recordStartedRun` records this one otherwise.
      return markRunning(start, outcome);
    case 'refused': {
      const refusedStart = end(start, 'not_started', 'not_started', outcome.reason);
      return outcome.missing ? { ...refusedStart, missing: outcome.missing } : refusedStart;
    }
    case 'unknown':
      // The call already counted as lost, and that was reported.
      return start.status === 'unsure' ? start : end(start, 'unsure', 'unsure', outcome.reason);
    case 'not_reached':
      return askAgain(start, at, outcome, backoffMs);
  }
}

/** Schedules another call within the ten minutes: CrewAI certainly did not start the run. */
function askAgain(
  start: Start,
  at: number,
  { reason, retryAfterMs = 0 }: Extract<KickoffOutcome, { kind: 'not_reached' }>,
  backoffMs: number,
): Start {
  const deadline = start.createdAt + START_TIME_LIMIT;
  // After a call that counted as lost, the person may have started the run elsewhere.
  const isLate = at >= deadline || at + retryAfterMs > deadline;
  if (isLate || start.status !== 'starting') return end(start, 'not_started', 'not_started', reason);
  const { calledAt: _, ...withoutCall } = start;
  const notBefore = Math.max(at + retryAfterMs, Math.min(at + backoffMs, deadline));
  return failLane(withoutCall, 'start', notBefore);
}

function finishStart(
  start: Start,
  { at, withResult, result: hash }: Extract<StartEvent, { type: 'run_finished' }>,
): Start {
  // Events are unordered: a run that failed may have continued.
  const endedStart = start.status === 'finished' ? start : end(start, 'finished', undefined);
  const finishedStart = hash === undefined ? endedStart : { ...endedStart, result: { hash, at } };
  if (!withResult || finishedStart.hasResult) return finishedStart;
  return addRunNote({ ...finishedStart, hasResult: true }, 'result');
}

function endCheck({ checkAt: _, ...checkedStart }: Start, hasWebhook: boolean): Start {
  const isSilent = !hasWebhook && checkedStart.status === 'running';
  return isSilent ? addRunNote(checkedStart, 'silent') : checkedStart;
}

/** Adds a note that is due now: it does not wait for a message that cannot be updated. */
function addRunNote(start: Start, note: StartNote): Start {
  return resetLane({ ...start, notes: [...start.notes, note] }, 'start');
}

function markRunning(
  start: Start,
  { executionId, checkAt }: { executionId: string; checkAt?: number | undefined },
): Start {
  if (start.executionId !== undefined) return start;
  const { reason: _, missing: __, ...withoutReason } = start;
  const notes = start.notes.filter((note) => note !== 'unsure' && note !== 'not_started');
  const check = checkAt === undefined ? {} : { checkAt };
  return { ...withoutReason, executionId, ...check, status: 'running', notes, lanes: FREE_LANES };
}

function end(start: Start, status: StartStatus, note: StartNote | undefined, reason?: StartReason): Start {
  const { reason: _, ...rest } = start;
  const notes = start.notes.filter((earlierNote) => !['unsure', 'silent', 'failed'].includes(earlierNote));
  return {
    ...rest,
    status,
    ...(reason === undefined ? {} : { reason }),
    notes: note ? [...notes, note] : notes,
    lanes: FREE_LANES,
  };
}

function fail(start: Start, { reason, decider }: Extract<StartEvent, { type: 'run_failed' }>): Start {
  const failedStart = end(start, 'failed', 'failed', reason);
  return decider === undefined || decider === start.by ? failedStart : { ...failedStart, decider };
}

function isOver({ status }: Start): boolean {
  return status === 'finished' || status === 'failed';
}

/** Builds a key of the message's content. The message is updated while its key is another one. Pure. */
export function buildStartKey({ status, reason, executionId, missing }: Start): string {
  return JSON.stringify([status, reason ?? 0, executionId ?? 0, missing ?? 0]);
}

/** True if a program must fetch the start: the bot makes no call. */
function isFetched({ status, message, program }: Start): boolean {
  return program === true && status === 'starting' && message !== undefined;
}

/**
 * Time in which a program that fetched a start must report that the run has begun, in milliseconds. After it, the start can be
 * fetched again.
 */
const FETCH_HOLD = 60_000;

/** True if a program may fetch the start now. Pure. */
export function canBeFetched(start: Start, now: number): boolean {
  const isHeld = start.calledAt !== undefined && now < start.calledAt + FETCH_HOLD;
  return isFetched(start) && !isHeld && now < start.createdAt + START_TIME_LIMIT;
}

type ChosenStep =
  | { do: 'post' }
  | { do: 'call' }
  /** A process ended during the call, or a program fetched the start and did not answer. */
  | { do: 'call_lost' }
  /** The bot did not call, or no program fetched the start, in time. */
  | { do: 'too_late' }
  | { do: 'note'; note: StartNote }
  | { do: 'update' }
  /** Checks if a webhook of the run has arrived. */
  | { do: 'check' };

/** A step to do for a run that is started from Slack. `at`: time from which it is due, in milliseconds since 1970. */
export type StartStep = { lane: 'start'; at: number } & ChosenStep;

/**
 * Returns the next step of a start; undefined: none. `soleWorkerId`: on a store for one process, the owner of any other lease no
 * longer runs. Pure.
 */
export function findNextStartStep(
  start: Start,
  now = Number.NEGATIVE_INFINITY,
  soleWorkerId?: string,
): StartStep | undefined {
  const chosenStep = chooseStep(start, now);
  if (!chosenStep) return undefined;
  const { start: lane } = start.lanes;
  const notBefore =
    chosenStep.do === 'check'
      ? (start.checkAt ?? 0)
      : isFetched(start)
        ? start.createdAt + START_TIME_LIMIT
        : 0;
  return {
    ...chosenStep,
    lane: 'start',
    at: Math.max(ignoreFarTime(lane.notBefore, now), leasedUntil(lane.lease, now, soleWorkerId), notBefore),
  };
}

function chooseStep(start: Start, now: number): ChosenStep | undefined {
  const { status, message, notes, checkAt, calledAt, createdAt } = start;
  const [note] = notes;
  const isCalled = calledAt !== undefined;
  if (status === 'starting' && !isCalled && now - createdAt > START_TIME_LIMIT + LAST_CALL_GRACE)
    return { do: 'too_late' };
  if (!message) {
    if (status === 'starting') return { do: 'post' };
    // Without a message there is no thread: the person gets a direct message.
    return note ? { do: 'note', note } : undefined;
  }
  if (isFetched(start)) return { do: isCalled ? 'call_lost' : 'too_late' };
  if (status === 'starting') return { do: isCalled ? 'call_lost' : 'call' };
  // Notes come before updates: a message that cannot be updated must not delay them.
  if (note) return { do: 'note', note };
  if (message.shown !== buildStartKey(start)) return { do: 'update' };
  return status === 'running' && checkAt !== undefined ? { do: 'check' } : undefined;
}
