import type { ClickedCards } from '../api/clicked-cards.ts';

/** The parts of a click that identify its card. */
interface Click {
  type?: unknown;
  response_url?: unknown;
  channel?: { id?: unknown } | undefined;
  message?: { ts?: unknown } | undefined;
  container?: { is_ephemeral?: unknown } | undefined;
}

/** Keeps the response_url of a click on a card, which can update that card. */
export function rememberClick(clicked: Pick<ClickedCards, 'remember'>, body: object): void {
  const { type, response_url: url, channel, message, container } = body as Click;
  if (type !== 'block_actions' || container?.is_ephemeral === true) return;
  if (typeof url !== 'string' || typeof channel?.id !== 'string' || typeof message?.ts !== 'string') return;
  clicked.remember({ channel: channel.id, ts: message.ts }, url);
}
