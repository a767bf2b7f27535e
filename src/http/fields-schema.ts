import { z } from 'zod';
import {
  type Field,
  type FieldValue,
  findValueFault,
  HIDDEN_FAULT,
  isPlainNumber,
  nameField,
  readSeconds,
  type ValueFault,
} from '../approval/model/fields.ts';
import { isBlankText } from '../approval/model/output.ts';
import { lookAlike } from '../approval/model/round.ts';
import type { Fault } from '../approval/model/run/webhook.ts';
import { survivesParsing } from '../lib/json-text.ts';
import { getOwn, isObject } from '../lib/own-member.ts';
import { countUnseen, removeUnseen } from '../lib/unseen.ts';

/** Fields of one form of a question. */
const MOST_FIELDS = 20;
const MOST_CHOICES = 100;
const LONGEST_NAME = 100;
/** They are stored with each change of their approval, and Slack's forms take 250 kB. */
const LONGEST_FIELDS = 32_000;
/** Slack's limit for the label of a choice. */
const LONGEST_CHOICE = 75;

const VISIBLE_ONLY = 'must have visible characters only';

const seen = (most: number) =>
  z
    .string('must be a text')
    .max(most, `must be at most ${most} characters long`)
    .refine((given) => given.isWellFormed(), 'must be well-formed Unicode')
    .refine((given) => !isBlankText(given), 'must not be blank');
const line = (most: number) =>
  seen(most).refine(
    (given) => countUnseen(given) === 0 && !given.includes('\n'),
    'must be one line of visible characters',
  );
const length = z
  .int('must be a whole number')
  .min(0, 'must be at least 0')
  .max(3_000, 'must be at most 3000')
  .optional();
const bound = z
  .number('must be a number')
  .refine(isPlainNumber, 'must be a number of at most 15 digits, without an exponent')
  .optional();
const count = z
  .int('must be a whole number')
  .min(0, 'must be at least 0')
  .max(100, 'must be at most 100')
  .optional();
const choices = z
  .array(line(LONGEST_CHOICE), 'must be a list of texts')
  .min(1, 'must be at least 1')
  .max(MOST_CHOICES, `must be at most ${MOST_CHOICES}`)
  .optional();
const titled = z
  .array(
    z.strictObject(
      { const: line(LONGEST_CHOICE), title: line(LONGEST_CHOICE) },
      'must be an object with const and title',
    ),
    'must be a list of objects with const and title',
  )
  .min(1, 'must be at least 1')
  .max(MOST_CHOICES, `must be at most ${MOST_CHOICES}`)
  .optional();
const about = {
  title: line(150).optional(),
  description: seen(1_000)
    .refine((given) => countUnseen(given) === 0, VISIBLE_ONLY)
    .optional(),
  /** Also `false`: the schema has no such keyword. */
  writeOnly: z.never(HIDDEN_FAULT).optional(),
};

const propertySchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('string'),
      ...about,
      format: z
        .enum(['email', 'uri', 'date', 'date-time'], 'must be email, uri, date or date-time')
        .optional(),
      minLength: length,
      maxLength: length,
      enum: choices,
      enumNames: choices,
      oneOf: titled,
      default: z.string('must be a text').optional(),
    }),
    z.strictObject({
      type: z.enum(['number', 'integer']),
      ...about,
      minimum: bound,
      maximum: bound,
      default: bound,
    }),
    z.strictObject({
      type: z.literal('boolean'),
      ...about,
      default: z.boolean('must be true or false').optional(),
    }),
    z.strictObject({
      type: z.literal('array'),
      ...about,
      minItems: count,
      maxItems: count,
      items: z.strictObject(
        { type: z.literal('string', 'must be string').optional(), enum: choices, anyOf: titled },
        'must be an object with enum or anyOf',
      ),
      default: z.array(z.string(), 'must be a list of texts').optional(),
    }),
  ],
  'must have a type: string, number, integer, boolean, or array of an enum',
);
type Property = z.output<typeof propertySchema>;

/** The flat JSON schema of what people enter, as in the elicitation of MCP. `$schema` says nothing here. */
export const fieldsSchema = z.strictObject(
  {
    $schema: z.string('must be a text').optional(),
    type: z.literal('object', 'must be object'),
    properties: z.record(z.string(), propertySchema, 'must be an object'),
    required: z.array(z.string(), 'must be a list of names').optional(),
  },
  'must be an object with type and properties',
);
export type GivenFields = z.output<typeof fieldsSchema>;

/** What a schema says beside the form of its parts; `source`: as it was written, `most`: of its fields. */
export function findFieldsFaults(
  given: GivenFields,
  source: string | undefined,
  most = MOST_FIELDS,
): Fault[] {
  const { properties, required = [] } = given;
  const names = Object.keys(properties);
  const fields = readSchemaFields(given);
  if (names.length === 0 || names.length > most)
    return [{ field: 'fields.properties', fault: `must be 1 to ${most}` }];
  // Parsing keeps one of two members with the same name, and rounds long numbers.
  if (source !== undefined && !survivesParsing(source, JSON.parse(source)))
    return [{ field: 'fields', fault: 'has a number with too many digits, or a name twice' }];
  if (JSON.stringify(fields).length > LONGEST_FIELDS)
    return [{ field: 'fields', fault: `must be at most ${LONGEST_FIELDS} characters long in all` }];
  return [
    ...names.flatMap((name) =>
      isFieldName(name) ? [] : [{ field: `fields.properties.${name}`, fault: NAME_FAULT }],
    ),
    ...required.flatMap((name, at) =>
      Object.hasOwn(properties, name) ? [] : [{ field: `fields.required.${at}`, fault: 'is not a property' }],
    ),
    ...(lookAlike(fields.map(nameField))
      ? [{ field: 'fields.properties', fault: 'must each have a title that looks different' }]
      : []),
    ...fields.flatMap((field) => findPropertyFaults(field, getOwn(properties, field.name) as Property)),
  ];
}

const NAME_FAULT = `must have a name of 1 to ${LONGEST_NAME} visible characters`;

/** `__proto__` is no member like others in many languages. */
function isFieldName(name: string): boolean {
  return name !== '__proto__' && line(LONGEST_NAME).safeParse(name).success;
}

function findPropertyFaults(field: Field, given: Property): Fault[] {
  const place = `fields.properties.${field.name}`;
  const { choices: listed = [], min, max } = field;
  const at = (keyword: string, fault: string): Fault => ({ field: `${place}.${keyword}`, fault });
  const faults: Fault[] = [];
  if (given.type === 'string') {
    const kinds = [given.format, given.enum, given.oneOf].filter((one) => one !== undefined);
    if (kinds.length > 1) faults.push(at('type', 'can have only one of format, enum and oneOf'));
    if (kinds.length > 0 && (given.minLength !== undefined || given.maxLength !== undefined))
      faults.push(at('minLength', 'and maxLength are for plain texts'));
    if (given.enumNames && given.enumNames.length !== given.enum?.length)
      faults.push(at('enumNames', 'must be as many as enum'));
  }
  if (given.type === 'array' && (given.items.enum === undefined) === (given.items.anyOf === undefined))
    faults.push(at('items', 'must have enum or anyOf'));
  if (
    new Set(listed.map(({ value }) => value)).size < listed.length ||
    lookAlike(listed.map(({ label }) => label))
  )
    faults.push(at(given.type === 'array' ? 'items' : 'enum', 'must each be different, and look different'));
  if (min !== undefined && max !== undefined && min > max)
    faults.push(at('type', 'has a minimum above its maximum'));
  if (field.required && max === 0)
    faults.push(
      at(given.type === 'array' ? 'maxItems' : 'maxLength', 'must be at least 1 where it is required'),
    );
  if (given.type === 'integer')
    for (const keyword of ['minimum', 'maximum'] as const)
      if (given[keyword] !== undefined && !Number.isInteger(given[keyword]))
        faults.push(at(keyword, 'must be a whole number'));
  if (
    typeof field.default === 'string' &&
    (removeUnseen(field.default) !== field.default || field.default.includes('\r'))
  )
    faults.push(at('default', VISIBLE_ONLY));
  if (given.type === 'array' && (min ?? 0) > listed.length)
    faults.push(at('minItems', 'must be at most as many as there are'));
  const fault =
    field.default === undefined ? undefined : findValueFault({ ...field, required: true }, field.default);
  if (fault) faults.push(at('default', describeValueRule(fault)));
  // The form would begin without it.
  else if (
    field.kind === 'time' &&
    field.default !== undefined &&
    readSeconds(String(field.default)) === undefined
  )
    faults.push(at('default', 'must be after 2001-09-09 and before 2286-11-20'));
  return faults;
}

function describeValueRule(fault: ValueFault): string {
  return `breaks the rule of its own field (${fault.code.replaceAll('_', ' ')})`;
}

/** The fields of a schema that has no faults, in their order. */
export function readSchemaFields({ properties, required = [] }: GivenFields): Field[] {
  return Object.entries(properties).map(([name, given]) => {
    const { title, description } = given;
    return {
      name,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(required.includes(name) ? { required: true as const } : {}),
      ...(given.default === undefined ? {} : { default: given.default as FieldValue }),
      ...readKind(given),
    };
  });
}

const FORMATS = { email: 'email', uri: 'url', date: 'date', 'date-time': 'time' } as const;

function readKind(given: Property): Pick<Field, 'kind' | 'min' | 'max' | 'choices'> {
  switch (given.type) {
    case 'string': {
      const listed = listChoices(given.enum, given.enumNames, given.oneOf);
      if (listed) return { kind: 'choice', choices: listed };
      return {
        kind: given.format ? FORMATS[given.format] : 'text',
        ...bounds(given.minLength, given.maxLength),
      };
    }
    case 'array': {
      const listed = listChoices(given.items.enum, undefined, given.items.anyOf) ?? [];
      return { kind: 'choices', choices: listed, ...bounds(given.minItems, given.maxItems) };
    }
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return { kind: given.type, ...bounds(given.minimum, given.maximum) };
  }
}

function bounds(min: number | undefined, max: number | undefined): Pick<Field, 'min' | 'max'> {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function listChoices(
  values: readonly string[] | undefined,
  names: readonly string[] | undefined,
  both: readonly { const: string; title: string }[] | undefined,
): Field['choices'] {
  if (both) return both.map(({ const: value, title }) => ({ value, label: title }));
  return values?.map((value, at) => ({ value, label: names?.[at] ?? value }));
}

/** Whether a body names `__proto__`, which parsing into schemas would lose. */
export function namesPrototype(fields: unknown): boolean {
  const properties = isObject(fields) ? fields.properties : undefined;
  return isObject(properties) && Object.hasOwn(properties, '__proto__');
}
