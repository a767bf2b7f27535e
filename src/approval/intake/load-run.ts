import { RecordError } from '../../lib/errors.ts';
import type { Approval } from '../model/approval.ts';
import { buildApprovalId, legacyApprovalId } from '../model/approval-id.ts';
import type { Execution } from '../model/run/execution.ts';
import type { ApprovalStore, Log, Stored } from '../ports.ts';

/** A run and its approvals, as they were read before a plan was made from them. */
export interface LoadedRun {
  stored: Stored<Execution> | undefined;
  /** Readable approvals of the run, and the one that a webhook's task would have. */
  approvals: ReadonlyMap<string, Stored<Approval>>;
  /** Approvals that a newer version wrote. */
  unreadable: ReadonlyMap<string, RecordError>;
}

/** Reads a run with its approvals; unreadable ones are logged and left out. Rejects with a StoreError. */
export async function loadRun(
  { store, log }: { store: ApprovalStore; log: Log },
  crew: string,
  executionId: string,
  taskKey?: string,
): Promise<LoadedRun> {
  const stored = await store.execution(crew, executionId);
  const ids = new Set(stored?.record.approvals);
  if (taskKey !== undefined) {
    const own = buildApprovalId(crew, executionId, taskKey);
    ids.add(own);
    // The record of a damaged run does not name its approvals.
    if (stored?.record.lost) ids.add(legacyApprovalId(own));
  }
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
  return { stored, approvals, unreadable };
}
