import type { Card } from '../../approval/model/round.ts';
import type { Clock } from '../../approval/ports.ts';

/** Slack accepts a response_url for 30 minutes. */
const VALID_FOR = 25 * 60_000;
const MAX_REMEMBERED = 5_000;
/** An update whose response was lost takes effect within this time or never, in milliseconds. */
const SETTLED_AFTER = 30_000;

type CardPlace = Pick<Card, 'channel' | 'ts'>;

/**
 * The response_urls of clicks on cards: each may update the card that was clicked, outside the limit of chat.update. Kept
 * in this process only: another process, or this one after a restart, updates cards with chat.update.
 */
export class ClickedCards {
  readonly #clock: Clock;
  readonly #updateAgain: (approval: string, round: number, card: Card) => void;
  readonly #clicks = new Map<string, { url: string; at: number }>();

  constructor(
    clock: Clock,
    /** Called after an update by response_url may have taken effect late: what the card shows is not known. */
    updateAgain: (approval: string, round: number, card: Card) => void = () => {},
  ) {
    this.#clock = clock;
    this.#updateAgain = updateAgain;
  }

  /** Keeps the response_url of a click. */
  remember(card: CardPlace, url: string): void {
    this.#clicks.delete(keyOf(card));
    this.#clicks.set(keyOf(card), { url, at: this.#clock.now() });
    const oldest = this.#clicks.keys().next().value;
    if (this.#clicks.size > MAX_REMEMBERED && oldest !== undefined) this.#clicks.delete(oldest);
  }

  has(card: CardPlace): boolean {
    return this.#urlOf(card) !== undefined;
  }

  /** Takes the URL, once per click: later updates use chat.update, whose response proves what the card shows. */
  take(card: CardPlace): string | undefined {
    const url = this.#urlOf(card);
    this.#clicks.delete(keyOf(card));
    return url;
  }

  /** The response to an update by URL was lost: has the card updated again once that update has settled. */
  updateAgainLater(approval: string, round: number, card: Card): void {
    this.#clock.after(SETTLED_AFTER, () => this.#updateAgain(approval, round, card));
  }

  #urlOf(card: CardPlace): string | undefined {
    const click = this.#clicks.get(keyOf(card));
    return click && this.#clock.now() - click.at < VALID_FOR ? click.url : undefined;
  }
}

function keyOf({ channel, ts }: CardPlace): string {
  return `${channel} ${ts}`;
}
