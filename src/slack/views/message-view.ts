import type { Block, KnownBlock, MessageMetadata } from '@slack/types';
import { section } from './text/elements.ts';

export interface MessageView {
  /** The notification on phones, and all that a screen reader says. */
  text: string;
  blocks: (KnownBlock | Block)[];
  /** What other apps of the workspace can read of a card; nobody sees it. */
  metadata?: MessageMetadata;
}

/** What leads from a text to a message of ours, or to a command. */
export interface CardLinks {
  /** `threadTs`: of the message that opens its thread, where it hangs in one. */
  message: (card: { channel: string; ts: string; threadTs?: string | undefined }) => string | undefined;
  /** The slash command, as this workspace calls it. */
  command: string;
}

/** One sentence. Pure. */
export function buildSentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}
