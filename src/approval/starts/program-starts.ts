import type { App } from '../app.ts';
import { changeRun } from '../intake/change-run.ts';
import { applyRunEnd, applyRunFinish, listRunApprovals, type Run, setApproval } from '../intake/run.ts';
import { endPermissionsWithRun } from '../lifecycle/permissions.ts';
import type { Crew } from '../model/crew/crew.ts';
import { hideReason } from '../model/crew/hide-secrets.ts';
import { isBlank, type Output } from '../model/output.ts';
import { buildProgramRunId } from '../model/run/program-run.ts';
import { hasEnded } from '../model/run/run-record.ts';
import type { Start } from '../model/run/start.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { applyStartEvent, canBeFetched } from './start-events.ts';
import { collectInputs, recordStartedRun } from './start-run.ts';

/** A start for a program to carry out. */
export interface ProgramStart {
  id: string;
  inputs: Record<string, unknown>;
  /** Slack id of the person. */
  requested_by: string;
}

/** Number of a crew's newest starts to look at: no more are expected to wait at a time. */
const MOST_WAITING = 50;

/**
 * Fetches the oldest start of a crew that waits for a program, and holds it for this program; undefined: none waits. Rejects with
 * a StoreError.
 */
export function fetchStart({ store, clock, log }: StartApp, crew: Crew): Promise<ProgramStart | undefined> {
  return retryConflicts(`starts of ${crew.name}`, async () => {
    const { value: stored } = await eachFetchable({ store, clock }, crew.name).next();
    if (!stored) return undefined;
    const { id } = stored.record;
    const next = applyStartEvent(stored.record, { type: 'called', at: clock.now() });
    // Another program may have fetched it first.
    if (!(await store.save({ start: { previous: stored, next } }))) return CONFLICT;
    log.info({ crew: crew.name, request: id }, 'start fetched by a program');
    return { id, inputs: collectInputs(crew, next), requested_by: next.by };
  });
}

/** Counts the starts of a crew that wait for a program. Rejects with a StoreError. */
export async function countFetchableStarts(app: Pick<App, 'store' | 'clock'>, crew: string): Promise<number> {
  let count = 0;
  for await (const _ of eachFetchable(app, crew)) count += 1;
  return count;
}

type StartApp = Pick<App, 'store' | 'clock' | 'log'>;

/** Yields the starts of a crew that wait for a program, oldest first. */
async function* eachFetchable({ store, clock }: Pick<App, 'store' | 'clock'>, crew: string) {
  const listed = await store.list('starts', [crew], { limit: MOST_WAITING, reverse: true });
  for (const { id } of listed.reverse()) {
    const stored = await store.start(id);
    if (stored && canBeFetched(stored.record, clock.now())) yield stored;
  }
}

/** A program's answer to a start: the run has begun, with the program's id for it, or the reason why not. */
export type ProgramAnswer = { status: 'started'; run: string } | { status: 'refused'; reason: string };

/**
 * Records a program's answer to a start. `conflict`: the start has another answer, or the run has another start. Rejects with a
 * StoreError.
 */
export function answerStart(
  app: App,
  crew: Crew,
  id: string,
  answer: ProgramAnswer,
): Promise<'recorded' | 'unknown' | 'conflict'> {
  const { store, clock, log, wakeStart } = app;
  return retryConflicts(id, async () => {
    const stored = await store.start(id);
    if (!stored || stored.record.crew !== crew.name || !stored.record.program) return 'unknown';
    if (isSameAnswer(stored.record, answer)) return 'recorded';
    const logFields = { crew: crew.name, request: id, outcome: answer.status };
    if (answer.status === 'started') {
      const start = await recordStartedRun(app, crew, id, buildProgramRunId(answer.run));
      // A run has one start.
      if (start?.id !== id) return 'conflict';
    } else {
      const outcome = { kind: 'refused', reason: hideReason(crew, answer.reason) } as const;
      const event = { type: 'answered', at: clock.now(), outcome, backoffMs: 0 } as const;
      const next = applyStartEvent(stored.record, event);
      if (next === stored.record) return 'conflict';
      if (!(await store.save({ start: { previous: stored, next } }))) return CONFLICT;
      wakeStart(next);
    }
    log.info(logFields, 'start answered by a program');
    return 'recorded';
  });
}

function isSameAnswer({ status, executionId }: Start, answer: ProgramAnswer): boolean {
  return answer.status === 'started'
    ? executionId === buildProgramRunId(answer.run)
    : status === 'not_started';
}

/** State of a run, as its program reports it. */
export type ProgramRunState =
  | { state: 'running' }
  /** `hash`: identifies the result. */
  | { state: 'finished'; result: Output; hash: string }
  | { state: 'failed'; reason?: string | undefined };

/**
 * Records the state of a program's run; an end closes what still waits. False: a run that has finished cannot fail. Rejects with
 * a StoreError.
 */
export async function recordProgramRun(
  app: App,
  crew: Crew,
  runId: string,
  said: ProgramRunState,
): Promise<boolean> {
  const { isTaken } = await changeRun(app, crew, buildProgramRunId(runId), {}, (before) => {
    // The time is read within the change: an earlier time could precede a decision that this end of the run closes.
    const at = app.clock.now();
    const isTaken = said.state !== 'failed' || before.record.finishedAt === undefined;
    return { isTaken, run: isTaken ? applyProgramRun(before, hideInState(crew, said), at) : before };
  });
  if (isTaken)
    app.log.info({ crew: crew.name, execution: runId, state: said.state }, 'state of a run reported');
  return isTaken;
}

function hideInState(crew: Crew, said: ProgramRunState): ProgramRunState {
  if (said.state !== 'failed' || said.reason === undefined) return said;
  return { ...said, reason: hideReason(crew, said.reason) };
}

function applyProgramRun(before: Run, said: ProgramRunState, at: number): Run {
  // The program asks by itself, so no pause of the run is missed.
  const { failure: _, finishedAt: __, checkAt: ___, ...known } = before.record;
  const hadEnded = hasEnded(before.record) ? { allowsSince: at } : {};
  const heard = { ...known, humanInput: true, lastWebhookAt: at, ...hadEnded };
  // A run that failed has continued, or finished after all.
  const reopened = before.record.failure ? reopenRun(before) : before;
  switch (said.state) {
    case 'running':
      return { ...reopened, record: heard };
    case 'failed': {
      const failure = { at, ...(said.reason === undefined ? {} : { reason: said.reason }) };
      return applyRunEnd({ ...before, record: { ...heard, failure } }, at);
    }
    case 'finished': {
      if (before.record.finishedAt !== undefined) return before;
      const hasResult = !isBlank(said.result);
      return applyRunFinish(
        { ...reopened, record: { ...heard, finishedAt: at, hasResult } },
        at,
        hasResult ? { hash: said.hash, output: said.result } : undefined,
      );
    }
  }
}

/** Removes the failure from the run's cards. Permissions from before stay ended. */
function reopenRun(run: Run): Run {
  return listRunApprovals(run).reduce((reopened, failed) => {
    const { runFailure, runEndedAt, ...approval } = endPermissionsWithRun(failed);
    return runFailure ? setApproval(reopened, approval) : reopened;
  }, run);
}
