import { currentRound } from './approval.ts';
import type { ApprovalStore, Clock, Log } from './ports.ts';
import { transition } from './transitions.ts';

const PAGE = 200;

/**
 * After a restore from a backup: what was being sent then is not sent again, since CrewAI may have taken it long ago and
 * may be waiting for another decision now. A person is asked. Resolves with how many. Rejects with a StoreError.
 */
export async function holdRestoredDeliveries({
  store,
  clock,
  log,
}: {
  store: ApprovalStore;
  clock: Clock;
  log: Log;
}): Promise<number> {
  let held = 0;
  let after: string | undefined;
  do {
    const page = await store.due(Number.MAX_SAFE_INTEGER, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const id of page.ids) {
      for (;;) {
        const stored = await store.approval(id);
        if (!stored) break;
        const round = currentRound(stored.record).number;
        const result = transition(stored.record, { type: 'restored', at: clock.now(), round });
        if ('refusal' in result || result.approval === stored.record) break;
        if (!(await store.saveApproval(stored, result.approval))) continue;
        held += 1;
        const { crew, executionId } = stored.record;
        log.warn({ crew, execution: executionId, approval: id, round }, 'delivery held after a restore');
        break;
      }
    }
    after = page.next;
  } while (after !== undefined);
  return held;
}
