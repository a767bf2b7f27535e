import { StoreError } from '../lib/errors.ts';
import type { Approval } from './model/approval.ts';
import type { ApprovalStore } from './ports.ts';

/** More writers than ever change one record at once: beyond it something is wrong with the store. */
const MOST_TRIES = 2_000;

/** What a try gives when somebody else changed a record after it was read. */
export const CONFLICT = Symbol('conflict');

/** Tries a compare-and-set again while others change the record in between. Rejects with a StoreError when they always do. */
export async function retryConflicts<T>(
  record: string,
  attempt: (tries: number) => Promise<T | typeof CONFLICT>,
): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const result = await attempt(tries);
    if (result !== CONFLICT) return result;
  }
  throw new StoreError(`The record ${record} was changed by others ${MOST_TRIES} times in a row.`);
}

/**
 * Changes an approval as it is in the store. `change` is pure and gives the same object when there is nothing to change.
 * Resolves with the approval as it was stored, or undefined when nothing was. Rejects with a StoreError.
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
