import type { Button, KnownBlock, PlainTextElement } from '@slack/types';

/** A paragraph in mrkdwn. */
export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** Small print; nothing when there is none. */
export function context(text: string | undefined): KnownBlock[] {
  return text ? [{ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] }] : [];
}

export function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

export function button(action_id: string, label: string, value: string, style?: 'primary'): Button {
  return { type: 'button', action_id, text: plain(label), value, ...(style ? { style } : {}) };
}

/** A row of buttons; nothing when there is none. */
export function actions(elements: readonly (Button | undefined)[]): KnownBlock[] {
  const given = elements.filter((element) => element !== undefined);
  return given.length > 0 ? [{ type: 'actions', elements: given }] : [];
}
