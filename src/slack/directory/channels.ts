import type { ConversationsInfoResponse, WebClient } from '@slack/web-api';
import { isUserId } from '../../approval/model/crew/slack-ids.ts';
import type { Log } from '../../approval/ports.ts';
import { slackErrorOf } from '../api/client.ts';

const PAGE = 1_000;
const MOST_PAGES = 20;

export type Channel = NonNullable<ConversationsInfoResponse['channel']>;

/**
 * Finds channels as Slack shows them to the bot, by id or #name; undefined for a name that it does not show. Rejects
 * with the WebClient's error, for an unknown id too. The names are listed once.
 */
export function createChannelFinder(client: WebClient) {
  let named: Promise<ReadonlyMap<string, Channel>> | undefined;
  return async function find(channel: string): Promise<Channel | undefined> {
    if (!channel.startsWith('#')) return (await client.conversations.info({ channel })).channel;
    named ??= listByName(client);
    return (await named).get(channel.slice(1));
  };
}

/**
 * Names in the log each channel of the settings that Slack does not show to the bot: a wrong id or name, or a private
 * channel that it was not invited to. Never rejects; what cannot be asked for is said too.
 */
export async function checkChannels(
  { client, log }: { client: WebClient; log: Log },
  channels: readonly string[],
): Promise<void> {
  const find = createChannelFinder(client);
  try {
    for (const channel of channels.filter((one) => !isUserId(one))) {
      const reason = await find(channel).then(
        (found) => (found ? found.is_archived && 'is_archived' : 'channel_not_found'),
        (error: unknown) => {
          if (slackErrorOf(error) === undefined) throw error;
          return slackErrorOf(error);
        },
      );
      if (reason)
        log.error({ channel, reason }, 'a channel of the settings is not one that Slack shows to the bot');
    }
  } catch (error) {
    log.warn({ error }, 'the channels of the settings could not be checked');
  }
}

async function listByName(client: WebClient): Promise<ReadonlyMap<string, Channel>> {
  const found = new Map<string, Channel>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.conversations.list({
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    });
    for (const channel of answer.channels ?? [])
      if (channel.name) found.set(channel.name, channel as Channel);
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  return found;
}
