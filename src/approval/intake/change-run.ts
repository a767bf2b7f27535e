import { describeAsked } from '../access/rights.ts';
import type { App } from '../app.ts';
import { type Approval, buildApprovalId, setAsked } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { AgentStep } from '../model/run/agent-steps.ts';
import { addApproval, newRunRecord, type RunRecord } from '../model/run/run-record.ts';
import { mayHaveStarted, type Start } from '../model/run/start.ts';
import type { Changes, Stored } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import type { Run } from './run.ts';

/** A run as it was read, with what the store compares when it is written back. */
export interface LoadedRun {
  run: Run;
  stored: Stored<RunRecord> | undefined;
  approvals: ReadonlyMap<string, Stored<Approval>>;
  start: Stored<Start> | undefined;
  steps: Stored<AgentStep[]> | undefined;
}

/** What belongs to a run although its record may not name it. */
interface Beside {
  /** The key of a task: the approval that it would have. */
  taskKey?: string;
  approvalId?: string;
  /** The start from Slack that a webhook names, or that CrewAI's answer is to. */
  requestId?: string;
  isAnswered?: boolean;
  /** Only these of its approvals are read. */
  only?: readonly string[];
  /** The steps of its agents, too. */
  withSteps?: boolean;
}

/** Reads a run with its approvals. Rejects with a StoreError. */
export async function loadRun(
  { store }: Pick<App, 'store'>,
  crew: string,
  executionId: string,
  { taskKey, approvalId, requestId, isAnswered, withSteps, only }: Beside = {},
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
  // Another run may name the start of this one.
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
 * Changes a run: it is read with its approvals and its start from Slack, `change` says what becomes of them (pure), and the
 * difference is stored in one commit; all of it again if something of it changed meanwhile. Changes of one run within this
 * process wait for each other. Rejects with a StoreError.
 */
export function changeRun<T extends { run: Run }>(
  app: App,
  crew: Crew,
  executionId: string,
  beside: Beside,
  change: (run: Run, executionId: string) => T,
): Promise<T> {
  return app.serialize(`${crew.name}/${executionId}`, () =>
    retryConflicts(executionId, async () => {
      // Its id can become another run's id between two tries.
      const id = await app.store.originalId(crew.name, executionId);
      const loaded = await loadRun(app, crew.name, id, beside);
      const changed = change(loaded.run, id);
      return (await saveRun(app, loaded, changed.run)) ? changed : CONFLICT;
    }),
  );
}

/** Stores what became of a run, in one commit; nothing where nothing did. False: something of it is not as it was read. */
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
        ? setAsked(next, previous?.record.factCount ?? 0, () => describeAsked(settings, next, record))
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
