import { RecordError } from '../../lib/errors.ts';
import type { App } from '../app.ts';
import { applyKickoffEvent, type KickoffEvent } from '../kickoffs/kickoff-events.ts';
import type { ApprovalEvent } from '../lifecycle/events.ts';
import { lastTakenAt } from '../lifecycle/run-progress.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, setOrigin } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { buildApprovalId } from '../model/ids.ts';
import type { NamedOutput, Output } from '../model/output.ts';
import type { Execution } from '../model/run/execution.ts';
import { type Kickoff, mayHaveStarted } from '../model/run/kickoff.ts';
import type { ApprovalStore, ApprovalWrite, Changes, Log, Stored, Write } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';

/** What a webhook, an event or a registration makes of a run and its approvals; it is stored in one commit. */
export interface RunPlan {
  execution: Execution;
  writes: ApprovalWrite[];
  /** The run's result, if it came with this. */
  result?: Output;
  /** Its start from Slack, where that changed. */
  kickoff?: Write<Kickoff>;
}

/** The approvals of a run while a plan is made. */
export class RunDraft {
  private readonly loaded: LoadedRun;
  private readonly changed = new Map<string, Approval>();
  private started: Kickoff | undefined;
  private readonly outputs = new Map<string, readonly NamedOutput[]>();

  constructor(loaded: LoadedRun) {
    this.loaded = loaded;
    this.started = loaded.kickoff?.record;
  }

  /** Throws a RecordError for an approval that a newer version wrote: nothing is planned over it. */
  approval(id: string): Approval | undefined {
    const unreadable: RecordError | undefined = this.loaded.unreadable.get(id);
    if (unreadable) throw unreadable;
    return this.find(id);
  }

  /** The readable ones of these approvals. */
  list(ids: readonly string[]): Approval[] {
    return ids.map((id) => this.find(id)).filter((approval) => approval !== undefined);
  }

  set(approval: Approval, outputs: readonly NamedOutput[] = []): void {
    this.changed.set(approval.id, approval);
    if (outputs.length > 0) this.outputs.set(approval.id, outputs);
  }

  /** Applies an event to one approval, if it can be read. */
  apply(id: string, event: ApprovalEvent): void {
    const approval = this.find(id);
    if (!approval) return;
    const next = applyWebhookEvent(approval, event);
    if (next !== approval) this.changed.set(id, next);
  }

  /** Applies an event to one approval. Throws a RecordError if it cannot be read: then nothing is stored. */
  applyOrThrow(id: string, event: ApprovalEvent): void {
    this.approval(id);
    this.apply(id, event);
  }

  /** Applies an event to the approvals of a run, except one. */
  notifySiblings({ approvals }: Execution, event: ApprovalEvent, except?: string): void {
    for (const id of approvals) if (id !== except) this.apply(id, event);
  }

  get hasKickoff(): boolean {
    return this.started !== undefined;
  }

  /** Tells the start of the run, if it was started from Slack. True: that changed it. */
  notifyKickoff(event: KickoffEvent): boolean {
    const before = this.started;
    if (before) this.started = applyKickoffEvent(before, event);
    return this.started !== before;
  }

  /** What is stored together with the run. */
  changes(): Pick<RunPlan, 'writes' | 'kickoff'> {
    const { kickoff: previous } = this.loaded;
    const next = this.started;
    const changed = next && previous && next !== previous.record;
    const writes = [...this.changed.values()].map((next) => {
      const previous = this.loaded.approvals.get(next.id);
      const outputs = this.outputs.get(next.id);
      return { previous, next, ...(outputs ? { outputs } : {}) };
    });
    return { writes, ...(changed ? { kickoff: { previous, next } } : {}) };
  }

  private find(id: string): Approval | undefined {
    return this.changed.get(id) ?? this.loaded.approvals.get(id)?.record;
  }
}

/** The approval after an event that a webhook brought. */
export function applyWebhookEvent(approval: Approval, event: ApprovalEvent): Approval {
  return setOrigin(applyEvent(approval, event), approval.factCount, 'webhook');
}

/** Applies what is known of the run's end; an approval takes each end once. */
export function applyRunEnd(draft: RunDraft, execution: Execution, at: number): void {
  const { approvals, failure, finishedAt } = execution;
  if (failure && !isOutlived(draft, execution)) {
    const event = { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason } as const;
    const decider = findLastDecider(draft.list(approvals));
    const isTold = draft.notifyKickoff({ ...event, decider });
    for (const id of approvals) draft.apply(id, { ...event, isTold, isLast: id === approvals.at(-1) });
  }
  if (finishedAt !== undefined) applyRunFinished(draft, execution, at);
}

/** The person who made the latest decision of a run, by which it may have failed. */
function findLastDecider(approvals: readonly Approval[]): string | undefined {
  const decisions = approvals.flatMap(({ rounds }) => rounds.flatMap(({ decision }) => decision ?? []));
  const last = decisions.toSorted((a, b) => a.at - b.at).at(-1);
  return last?.rule ? undefined : last?.by;
}

export function applyRunFinished(
  draft: RunDraft,
  { approvals, hasResult: kept, thread }: Execution,
  at: number,
): void {
  // The thread of a run that was started from Slack has its result from there.
  draft.notifyKickoff({ type: 'run_finished', at, withResult: kept });
  const hasResult = kept && (thread === undefined || !draft.hasKickoff);
  for (const id of approvals) {
    const isLast = id === approvals.at(-1);
    draft.apply(id, { type: 'run_finished', at, withResult: hasResult, isLast });
  }
}

/** Events are unordered: a run that took a decision after it had failed has continued. */
export function isOutlived(draft: RunDraft, { approvals, failure }: Execution): boolean {
  return failure !== undefined && draft.list(approvals).some((one) => lastTakenAt(one) > failure.at);
}

/** A run and its approvals, as they were read before a plan was made from them. */
export interface LoadedRun {
  stored: Stored<Execution> | undefined;
  /** Readable approvals of the run, and the one that a webhook's task would have. */
  approvals: ReadonlyMap<string, Stored<Approval>>;
  /** Approvals that a newer version wrote. */
  unreadable: ReadonlyMap<string, RecordError>;
  /** Its start from Slack. */
  kickoff?: Stored<Kickoff> | undefined;
}

/** Reads a run with its approvals; unreadable ones are logged and left out. Rejects with a StoreError. */
export async function loadRun(
  { store, log }: { store: ApprovalStore; log: Log },
  crew: string,
  executionId: string,
  { taskKey, approvalId, requestId }: { taskKey?: string; approvalId?: string; requestId?: string } = {},
): Promise<LoadedRun> {
  const stored = await store.execution(crew, executionId);
  const ids = new Set(stored?.record.approvals);
  if (taskKey !== undefined) ids.add(buildApprovalId(crew, executionId, taskKey));
  if (approvalId !== undefined) ids.add(approvalId);
  const approvals = new Map<string, Stored<Approval>>();
  const unreadable = new Map<string, RecordError>();
  for (const id of ids) {
    try {
      const approval = await store.approval(id);
      if (approval) approvals.set(id, approval);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      unreadable.set(id, error);
      log.error({ approval: id, error }, 'approval not readable');
    }
  }
  const own = stored?.record.thread?.kickoff;
  const start = own ?? requestId;
  const found = start === undefined ? undefined : await store.kickoff(start);
  // Another run may name the start of this one.
  const isIts =
    found?.record.crew === crew &&
    (own !== undefined ||
      (mayHaveStarted(found.record) && (found.record.executionId ?? executionId) === executionId));
  return { stored, approvals, unreadable, ...(isIts ? { kickoff: found } : {}) };
}

/** Of a plan that stores nothing. */
type Nothing = { [K in keyof RunPlan]?: undefined };

/**
 * Changes a run: it is read with its approvals and its start from Slack, `plan` says what becomes of them (pure), and that is
 * stored in one commit; all of it again if something of it changed meanwhile. Changes of one run within this process wait
 * for each other. Rejects with a StoreError.
 */
export function changeRun<P extends Nothing | RunPlan>(
  app: App,
  crew: Crew,
  executionId: string,
  reads: Parameters<typeof loadRun>[3],
  plan: (run: LoadedRun, executionId: string) => P,
): Promise<P> {
  return app.serialize(`${crew.name}/${executionId}`, () =>
    retryConflicts(executionId, async () => {
      // Its id can become another run's id between two tries.
      const id = await app.store.originalId(crew.name, executionId);
      const run = await loadRun(app, crew.name, id, reads);
      const planned = plan(run, id);
      const { execution: next, writes = [], result, kickoff } = planned;
      if (
        next &&
        !(await saveRun(app, { execution: { previous: run.stored, next, result }, writes, kickoff }))
      )
        return CONFLICT;
      return planned;
    }),
  );
}

/** Stores a run with its approvals, in one commit. False: something of it is not as it was read. */
export async function saveRun(
  app: App,
  { writes, ...changes }: Omit<Changes, 'approvals'> & { writes: ApprovalWrite[] },
): Promise<boolean> {
  if (!(await app.store.save({ ...changes, approvals: writes }))) return false;
  for (const { next } of writes) app.wake(next);
  if (changes.kickoff) app.wakeKickoff(changes.kickoff.next);
  return true;
}
