import type { Element } from '../../slack/blocks/blocks.ts';
import { initialState } from '../../slack/interactions/entered.ts';
import type { DrawContext } from './draw-context.ts';
import { attribute, elementId, type Fields, fields, list, textHtml, unknownHtml } from './parts-html.ts';

/** Elements that are drawn as a group of boxes. The label of their block names the group. */
const GROUPS = ['radio_buttons', 'checkboxes', 'multi_static_select'];
/** Keyboards of phones, by element type. The input's type stays text: the page checks the value, not the browser. */
const KEYBOARDS: Record<string, string> = { email_text_input: 'email', url_text_input: 'url' };
const PICKERS: Record<string, string> = { datepicker: 'date', timepicker: 'time' };

/** Draws an input block: its label, element, hint, and the error of its value. */
export function inputHtml(block: Fields, context: DrawContext, within: string): string {
  const element = fields(block.element);
  const id = elementId(element, `${within}-${String(block.block_id)}`);
  const state = stateOf(element, context.entered?.[String(block.block_id)]);
  const error = context.errors[String(block.block_id)];
  const optional = block.optional ? ' <span class="optional">(optional)</span>' : '';
  const label = `${textHtml(block.label, context)}${optional}`;
  const hint = block.hint ? `<p class="hint" id="${id}-hint">${textHtml(block.hint, context)}</p>` : '';
  const errorHtml = error ? `<p class="error" id="${id}-error" role="alert">${attribute(error)}</p>` : '';
  const describedBy = `aria-describedby="${id}-error ${id}-hint"`;
  const invalid = error ? ' aria-invalid="true"' : '';
  const required = block.optional ? '' : ' aria-required="true"';
  if (GROUPS.includes(String(element.type))) {
    const isRadio = element.type === 'radio_buttons';
    // Each checkbox has its own aria-invalid; their group can have neither attribute.
    const groupAttributes = isRadio ? `role="radiogroup"${invalid}${required}` : 'role="group"';
    const boxes = boxesHtml(element, state, context, { id, invalid: isRadio ? '' : invalid });
    return `<div class="input"><div class="label" id="${id}-label">${label}</div><div class="boxes" ${groupAttributes} id="${id}" aria-labelledby="${id}-label" ${describedBy}>${boxes}</div>${errorHtml}${hint}</div>`;
  }
  const field = fieldHtml(element, state, context, `id="${id}" ${describedBy}${invalid}${required}`);
  return `<div class="input"><label for="${id}">${label}</label>${field}${errorHtml}${hint}</div>`;
}

/** Returns the state of an element: from the view, else its initial value. */
export function stateOf(element: Fields, entered?: Readonly<Record<string, Fields>>): Fields {
  return entered?.[String(element.action_id)] ?? initialState(element as Element) ?? {};
}

/** Draws an element that has a single field. */
export function fieldHtml(element: Fields, state: Fields, context: DrawContext, attributes: string): string {
  const common = `${attributes} ${actionOfField(element)}${element.focus_on_load ? ' autofocus' : ''}`;
  const placeholder = String(fields(element.placeholder).text ?? '');
  const value = attribute(state.value);
  switch (element.type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input': {
      const keyboard = KEYBOARDS[element.type] ?? keyboardOfNumber(element);
      const allAttributes = `${common} placeholder="${attribute(placeholder)}"${keyboard ? ` inputmode="${keyboard}"` : ''}`;
      return element.multiline
        ? `<textarea rows="4" ${allAttributes}>${value}</textarea>`
        : `<input autocomplete="off" ${allAttributes} value="${value}">`;
    }
    case 'datepicker':
    case 'timepicker':
      return `<input type="${PICKERS[element.type]}" ${common} value="${attribute(state.selected_date ?? state.selected_time)}">`;
    case 'datetimepicker': {
      // The value is in UTC. The page's script shows it in the time zone of the browser.
      const unix = Number(state.selected_date_time ?? 0);
      const utcTime = unix ? new Date(unix * 1_000).toISOString().slice(0, 16) : '';
      return `<input type="datetime-local" ${common} data-unix="${unix || ''}" value="${utcTime}">`;
    }
    case 'users_select': {
      const people = context.people.map(({ id, name }) =>
        optionHtml(id, attribute(name), id === state.selected_user),
      );
      return `<select ${common}>${optionHtml('', attribute(placeholder || 'Choose a person'), false)}${people.join('')}</select>`;
    }
    case 'static_select': {
      const draw = (option: unknown) => {
        const { text, value, description } = fields(option);
        const descriptionText = description ? ` – ${textHtml(description, context)}` : '';
        return optionHtml(
          value,
          `${textHtml(text, context)}${descriptionText}`,
          value === fields(state.selected_option).value,
        );
      };
      const groups = list(element.option_groups).map((group) => {
        const { label, options } = fields(group);
        return `<optgroup label="${attribute(fields(label).text)}">${list(options).map(draw).join('')}</optgroup>`;
      });
      return `<select ${common}>${optionHtml('', attribute(placeholder || 'Choose'), false)}${list(element.options).map(draw).join('')}${groups.join('')}</select>`;
    }
    default:
      return unknownHtml(element);
  }
}

function actionOfField(element: Fields): string {
  return `data-action="${attribute(element.action_id)}"`;
}

/** Chooses the keypad for numbers from 0: the keypads of phones have no minus. */
function keyboardOfNumber({ type, is_decimal_allowed, min_value }: Fields): string | undefined {
  if (type !== 'number_input' || !(Number(min_value ?? -1) >= 0)) return undefined;
  return is_decimal_allowed ? 'decimal' : 'numeric';
}

function optionHtml(value: unknown, label: string, chosen: boolean): string {
  return `<option value="${attribute(value)}"${chosen ? ' selected' : ''}>${label}</option>`;
}

/** Draws options as radio buttons or checkboxes. */
function boxesHtml(
  element: Fields,
  state: Fields,
  context: DrawContext,
  { id, invalid }: { id: string; invalid: string },
): string {
  const type = element.type === 'radio_buttons' ? 'radio' : 'checkbox';
  const chosen = [state.selected_option, ...list(state.selected_options)].map(
    (option) => fields(option).value,
  );
  let at = 0;
  const draw = (option: unknown) => {
    const { text, value, description } = fields(option);
    const boxId = elementId({ action_id: at, value }, id);
    const descriptionHtml = description
      ? `<p class="hint" id="${boxId}-about">${textHtml(description, context)}</p>`
      : '';
    const described = description ? ` aria-describedby="${boxId}-about"` : '';
    const focus = at === 0 && element.focus_on_load ? ' autofocus' : '';
    at += 1;
    return `<div class="check"><input type="${type}" name="${id}" id="${boxId}" ${actionOfField(element)} value="${attribute(value)}"${chosen.includes(value) ? ' checked' : ''}${invalid}${described}${focus}><label for="${boxId}">${textHtml(text, context)}</label>${descriptionHtml}</div>`;
  };
  const groups = list(element.option_groups).map((group) => {
    const { label, options } = fields(group);
    const labelId = elementId({ action_id: 'group', value: at }, id);
    return `<div role="group" aria-labelledby="${labelId}"><p class="soft" id="${labelId}">${textHtml(label, context)}</p>${list(options).map(draw).join('')}</div>`;
  });
  return list(element.options).map(draw).join('') + groups.join('');
}
