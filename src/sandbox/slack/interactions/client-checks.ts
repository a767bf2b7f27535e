import type { Block, Element } from '../blocks/blocks.ts';
import { emailText, webUrlText } from '../blocks/formats.ts';
import { LIMITS } from '../limits.ts';
import type { EnteredValues } from '../state.ts';
import { isEmptyState } from './entered.ts';

/** Slack's own sentence. Its other sentences are not documented. */
const REQUIRED = 'Please complete this required field.';

/**
 * Slack's client does not submit a form with invalid fields. `errors`: the sentence under each of them, by block_id.
 */
export class NotSubmitted extends Error {
  readonly errors: Readonly<Record<string, string>>;

  constructor(errors: Readonly<Record<string, string>>) {
    const sentences = Object.entries(errors).map(([blockId, sentence]) => `${blockId}: ${sentence}`);
    super(`Slack's client does not submit the form: ${sentences.join(' ')}`);
    this.errors = errors;
  }
}

/** Throws NotSubmitted if Slack's client would reject the form before it is sent. */
export function checkFormAsClient(blocks: readonly Block[], values: EnteredValues): void {
  const faults = blocks.flatMap((block) => {
    if (block.type !== 'input') return [];
    const element = block.element as Element;
    const sentence = findFault(block, element, values[block.block_id]?.[element.action_id] ?? {});
    return sentence === undefined ? [] : [[block.block_id, sentence]];
  });
  if (faults.length > 0) throw new NotSubmitted(Object.fromEntries(faults));
}

function findFault(block: Block, element: Element, state: Record<string, unknown>): string | undefined {
  if (isEmptyState(state)) return block.optional === true ? undefined : REQUIRED;
  const value = state.value ?? state.selected_options;
  if (Array.isArray(value)) {
    const maxItems = Number(element.max_selected_items ?? Infinity);
    return value.length > maxItems ? `Choose at most ${maxItems}.` : undefined;
  }
  if (typeof value !== 'string') return undefined;
  switch (element.type) {
    case 'plain_text_input':
      return findLengthFault(element, value.length);
    case 'number_input':
      return findNumberFault(element, value);
    case 'email_text_input':
      return emailText.safeParse(value).success ? undefined : 'Enter a valid email address.';
    case 'url_text_input':
      return webUrlText.safeParse(value).success
        ? undefined
        : 'Enter a valid URL, such as https://example.com.';
    default:
      return undefined;
  }
}

function findLengthFault({ min_length = 0, max_length }: Element, length: number): string | undefined {
  const [min, max] = [Number(min_length), Number(max_length ?? LIMITS.plainTextInput)];
  if (length < min) return `Enter at least ${min} characters, not ${length}.`;
  if (length > max) return `Enter at most ${max} characters, not ${length}.`;
  return undefined;
}

function findNumberFault(
  { is_decimal_allowed, min_value, max_value }: Element,
  value: string,
): string | undefined {
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(value)) return 'Enter a valid number.';
  if (is_decimal_allowed !== true && value.includes('.')) return 'Enter a whole number.';
  if (min_value !== undefined && Number(value) < Number(min_value)) return `Enter ${min_value} or more.`;
  if (max_value !== undefined && Number(value) > Number(max_value)) return `Enter ${max_value} or less.`;
  return undefined;
}
