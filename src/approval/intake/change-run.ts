import { buildRecordedRules } from '../access/rights.ts';
import type { App } from '../app.ts';
import { type Approval, buildApprovalId, recordRules } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { AgentStep } from '../model/run/agent-steps.ts';
import { addApproval, newRunRecord, type RunRecord } from '../model/run/run-record.ts';
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
interface LoadOptions {
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
  { taskKey, approvalId, requestId, isAnswered, withSteps, only }: LoadOptions = {},
): Promise<LoadedRun> {
  const stored = await store.run(crew, executionId);
  const ofTask = taskKey === undefined ? undefined : buildApprovalId(crew, executionId, taskKey);
  const listed = only ?? stored?.record.approvals ?? [];
  const ids = new Set([...listed, ofTask, approvalId].filter((id) => id !== undefined));
  const read = ids.size > 0 ? await store.approvals([...ids]) : [];
  const approvals = new Map(read.map((approval) => [approval.record.id, approval]));
  const own = stored?.record.thread?.kickoff;
  const named = own ?? requestId;
  const found = named === undefined ? undefined : await store.start(named);
  // A webhook can name the start of another run.
  const isIts =
    found?.record.crew === crew &&
    (own !== undefined ||
      ((isAnswered || mayHaveStarted(found.record)) &&
        (found.record.executionId ?? executionId) === executionId));
  const start = isIts ? found : undefined;
  const steps = withSteps ? await store.steps(crew, executionId) : undefined;
  const opened = ofTask === undefined ? undefined : approvals.get(ofTask)?.record;
  const isOwn = opened?.crew === crew && opened.executionId === executionId;
  const run: Run = {
    record: isOwn
      ? addApproval(stored?.record, opened)
      : (stored?.record ?? newRunRecord({ name: crew }, executionId)),
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
  beside: LoadOptions,
  change: (run: Run, executionId: string) => T,
): Promise<T> {
  return app.serialize(`${crew.name}/${executionId}`, () =>
    retryConflicts(executionId, async () => {
      // The id can become an alias of another run between two tries.
      const id = await app.store.originalId(crew.name, executionId);
      const loaded = await loadRun(app, crew.name, id, beside);
      const changed = change(loaded.run, id);
      return (await saveRun(app, loaded, changed.run)) ? changed : CONFLICT;
    }),
  );
}

/** Stores a run's changes, if any, in one commit. Resolves with false if a record is no longer as it was read. */
export async function saveRun(
  app: App,
  { run: before, stored, approvals: known, start: knownStart, steps: knownSteps }: LoadedRun,
  run: Run,
  { alias, question }: Pick<Changes, 'alias' | 'question'> = {},
): Promise<boolean> {
  const { record, start, outputs, result } = run;
  const approvals = [...run.approvals.values()]
    .filter((next) => next !== before.approvals.get(next.id))
    .map((next) => {
      const previous = known.get(next.id);
      const settings = app.crews.get(next.crew);
      const asking = settings
        ? recordRules(next, previous?.record.factCount ?? 0, () => buildRecordedRules(settings, next, record))
        : next;
      return { previous, next: asking, outputs: outputs.get(next.id) };
    });
  const isSame = record === before.record && start === before.start && approvals.length === 0;
  if (isSame && !alias) return true;
  const { crew, executionId } = record;
  const steps =
    run.steps && run.steps !== before.steps
      ? { crew, executionId, previous: knownSteps, next: run.steps }
      : undefined;
  const startWrite = start && start !== before.start ? { previous: knownStart, next: start } : undefined;
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
