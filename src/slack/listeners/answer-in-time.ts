import type { Log } from '../../approval/ports.ts';
import type { Answer } from '../../approval/read-round.ts';
import { ANSWERED_WITHIN, withTimeout } from '../../lib/deadline.ts';
import { StoreError } from '../../lib/errors.ts';
import { NOT_RECORDED, PERHAPS_RECORDED } from '../views/text/sentences.ts';

/** Resolves to the answer, or to a sentence for the person if the store failed or was late. */
export async function answerInTime(
  log: Log,
  ask: () => Promise<Answer>,
): Promise<{ answer: Answer } | { failed: string }> {
  try {
    return { answer: await withTimeout(ANSWERED_WITHIN, ask) };
  } catch (error) {
    return { failed: explainStoreFailure(log, error) };
  }
}

/** Logs that a decision met a store that failed or was late; returns the sentence for the person. */
export function explainStoreFailure(log: Log, error: unknown): string {
  const unsure = error instanceof StoreError && error.unsure;
  log.error({ error, unsure }, 'decision not recorded');
  return unsure ? PERHAPS_RECORDED : NOT_RECORDED;
}
