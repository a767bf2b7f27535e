import type { WebClient } from '@slack/web-api';
import axios from 'axios';
import type { Log } from '../approval/ports.ts';
import { section } from './views/card.ts';

/** Where a person clicked: a message's channel, and its thread if it hangs in one. */
export interface Place {
  user: string;
  channel?: string | undefined;
  threadTs?: string | undefined;
  responseUrl?: string | undefined;
  /** It is no card: nobody sees there what becomes of a click. */
  unchanging?: boolean;
}

const TIMEOUT = 3_000;

/**
 * Tells one person one sentence, beside the card that they clicked on: nobody else sees it. In a thread
 * chat.postEphemeral is tried first, since a response_url answers at the channel's root; elsewhere the other way round.
 */
export function createTell({ client, log }: { client: WebClient; log: Log }) {
  async function byResponseUrl(place: Place, text: string): Promise<void> {
    if (!place.responseUrl) throw new Error('there is no response_url');
    const body = { response_type: 'ephemeral', replace_original: false, text, blocks: [section(text)] };
    await axios.post(place.responseUrl, body, { timeout: TIMEOUT, maxRedirects: 0 });
  }

  async function byEphemeral({ channel, user, threadTs }: Place, text: string): Promise<void> {
    if (!channel) throw new Error('there is no channel');
    const message = { channel, user, text, blocks: [section(text)] };
    await client.chat.postEphemeral(threadTs ? { ...message, thread_ts: threadTs } : message);
  }

  return async function tell(place: Place, text: string): Promise<void> {
    const ways = place.threadTs ? [byEphemeral, byResponseUrl] : [byResponseUrl, byEphemeral];
    for (const way of ways) {
      try {
        return await way(place, text);
      } catch (error) {
        log.warn({ person: place.user, error }, 'a person could not be told in one way');
      }
    }
    log.error({ person: place.user }, 'a person could not be told');
  };
}

export type Tell = ReturnType<typeof createTell>;
