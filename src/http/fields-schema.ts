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
import { areAlike } from '../approval/model/round.ts';
import type { Fault } from '../approval/model/run/webhook.ts';
import { survivesParsing } from '../lib/json-text.ts';
import { getOwn, isObject } from '../lib/own-member.ts';
import { countUnseen, removeUnseen } from '../lib/unseen.ts';

/** Fields of one form of a question, and of one that starts a run: Slack's modals take 100 blocks. */
const MAX_FIELDS = 20;
export const MAX_INPUTS = 95;
const MAX_CHOICES = 100;
const LONGEST_NAME = 100;
/** Characters of all fields: the store writes them with each change of their approval, and Slack's forms take 250 kB. */
const LONGEST_FIELDS = 32_000;
/** Slack's limit for the label of a choice. */
const LONGEST_CHOICE = 75;

const VISIBLE_ONLY = 'must have visible characters only';

const visibleTextSchema = (max: number) =>
  z
    .string('must be a text')
    .max(max, `must be at most ${max} characters long`)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
    .refine((text) => !isBlankText(text), 'must not be blank')
    .meta({ minLength: 1 });
const lineSchema = (max: number) =>
  visibleTextSchema(max)
    .refine(
      (text) => countUnseen(text) === 0 && !text.includes('\n'),
      'must be one line of visible characters',
    )
    .meta({ minLength: 1 });
const lengthSchema = () =>
  z.int('must be a whole number').min(0, 'must be at least 0').max(3_000, 'must be at most 3000');
const boundSchema = () =>
  z
    .number('must be a number')
    .refine(isPlainNumber, 'must be a number of at most 15 digits, without an exponent');
const countSchema = () =>
  z.int('must be a whole number').min(0, 'must be at least 0').max(100, 'must be at most 100');
/** The choices of a field. */
export const choicesSchema = z
  .array(lineSchema(LONGEST_CHOICE), 'must be a list of texts')
  .min(1, 'must be at least 1')
  .max(MAX_CHOICES, `must be at most ${MAX_CHOICES}`)
  .meta({ description: 'Each must be one line of visible characters.' });
/** Choices whose labels differ from their values. */
export const titledChoicesSchema = z
  .array(
    z.strictObject(
      {
        const: lineSchema(LONGEST_CHOICE).meta({ description: 'The value in the answer.' }),
        title: lineSchema(LONGEST_CHOICE).meta({ description: 'The label that people see.' }),
      },
      'must be an object with const and title',
    ),
    'must be a list of objects with const and title',
  )
  .min(1, 'must be at least 1')
  .max(MAX_CHOICES, `must be at most ${MAX_CHOICES}`)
  .meta({ description: 'Each must be one line of visible characters.' });
const commonMembers = {
  title: lineSchema(150)
    .meta({ description: 'The label of the field in the form: must be one line of visible characters.' })
    .optional(),
  description: visibleTextSchema(1_000)
    .refine((text) => countUnseen(text) === 0, VISIBLE_ONLY)
    .meta({ description: `The hint below the field: ${VISIBLE_ONLY}.` })
    .optional(),
  /** Refused even if `false`: the schema has no such keyword. */
  writeOnly: z.never(HIDDEN_FAULT).optional(),
};
const defaultDescription = 'The initial value in the form.';
const PLAIN_NUMBER = 'It must be a number of at most 15 digits, without an exponent.';

/** A value that people enter. */
export const propertySchema = z.discriminatedUnion(
  'type',
  [
    z
      .strictObject({
        type: z.literal('string'),
        ...commonMembers,
        format: z
          .enum(['email', 'uri', 'date', 'date-time'], 'must be email, uri, date or date-time')
          .meta({ description: 'A `date` is `2026-01-31`, a `date-time` is `2026-01-31T08:00:00Z`.' })
          .optional(),
        minLength: lengthSchema().meta({ description: 'The smallest number of characters.' }).optional(),
        maxLength: lengthSchema()
          .meta({ description: 'The largest number of characters. Above 200 the field has several lines.' })
          .optional(),
        enum: choicesSchema.meta({ description: 'The choices. A person picks one.' }).optional(),
        enumNames: choicesSchema
          .meta({
            description: 'The labels that people see instead of the values in `enum`, in the same order.',
          })
          .optional(),
        oneOf: titledChoicesSchema
          .meta({ description: 'The choices with labels, as an alternative to `enum` and `enumNames`.' })
          .optional(),
        default: z.string('must be a text').meta({ description: defaultDescription }).optional(),
      })
      .meta({ title: 'A text, or one of several choices' }),
    z
      .strictObject({
        type: z.enum(['number', 'integer']),
        ...commonMembers,
        minimum: boundSchema()
          .meta({ description: `The smallest value. ${PLAIN_NUMBER}` })
          .optional(),
        maximum: boundSchema()
          .meta({ description: `The largest value. ${PLAIN_NUMBER}` })
          .optional(),
        default: boundSchema()
          .meta({ description: `${defaultDescription} ${PLAIN_NUMBER}` })
          .optional(),
      })
      .meta({ title: 'A number' }),
    z
      .strictObject({
        type: z.literal('boolean'),
        ...commonMembers,
        default: z.boolean('must be true or false').meta({ description: defaultDescription }).optional(),
      })
      .meta({ title: 'Yes or no' }),
    z
      .strictObject({
        type: z.literal('array'),
        ...commonMembers,
        minItems: countSchema().meta({ description: 'The smallest number of choices.' }).optional(),
        maxItems: countSchema().meta({ description: 'The largest number of choices.' }).optional(),
        items: z
          .strictObject(
            {
              type: z.literal('string', 'must be string').optional(),
              enum: choicesSchema.meta({ description: 'The choices. A person can pick several.' }).optional(),
              anyOf: titledChoicesSchema.meta({ description: 'The choices with labels.' }).optional(),
            },
            'must be an object with enum or anyOf',
          )
          .meta({ description: 'The choices.' }),
        default: z
          .array(z.string(), 'must be a list of texts')
          .meta({ description: defaultDescription })
          .optional(),
      })
      .meta({ title: 'Several of the choices' }),
  ],
  'must have a type: string, number, integer, boolean, or array of an enum',
);
type Property = z.output<typeof propertySchema>;

/** The flat JSON schema of what people enter, as in the elicitation of MCP. `$schema` says nothing here. */
export const fieldsSchema = z.strictObject(
  {
    $schema: z.string('must be a text').meta({ description: 'Accepted and ignored.' }).optional(),
    type: z.literal('object', 'must be object'),
    properties: z
      .record(z.string().meta({ minLength: 1, maxLength: LONGEST_NAME }), propertySchema, 'must be an object')
      .meta({
        description: `The values by their names: 1 to ${MAX_FIELDS}, or ${MAX_INPUTS} in the form of a start.`,
        minProperties: 1,
      }),
    required: z
      .array(z.string(), 'must be a list of names')
      .meta({ description: 'The names of the required values.' })
      .optional(),
  },
  'must be an object with type and properties',
);
export type GivenFields = z.output<typeof fieldsSchema>;

/** Rules for a whole schema. Each sentence follows the name of the member that breaks it. */
export const FIELDS_RULES = {
  exact: 'has a number with too many digits, or a name twice',
  size: `must be at most ${LONGEST_FIELDS} characters long in all`,
  name: `must have a name of 1 to ${LONGEST_NAME} visible characters`,
  required: 'is not a property',
  titles: 'must each have a title that looks different',
} as const;

/** Finds faults that the form of the parts does not show. `source`: the schema as JSON text; `max`: fields that a form can have. */
export function findFieldsFaults(schema: GivenFields, source: string | undefined, max = MAX_FIELDS): Fault[] {
  const { properties, required = [] } = schema;
  const names = Object.keys(properties);
  const fields = readSchemaFields(schema);
  if (names.length === 0 || names.length > max)
    return [{ field: 'fields.properties', fault: `must have 1 to ${max} entries` }];
  // Parsing keeps one of two members with the same name, and rounds long numbers.
  if (source !== undefined && !survivesParsing(source, JSON.parse(source)))
    return [{ field: 'fields', fault: FIELDS_RULES.exact }];
  if (JSON.stringify(fields).length > LONGEST_FIELDS) return [{ field: 'fields', fault: FIELDS_RULES.size }];
  return [
    ...names.flatMap((name) =>
      isFieldName(name) ? [] : [{ field: `fields.properties.${name}`, fault: FIELDS_RULES.name }],
    ),
    ...required.flatMap((name, at) =>
      Object.hasOwn(properties, name)
        ? []
        : [{ field: `fields.required.${at}`, fault: FIELDS_RULES.required }],
    ),
    ...(areAlike(fields.map(nameField)) ? [{ field: 'fields.properties', fault: FIELDS_RULES.titles }] : []),
    ...fields.flatMap((field) => findPropertyFaults(field, getOwn(properties, field.name) as Property)),
  ];
}

/** True if a field can have this name. In many languages `__proto__` is not an ordinary member. */
function isFieldName(name: string): boolean {
  return name !== '__proto__' && lineSchema(LONGEST_NAME).safeParse(name).success;
}

interface PropertyRule {
  /** The keyword that is wrong. */
  at: string | ((property: Property) => string);
  fault: string;
  isBroken: (field: Field, property: Property) => boolean;
}

/** Rules between the keywords of one field. Each `fault` follows the name of its keyword. */
export const PROPERTY_RULES: readonly PropertyRule[] = [
  {
    at: 'type',
    fault: 'can have only one of format, enum and oneOf',
    isBroken: (_, property) => property.type === 'string' && listKinds(property).length > 1,
  },
  {
    at: 'minLength',
    fault: 'and maxLength are for plain texts',
    isBroken: (_, property) =>
      property.type === 'string' &&
      listKinds(property).length > 0 &&
      (property.minLength !== undefined || property.maxLength !== undefined),
  },
  {
    at: 'enumNames',
    fault: 'must have as many entries as enum',
    isBroken: (_, property) =>
      property.type === 'string' &&
      property.enumNames !== undefined &&
      property.enumNames.length !== property.enum?.length,
  },
  {
    at: 'items',
    fault: 'must have enum or anyOf',
    isBroken: (_, property) =>
      property.type === 'array' &&
      (property.items.enum === undefined) === (property.items.anyOf === undefined),
  },
  {
    at: ({ type }) => (type === 'array' ? 'items' : 'enum'),
    fault: 'must each be different, and look different',
    isBroken: ({ choices = [] }) =>
      new Set(choices.map(({ value }) => value)).size < choices.length ||
      areAlike(choices.map(({ label }) => label)),
  },
  {
    at: 'type',
    fault: 'has a minimum above its maximum',
    isBroken: ({ min, max }) => min !== undefined && max !== undefined && min > max,
  },
  {
    at: ({ type }) => (type === 'array' ? 'maxItems' : 'maxLength'),
    fault: 'must be at least 1 if the field is required',
    isBroken: ({ required, max }) => required === true && max === 0,
  },
  ...(['minimum', 'maximum'] as const).map(
    (at): PropertyRule => ({
      at,
      fault: 'must be a whole number',
      isBroken: (_, property) =>
        property.type === 'integer' && property[at] !== undefined && !Number.isInteger(property[at]),
    }),
  ),
  {
    at: 'default',
    fault: VISIBLE_ONLY,
    isBroken: ({ default: preset }) =>
      typeof preset === 'string' && (removeUnseen(preset) !== preset || preset.includes('\r')),
  },
  {
    at: 'minItems',
    fault: 'must not be greater than the number of choices',
    isBroken: ({ min = 0, choices = [] }, property) => property.type === 'array' && min > choices.length,
  },
  {
    at: 'default',
    // Slack cannot show other times: the form would begin without a default.
    fault: 'must be after 2001-09-09 and before 2286-11-20',
    isBroken: (field) =>
      field.kind === 'time' &&
      field.default !== undefined &&
      findDefaultFault(field) === undefined &&
      readSeconds(String(field.default)) === undefined,
  },
];

const listKinds = ({ format, enum: choices, oneOf }: Extract<Property, { type: 'string' }>) =>
  [format, choices, oneOf].filter((kind) => kind !== undefined);

function findDefaultFault(field: Field): ValueFault | undefined {
  return field.default === undefined
    ? undefined
    : findValueFault({ ...field, required: true }, field.default);
}

function findPropertyFaults(field: Field, property: Property): Fault[] {
  const place = `fields.properties.${field.name}`;
  const brokenRules = PROPERTY_RULES.filter(({ isBroken }) => isBroken(field, property));
  const fault = findDefaultFault(field);
  return [
    ...brokenRules.map(({ at, fault }) => ({
      field: `${place}.${typeof at === 'string' ? at : at(property)}`,
      fault,
    })),
    ...(fault ? [{ field: `${place}.default`, fault: describeValueRule(fault) }] : []),
  ];
}

function describeValueRule(fault: ValueFault): string {
  return `breaks a rule of its own field (${fault.code.replaceAll('_', ' ')})`;
}

/** Returns the fields of a schema without faults, in their order. */
export function readSchemaFields({ properties, required = [] }: GivenFields): Field[] {
  return Object.entries(properties).map(([name, property]) => {
    const { title, description } = property;
    return {
      name,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(required.includes(name) ? { required: true as const } : {}),
      ...(property.default === undefined ? {} : { default: property.default as FieldValue }),
      ...readKind(property),
    };
  });
}

const FORMATS = { email: 'email', uri: 'url', date: 'date', 'date-time': 'time' } as const;

function readKind(property: Property): Pick<Field, 'kind' | 'min' | 'max' | 'choices'> {
  switch (property.type) {
    case 'string': {
      const choices = listChoices(property.enum, property.enumNames, property.oneOf);
      if (choices) return { kind: 'choice', choices };
      return {
        kind: property.format ? FORMATS[property.format] : 'text',
        ...buildBounds(property.minLength, property.maxLength),
      };
    }
    case 'array': {
      const choices = listChoices(property.items.enum, undefined, property.items.anyOf) ?? [];
      return { kind: 'choices', choices, ...buildBounds(property.minItems, property.maxItems) };
    }
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return { kind: property.type, ...buildBounds(property.minimum, property.maximum) };
  }
}

function buildBounds(min: number | undefined, max: number | undefined): Pick<Field, 'min' | 'max'> {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function listChoices(
  values: readonly string[] | undefined,
  names: readonly string[] | undefined,
  titledChoices: readonly { const: string; title: string }[] | undefined,
): Field['choices'] {
  if (titledChoices) return titledChoices.map(({ const: value, title }) => ({ value, label: title }));
  return values?.map((value, at) => ({ value, label: names?.[at] ?? value }));
}

/** True if a body names `__proto__`, which zod would drop silently. */
export function namesPrototype(fields: unknown): boolean {
  const properties = isObject(fields) ? fields.properties : undefined;
  return isObject(properties) && Object.hasOwn(properties, '__proto__');
}
