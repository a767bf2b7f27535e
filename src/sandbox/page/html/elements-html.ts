import type { DrawContext } from './draw-context.ts';
import { fieldHtml, stateOf } from './inputs-html.ts';
import { attribute, elementId, type Fields, fields, list, textHtml, unknownHtml } from './parts-html.ts';

/** Draws the attribute from which the page's script asks for confirmation before a click or a choice counts. */
function confirmHtml({ confirm }: Fields): string {
  if (!confirm) return '';
  const words = Object.entries(fields(confirm)).map(([part, text]) => [part, fields(text).text]);
  return ` data-confirm="${attribute(JSON.stringify(Object.fromEntries(words)))}"`;
}

/** Draws an element outside an input block: a click or a choice is sent at once. */
export function elementHtml(element: Fields, context: DrawContext, within: string): string {
  const action = `data-action="${attribute(element.action_id)}"`;
  switch (element.type) {
    case 'button': {
      const style = typeof element.style === 'string' ? ` ${attribute(element.style)}` : '';
      const label = element.accessibility_label
        ? ` aria-label="${attribute(element.accessibility_label)}"`
        : '';
      return `<button type="button" class="button${style}" id="${elementId(element, within)}" ${action}${label}${confirmHtml(element)}>${textHtml(element.text, context)}</button>`;
    }
    case 'overflow': {
      const options = list(element.options).map((option) => {
        const { text, value } = fields(option);
        return `<button type="button" role="menuitem" tabindex="-1" ${action} data-selected="${attribute(value)}">${textHtml(text, context)}</button>`;
      });
      return `<details class="menu" id="${elementId(element, within)}"><summary class="button" aria-haspopup="menu" aria-label="More actions">⋯</summary><div class="items" role="menu" aria-label="Actions">${options.join('')}</div></details>`;
    }
    case 'users_select':
    case 'static_select':
    case 'plain_text_input':
      return fieldHtml(
        element,
        stateOf(element),
        context,
        `id="${elementId(element, within)}" aria-label="Choose"${confirmHtml(element)}`,
      );
    case 'mrkdwn':
    case 'plain_text':
      return `<span>${textHtml(element, context)}</span>`;
    case 'image':
      return `<span>[image: ${attribute(element.alt_text)}]</span>`;
    default:
      return unknownHtml(element);
  }
}
