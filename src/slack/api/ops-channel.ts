import type { WebClient } from '@slack/web-api';
import type { AlertOperators, Clock, Log } from '../../approval/ports.ts';
import { section } from '../views/text/elements.ts';

const HOUR = 60 * 60_000;

/** Tells a channel of the operators what needs them; without a channel nobody. */
export function createOpsChannel({
  client,
  channel,
  clock,
  log,
}: {
  client: WebClient;
  channel: string | undefined;
  clock: Clock;
  log: Log;
}): AlertOperators {
  const told = new Map<string, number>();
  return (cause, sentence, every = HOUR) => {
    const last = told.get(cause);
    if (channel === undefined || (last !== undefined && clock.now() - last < every)) return;
    told.set(cause, clock.now());
    const text = `:rotating_light: ${sentence}`;
    client.chat
      .postMessage({ channel, text, blocks: [section(text)], parse: 'none' })
      .catch((error: unknown) => {
        // Not told, so the next one may be.
        told.delete(cause);
        log.error({ channel, error }, 'OPS_CHANNEL could not be told');
      });
  };
}

/** Says one sentence in a channel, outside any approval. Never rejects. */
export function createAnnounce({ client, log }: { client: WebClient; log: Log }) {
  return async (channel: string, sentence: string): Promise<void> => {
    const text = `:warning: ${sentence}`;
    await client.chat
      .postMessage({ channel, text, blocks: [section(text)], parse: 'none' })
      .catch((error: unknown) => log.error({ channel, error }, 'announcement failed'));
  };
}
