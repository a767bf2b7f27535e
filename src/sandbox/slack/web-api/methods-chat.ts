import { type Block, parseMessageBlocks } from '../blocks/blocks.ts';
import { LIMITS } from '../limits.ts';
import {
  BOT,
  type Channel,
  directMessages,
  findMessage,
  hasScope,
  type Message,
  messageObject,
  type State,
  threadOf,
  visibleChannel,
} from '../state.ts';
import type { Args } from './args.ts';
import type { Method } from './method.ts';
import { SlackError } from './slack-error.ts';

/** The checked content of a message. */
interface Content {
  text: string;
  blocks?: Block[] | undefined;
  attachments?: unknown[] | undefined;
  metadata?: unknown;
}

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': {
    scopes: ['chat:write'],
    run({ state, args }) {
      const channel = channelToPost(state, args.required('channel'));
      const content = readContent(args, LIMITS.messageText);
      const thread_ts = threadOf(state, channel.id, args.optional('thread_ts') || undefined);
      const broadcast = args.flag('reply_broadcast') === true && thread_ts !== undefined;
      const message: Message = {
        channel: channel.id,
        ts: state.newTs(),
        thread_ts,
        ...(broadcast ? { broadcast } : {}),
        ...content,
        edited: 0,
        user: BOT.userId,
      };
      state.messages.push(message);
      state.touch();
      return { channel: channel.id, ts: message.ts, message: messageObject(message) };
    },
  },
  'chat.update': {
    scopes: ['chat:write'],
    run({ state, args }) {
      const message = findOwnMessage(state, args, 'ts', 'cant_update_message');
      const { text, blocks, attachments, metadata } = readContent(args, LIMITS.updateText);
      // Slack documents that an update without `metadata` keeps the old one, and that `text` without `blocks` removes the blocks.
      const keptMetadata = metadata === undefined ? message.metadata : metadata;
      Object.assign(message, {
        text,
        blocks,
        attachments,
        metadata: keptMetadata,
        edited: message.edited + 1,
      });
      state.touch();
      return { channel: message.channel, ts: message.ts, text, message: messageObject(message) };
    },
  },
  'chat.delete': {
    scopes: ['chat:write'],
    run({ state, args }) {
      const message = findOwnMessage(state, args, 'ts', 'cant_delete_message');
      state.messages.splice(state.messages.indexOf(message), 1);
      state.touch();
      return { channel: message.channel, ts: message.ts };
    },
  },
  'chat.postEphemeral': {
    scopes: ['chat:write'],
    run({ state, args }) {
      const channel = visibleChannel(state, args.required('channel'));
      const user = args.required('user');
      if (channel.archived) throw new SlackError('is_archived');
      // chat:write.public does not help here.
      if (!channel.botIsMember) throw new SlackError('not_in_channel');
      if (!state.people.some((person) => person.id === user) || !channel.members.includes(user)) {
        throw new SlackError('user_not_in_channel');
      }
      const { text, blocks } = readContent(args, LIMITS.messageText);
      const thread_ts = threadOf(state, channel.id, args.optional('thread_ts') || undefined);
      const ts = state.newTs();
      state.ephemerals.push({
        user,
        channel: channel.id,
        ts,
        thread_ts,
        text,
        blocks,
        via: 'chat.postEphemeral',
      });
      state.touch();
      return { message_ts: ts };
    },
  },
};

/** Finds the channel to post in. Only chat.postMessage accepts names and user ids besides channel ids. */
function channelToPost(state: State, target: string): Channel {
  if (target === BOT.userId) throw new SlackError('cannot_dm_bot');
  const person = state.people.find(({ id }) => id === target);
  if (person) return directMessages(state, person.id);
  const name = target.replace(/^#/, '');
  const namedChannel = state.channels.find((channel) => channel.im === undefined && channel.name === name);
  const channel = visibleChannel(state, namedChannel?.id ?? target);
  if (channel.archived) throw new SlackError('is_archived');
  if (!channel.botIsMember && !hasScope(state, 'chat:write.public')) throw new SlackError('not_in_channel');
  return channel;
}

function findOwnMessage(state: State, args: Args, tsName: string, errorIfForeign: string): Message {
  const channel = visibleChannel(state, args.required('channel'));
  const message = findMessage(state, channel.id, args.required(tsName));
  // Documented for chat.update: "cannot be edited within a frozen, archived or deleted channel".
  if (channel.archived) throw new SlackError('is_inactive');
  if (!message) throw new SlackError('message_not_found');
  if (message.user !== BOT.userId) throw new SlackError(errorIfForeign);
  return message;
}

function readContent(args: Args, maxText: number): Content {
  const markdown = args.optional('markdown_text');
  const text = args.optional('text') ?? '';
  const givenBlocks = args.json('blocks', 'invalid_blocks_format');
  const attachments = readAttachments(args);
  const metadata = readMetadata(args);
  if (markdown !== undefined && (text !== '' || givenBlocks !== undefined)) {
    throw new SlackError('markdown_text_conflict');
  }
  if (markdown !== undefined && markdown.length > LIMITS.allMarkdown) throw new SlackError('msg_too_long');
  if (text.length > maxText) throw new SlackError('msg_too_long');
  const parse = args.optional('parse');
  if (parse !== undefined && !['none', 'full', 'client'].includes(parse)) {
    throw new SlackError('invalid_arguments', ['[ERROR] invalid parse [json-pointer:/parse]']);
  }
  for (const name of ['unfurl_links', 'unfurl_media', 'link_names', 'mrkdwn']) args.flag(name);
  if (givenBlocks !== undefined && !Array.isArray(givenBlocks)) throw new SlackError('invalid_blocks_format');
  const blocks = givenBlocks === undefined ? [] : parseMessageBlocks(givenBlocks);
  const content = markdown ?? text;
  if (content === '' && blocks.length === 0 && !attachments?.length) throw new SlackError('no_text');
  return { text: content, blocks: blocks.length > 0 ? blocks : undefined, attachments, metadata };
}

function readAttachments(args: Args): unknown[] | undefined {
  const attachments = args.json('attachments', 'invalid_attachments');
  if (attachments === undefined) return undefined;
  if (!Array.isArray(attachments)) throw new SlackError('invalid_attachments');
  if (attachments.length > LIMITS.attachments) throw new SlackError('too_many_attachments');
  for (const attachment of attachments) {
    if (!attachment || typeof attachment !== 'object') throw new SlackError('invalid_attachments');
    if ('blocks' in attachment) parseMessageBlocks(attachment.blocks);
  }
  return attachments;
}

function readMetadata(args: Args): unknown {
  const metadata = args.json('metadata', 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  const invalid = new SlackError('invalid_metadata_format');
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) throw invalid;
  if (Object.keys(metadata).length === 0) return null;
  if (!('event_type' in metadata) || typeof metadata.event_type !== 'string') throw invalid;
  if (!('event_payload' in metadata) || typeof metadata.event_payload !== 'object') throw invalid;
  if (Buffer.byteLength(JSON.stringify(metadata)) > LIMITS.metadataBytes) {
    throw new SlackError('metadata_too_large');
  }
  return metadata;
}
