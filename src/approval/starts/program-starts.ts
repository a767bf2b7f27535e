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
const MAX_WAITING = 50;

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
  const newestStarts = await store.list('starts', [crew], { limit: MAX_WAITING, reverse: true });
  for (const { id } of newestStarts.reverse()) {
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
    if (hasSameAnswer(stored.record, answer)) return 'recorded';
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

function hasSameAnswer({ status, executionId }: Start, answer: ProgramAnswer): boolean {
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
  runState: ProgramRunState,
): Promise<boolean> {
  const { isTaken } = await changeRun(app, crew, buildProgramRunId(runId), {}, (loadedRun) => {
    // The time is read within the change: an earlier time could precede a decision that this end of the run closes.
    const at = app.clock.now();
    const isTaken = runState.state !== 'failed' || loadedRun.record.finishedAt === undefined;
    return {
      isTaken,
      run: isTaken ? applyProgramRun(loadedRun, hideInState(crew, runState), at) : loadedRun,
    };
  });
  if (isTaken)
    app.log.info({ crew: crew.name, execution: runId, state: runState.state }, 'state of a run reported');
  return isTaken;
}

function hideInState(crew: Crew, runState: ProgramRunState): ProgramRunState {
  if (runState.state !== 'failed' || runState.reason === undefined) return runState;
  return { ...runState, reason: hideReason(crew, runState.reason) };
}

function applyProgramRun(loadedRun: Run, runState: ProgramRunState, at: number): Run {
  // The program asks by itself, so no pause of the run is missed.
  const { failure: _, finishedAt: __, checkAt: ___, ...facts } = loadedRun.record;
  const endFacts = hasEnded(loadedRun.record) ? { allowsSince: at } : {};
  const updatedRecord = { ...facts, humanInput: true, lastWebhookAt: at, ...endFacts };
  // A run that failed has continued, or finished after all.
  const reopenedRun = loadedRun.record.failure ? reopenRun(loadedRun) : loadedRun;
  switch (runState.state) {
    case 'running':
      return { ...reopenedRun, record: updatedRecord };
    case 'failed': {
      const failure = { at, ...(runState.reason === undefined ? {} : { reason: runState.reason }) };
      return applyRunEnd({ ...loadedRun, record: { ...updatedRecord, failure } }, at);
    }
    case 'finished': {
      if (loadedRun.record.finishedAt !== undefined) return loadedRun;
      const hasResult = !isBlank(runState.result);
      return applyRunFinish(
        { ...reopenedRun, record: { ...updatedRecord, finishedAt: at, hasResult } },
        at,
        hasResult ? { hash: runState.hash, output: runState.result } : undefined,
      );
    }
  }
}

/** Removes the failure from the run's cards. Permissions from before stay ended. */
function reopenRun(run: Run): Run {
  return listRunApprovals(run).reduce((reopenedRun, failedApproval) => {
    const { runFailure, runEndedAt, ...approval } = endPermissionsWithRun(failedApproval);
    return runFailure ? setApproval(reopenedRun, approval) : reopenedRun;
  }, run);
}
