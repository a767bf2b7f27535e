import { type Block, type Element, interactive } from '../blocks/blocks.ts';
import { dateText, timeText } from '../blocks/formats.ts';
import type { EnteredValues } from '../state.ts';

/** A choice or a text. Checkboxes and multi-selects take several choices. */
export type FieldValue = string | readonly string[];

/** Entries of a form: block_id → action_id → entry. */
export type Values = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

interface Option {
  value: string;
}

const TYPED = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input'];
const CHOICE = ['static_select', 'radio_buttons', 'overflow'];
const CHOICES = ['checkboxes', 'multi_static_select'];
/** Element type → the field of its state, and the field of its initial value. */
const PICKER_FIELDS: Record<string, [field: string, initial: string]> = {
  users_select: ['selected_user', 'initial_user'],
  multi_users_select: ['selected_users', 'initial_users'],
  channels_select: ['selected_channel', 'initial_channel'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'],
};
const MULTI_PICKERS = ['multi_users_select'];

/** Builds the state of every stateful element of these blocks: the entry of the person, or else the initial value. */
export function buildFormState(blocks: readonly Block[], values: EnteredValues): EnteredValues {
  const state: EnteredValues = {};
  for (const { block, element } of interactive(blocks)) {
    const initial = initialState(element);
    if (!initial) continue;
    state[block.block_id] ??= {};
    const blockState = state[block.block_id] ?? {};
    blockState[element.action_id] = values[block.block_id]?.[element.action_id] ?? initial;
  }
  return state;
}

/** Builds the state of an untouched element; undefined for elements without a state. */
export function initialState(element: Element): Record<string, unknown> | undefined {
  const { type } = element;
  if (TYPED.includes(type)) return { type, value: element.initial_value || null };
  if (type === 'overflow') return undefined;
  if (CHOICE.includes(type)) return { type, selected_option: element.initial_option ?? null };
  if (CHOICES.includes(type)) return { type, selected_options: element.initial_options ?? [] };
  const [field, initial] = PICKER_FIELDS[type] ?? [];
  if (!field || !initial) return undefined;
  return { type, [field]: element[initial] ?? (MULTI_PICKERS.includes(type) ? [] : null) };
}

/** Adds `values` to the entries of a person. Throws if the blocks lack one of the elements. */
export function enterValues(
  blocks: readonly Block[],
  currentValues: EnteredValues,
  values: Values,
): EnteredValues {
  const newValues = { ...currentValues };
  for (const [blockId, byAction] of Object.entries(values)) {
    for (const [actionId, entry] of Object.entries(byAction)) {
      const match = interactive(blocks).find(
        ({ block, element }) => block.block_id === blockId && element.action_id === actionId,
      );
      if (!match) throw new Error(`the modal has no ${blockId}/${actionId}`);
      newValues[blockId] = { ...newValues[blockId], [actionId]: stateAfter(match.element, entry) };
    }
  }
  return newValues;
}

/**
 * Keeps the state that the elements of `previous` had and that these blocks can still hold. An element keeps its state
 * if block_id, action_id and type stay and its options include the choice, even if the new element has another initial
 * value: https://github.com/slackapi/bolt-js/issues/290
 * Only an element that was empty and untouched takes the new initial value:
 * https://github.com/slackapi/bolt-python/issues/1064
 */
export function keepEntered(
  blocks: readonly Block[],
  previous: { blocks: readonly Block[]; entered: EnteredValues },
): EnteredValues {
  const previousValues = buildFormState(previous.blocks, previous.entered);
  const keptValues: EnteredValues = {};
  for (const { block, element } of interactive(blocks)) {
    const { block_id } = block;
    const { action_id } = element;
    const state = previousValues[block_id]?.[action_id];
    if (state?.type !== element.type || !offersAll(element, state)) continue;
    if (isEmptyState(state) && !previous.entered[block_id]?.[action_id]) continue;
    keptValues[block_id] = { ...keptValues[block_id], [action_id]: state };
  }
  return keptValues;
}

/** True if nothing is typed or chosen. */
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

/**
 * Builds the state of an element after a person entered `entry`; undefined or '' empties it. Throws if the element
 * cannot take the entry.
 */
export function stateAfter(element: Element, entry: FieldValue | undefined): Record<string, unknown> {
  const { type } = element;
  const entries = entry === undefined || entry === '' ? [] : [entry].flat();
  if (CHOICES.includes(type)) {
    return { type, selected_options: entries.map((value) => optionOf(element, value)) };
  }
  const [field] = PICKER_FIELDS[type] ?? [];
  if (field && MULTI_PICKERS.includes(type)) return { type, [field]: entries };
  if (entries.length > 1) throw new Error(`${element.action_id} is a ${type}, which takes one entry`);
  const [singleEntry] = entries;
  if (TYPED.includes(type)) return { type, value: singleEntry ?? null };
  if (CHOICE.includes(type))
    return { type, selected_option: singleEntry === undefined ? null : optionOf(element, singleEntry) };
  return field
    ? { type, [field]: singleEntry === undefined ? null : pickedValue(element, singleEntry) }
    : { type };
}

/** Converts an entry to the value of a picker. Throws for other formats: Slack's client does not offer them. */
function pickedValue(element: Element, entry: string): string | number {
  const invalidEntry = () =>
    new Error(`${element.action_id} is a ${element.type}, which cannot be "${entry}"`);
  switch (element.type) {
    case 'datepicker':
      if (!dateText.safeParse(entry).success) throw invalidEntry();
      return entry;
    case 'timepicker':
      if (!timeText.safeParse(entry).success) throw invalidEntry();
      return entry;
    case 'datetimepicker':
      if (!/^\d{10}$/.test(entry)) throw invalidEntry();
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
