import { escapeHtml, mrkdwnHtml, withSpaces } from './mrkdwn-html.ts';
import type { Reader } from './reader.ts';

type Fields = Record<string, unknown>;

const attribute = (value: unknown) => escapeHtml(String(value ?? ''));

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

/** What Slack asks before a click or a choice counts, for the page's script. */
function confirmHtml({ confirm }: Fields): string {
  if (!confirm) return '';
  const words = Object.entries(fields(confirm)).map(([part, text]) => [part, fields(text).text]);
  return ` data-confirm="${attribute(JSON.stringify(Object.fromEntries(words)))}"`;
}

/** An element outside an input block: a click or a choice is sent at once. */
export function elementHtml(element: Fields, reader: Reader, within: string): string {
  const action = `data-action="${attribute(element.action_id)}"`;
  switch (element.type) {
    case 'button': {
      const style = typeof element.style === 'string' ? ` ${attribute(element.style)}` : '';
      const label = element.accessibility_label
        ? ` aria-label="${attribute(element.accessibility_label)}"`
        : '';
      return `<button type="button" class="button${style}" id="${elementId(element, within)}" ${action}${label}${confirmHtml(element)}>${textHtml(element.text, reader)}</button>`;
    }
    case 'overflow': {
      const options = list(element.options).map((option) => {
        const { text, value } = fields(option);
        return `<button type="button" role="menuitem" tabindex="-1" ${action} data-selected="${attribute(value)}">${textHtml(text, reader)}</button>`;
      });
      return `<details class="menu" id="${elementId(element, within)}"><summary class="button" aria-haspopup="menu" aria-label="More actions">⋯</summary><div class="items" role="menu" aria-label="Actions">${options.join('')}</div></details>`;
    }
    case 'users_select':
    case 'static_select':
    case 'plain_text_input':
      return fieldHtml(
        element,
        reader,
        `id="${elementId(element, within)}" aria-label="Choose"${confirmHtml(element)}`,
      );
    case 'mrkdwn':
    case 'plain_text':
      return `<span>${textHtml(element, reader)}</span>`;
    case 'image':
      return `<span>[image: ${attribute(element.alt_text)}]</span>`;
    default:
      return unknownHtml(element);
  }
}

/** An input block: its label, element, hint, and what is wrong with what was entered. */
export function inputHtml(block: Fields, reader: Reader, within: string): string {
  const element = fields(block.element);
  const id = elementId(element, `${within}-${String(block.block_id)}`);
  const error = reader.errors[String(block.block_id)];
  const optional = block.optional ? ' <span class="optional">(optional)</span>' : '';
  const hint = block.hint ? `<p class="hint" id="${id}-hint">${textHtml(block.hint, reader)}</p>` : '';
  const wrong = error ? `<p class="error" id="${id}-error" role="alert">${attribute(error)}</p>` : '';
  const described = `aria-describedby="${id}-error ${id}-hint"${error ? ' aria-invalid="true"' : ''}`;
  const required = block.optional ? '' : ' aria-required="true"';
  const field = fieldHtml(element, reader, `id="${id}" ${described}${required}`);
  return `<div class="input"><label for="${id}">${textHtml(block.label, reader)}${optional}</label>${field}${wrong}${hint}</div>`;
}

function fieldHtml(element: Fields, reader: Reader, attributes: string): string {
  const focus = element.focus_on_load ? ' autofocus' : '';
  const common = `${attributes} data-action="${attribute(element.action_id)}"${focus}`;
  const placeholder = String(fields(element.placeholder).text ?? '');
  const option = (value: unknown, label: string, chosen: boolean) =>
    `<option value="${attribute(value)}"${chosen ? ' selected' : ''}>${label}</option>`;
  switch (element.type) {
    case 'plain_text_input': {
      const max = element.max_length ? ` maxlength="${attribute(element.max_length)}"` : '';
      const rest = `${common}${max} placeholder="${attribute(placeholder)}"`;
      const initial = attribute(element.initial_value);
      return element.multiline
        ? `<textarea rows="4" ${rest}>${initial}</textarea>`
        : `<input ${rest} value="${initial}">`;
    }
    case 'datepicker':
      return `<input type="date" ${common} value="${attribute(element.initial_date ?? '')}">`;
    case 'users_select': {
      const people = reader.people.map(({ id, name }) =>
        option(id, attribute(name), id === element.initial_user),
      );
      return `<select ${common}>${option('', attribute(placeholder || 'Choose a person'), false)}${people.join('')}</select>`;
    }
    case 'static_select': {
      const initial = fields(element.initial_option).value;
      const options = list(element.options).map((one) => {
        const { text, value } = fields(one);
        return option(value, textHtml(text, reader), value === initial);
      });
      return `<select ${common}>${option('', attribute(placeholder || 'Choose'), false)}${options.join('')}</select>`;
    }
    // The bot's have one option.
    case 'checkboxes': {
      const { text, value } = fields(list(element.options)[0]);
      return `<label class="check"><input type="checkbox" ${common} value="${attribute(value)}"> ${textHtml(text, reader)}</label>`;
    }
    default:
      return unknownHtml(element);
  }
}

/** The same in an update of the message, so that the focus stays where it is. */
function elementId(element: Fields, within: string): string {
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
