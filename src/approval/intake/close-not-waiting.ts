import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { updateApproval } from '../update.ts';
import { applyWebhookEvent } from './run.ts';

/**
 * Closes the cards that task webhooks opened before the bot knew that this crew's platform announces pauses only by human-input
 * webhooks: no task waits for these decisions. Rejects with a StoreError.
 */
export async function closeNotWaiting(
  { store, wake, clock }: Pick<App, 'store' | 'wake' | 'clock'>,
  crew: string,
): Promise<void> {
  for await (const { id } of eachEntry(store, 'waiting', [crew])) {
    const event = { type: 'not_waiting', at: clock.now() } as const;
    const closed = await updateApproval(store, id, (approval) => applyWebhookEvent(approval, event));
    if (closed) wake(closed);
  }
}
