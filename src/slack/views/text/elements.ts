import type {
  Button,
  ConfirmationDialog,
  ContextBlockElement,
  KnownBlock,
  ModalView,
  PlainTextElement,
} from '@slack/types';
import { appendLanguage } from '../../app/button-values.ts';
import type { Texts } from '../../texts/texts.ts';
import { cleanLine } from './escape.ts';
import { truncate } from './truncate.ts';

/** Builds a paragraph in mrkdwn. */
export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** Builds a paragraph in mrkdwn with an optional line of plain text below it, in one block: a message has at most 50. */
export function sectionAbove(text: string, line: string | undefined): KnownBlock {
  return {
    type: 'section',
    text: { type: 'mrkdwn', text, verbatim: true },
    ...(line ? { fields: [plain(line)] } : {}),
  };
}

/** Builds a paragraph of an output, which Slack must not collapse behind "See more". */
export function readSection(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true }, expand: true };
}

/**
 * Builds a line of small print: `inPlain`, then `text` in mrkdwn. `inPlain` is for names that people give themselves, because
 * Slack draws no markup and no emoji codes in plain text. Returns no block if there is no text.
 */
export function context(text: string | undefined, inPlain?: string): KnownBlock[] {
  const elements: ContextBlockElement[] = [
    ...(inPlain ? [plain(inPlain)] : []),
    ...(text ? [{ type: 'mrkdwn', text, verbatim: true } as const] : []),
  ];
  return elements.length > 0 ? [{ type: 'context', elements }] : [];
}

export function plainContext(text: string | undefined): KnownBlock[] {
  return context(undefined, text);
}

export function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const LONGEST_SPOKEN = 75;

/**
 * Builds a button. `about`: text from outside that a screen reader says after the label, such as the task. `confirm`: the
 * question that Slack asks before it sends the click.
 */
export function button(
  action_id: string,
  label: string,
  value: string,
  {
    style,
    about,
    confirm,
  }: { style?: 'primary' | 'danger'; about?: string; confirm?: ConfirmationDialog | undefined } = {},
): Button {
  return {
    type: 'button',
    action_id,
    text: plain(label),
    value,
    ...(style ? { style } : {}),
    ...(about === undefined
      ? {}
      : {
          accessibility_label: truncate(`${label}: ${cleanLine(about)}`, LONGEST_SPOKEN),
        }),
    ...(confirm ? { confirm } : {}),
  };
}

/** Builds a row of buttons. Returns no block if there are no buttons. */
export function actions(elements: readonly (Button | undefined)[]): KnownBlock[] {
  const buttons = elements.filter((element) => element !== undefined);
  return buttons.length > 0 ? [{ type: 'actions', elements: buttons }] : [];
}

/** Counts the characters of all texts in blocks, including confirmation dialogs. A message holds 11,300 (measured). */
export function countBlockCharacters(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce(
    (sum, [key, member]) =>
      sum + (key === 'text' && typeof member === 'string' ? member.length : countBlockCharacters(member)),
    0,
  );
}

/** Builds a modal without a submit button. */
export function buildReadModal(texts: Texts, title: string, blocks: KnownBlock[]): ModalView {
  return {
    type: 'modal',
    private_metadata: appendLanguage(texts, ''),
    title: plain(title),
    close: plain(texts.forms.close),
    blocks,
  };
}

/** Formats a time to the minute, in the reader's time zone, with UTC as the fallback. `milliseconds`: since 1970. */
export function formatDate(texts: Texts, milliseconds: number): string {
  return writeDate(milliseconds, texts.card.time, 16);
}

/** Formats a time to the second, in the reader's time zone. `milliseconds`: since 1970. */
export function formatTime(texts: Texts, milliseconds: number): string {
  return writeDate(milliseconds, texts.card.time.replace('{time}', '{time_secs}'), 19);
}

function writeDate(milliseconds: number, format: string, length: number): string {
  const fallback = new Date(milliseconds).toISOString().slice(0, length).replace('T', ' ');
  return `<!date^${Math.floor(milliseconds / 1_000)}^${format}|${fallback} UTC>`;
}
