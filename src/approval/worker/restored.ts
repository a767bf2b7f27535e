import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { currentRound } from '../model/approval.ts';
import { applyStartEvent } from '../starts/start-events.ts';
import { updateApproval } from '../update.ts';

/**
 * Holds the deliveries that were under way when the backup was made, and asks a person: CrewAI may have accepted them long ago
 * and may now be waiting for another decision. Resolves with their number. Rejects with a StoreError.
 */
export async function holdRestoredDeliveries({
  store,
  clock,
  log,
}: Pick<App, 'store' | 'clock' | 'log'>): Promise<number> {
  let heldCount = 0;
  for await (const { id } of eachEntry(store, 'due', 'all')) {
    const at = clock.now();
    const stored = await updateApproval(store, id, (approval) =>
      applyEvent(approval, { type: 'restored', at, round: currentRound(approval).number }),
    );
    if (!stored) continue;
    heldCount += 1;
    const logFields = { crew: stored.crew, execution: stored.executionId, approval: id };
    log.warn({ ...logFields, round: currentRound(stored).number }, 'delivery held after a restore');
  }
  return heldCount;
}

/**
 * Holds the starts that were under way when the backup was made: CrewAI may have started the runs long ago. Resolves with their
 * number. Rejects with a StoreError.
 */
export async function holdRestoredStarts({ store, clock }: Pick<App, 'store' | 'clock'>): Promise<number> {
  let heldCount = 0;
  for await (const { id } of eachEntry(store, 'dueStarts', 'all')) {
    const stored = await store.start(id);
    if (stored?.record.status !== 'starting') continue;
    const at = clock.now();
    // CrewAI may have been called after the backup, so the start counts as called: a webhook of the run still finds it.
    const calledStart = applyStartEvent(stored.record, { type: 'called', at });
    const next = applyStartEvent(calledStart, { type: 'call_lost', at });
    if (await store.save({ start: { previous: stored, next } })) heldCount += 1;
  }
  return heldCount;
}
