import type { Block, KnownBlock } from '@slack/types';
import { section } from './text/elements.ts';

export interface MessageView {
  /** The notification on phones, and what a screen reader says. */
  text: string;
  blocks: (KnownBlock | Block)[];
}

/** Links to the bot's messages, and its command. */
export interface CardLinks {
  /** `threadTs`: the timestamp of the message that starts the thread, if the card is in one. */
  message: (card: { channel: string; ts: string; threadTs?: string | undefined }) => string | undefined;
  /** The name of the slash command in this workspace. */
  command: string;
}

/** A message that begins with a sentence. */
export function putBefore(sentence: string, { text, blocks }: MessageView): MessageView {
  return { text: `${sentence} ${text}`, blocks: [section(sentence), ...blocks] };
}

/** A message of one sentence. */
export function buildSentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}
