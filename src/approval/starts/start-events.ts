import { boundTime, failLane, leasedUntil, resetLane } from '../lifecycle/lanes.ts';
import { FREE_LANE } from '../model/approval.ts';
import type { StartReason } from '../model/run/run-status.ts';
import type { Start, StartNote, StartStatus } from '../model/run/start.ts';
import { addTicketId } from '../model/run/ticket.ts';

const FREE = { start: FREE_LANE };

/** CrewAI is not asked any more after this time without a connection, in milliseconds. */
const ASKED_FOR = 10 * 60_000;
/** The last call, which is due then, may begin a little later. */
const LAST_CALL_WITHIN = 30_000;

/** What CrewAI answered to a /kickoff, or that it did not. */
export type KickoffOutcome =
  | { kind: 'started'; executionId: string }
  /** A final no. `missing`: names of inputs. */
  | { kind: 'refused'; reason: StartReason; missing?: string[] }
  /** It certainly did not start it: no connection, 429, 503. */
  | { kind: 'not_reached'; reason: StartReason; retryAfterMs?: number }
  /** It may have started it: a time-out, a reset, 500, 502, 504, a 2xx without an id. */
  | { kind: 'unknown'; reason: StartReason };

export type StartEvent =
  | { type: 'called'; at: number; ticket?: string }
  /** `backoffMs`: how long to wait before the next call. */
  | { type: 'answered'; at: number; outcome: KickoffOutcome; backoffMs: number }
  /** A process ended during the call. */
  | { type: 'call_lost'; at: number }
  /** The bot was not there in time: a run that nobody expects any more is not started. */
  | { type: 'too_late'; at: number }
  /** Its message cannot be posted: without a thread nothing is started. */
  | { type: 'not_posted'; at: number; reason: string }
  /** A webhook of the run came, or an answer names it: it runs. The record of the run is stored together with this. */
  | { type: 'seen'; at: number; executionId: string; checkAt?: number | undefined }
  /** The time to check has come: a webhook had come, or nothing. */
  | { type: 'checked'; heard: boolean }
  /** `result`: the hash of one that has just come. */
  | { type: 'run_finished'; at: number; withResult: boolean; result?: string | undefined }
  /** `decider`: the person who made the run's latest decision. */
  | { type: 'run_failed'; at: number; reason?: StartReason | undefined; decider?: string | undefined };

/** The start of a run after an event; the same object when nothing changes. Pure. */
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
      // Another worker may have taken this step over.
      const isOpen = start.status === 'starting' && !start.message;
      return isOpen ? end(start, 'not_started', 'not_started', event.reason) : start;
    }
    case 'seen':
      return runAs(start, event);
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
      // The run is that of another start.
      return runAs(start, outcome);
    case 'refused': {
      const refused = end(start, 'not_started', 'not_started', outcome.reason);
      return outcome.missing ? { ...refused, missing: outcome.missing } : refused;
    }
    case 'unknown':
      // The call counted as lost before, and that was reported.
      return start.status === 'unsure' ? start : end(start, 'unsure', 'unsure', outcome.reason);
    case 'not_reached':
      return askAgain(start, at, outcome, backoffMs);
  }
}

/** CrewAI certainly did not start it: it is asked again, for ten minutes. */
function askAgain(
  start: Start,
  at: number,
  { reason, retryAfterMs = 0 }: Extract<KickoffOutcome, { kind: 'not_reached' }>,
  backoffMs: number,
): Start {
  const last = start.createdAt + ASKED_FOR;
  // After a call that counted as lost, the person may have started the run elsewhere.
  const isLate = at >= last || at + retryAfterMs > last;
  if (isLate || start.status !== 'starting') return end(start, 'not_started', 'not_started', reason);
  const { calledAt: _, ...free } = start;
  const notBefore = Math.max(at + retryAfterMs, Math.min(at + backoffMs, last));
  return failLane(free, 'start', notBefore);
}

function finishStart(
  start: Start,
  { at, withResult, result: hash }: Extract<StartEvent, { type: 'run_finished' }>,
): Start {
  // Events are unordered: a run that failed may have gone on.
  const ended = start.status === 'finished' ? start : end(start, 'finished', undefined);
  const finished = hash === undefined ? ended : { ...ended, result: { hash, at } };
  if (!withResult || finished.hasResult) return finished;
  return addRunNote({ ...finished, hasResult: true }, 'result');
}

function endCheck({ checkAt: _, ...checked }: Start, heard: boolean): Start {
  const isSilent = !heard && checked.status === 'running';
  return isSilent ? addRunNote(checked, 'silent') : checked;
}

/** What people are told does not wait for a message that cannot be updated. */
function addRunNote(start: Start, note: StartNote): Start {
  return resetLane({ ...start, notes: [...start.notes, note] }, 'start');
}

function runAs(
  start: Start,
  { executionId, checkAt }: { executionId: string; checkAt?: number | undefined },
): Start {
  if (start.executionId !== undefined) return start;
  const { reason: _, missing: __, ...free } = start;
  const notes = start.notes.filter((note) => note !== 'unsure' && note !== 'not_started');
  const check = checkAt === undefined ? {} : { checkAt };
  return { ...free, executionId, ...check, status: 'running', notes, lanes: FREE };
}

function end(start: Start, status: StartStatus, note: StartNote | undefined, reason?: StartReason): Start {
  const { reason: _, ...rest } = start;
  const notes = start.notes.filter((other) => !['unsure', 'silent', 'failed'].includes(other));
  return {
    ...rest,
    status,
    ...(reason === undefined ? {} : { reason }),
    notes: note ? [...notes, note] : notes,
    lanes: FREE,
  };
}

function fail(start: Start, { reason, decider }: Extract<StartEvent, { type: 'run_failed' }>): Start {
  const failed = end(start, 'failed', 'failed', reason);
  return decider === undefined || decider === start.by ? failed : { ...failed, decider };
}

function isOver({ status }: Start): boolean {
  return status === 'finished' || status === 'failed';
}

/** What the message of a run shows, as a key: it is updated as long as it shows another one. Pure. */
export function buildStartKey({ status, reason, executionId, missing }: Start): string {
  return JSON.stringify([status, reason ?? 0, executionId ?? 0, missing ?? 0]);
}

/** A program is to fetch it: nobody is called. */
function isFetched({ status, message, program }: Start): boolean {
  return program === true && status === 'starting' && message !== undefined;
}

/** A program that fetched a start says within this time that the run has begun; else it may fetch it again. */
const FETCHED_FOR = 60_000;

/** Whether a program may fetch it now. Pure. */
export function canBeFetched(start: Start, now: number): boolean {
  const isHeld = start.calledAt !== undefined && now < start.calledAt + FETCHED_FOR;
  return isFetched(start) && !isHeld && now < start.createdAt + ASKED_FOR;
}

type Chosen =
  | { do: 'post' }
  | { do: 'call' }
  /** A process ended during the call. */
  | { do: 'call_lost' }
  /** The bot was not there in time. */
  | { do: 'too_late' }
  | { do: 'note'; note: StartNote }
  | { do: 'update' }
  /** Whether anything has been heard of the run. */
  | { do: 'check' };

/** Something to be done for a run that is started from Slack; `at`: from when, in milliseconds since 1970. */
export type StartStep = { lane: 'start'; at: number } & Chosen;

/** What is due next; undefined: nothing. `soleWorker`: on a store for one process, the owner of any other lease is gone. Pure. */
export function nextStartStep(
  start: Start,
  now = Number.NEGATIVE_INFINITY,
  soleWorker?: string,
): StartStep | undefined {
  const chosen = chooseStep(start, now);
  if (!chosen) return undefined;
  const { start: lane } = start.lanes;
  const notBefore =
    chosen.do === 'check' ? (start.checkAt ?? 0) : isFetched(start) ? start.createdAt + ASKED_FOR : 0;
  return {
    ...chosen,
    lane: 'start',
    at: Math.max(boundTime(lane.notBefore, now), leasedUntil(lane.lease, now, soleWorker), notBefore),
  };
}

function chooseStep(start: Start, now: number): Chosen | undefined {
  const { status, message, notes, checkAt, calledAt, createdAt } = start;
  const [note] = notes;
  const isCalled = calledAt !== undefined;
  if (status === 'starting' && !isCalled && now - createdAt > ASKED_FOR + LAST_CALL_WITHIN)
    return { do: 'too_late' };
  if (!message) {
    if (status === 'starting') return { do: 'post' };
    // Nobody can be told in the thread: the person is told directly.
    return note ? { do: 'note', note } : undefined;
  }
  if (isFetched(start)) return { do: isCalled ? 'call_lost' : 'too_late' };
  if (status === 'starting') return { do: isCalled ? 'call_lost' : 'call' };
  // A message that cannot be changed does not keep people waiting for what they are told.
  if (note) return { do: 'note', note };
  if (message.shown !== buildStartKey(start)) return { do: 'update' };
  return status === 'running' && checkAt !== undefined ? { do: 'check' } : undefined;
}
