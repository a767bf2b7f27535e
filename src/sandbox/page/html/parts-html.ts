import type { DrawContext } from './draw-context.ts';
import { escapeHtml, mrkdwnHtml, withSpaces } from './mrkdwn-html.ts';

/** An object from outside, with unchecked fields. */
export type Fields = Record<string, unknown>;

/** Escapes a value for the text or an attribute of an element; null and undefined become empty. */
export const attribute = (value: unknown) => escapeHtml(String(value ?? ''));

/** Draws a text object, or the text of an element. */
export function textHtml(value: unknown, context: DrawContext): string {
  const { type, text } = fields(value);
  return type === 'mrkdwn'
    ? mrkdwnHtml(String(text), context)
    : withSpaces(attribute(text)).replace(/\n/g, '<br>');
}

/** Draws an unknown object as JSON. */
export function unknownHtml(value: Fields): string {
  const note = `<span class="sr">Not drawn here: ${attribute(value.type)}</span>`;
  return `<pre class="unknown">${note}${attribute(JSON.stringify(value, null, 1))}</pre>`;
}

/** Builds an id that stays the same in updates of the message, so that the focus stays where it is. */
export function elementId(element: Fields, within: string): string {
  const firstOption = fields(list(element.options)[0]).value;
  const name = [within, element.action_id, element.value ?? firstOption ?? ''].join('-');
  return name.replace(/[^\w.-]+/g, '-');
}

/** Returns the fields of an object from outside; none for any other value. */
export function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

/** Returns the items of a list from outside; none for any other value. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
