import type { WebClient } from '@slack/web-api';
import axios from 'axios';
import type { Clock, Log } from '../../approval/ports.ts';
import { buildNotDoneModal } from '../views/modals/decision-modals.ts';
import { section } from '../views/text/elements.ts';

/** Where a person clicked: a message's channel, and its thread if it hangs in one. */
export interface Place {
  user: string;
  channel?: string | undefined;
  threadTs?: string | undefined;
  responseUrl?: string | undefined;
  /** Of the click: a home tab is answered by a modal. */
  triggerId?: string | undefined;
  /** It is no card: nobody sees there what becomes of a click. */
  unchanging?: boolean;
}

const TIMEOUT = 3_000;
/** Before both ways are tried again, in milliseconds: a response_url takes five answers. */
const PAUSES = [1_000, 2_000, 4_000];

/**
 * Tells one person one sentence, beside the card that they clicked on: nobody else sees it. In a thread
 * chat.postEphemeral is tried first, since a response_url answers at the channel's root; elsewhere the other way round.
 */
export function createTell({ client, clock, log }: { client: WebClient; clock: Clock; log: Log }) {
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

  async function byModal({ triggerId }: Place, text: string): Promise<void> {
    if (!triggerId) throw new Error('there is no trigger');
    await client.views.open({ trigger_id: triggerId, view: buildNotDoneModal('Approvals', text) });
  }

  async function byDirectMessage({ user }: Place, text: string): Promise<void> {
    await client.chat.postMessage({ channel: user, text, blocks: [section(text)] });
  }

  return async function tell(place: Place, text: string): Promise<void> {
    const ways = place.threadTs ? [byEphemeral, byResponseUrl] : [byResponseUrl, byEphemeral];
    // After a modal there is no response_url.
    if (!place.responseUrl) ways.splice(0, ways.length, byEphemeral, byDirectMessage);
    if (!place.channel) ways.splice(0, ways.length, ...(place.triggerId ? [byModal] : []), byDirectMessage);
    for (const pause of [...PAUSES, undefined]) {
      for (const way of ways) {
        try {
          return await way(place, text);
        } catch (error) {
          log.warn({ person: place.user, error }, 'a person could not be told in one way');
        }
      }
      if (pause !== undefined) await new Promise<void>((resolve) => clock.after(pause, resolve));
    }
    log.error({ person: place.user }, 'a person could not be told');
  };
}

export type Tell = ReturnType<typeof createTell>;
