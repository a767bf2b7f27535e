import { RecordError } from '../../lib/errors.ts';
import type { Approval } from '../model/approval.ts';
import { buildApprovalId, legacyApprovalId } from '../model/approval-id.ts';
import type { Execution } from '../model/run/execution.ts';
import { type Kickoff, mayHaveStarted } from '../model/run/kickoff.ts';
import type { ApprovalStore, Log, Stored } from '../ports.ts';

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
  if (taskKey !== undefined) {
    const own = buildApprovalId(crew, executionId, taskKey);
    ids.add(own);
    // The record of a damaged run does not name its approvals.
    if (stored?.record.lost) ids.add(legacyApprovalId(own));
  }
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
  const found = await findKickoff(store, crew, own ?? requestId);
  // Another run may name the start of this one.
  const isIts = own !== undefined || (found !== undefined && mayBeStartOf(found.record, executionId));
  const kickoff = isIts ? found : undefined;
  return { stored, approvals, unreadable, kickoff };
}

function mayBeStartOf(start: Kickoff, executionId: string): boolean {
  return mayHaveStarted(start) && (start.executionId ?? executionId) === executionId;
}

async function findKickoff(
  store: ApprovalStore,
  crew: string,
  id: string | undefined,
): Promise<Stored<Kickoff> | undefined> {
  const kickoff = id === undefined ? undefined : await store.kickoff(id);
  return kickoff?.record.crew === crew ? kickoff : undefined;
}
