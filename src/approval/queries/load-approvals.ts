import { RecordError } from '../../lib/errors.ts';
import type { App } from '../app.ts';
import type { Approval } from '../model/approval.ts';

/** Loads approvals in this order; skips unreadable records and crews that are not configured. Rejects with a StoreError. */
export async function loadApprovals(app: App, ids: readonly string[]): Promise<Approval[]> {
  const loaded = await Promise.all(ids.map((id) => loadApproval(app, id)));
  return loaded.filter((approval) => approval !== undefined);
}

/** Loads one approval; undefined when it is missing, unreadable or of a crew that is not configured. */
export async function loadApproval({ store, crews, log }: App, id: string): Promise<Approval | undefined> {
  try {
    const approval = (await store.approval(id))?.record;
    return approval && crews.has(approval.crew) ? approval : undefined;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.error({ approval: id, error }, 'approval not readable');
    return undefined;
  }
}
