import { type Block, type Element, interactive } from '../blocks/blocks.ts';
import { dateText, timeText } from '../blocks/formats.ts';
import type { EnteredValues } from '../state.ts';

/** A choice or a text; several choices for checkboxes and multi-selects. */
export type Entry = string | readonly string[];

/** What is typed or chosen in a form: block_id → action_id → entry. */
export type Values = Readonly<Record<string, Readonly<Record<string, Entry>>>>;

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

/** The state of an element that nobody has used; undefined for one that has none. */
export function initialState(element: Element): Record<string, unknown> | undefined {
  const { type } = element;
  if (TYPED.includes(type)) return { type, value: element.initial_value || null };
  if (type === 'overflow') return undefined;
  if (CHOICE.includes(type)) return { type, selected_option: element.initial_option ?? null };
  if (CHOICES.includes(type)) return { type, selected_options: element.initial_options ?? [] };
  const [field, initial] = SINGLE[type] ?? [];
  if (!field || !initial) return undefined;
  return { type, [field]: element[initial] ?? (MANY.includes(type) ? [] : null) };
}

/** What a person has entered once `values` are added. */
export function enterValues(blocks: readonly Block[], before: EnteredValues, values: Values): EnteredValues {
  const after = { ...before };
  for (const [blockId, byAction] of Object.entries(values)) {
    for (const [actionId, entry] of Object.entries(byAction)) {
      const found = interactive(blocks).find(
        ({ block, element }) => block.block_id === blockId && element.action_id === actionId,
      );
      if (!found) throw new Error(`the modal has no ${blockId}/${actionId}`);
      after[blockId] = { ...after[blockId], [actionId]: stateAfter(found.element, entry) };
    }
  }
  return after;
}

/**
 * What is left of what `old` blocks hold once the app gives a view these blocks. An element keeps it if its block_id and
 * action_id stay, also where the new one has another initial value: https://github.com/slackapi/bolt-js/issues/290
 * Only what nobody filled takes the new one: https://github.com/slackapi/bolt-python/issues/1064
 */
export function keepEntered(
  blocks: readonly Block[],
  old: { blocks: readonly Block[]; entered: EnteredValues },
): EnteredValues {
  const before = entered(old.blocks, old.entered);
  const kept: EnteredValues = {};
  for (const { block, element } of interactive(blocks)) {
    const { block_id } = block;
    const { action_id } = element;
    const state = before[block_id]?.[action_id];
    if (state?.type !== element.type || !offersAll(element, state)) continue;
    if (isEmptyState(state) && !old.entered[block_id]?.[action_id]) continue;
    kept[block_id] = { ...kept[block_id], [action_id]: state };
  }
  return kept;
}

/** True where nothing is typed or chosen. */
export function isEmptyState({ type: _, ...state }: Record<string, unknown>): boolean {
  return Object.values(state)
    .flat()
    .every((value) => value === undefined || value === null || value === '');
}

function offersAll(
  element: Element,
  { selected_option, selected_options }: Record<string, unknown>,
): boolean {
  const chosen = [selected_option ?? [], selected_options ?? []].flat() as Option[];
  const offered = optionsOf(element);
  return chosen.every(({ value }) => offered.some((option) => option.value === value));
}

/** The state of an element after a person entered `entry`; nothing or '' empties it. Throws for what it does not offer. */
export function stateAfter(element: Element, entry: Entry | undefined): Record<string, unknown> {
  const { type } = element;
  const entries = entry === undefined || entry === '' ? [] : [entry].flat();
  if (CHOICES.includes(type)) {
    return { type, selected_options: entries.map((value) => optionOf(element, value)) };
  }
  const [field] = SINGLE[type] ?? [];
  if (field && MANY.includes(type)) return { type, [field]: entries };
  if (entries.length > 1) throw new Error(`${element.action_id} is a ${type}, which takes one entry`);
  const [one] = entries;
  if (TYPED.includes(type)) return { type, value: one ?? null };
  if (CHOICE.includes(type))
    return { type, selected_option: one === undefined ? null : optionOf(element, one) };
  return field ? { type, [field]: one === undefined ? null : picked(element, one) } : { type };
}

/** What a picker makes of an entry; a client offers nothing in another format. */
function picked(element: Element, entry: string): string | number {
  const wrong = () => new Error(`${element.action_id} is a ${element.type}, which cannot be "${entry}"`);
  switch (element.type) {
    case 'datepicker':
      if (!dateText.safeParse(entry).success) throw wrong();
      return entry;
    case 'timepicker':
      if (!timeText.safeParse(entry).success) throw wrong();
      return entry;
    case 'datetimepicker':
      if (!/^\d{10}$/.test(entry)) throw wrong();
      return Number(entry);
    default:
      return entry;
  }
}

function optionOf(element: Element, value: string): Option {
  const options = optionsOf(element);
  const option = options.find((offered) => offered.value === value);
  if (!option) {
    const offered = options.map((other) => other.value).join(', ');
    throw new Error(`${element.action_id} offers no option "${value}", but ${offered}`);
  }
  return option;
}

function optionsOf(element: Element): Option[] {
  const groups = (element.option_groups ?? []) as { options: Option[] }[];
  return [...((element.options ?? []) as Option[]), ...groups.flatMap((group) => group.options)];
}
