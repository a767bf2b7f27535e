import { escapeHtml, mrkdwnHtml, withSpaces } from './mrkdwn-html.ts';
import type { Reader } from './reader.ts';

/** An object from outside. */
export type Fields = Record<string, unknown>;

/** The value of an attribute. */
export const attribute = (value: unknown) => escapeHtml(String(value ?? ''));

/** A text object, or the text of an element. */
export function textHtml(value: unknown, reader: Reader): string {
  const { type, text } = fields(value);
  return type === 'mrkdwn'
    ? mrkdwnHtml(String(text), reader)
    : withSpaces(attribute(text)).replace(/\n/g, '<br>');
}

/** What is not drawn here, as it came. */
export function unknownHtml(value: Fields): string {
  const what = `<span class="sr">Not drawn here: ${attribute(value.type)}</span>`;
  return `<pre class="unknown">${what}${attribute(JSON.stringify(value, null, 1))}</pre>`;
}

/** The same in an update of the message, so that the focus stays where it is. */
export function elementId(element: Fields, within: string): string {
  const first = fields(list(element.options)[0]).value;
  const name = [within, element.action_id, element.value ?? first ?? ''].join('-');
  return name.replace(/[^\w.-]+/g, '-');
}

/** The fields of an object from outside. */
export function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

/** The items of a list from outside. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
