import { type Block, type Element, interactive } from '../blocks/blocks.ts';
import type { EnteredValues } from '../state.ts';

/** A choice or a text; several choices for checkboxes and multi-selects. */
export type Entry = string | readonly string[];

interface Option {
  value: string;
}

const TYPED = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input'];
const CHOICE = ['static_select', 'radio_buttons', 'overflow'];
const CHOICES = ['checkboxes', 'multi_static_select'];
/** Element type → the field of its state, and of its initial value. */
const SINGLE: Record<string, [field: string, initial: string]> = {
  users_select: ['selected_user', 'initial_user'],
  multi_users_select: ['selected_users', 'initial_users'],
  channels_select: ['selected_channel', 'initial_channel'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'],
};
const MANY = ['multi_users_select'];

/** The state of every stateful element of these blocks: what a person entered, else its initial value. */
export function entered(blocks: readonly Block[], values: EnteredValues): EnteredValues {
  const state: EnteredValues = {};
  for (const { block, element } of interactive(blocks)) {
    const initial = initialState(element);
    if (!initial) continue;
    state[block.block_id] ??= {};
    const ofBlock = state[block.block_id] ?? {};
    ofBlock[element.action_id] = values[block.block_id]?.[element.action_id] ?? initial;
  }
  return state;
}

function initialState(element: Element): Record<string, unknown> | undefined {
  const { type } = element;
  if (TYPED.includes(type)) return { type, value: element.initial_value || null };
  if (type === 'overflow') return undefined;
  if (CHOICE.includes(type)) return { type, selected_option: element.initial_option ?? null };
  if (CHOICES.includes(type)) return { type, selected_options: element.initial_options ?? [] };
  const [field, initial] = SINGLE[type] ?? [];
  if (!field || !initial) return undefined;
  return { type, [field]: element[initial] ?? (MANY.includes(type) ? [] : null) };
}

/** The state of an element after a person entered `entry`; throws for a choice that it does not offer. */
export function stateAfter(element: Element, entry: Entry | undefined): Record<string, unknown> {
  const { type } = element;
  if (TYPED.includes(type))
    return { type, value: entry === undefined || entry === '' ? null : String(entry) };
  if (CHOICE.includes(type)) {
    return { type, selected_option: entry === undefined ? null : optionOf(element, String(entry)) };
  }
  const entries = entry === undefined ? [] : [entry].flat();
  if (CHOICES.includes(type)) {
    return { type, selected_options: entries.map((value) => optionOf(element, String(value))) };
  }
  const [field] = SINGLE[type] ?? [];
  if (!field) return { type };
  if (type === 'datetimepicker') return { type, [field]: Number(entry) };
  return { type, [field]: MANY.includes(type) ? entries : (entry ?? null) };
}

function optionOf(element: Element, value: string): Option {
  const groups = (element.option_groups ?? []) as { options: Option[] }[];
  const options = [...((element.options ?? []) as Option[]), ...groups.flatMap((group) => group.options)];
  const option = options.find((offered) => offered.value === value);
  if (!option) {
    const offered = options.map((other) => other.value).join(', ');
    throw new Error(`${element.action_id} offers no option "${value}", but ${offered}`);
  }
  return option;
}

/** Why Slack's client would not let this view be submitted, if it would not. */
export function clientRefusal(blocks: readonly Block[], values: EnteredValues): string | undefined {
  for (const block of blocks) {
    if (block.type !== 'input') continue;
    const element = block.element as Element;
    const state = values[block.block_id]?.[element.action_id] ?? {};
    const { type: _, ...rest } = state;
    const value = Object.values(rest)[0];
    const empty =
      value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
    const where = `${block.block_id}/${element.action_id}`;
    if (empty) {
      if (block.optional === true) continue;
      return `${where} is required`;
    }
    if (typeof value !== 'string') continue;
    const [min, max] = [Number(element.min_length ?? 0), Number(element.max_length ?? 3_000)];
    if (element.type !== 'plain_text_input') continue;
    if (value.length < min) return `${where} needs at least ${min} characters, not ${value.length}`;
    if (value.length > max) return `${where} takes at most ${max} characters, not ${value.length}`;
  }
  return undefined;
}
