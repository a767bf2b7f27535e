import type { ViewSubmitAction } from '@slack/bolt';
import { type Field, type FieldValue, findValueFault, type ValueFault } from '../../approval/model/fields.ts';
import { isBlankText } from '../../approval/model/output.ts';
import { survivesParsing } from '../../lib/json-text.ts';
import { FIELD_ACTION } from '../app/ids.ts';
import type { Texts } from '../texts/texts.ts';
import { cleanTyped } from '../views/text/escape.ts';

type State = ViewSubmitAction['view']['state'];
type ModalValue = State['values'][string][string];

/** Reads the values of a form by the names of its fields, or a fault for each block whose value does not fit. Pure. */
export function readEnteredFields(
  { values }: State,
  fields: readonly Field[],
  block: (name: string) => string,
): { values: Record<string, FieldValue> } | { faults: Record<string, ValueFault> } {
  const valueEntries: [string, FieldValue][] = [];
  const faults: [string, ValueFault][] = [];
  for (const field of fields) {
    const id = block(field.name);
    const value = readValue(field, values[id]?.[FIELD_ACTION]);
    const fault: ValueFault | undefined =
      value === 'not_number' ? { code: value } : findValueFault(field, value);
    if (fault) faults.push([id, fault]);
    else if (value !== undefined) valueEntries.push([field.name, value]);
  }
  return faults.length > 0
    ? { faults: Object.fromEntries(faults) }
    : { values: Object.fromEntries(valueEntries) };
}

/** Describes the faults in sentences, by block. */
export function describeValueFaults(
  texts: Texts,
  faults: Record<string, ValueFault>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(faults).map(([block, fault]) => [block, describeValueFault(texts, fault)]),
  );
}

/** Describes the fault of a value. `name`: the field's, if the sentence is shown away from it. */
export function describeValueFault(texts: Texts, fault: ValueFault, name?: string): string {
  const sentence = texts.fields.faults[fault.code]('bound' in fault ? fault.bound : 0);
  return name === undefined ? sentence : `${name}: ${sentence}`;
}

/** Undefined: nothing was entered. `not_number`: no number, or one that cannot be stored exactly. */
function readValue({ kind }: Field, entered: ModalValue | undefined): FieldValue | 'not_number' | undefined {
  const text = cleanTyped(entered?.value ?? '');
  const chosenOption = entered?.selected_option?.value;
  switch (kind) {
    case 'number':
    case 'integer':
      return isBlankText(text) ? undefined : readNumber(text.trim());
    case 'date':
      return entered?.selected_date ?? undefined;
    case 'time': {
      const seconds = entered?.selected_date_time;
      return seconds == null ? undefined : new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
    }
    case 'boolean':
      return chosenOption === undefined ? undefined : chosenOption === 'true';
    case 'choice':
      return chosenOption;
    case 'choices': {
      const chosenOptions = entered?.selected_options?.flatMap(({ value = '' }) => value) ?? [];
      return chosenOptions.length === 0 ? undefined : chosenOptions;
    }
    default:
      return isBlankText(text) ? undefined : text;
  }
}

function readNumber(text: string): number | 'not_number' {
  // Slack lets "5." and ".5" pass.
  if (!/^-?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})$/.test(text)) return 'not_number';
  const literal = text
    .replace(/\.$/, '')
    .replace(/^(-?)0*(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.');
  return survivesParsing(literal, Number(literal)) ? Number(literal) : 'not_number';
}
