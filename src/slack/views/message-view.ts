import type { Block, KnownBlock } from '@slack/types';
import { section } from './text/elements.ts';

export interface MessageView {
  /** Text of the notification, which a screen reader also says. */
  text: string;
  blocks: (KnownBlock | Block)[];
}

/** Links to the bot's messages, and the name of its slash command. */
export interface CardLinks {
  /** `threadTs`: timestamp of the message that starts the thread, if the card is in one. Undefined: no link is known. */
  message: (card: { channel: string; ts: string; threadTs?: string | undefined }) => string | undefined;
  /** Slash command in this workspace. */
  command: string;
}

/** Puts a sentence before a message. */
export function putBefore(sentence: string, { text, blocks }: MessageView): MessageView {
  return { text: `${sentence} ${text}`, blocks: [section(sentence), ...blocks] };
}

/** Builds a message of one sentence. */
export function buildSentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}
