import { RecordError } from '../../lib/errors.ts';
import type { Approval } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { ApprovalStore, Log } from '../ports.ts';

/** Reads many: one that cannot be read hides no other; one of a crew that was taken out of the settings is nobody's. */
export function createLoader({
  store,
  crews,
  log,
}: {
  store: ApprovalStore;
  crews: ReadonlyMap<string, Crew>;
  log: Log;
}) {
  async function loadOne(id: string): Promise<Approval | undefined> {
    try {
      const approval = (await store.approval(id))?.record;
      return approval && crews.has(approval.crew) ? approval : undefined;
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      log.error({ approval: id, error }, 'an approval could not be read');
      return undefined;
    }
  }

  /** Those that there are, in their order. Rejects with a StoreError. */
  async function load(ids: readonly string[]): Promise<Approval[]> {
    const loaded = await Promise.all(ids.map(loadOne));
    return loaded.filter((approval) => approval !== undefined);
  }

  return { load, loadOne };
}
