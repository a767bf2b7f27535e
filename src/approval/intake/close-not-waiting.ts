import type { App } from '../app.ts';
import { updateApproval } from '../update.ts';
import { applyWebhookEvent } from './run-draft.ts';

const PAGE = 200;

/**
 * Closes the cards that task webhooks opened before it was known that this crew's platform announces its pauses by
 * human-input webhooks only: nothing waits for a decision on them. Rejects with a StoreError.
 */
export async function closeNotWaiting(
  { store, wake, clock }: Pick<App, 'store' | 'wake' | 'clock'>,
  crew: string,
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list('waiting', [crew], { limit: PAGE, after });
    for (const { id } of page) {
      const event = { type: 'not_waiting', at: clock.now() } as const;
      const closed = await updateApproval(store, id, (approval) => applyWebhookEvent(approval, event));
      if (closed) wake(closed);
    }
    after = page.at(-1)?.place;
    if (page.length < PAGE) return;
  }
}
