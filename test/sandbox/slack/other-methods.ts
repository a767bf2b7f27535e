import {
  BOT,
  directMessages,
  findMessage,
  requireScope,
  TEAM,
  visibleChannel,
} from '../../../src/sandbox/slack/state.ts';
import type { Method } from '../../../src/sandbox/slack/web-api/method.ts';
import { channelObject } from '../../../src/sandbox/slack/web-api/methods-workspace.ts';
import { SlackError } from '../../../src/sandbox/slack/web-api/slack-error.ts';

/** Methods that the bot does not call. */
export const otherMethods: Readonly<Record<string, Method>> = {
  'conversations.join': {
    scopes: ['channels:join'],
    run({ state, args }) {
      const channel = visibleChannel(state, args.required('channel'));
      if (channel.private || channel.im) throw new SlackError('method_not_supported_for_channel_type');
      if (channel.archived) throw new SlackError('is_archived');
      const already = channel.botIsMember === true;
      channel.botIsMember = true;
      if (!already) state.touch();
      const warnings = {
        warning: 'already_in_channel',
        response_metadata: { warnings: ['already_in_channel'] },
      };
      return { channel: channelObject(channel), ...(already ? warnings : {}) };
    },
  },
  'conversations.open': {
    scopes: ['im:write'],
    run({ state, args }) {
      const users = args.optional('users');
      const id = args.optional('channel');
      if (!users && !id) throw new SlackError('users_list_not_supplied');
      if (id) return { channel: { id: visibleChannel(state, id).id }, no_op: true };
      const [user, ...others] = (users ?? '').split(',');
      if (others.length > 0) requireScope(state, 'mpim:write');
      if (user === BOT.userId) throw new SlackError('cannot_dm_bot');
      const person = state.people.find((other) => other.id === user);
      if (!person) throw new SlackError('user_not_found');
      const channel = directMessages(state, person.id);
      return { channel: args.flag('return_im') ? channelObject(channel) : { id: channel.id } };
    },
  },
  'chat.getPermalink': {
    scopes: [],
    run({ state, args }) {
      const channel = visibleChannel(state, args.required('channel'));
      const message = findMessage(state, channel.id, args.required('message_ts'));
      if (!message) throw new SlackError('message_not_found');
      const thread = message.thread_ts ? `?thread_ts=${message.thread_ts}&cid=${channel.id}` : '';
      const path = `${channel.id}/p${message.ts.replace('.', '')}`;
      return { channel: channel.id, permalink: `https://${TEAM.domain}.slack.com/archives/${path}${thread}` };
    },
  },
};
