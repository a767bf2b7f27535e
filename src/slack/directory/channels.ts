import type { ConversationsInfoResponse, ConversationsListResponse, WebClient } from '@slack/web-api';
import { isUserId } from '../../approval/model/crew/slack-ids.ts';
import { readSlackError, type SlackBase } from '../api/client.ts';
import { readPages } from '../api/read-pages.ts';

export type Channel = NonNullable<ConversationsInfoResponse['channel']>;

/**
 * Finds channels that the bot can see, by id or #name; undefined for an unknown name. Rejects with the WebClient's error,
 * for an unknown id too. The names are listed once.
 */
export function createChannelFinder(client: WebClient): (channel: string) => Promise<Channel | undefined> {
  let channelsByName: Promise<ReadonlyMap<string, Channel>> | undefined;
  return async (channel) => {
    if (!channel.startsWith('#')) return (await client.conversations.info({ channel })).channel;
    channelsByName ??= listChannelsByName(client);
    return (await channelsByName).get(channel.slice(1));
  };
}

/**
 * Logs each configured channel that the bot cannot use: a wrong id or name, or a private channel without the bot. Never
 * rejects: if Slack cannot be asked, that is logged.
 */
export async function checkChannels(
  { client, log }: Pick<SlackBase, 'client' | 'log'>,
  channels: readonly string[],
): Promise<void> {
  const find = createChannelFinder(client);
  try {
    for (const channel of channels.filter((id) => !isUserId(id))) {
      const reason = await find(channel).then(
        (info) => (info ? info.is_archived && 'is_archived' : 'channel_not_found'),
        (error: unknown) => {
          if (readSlackError(error) === undefined) throw error;
          return readSlackError(error);
        },
      );
      if (reason) log.error({ channel, reason }, 'configured channel is not visible to the bot');
    }
  } catch (error) {
    log.warn({ error }, 'configured channels not checked');
  }
}

/** The channels that the bot can see and that are not archived, by their names without #. */
export async function listChannelsByName(client: WebClient): Promise<ReadonlyMap<string, Channel>> {
  const channelsByName = new Map<string, Channel>();
  const options = { types: 'public_channel,private_channel', exclude_archived: true };
  await readPages<ConversationsListResponse>(client, 'conversations.list', options, ({ channels = [] }) => {
    for (const channel of channels) if (channel.name) channelsByName.set(channel.name, channel as Channel);
  });
  return channelsByName;
}
