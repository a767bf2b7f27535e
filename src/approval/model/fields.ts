import { z } from 'zod';
import { getOwn } from '../../lib/own-member.ts';
import { parseUrl } from '../../lib/parse-url.ts';
import { isBlankText } from './output.ts';

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
/** A value that a person enters: a date as 2026-01-31, a time as 2026-01-31T08:00:00Z, choices by their `value`. */
export type FieldValue = z.infer<typeof valueSchema>;
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** A form field: a flat subset of JSON Schema, as in MCP elicitation. */
export const fieldSchema = z.object({
  name: z.string(),
  kind: z.enum(['text', 'email', 'url', 'date', 'time', 'number', 'integer', 'boolean', 'choice', 'choices']),
  title: z.string().optional(),
  description: z.string().optional(),
  required: z.literal(true).optional(),
  /**
   * Only the program that asked sees the value. Builds before format 9 wrote this flag. Read it as long as their approvals exist:
   * the seal of an approval covers its fields.
   */
  hidden: z.literal(true).optional(),
  /** Bounds: length of a text, value of a number, count of choices. */
  min: z.number().optional(),
  max: z.number().optional(),
  choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  default: valueSchema.optional(),
});
export type Field = z.infer<typeof fieldSchema>;

/** Why programs cannot ask for hidden values. The name of the field precedes this text. */
export const HIDDEN_FAULT = 'is not possible: a form in Slack is not a place for secrets';

/** A fault in the value of a field. */
export type ValueFault =
  | {
      code:
        | 'missing'
        | 'not_email'
        | 'not_url'
        | 'not_date'
        | 'not_time'
        | 'not_choice'
        | 'not_number'
        | 'not_whole';
    }
  | { code: 'too_short' | 'too_long' | 'too_small' | 'too_large' | 'too_few' | 'too_many'; bound: number };

/** Addresses that Slack's email field accepts. */
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
/** Longest text, in characters: Slack's limit for text fields. */
export const LONGEST_VALUE = 3_000;

/** Finds why a value does not fit its field; undefined: the value fits. An absent value is a fault only in a required field. */
export function findValueFault(field: Field, value: FieldValue | undefined): ValueFault | undefined {
  const isBlank = value === undefined || (typeof value === 'string' && isBlankText(value));
  if (isBlank || (Array.isArray(value) && value.length === 0 && !field.required))
    return field.required ? { code: 'missing' } : undefined;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, choices = [] } = field;
  const isChoice = (candidate: unknown) => choices.some((choice) => choice.value === candidate);
  switch (field.kind) {
    case 'text':
      if (typeof value !== 'string') return { code: 'missing' };
      if (value.length < min) return { code: 'too_short', bound: min };
      return value.length > Math.min(max, LONGEST_VALUE)
        ? { code: 'too_long', bound: Math.min(max, LONGEST_VALUE) }
        : undefined;
    case 'email':
      return typeof value === 'string' && EMAIL.test(value) && value.length <= 254
        ? undefined
        : { code: 'not_email' };
    case 'url':
      return isUrl(value) ? undefined : { code: 'not_url' };
    case 'date':
      return isDate(value) ? undefined : { code: 'not_date' };
    case 'time':
      return isDateTime(value) ? undefined : { code: 'not_time' };
    case 'number':
    case 'integer':
      if (typeof value !== 'number' || !Number.isFinite(value)) return { code: 'not_number' };
      if (field.kind === 'integer' && !Number.isSafeInteger(value)) return { code: 'not_whole' };
      if (value < min) return { code: 'too_small', bound: min };
      return value > max ? { code: 'too_large', bound: max } : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : { code: 'not_choice' };
    case 'choice':
      return isChoice(value) ? undefined : { code: 'not_choice' };
    case 'choices':
      if (!Array.isArray(value) || !value.every(isChoice) || new Set(value).size < value.length)
        return { code: 'not_choice' };
      if (value.length < min) return { code: 'too_few', bound: min };
      return value.length > max ? { code: 'too_many', bound: max } : undefined;
  }
}

function isUrl(value: FieldValue): boolean {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_VALUE &&
    /^https?:\/\/\S+$/i.test(value) &&
    parseUrl(value) !== undefined
  );
}

/** True if a person can type the number and the program reads the same one: no exponent, at most 16 digits. */
export function isPlainNumber(value: number): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(String(value)) && String(value).replace(/\D/g, '').length <= 16;
}

function isDate(value: FieldValue): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  // JavaScript turns 30 February into 2 March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

/** True for a time with an offset, as in RFC 3339. */
function isDateTime(value: FieldValue): boolean {
  const [, date = ''] =
    /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.exec(
      String(value),
    ) ?? [];
  return typeof value === 'string' && isDate(date);
}

/** Returns seconds since 1970; undefined: Slack cannot show the time, since it accepts ten digits only (2001 to 2286). */
export function readSeconds(time: string): number | undefined {
  const seconds = Math.floor(Date.parse(time) / 1_000);
  return seconds >= 1e9 && seconds < 1e10 ? seconds : undefined;
}

/** Checks a form: returns its values by field name without blank ones, or the first value that does not fit. */
export function checkValues(
  fields: readonly Field[],
  entered: FieldValues,
): { values: [string, FieldValue][] } | { name: string; fault: ValueFault } {
  const values: [string, FieldValue][] = [];
  for (const field of fields) {
    const value = getOwn(entered, field.name);
    const fault = findValueFault(field, value);
    if (fault) return { name: field.name, fault };
    const isBlank = value === undefined || (typeof value === 'string' && isBlankText(value));
    if (!isBlank) values.push([field.name, value]);
  }
  return { values };
}

/** Writes values as a record stores them: JSON text. */
export function writeValues(values: readonly [string, FieldValue][]): string {
  return JSON.stringify(Object.fromEntries(values));
}

export function parseValues(written: string | undefined): FieldValues {
  return written === undefined ? {} : (JSON.parse(written) as FieldValues);
}

/** Returns a value as its form shows it: choices by their labels. */
export function labelChoices(
  { kind, choices = [] }: Pick<Field, 'kind' | 'choices'>,
  value: FieldValue,
): FieldValue {
  const findLabel = (chosen: string) => choices.find((choice) => choice.value === chosen)?.label ?? chosen;
  if (Array.isArray(value)) return value.map(findLabel);
  return kind === 'choice' ? findLabel(String(value)) : value;
}

/** Returns the name of a field that people read. */
export function nameField({ title, name }: Pick<Field, 'title' | 'name'>): string {
  return title ?? name;
}
