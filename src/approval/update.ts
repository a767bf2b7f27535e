import { StoreError } from '../lib/errors.ts';
import type { Approval } from './model/approval.ts';
import type { ApprovalStore } from './ports.ts';

/** Most attempts of one change. There are never as many writers at once, so if each attempt meets a conflict, the store is faulty. */
const MAX_ATTEMPTS = 2_000;

/** Result of an attempt if someone else changed the record after it was read. */
export const CONFLICT = Symbol('conflict');

/** Repeats a compare-and-set while others change the record in between. Rejects with a StoreError if they always do. */
export async function retryConflicts<T>(
  record: string,
  attempt: (conflicts: number) => Promise<T | typeof CONFLICT>,
): Promise<T> {
  for (let conflicts = 0; conflicts < MAX_ATTEMPTS; conflicts += 1) {
    const result = await attempt(conflicts);
    if (result !== CONFLICT) return result;
  }
  throw new StoreError(`The record ${record} was changed by others ${MAX_ATTEMPTS} times in a row.`);
}

/**
 * Changes an approval as it is in the store. `change` is pure and returns the same object if there is nothing to change. Resolves
 * with the approval as stored; undefined: nothing was stored. Rejects with a StoreError.
 */
export function updateApproval(
  store: Pick<ApprovalStore, 'approval' | 'save'>,
  id: string,
  change: (approval: Approval) => Approval,
): Promise<Approval | undefined> {
  return retryConflicts(id, async () => {
    const stored = await store.approval(id);
    const changed = stored && change(stored.record);
    if (!changed || changed === stored.record) return undefined;
    return (await store.save({ approvals: [{ previous: stored, next: changed }] })) ? changed : CONFLICT;
  });
}
