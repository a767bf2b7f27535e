import { z } from 'zod';
import { parseMessageBlocks } from '../blocks/blocks.ts';
import { LIMITS } from '../limits.ts';
import { BOT, type Ephemeral, findMessage, type State } from '../state.ts';
import { SlackError } from '../web-api/slack-error.ts';

const replySchema = z.object({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.array(z.unknown()).optional(),
  response_type: z.enum(['in_channel', 'ephemeral']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
});

/** The person whose interaction a reply answers, and the place for the reply. */
export interface ReplyTo {
  user: string;
  channel: string;
  via: Ephemeral['via'];
  /** ts of the message whose button or shortcut the person used; absent for commands. */
  originalTs?: string | undefined;
}

/** Carries out the message from a response_url or a command's ack. Throws a SlackError if Slack rejects it. */
export function reply(state: State, to: ReplyTo, body: unknown): void {
  const parsed = replySchema.safeParse(body);
  if (!parsed.success) throw new SlackError('invalid_payload');
  const { response_type, replace_original, delete_original } = parsed.data;
  if (delete_original) {
    removeOriginal(state, to);
    state.touch();
    return;
  }
  const text = parsed.data.text ?? '';
  if (text.length > LIMITS.messageText) throw new SlackError('msg_too_long');
  const checkedBlocks = parsed.data.blocks === undefined ? [] : parseMessageBlocks(parsed.data.blocks);
  const blocks = checkedBlocks.length > 0 ? checkedBlocks : undefined;
  if (text === '' && !blocks && !parsed.data.attachments?.length) throw new SlackError('no_text');
  // Slack's behaviour without replace_original and response_type is unproven. Replacing is the worse outcome for an app
  // that omits them.
  const replaces = replace_original ?? response_type === undefined;
  if (to.originalTs !== undefined && replaces) {
    replaceOriginal(state, to, text, blocks);
  } else if (response_type === 'in_channel') {
    const message = { channel: to.channel, ts: state.newTs(), text, blocks, edited: 0 };
    state.messages.push({ ...message, user: BOT.userId });
  } else {
    // Slack posts it at the channel's root, even if the card is in a thread.
    const { user, channel, via } = to;
    state.ephemerals.push({ user, channel, ts: state.newTs(), text, blocks, via });
  }
  state.touch();
}

function originalOf(state: State, to: ReplyTo) {
  const ts = to.originalTs ?? '';
  const message = findMessage(state, to.channel, ts);
  const ephemeral = state.ephemerals.find((other) => other.ts === ts && other.user === to.user);
  return { message, ephemeral };
}

function removeOriginal(state: State, to: ReplyTo): void {
  const { message, ephemeral } = originalOf(state, to);
  if (message) state.messages.splice(state.messages.indexOf(message), 1);
  else if (ephemeral) state.ephemerals.splice(state.ephemerals.indexOf(ephemeral), 1);
  else throw new SlackError('message_not_found');
}

function replaceOriginal(state: State, to: ReplyTo, text: string, blocks: Ephemeral['blocks']): void {
  const { message, ephemeral } = originalOf(state, to);
  if (message) Object.assign(message, { text, blocks, attachments: undefined, edited: message.edited + 1 });
  else if (ephemeral) Object.assign(ephemeral, { text, blocks });
  else throw new SlackError('message_not_found');
}
