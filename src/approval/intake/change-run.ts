import { buildRecordedRules } from '../access/rights.ts';
import type { App } from '../app.ts';
import { type Approval, buildApprovalId, recordRules } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { AgentStep } from '../model/run/agent-steps.ts';
import { createRunRecord, type RunRecord, withApproval } from '../model/run/run-record.ts';
import { mayHaveStarted, type Start } from '../model/run/start.ts';
import type { Changes, Stored } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import type { Run } from './run.ts';

/** A run as it was read, with the stored versions that the store compares on saving. */
export interface LoadedRun {
  run: Run;
  stored: Stored<RunRecord> | undefined;
  approvals: ReadonlyMap<string, Stored<Approval>>;
  start: Stored<Start> | undefined;
  steps: Stored<AgentStep[]> | undefined;
}

/** Options for reading a run: records that the run's record may not name, and what to leave out. */
interface RunQuery {
  /** Key of a task; the task's approval is read if it exists. */
  taskKey?: string;
  approvalId?: string;
  /** Id of the start from Slack that a webhook names, or that CrewAI answered. */
  requestId?: string;
  isAnswered?: boolean;
  /** Ids of the only approvals of the run to read; absent: all. */
  only?: readonly string[];
  /** The agent steps are read, too. */
  withSteps?: boolean;
}

/** Reads a run with its approvals. Rejects with a StoreError. */
export async function loadRun(
  { store }: Pick<App, 'store'>,
  crew: string,
  executionId: string,
  { taskKey, approvalId, requestId, isAnswered, withSteps, only }: RunQuery = {},
): Promise<LoadedRun> {
  const stored = await store.run(crew, executionId);
  const taskApprovalId = taskKey === undefined ? undefined : buildApprovalId(crew, executionId, taskKey);
  const listedIds = only ?? stored?.record.approvals ?? [];
  const ids = new Set([...listedIds, taskApprovalId, approvalId].filter((id) => id !== undefined));
  const storedApprovals = ids.size > 0 ? await store.approvals([...ids]) : [];
  const approvals = new Map(storedApprovals.map((approval) => [approval.record.id, approval]));
  const ownStartId = stored?.record.thread?.kickoff;
  const startId = ownStartId ?? requestId;
  const foundStart = startId === undefined ? undefined : await store.start(startId);
  // A webhook can name the start of another run.
  const isOwnStart =
    foundStart?.record.crew === crew &&
    (ownStartId !== undefined ||
      ((isAnswered || mayHaveStarted(foundStart.record)) &&
        (foundStart.record.executionId ?? executionId) === executionId));
  const start = isOwnStart ? foundStart : undefined;
  const steps = withSteps ? await store.steps(crew, executionId) : undefined;
  const taskApproval = taskApprovalId === undefined ? undefined : approvals.get(taskApprovalId)?.record;
  const isOfRun = taskApproval?.crew === crew && taskApproval.executionId === executionId;
  const run: Run = {
    record: isOfRun
      ? withApproval(stored?.record, taskApproval)
      : (stored?.record ?? createRunRecord({ name: crew }, executionId)),
    approvals: new Map([...approvals].map(([id, { record }]) => [id, record])),
    start: start?.record,
    outputs: new Map(),
    ...(withSteps ? { steps: steps?.record ?? [] } : {}),
  };
  return { run, stored, approvals, start, steps };
}

/**
 * Changes a run: reads it with its approvals and its start from Slack, applies `change` (pure), and stores the difference in one
 * commit. Starts over if any of these changed meanwhile. Serializes changes of one run within this process. Rejects with a
 * StoreError.
 */
export function changeRun<T extends { run: Run }>(
  app: App,
  crew: Crew,
  executionId: string,
  query: RunQuery,
  change: (run: Run, executionId: string) => T,
): Promise<T> {
  return app.serialize(`${crew.name}/${executionId}`, () =>
    retryConflicts(executionId, async () => {
      // The id can become an alias of another run between two attempts.
      const id = await app.store.originalId(crew.name, executionId);
      const loadedRun = await loadRun(app, crew.name, id, query);
      const changed = change(loadedRun.run, id);
      return (await saveRun(app, loadedRun, changed.run)) ? changed : CONFLICT;
    }),
  );
}

/** Stores a run's changes, if any, in one commit. Resolves with false if a record is no longer as it was read. */
export async function saveRun(
  app: App,
  { run: loadedState, stored, approvals: storedApprovals, start: storedStart, steps: storedSteps }: LoadedRun,
  run: Run,
  { alias, question }: Pick<Changes, 'alias' | 'question'> = {},
): Promise<boolean> {
  const { record, start, outputs, result } = run;
  const approvals = [...run.approvals.values()]
    .filter((next) => next !== loadedState.approvals.get(next.id))
    .map((next) => {
      const previous = storedApprovals.get(next.id);
      const crew = app.crews.get(next.crew);
      const withAskedPeople = crew
        ? recordRules(next, previous?.record.factCount ?? 0, () => buildRecordedRules(crew, next, record))
        : next;
      return { previous, next: withAskedPeople, outputs: outputs.get(next.id) };
    });
  const isUnchanged = record === loadedState.record && start === loadedState.start && approvals.length === 0;
  if (isUnchanged && !alias) return true;
  const { crew, executionId } = record;
  const steps =
    run.steps && run.steps !== loadedState.steps
      ? { crew, executionId, previous: storedSteps, next: run.steps }
      : undefined;
  const startWrite =
    start && start !== loadedState.start ? { previous: storedStart, next: start } : undefined;
  const saved = await app.store.save({
    approvals,
    run: { previous: stored, next: record, result },
    start: startWrite,
    ...(alias ? { alias } : {}),
    ...(question ? { question } : {}),
    ...(steps ? { steps } : {}),
  });
  if (!saved) return false;
  for (const { next } of approvals) app.wake(next);
  if (startWrite) app.wakeStart(startWrite.next);
  return true;
}
