import type { InputBlock, KnownBlock, PlainTextOption } from '@slack/types';
import {
  type Field,
  type FieldValue,
  type FieldValues,
  LONGEST_VALUE,
  nameField,
  readSeconds,
} from '../../../approval/model/fields.ts';
import { getOwn } from '../../../lib/own-member.ts';
import { FIELD_ACTION } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { plain } from '../text/elements.ts';
import { clean, cleanTyped } from '../text/escape.ts';
import { splitText, truncate } from '../text/truncate.ts';

/** A field with its look in a form. */
export interface FieldInput extends Field {
  multiline?: boolean;
  /** Text instead of the field's description. */
  hint?: string | undefined;
}

/** Longest text of a field with one line, in characters. Fields for longer texts have several lines. */
const ONE_LINE = 200;
/** Slack's limit for the label and the hint of a field. https://docs.slack.dev/reference/block-kit/blocks/input-block */
const LONGEST_LABEL = 2_000;
const LONGEST_HINT = 2_000;
/** Slack's limit for a section, in characters: a hint that is too long becomes sections above its field. */
const PART_MAX = 3_000;
/** Most choices that are listed as radio buttons or checkboxes. More become a menu. */
const MAX_RADIOS = 5;
const MAX_BOXES = 10;

/** Builds the inputs of a form, one per field. `block`: returns the id of a field's block; `values`: prefilled values. Pure. */
export function buildFieldInputs(
  texts: Texts,
  fields: readonly FieldInput[],
  block: (name: string) => string,
  values: FieldValues = {},
): KnownBlock[] {
  return fields.flatMap((field): KnownBlock[] => {
    const hint = clean(field.hint ?? describeHint(texts, field));
    // Escapes can make the hint too long for Slack.
    const hintParts = hint.length > LONGEST_HINT ? splitText(hint, PART_MAX) : [];
    return [
      ...hintParts.map((text): KnownBlock => ({ type: 'section', text: plain(text) })),
      {
        type: 'input',
        block_id: block(field.name),
        label: plain(truncate(clean(nameField(field)), LONGEST_LABEL)),
        ...(hint === '' || hintParts.length > 0 ? {} : { hint: plain(hint) }),
        ...(field.required ? {} : { optional: true }),
        element: buildElement(texts, field, getOwn(values, field.name) ?? field.default),
      },
    ];
  });
}

function describeHint(texts: Texts, { kind, description = '' }: Field): string {
  return [description, kind === 'number' && texts.fields.decimalHint].filter(Boolean).join(' ');
}

function buildElement(texts: Texts, field: FieldInput, value: FieldValue | undefined): InputBlock['element'] {
  const { kind, min, max, required } = field;
  const text = typeof value === 'string' ? cleanTyped(value) : undefined;
  const initialValue = text === undefined || text === '' ? {} : { initial_value: text };
  switch (kind) {
    case 'text': {
      const minLength = Math.max(required ? 1 : 0, min ?? 0);
      return {
        type: 'plain_text_input',
        action_id: FIELD_ACTION,
        multiline: field.multiline ?? ((max ?? 0) > ONE_LINE || text?.includes('\n') === true),
        ...(minLength > 0 ? { min_length: minLength } : {}),
        max_length: Math.max(1, Math.min(max ?? LONGEST_VALUE, LONGEST_VALUE)),
        ...initialValue,
      };
    }
    case 'email':
      return { type: 'email_text_input', action_id: FIELD_ACTION, ...initialValue };
    case 'url':
      return { type: 'url_text_input', action_id: FIELD_ACTION, ...initialValue };
    case 'number':
    case 'integer':
      return {
        type: 'number_input',
        action_id: FIELD_ACTION,
        is_decimal_allowed: kind === 'number',
        ...(min === undefined ? {} : { min_value: writeNumber(min) }),
        ...(max === undefined ? {} : { max_value: writeNumber(max) }),
        ...(typeof value === 'number' ? { initial_value: writeNumber(value) } : {}),
      };
    case 'date':
      return { type: 'datepicker', action_id: FIELD_ACTION, ...(text ? { initial_date: text } : {}) };
    case 'time': {
      const seconds = text === undefined ? undefined : readSeconds(text);
      return {
        type: 'datetimepicker',
        action_id: FIELD_ACTION,
        ...(seconds === undefined ? {} : { initial_date_time: seconds }),
      };
    }
    case 'choices':
      return buildMultipleChoice(listOptionsOf(texts, field), Array.isArray(value) ? value : []);
    default:
      return buildSingleChoice(
        listOptionsOf(texts, field),
        value === undefined ? undefined : String(value),
        required,
      );
  }
}

/** Writes a number without an exponent, which Slack does not understand. */
function writeNumber(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 });
}

function listOptionsOf(texts: Texts, { kind, choices = [] }: Field): PlainTextOption[] {
  const fieldChoices =
    kind === 'boolean'
      ? [
          { label: texts.fields.yes, value: 'true' },
          { label: texts.fields.no, value: 'false' },
        ]
      : choices;
  return fieldChoices.map(({ label, value }) => ({ text: plain(label), value }));
}

/** Builds radio buttons or a menu. Radio buttons only for required fields, because people cannot clear them in Slack. */
function buildSingleChoice(
  options: PlainTextOption[],
  chosen: string | undefined,
  required: true | undefined,
): InputBlock['element'] {
  const initialOption = options.find(({ value }) => value === chosen);
  return {
    type: required && options.length <= MAX_RADIOS ? 'radio_buttons' : 'static_select',
    action_id: FIELD_ACTION,
    options,
    ...(initialOption ? { initial_option: initialOption } : {}),
  };
}

function buildMultipleChoice(options: PlainTextOption[], chosen: readonly string[]): InputBlock['element'] {
  const initialOptions = options.filter(({ value = '' }) => chosen.includes(value));
  return {
    type: options.length <= MAX_BOXES ? 'checkboxes' : 'multi_static_select',
    action_id: FIELD_ACTION,
    options,
    ...(initialOptions.length > 0 ? { initial_options: initialOptions } : {}),
  };
}
