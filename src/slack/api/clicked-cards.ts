import type { Card } from '../../approval/model/round.ts';
import type { Clock } from '../../approval/ports.ts';
import { type Cache, createCache } from '../../lib/cache.ts';

/** Slack accepts a response_url for 30 minutes. */
const VALIDITY = 25 * 60_000;
const MAX_REMEMBERED = 5_000;
/** An update whose response was lost takes effect within this time or never, in milliseconds. */
const SETTLE_DELAY = 30_000;

type CardPlace = Pick<Card, 'channel' | 'ts'>;

/**
 * The response_urls of clicks on cards: each may update the card that was clicked, outside the limit of chat.update. Kept
 * in this process only: another process, or this one after a restart, updates cards with chat.update.
 */
export class ClickedCards {
  readonly #clock: Clock;
  readonly #updateAgain: (approval: string, round: number, card: Card) => void;
  readonly #urls: Cache<string>;

  constructor(
    clock: Clock,
    /** Called after an update by response_url may have taken effect late: what the card shows is not known. */
    updateAgain: (approval: string, round: number, card: Card) => void = () => {},
  ) {
    this.#clock = clock;
    this.#urls = createCache({ max: MAX_REMEMBERED, clock, ttl: VALIDITY });
    this.#updateAgain = updateAgain;
  }

  /** Keeps the response_url of a click. */
  remember(card: CardPlace, url: string): void {
    this.#urls.set(buildPlaceKey(card), url);
  }

  has(card: CardPlace): boolean {
    return this.#urls.has(buildPlaceKey(card));
  }

  /** Takes the URL, once per click: later updates use chat.update, whose response proves what the card shows. */
  take(card: CardPlace): string | undefined {
    const url = this.#urls.get(buildPlaceKey(card));
    this.#urls.delete(buildPlaceKey(card));
    return url;
  }

  /** The response to an update by URL was lost: has the card updated again once that update has settled. */
  updateAgainLater(approval: string, round: number, card: Card): void {
    this.#clock.after(SETTLE_DELAY, () => this.#updateAgain(approval, round, card));
  }
}

function buildPlaceKey({ channel, ts }: CardPlace): string {
  return `${channel} ${ts}`;
}
