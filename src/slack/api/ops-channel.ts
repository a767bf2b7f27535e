import type { WebClient } from '@slack/web-api';
import type { AlertOperators, Clock, Log } from '../../approval/ports.ts';
import { buildSentence } from '../views/message-view.ts';

const HOUR = 60 * 60_000;

/** Alerts the operators in their channel; without a channel nobody. */
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
  /** By cause: when the latest alert was sent. */
  const sentAt = new Map<string, number>();
  return (cause, sentence, every = HOUR) => {
    const last = sentAt.get(cause);
    if (channel === undefined || (last !== undefined && clock.now() - last < every)) return;
    sentAt.set(cause, clock.now());
    postSentence(client, channel, `:rotating_light: ${sentence}`).catch((error: unknown) => {
      sentAt.delete(cause);
      log.error({ channel, error }, 'alert to OPS_CHANNEL failed');
    });
  };
}

/** Posts one sentence in a channel, outside any approval. Never rejects. */
export function createAnnounce({ client, log }: { client: WebClient; log: Log }) {
  return async (channel: string, sentence: string): Promise<void> => {
    await postSentence(client, channel, `:warning: ${sentence}`).catch((error: unknown) =>
      log.error({ channel, error }, 'announcement failed'),
    );
  };
}

async function postSentence(client: WebClient, channel: string, sentence: string): Promise<void> {
  await client.chat.postMessage({ channel, ...buildSentence(sentence), parse: 'none' });
}
