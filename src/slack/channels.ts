import type { WebClient } from '@slack/web-api';
import { isUserId } from '../approval/policy.ts';
import type { Log } from '../approval/ports.ts';
import { slackErrorOf } from './client.ts';

const PAGE = 1_000;
const MOST_PAGES = 20;

/**
 * Names in the log each channel of the settings that Slack does not show to the bot: a wrong id or name, or a private
 * channel that it was not invited to. Never rejects; what cannot be asked for is said too.
 */
export async function checkChannels(
  { client, log }: { client: WebClient; log: Log },
  channels: readonly string[],
): Promise<void> {
  const names = channels.filter((channel) => channel.startsWith('#'));
  const missing = (channel: string, reason: string) =>
    log.error({ channel, reason }, 'a channel of the settings is not one that Slack shows to the bot');
  try {
    for (const channel of channels) {
      if (names.includes(channel) || isUserId(channel)) continue;
      const reason = await client.conversations.info({ channel }).then(
        ({ channel: found }) => (found?.is_archived ? 'is_archived' : undefined),
        (error: unknown) => {
          if (slackErrorOf(error) === undefined) throw error;
          return slackErrorOf(error);
        },
      );
      if (reason !== undefined) missing(channel, reason);
    }
    const known = names.length > 0 ? await namesOf(client) : new Set<string>();
    for (const name of names) if (!known.has(name.slice(1))) missing(name, 'channel_not_found');
  } catch (error) {
    log.warn({ error }, 'the channels of the settings could not be checked');
  }
}

async function namesOf(client: WebClient): Promise<Set<string>> {
  const found = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.conversations.list({
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    });
    for (const { name } of answer.channels ?? []) if (name) found.add(name);
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  return found;
}
