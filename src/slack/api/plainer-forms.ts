import { createCache } from '../../lib/cache.ts';
import { CARD_FORMS, type CardForm } from '../views/output/output-blocks.ts';
import { isOdd, isTooLong, isTooMuch } from './client.ts';

/** After refusals that took this long, another call would end after its lease, in milliseconds. */
const TIME_FOR_ANOTHER = 1_000;
const MAX_REMEMBERED = 1_000;
const DAY = 24 * 60 * 60_000;

/** Sends a message in plainer and plainer forms until Slack accepts one: a card that cannot be shown in full is still shown. */
export class PlainerForms {
  /** Until then this workspace gets no containers: it refused one. */
  #unfoldedUntil = 0;
  /** By approval: the form to start from, after Slack took long to reject the forms before it. */
  readonly #startAt = createCache<number>({ max: MAX_REMEMBERED });

  async send<T>(approvalId: string, send: (form: CardForm) => Promise<T>): Promise<T> {
    const began = performance.now();
    const isSlow = () => performance.now() - began > TIME_FOR_ANOTHER;
    const first = this.#firstIndex(approvalId);
    let rejected: unknown;
    for (const [index, form] of CARD_FORMS.entries()) {
      if (index < first) continue;
      if (rejected !== undefined && isSlow()) {
        this.#startAt.set(approvalId, index);
        break;
      }
      try {
        const sent = await send(form).catch((error: unknown) => {
          if (isOdd(error) && !isSlow()) return send(form);
          throw error;
        });
        // The next form differs by the container only.
        if (index === 1 && first === 0 && !isTooLong(rejected)) this.#unfoldedUntil = performance.now() + DAY;
        return sent;
      } catch (error) {
        if (!isTooMuch(error) && !isOdd(error)) throw error;
        rejected = error;
      }
    }
    throw rejected;
  }

  /** The form that is tried first for a card of this approval. */
  first(approvalId: string): CardForm {
    return CARD_FORMS[this.#firstIndex(approvalId)] as CardForm;
  }

  #firstIndex(approvalId: string): number {
    const least = performance.now() < this.#unfoldedUntil ? 1 : 0;
    return Math.max(least, this.#startAt.get(approvalId) ?? 0);
  }
}
