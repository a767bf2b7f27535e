import type { Card } from '../../approval/model/round.ts';
import type { Clock } from '../../approval/ports.ts';

/** A response_url lasts 30 minutes. */
const LASTS = 25 * 60_000;
const MOST_REMEMBERED = 5_000;
/** An update whose answer was lost has landed by then, or never will, in milliseconds. */
const LANDED_WITHIN = 30_000;

/**
 * The response_urls of clicks on cards: each may update the card that was clicked, outside the limit of chat.update.
 * Kept in this process only; another one, or this one after a restart, updates cards by chat.update.
 */
export function createClickedCards(
  clock: Clock,
  /** Called when an update by such a URL may land late, once it has landed: what the card shows is not known. */
  showAgain: (approval: string, round: number, card: Card) => void = () => {},
) {
  const clicks = new Map<string, { url: string; at: number }>();
  const key = ({ channel, ts }: { channel: string; ts: string }) => `${channel} ${ts}`;

  function urlOf(card: { channel: string; ts: string }): string | undefined {
    const click = clicks.get(key(card));
    return click && clock.now() - click.at < LASTS ? click.url : undefined;
  }

  return {
    clicked(card: { channel: string; ts: string }, url: string): void {
      clicks.delete(key(card));
      clicks.set(key(card), { url, at: clock.now() });
      const oldest = clicks.keys().next().value;
      if (clicks.size > MOST_REMEMBERED && oldest !== undefined) clicks.delete(oldest);
    },
    /** The answer to an update was lost. */
    uncertain(approval: string, round: number, card: Card): void {
      clock.after(LANDED_WITHIN, () => showAgain(approval, round, card));
    },
    has: (card: { channel: string; ts: string }) => urlOf(card) !== undefined,
    /** Its URL, once per click: what follows is told by chat.update, whose answer proves what the card shows. */
    take(card: { channel: string; ts: string }): string | undefined {
      const url = urlOf(card);
      clicks.delete(key(card));
      return url;
    },
  };
}

export type ClickedCards = ReturnType<typeof createClickedCards>;
