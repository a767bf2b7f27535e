import { createCache } from '../../lib/cache.ts';
import type { MessageView } from '../views/message-view.ts';
import { CARD_FORMS, type CardForm } from '../views/output/output-blocks.ts';
import { isAmbiguousError, isTooLargeError, isTooLongError } from './client.ts';

/** Total time of rejected calls, in milliseconds, after which another call could end after the step's lease. */
const MAX_REJECTED_TIME = 1_000;
const MAX_REMEMBERED = 1_000;
const DAY = 24 * 60 * 60_000;

/** Sends a message in plainer and plainer forms until Slack accepts one: a card that cannot be shown in full is still shown. */
export class PlainerForms {
  /** Before this time, the workspace gets no containers: it rejected one. */
  #unfoldedUntil = 0;
  /** By approval: the form to start from, after Slack took long to reject the forms before it. */
  readonly #startAt = createCache<number>({ max: MAX_REMEMBERED });

  /** `draw` builds the message in a form; `call` sends it to Slack. */
  async send<T>(
    approvalId: string,
    draw: (form: CardForm) => MessageView,
    call: (view: MessageView) => Promise<T>,
  ): Promise<T> {
    const began = performance.now();
    const isSlow = () => performance.now() - began > MAX_REJECTED_TIME;
    const firstIndex = this.#firstIndex(approvalId);
    let rejection: unknown;
    let previousBlocks: string | undefined;
    for (const [index, form] of CARD_FORMS.entries()) {
      if (index < firstIndex) continue;
      const view = draw(form);
      const blocks = JSON.stringify(view.blocks);
      // A form with the blocks that Slack rejected is skipped.
      if (blocks === previousBlocks) continue;
      previousBlocks = blocks;
      if (rejection !== undefined && isSlow()) {
        this.#startAt.set(approvalId, index);
        break;
      }
      try {
        const result = await call(view).catch((error: unknown) => {
          if (isAmbiguousError(error) && !isSlow()) return call(view);
          throw error;
        });
        // The rejected form differs only by the container.
        if (form === 'full' && rejection !== undefined && firstIndex === 0 && !isTooLongError(rejection))
          this.#unfoldedUntil = performance.now() + DAY;
        return result;
      } catch (error) {
        if (!isTooLargeError(error) && !isAmbiguousError(error)) throw error;
        rejection = error;
      }
    }
    throw rejection;
  }

  /** Returns the form that is tried first for a card of this approval. */
  findFirstForm(approvalId: string): CardForm {
    return CARD_FORMS[this.#firstIndex(approvalId)] as CardForm;
  }

  #firstIndex(approvalId: string): number {
    const firstAllowed = performance.now() < this.#unfoldedUntil ? 1 : 0;
    return Math.max(firstAllowed, this.#startAt.get(approvalId) ?? 0);
  }
}
