import type { WebClient } from '@slack/web-api';
import type { MessageView } from '../views/message-view.ts';
import { isNotInThread } from './client.ts';

/** No text in a message notifies people or unfurls links, except the mentions that we write. */
const QUIET = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false } as const;

/** A channel, or a thread in it; `reply_broadcast`: the channel shows the reply too. */
type MessagePlace =
  | { channel: string; thread_ts?: string }
  | { channel: string; thread_ts: string; reply_broadcast: true };

/** Posts a message; at the place `instead` if its thread is gone or takes no replies. Resolves to where it is. */
export async function postMessage(
  client: WebClient,
  view: MessageView,
  place: MessagePlace,
  instead?: MessagePlace,
): Promise<{ channel: string; ts: string }> {
  try {
    const { channel = place.channel, ts } = await client.chat.postMessage({ ...view, ...QUIET, ...place });
    // A proxy answered, or the response was cut: the message could never be updated.
    if (!ts) throw new Error('Slack did not say where the message is');
    return { channel, ts };
  } catch (error) {
    if (instead && isNotInThread(error)) return postMessage(client, view, instead);
    throw error;
  }
}
