import { stringify } from 'yaml';
import { z } from 'zod';
import {
  choicesSchema,
  FIELDS_RULES,
  fieldsSchema,
  PROPERTY_RULES,
  propertySchema,
  titledChoicesSchema,
} from '../../src/http/fields-schema.ts';
import {
  answerSchema,
  approversSchema,
  COMBINATION_RULES,
  questionLookupSchema,
  questionSchema,
  questionStateSchema,
} from '../../src/http/question-schema.ts';

/** A JSON schema, as far as the questions need one. `guide`: text for docs/questions.md only. */
export interface JsonSchema {
  $ref?: string;
  title?: string;
  description?: string;
  guide?: string;
  type?: string;
  const?: string;
  enum?: string[];
  default?: unknown;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

export const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Question: questionSchema,
  Fields: fieldsSchema,
  Field: propertySchema,
  Choices: choicesSchema,
  TitledChoices: titledChoicesSchema,
  Approvers: approversSchema,
  Answer: answerSchema,
  QuestionState: questionStateSchema,
  KnownQuestion: questionLookupSchema,
};

const REF = '#/components/schemas/';

/** Builds the JSON schemas, by their names in docs/openapi.yaml. */
export function buildSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => REF + id,
  });
  const { Question, Field, ...others } = Object.fromEntries(
    Object.entries(schemas).map(([name, { $id: _, $schema: __, ...schema }]) => [
      name,
      dropImpossible(schema),
    ]),
  ) as Record<string, JsonSchema>;
  const { exact, size, name, required, titles } = FIELDS_RULES;
  const { Fields } = others;
  const limits = `The bot refuses a schema that ${exact}, or whose \`required\` has a name that ${required}. It ${size}; each value ${name}; values ${titles}.`;
  return {
    Question: { ...Question, description: describeQuestion() },
    Field: { ...Field, description: describeField() },
    ...others,
    Fields: { ...Fields, description: limits },
  };
}

/** Drops members that cannot have any value. */
function dropImpossible(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropImpossible);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      typeof one === 'object' && one !== null && 'not' in one ? [] : [[name, dropImpossible(one)]],
    ),
  );
}

function describeQuestion(): string {
  const rules = COMBINATION_RULES.map(({ field, fault }) => `\`${field}\` ${fault}`);
  return `All texts must be well-formed Unicode, and where one has a least length it must not be blank. The bot refuses a question with one of these faults: ${rules.join('; ')}.`;
}

function describeField(): string {
  const { string, array } = { string: { type: 'string' }, array: { type: 'array', items: {} } } as const;
  const rules = PROPERTY_RULES.flatMap(({ at, fault }) =>
    (typeof at === 'string' ? [at] : [at(string), at(array)]).map((keyword) => `\`${keyword}\` ${fault}`),
  );
  return `The bot refuses a field with one of these faults: ${rules.join('; ')}; \`default\` breaks the rule of its own field.`;
}

/** Lists all descriptions in these schemas. */
export function listDescriptions(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(listDescriptions);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'description' && typeof value === 'string' ? [value] : listDescriptions(value),
  );
}

function withoutGuide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutGuide);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => (name === 'guide' ? [] : [[name, withoutGuide(one)]])),
  );
}

/** Writes each schema as YAML for `components.schemas`, with the indentation of docs/openapi.yaml. */
export function writeOpenApi(): string {
  const { Question, ...others } = withoutGuide(buildSchemas()) as Record<string, JsonSchema>;
  const example = {
    title: 'Ship build 42?',
    text: 'All 312 tests passed.',
    options: [
      { id: 'ship', label: 'Ship it', style: 'primary' },
      { id: 'hold', label: 'Hold' },
    ],
  };
  const text = stringify(
    { Question: { ...Question, example }, ...others },
    { lineWidth: 120, defaultStringType: 'PLAIN', aliasDuplicateObjects: false },
  );
  return text.replace(/^(?=.)/gm, '    ');
}

/** Writes a table of docs/questions.md. */
export function writeTable(head: [string, string], rows: readonly (readonly string[])[]): string {
  const lines = [[head[0], 'value', head[1]], ['---', '---', '---'], ...rows];
  return lines
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .replaceAll('| --- | --- | --- |', '|---|---|---|');
}

export function listQuestionRows(): string[][] {
  const { Question } = buildSchemas();
  return Object.entries(Question?.properties ?? {}).flatMap(([name, schema]) => [
    writeRow(`\`${name}\``, schema, Question?.required?.includes(name)),
    ...Object.entries(schema.items?.properties ?? {}).map(([inner, one]) =>
      writeRow(`\`${name}[].${inner}\``, one, schema.items?.required?.includes(inner)),
    ),
  ]);
}

export function listStateRows(): string[][] {
  const { KnownQuestion, Answer } = buildSchemas();
  return [
    ...Object.entries(KnownQuestion?.properties ?? {}).map(([name, one]) => writeRow(`\`${name}\``, one)),
    ...Object.entries(Answer?.properties ?? {}).map(([name, one]) => writeRow(`\`answer.${name}\``, one)),
  ];
}

/** Lists the keywords of a field, with the types that have them. */
export function listKeywordRows(): string[][] {
  const { Fields, Field } = buildSchemas();
  const fieldKinds = (Field?.oneOf ?? []).map(({ properties = {}, ...one }) => {
    const { type } = properties;
    return { types: (type?.enum ?? [type?.const ?? '']).map((name) => `\`${name}\``), properties, ...one };
  });
  const keywords = [...new Set(fieldKinds.flatMap(({ properties }) => Object.keys(properties)))];
  const all = fieldKinds.flatMap(({ types }) => types);
  return [
    ...['properties', 'required'].map((name) => writeRow(`\`${name}\``, Fields?.properties?.[name] ?? {})),
    ...keywords.map((keyword) => {
      const having = fieldKinds.filter(({ properties }) => keyword in properties);
      const types = having.flatMap((one) => one.types);
      const [first] = having;
      const schema: JsonSchema = first?.properties[keyword] ?? {};
      if (keyword === 'type')
        return ['`type`', all.join(', '), 'What is entered. `array`: several of its choices.'];
      const row = writeRow(`\`${keyword}\``, having.length > 1 ? { ...schema, type: '' } : schema);
      return types.length < all.length
        ? [row[0] ?? '', row[1] ?? '', `For ${types.join(', ')}. ${row[2]}`]
        : row;
    }),
  ];
}

function writeRow(name: string, schema: JsonSchema, isRequired = false): string[] {
  const { description = '', guide } = schema;
  return [
    isRequired ? `${name}, required` : name,
    nameValues(schema),
    [description, guide].filter(Boolean).join(' ').replaceAll('|', '\\|'),
  ];
}

const number = (value: number) => value.toLocaleString('en-US');

function nameValues(schema: JsonSchema): string {
  const { type, $ref, minItems, maxItems, maxLength, minimum, maximum, format } = schema;
  const enumValues = schema.enum?.map((one) =>
    one === schema.default ? `\`${one}\` (default)` : `\`${one}\``,
  );
  if (enumValues) return enumValues.join(', ');
  if ($ref) return nameValues(buildSchemas()[$ref.slice(REF.length)] ?? {});
  switch (type) {
    case 'string':
      if (format !== undefined) return 'text (`date-time`)';
      return maxLength === undefined ? 'text' : `text, ${number(maxLength)} at most`;
    case 'boolean':
      return '`true` or `false`';
    case 'number':
    case 'integer':
      return maximum === undefined ? 'number' : `${number(minimum ?? 0)} to ${number(maximum)}`;
    case 'array':
      return maxItems === undefined ? 'list' : `list of ${number(minItems ?? 0)} to ${number(maxItems)}`;
    case 'object':
      return 'object';
    default:
      return type === '' || schema.anyOf || schema.oneOf ? '' : 'any JSON';
  }
}

/** Writes the types of the JavaScript client, for src/clients/question-types.ts. */
export function writeClientTypes(): string {
  const { Question, Answer, KnownQuestion } = buildSchemas();
  const types = [
    ['ProgramQuestion', 'A question to people.', Question],
    ['PersonAnswer', 'The answer of the people who decided.', Answer],
    ['ProgramQuestionState', 'The state of a question.', KnownQuestion],
  ] as const;
  const parts = types.map(
    ([name, doc, schema]) => `/** ${doc} */\nexport interface ${name} ${writeObject(schema ?? {}, '')}\n`,
  );
  return `// Written from src/http/question-schema.ts: ${COMMAND}\n\n${parts.join('\n')}`;
}

const NAMED: Readonly<Record<string, string>> = { Answer: 'PersonAnswer', Fields: 'object' };

function writeObject({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const doc = schema.description ? `${indent}  /** ${schema.description} */\n` : '';
    return `${doc}${indent}  ${name}${required.includes(name) ? '' : '?'}: ${writeType(schema, `${indent}  `)};`;
  });
  return `{\n${members.join('\n')}\n${indent}}`;
}

function writeType(schema: JsonSchema, indent: string): string {
  const { $ref, type, enum: listed, items, properties, additionalProperties, anyOf } = schema;
  const name = $ref?.slice(REF.length) ?? '';
  if ($ref) return NAMED[name] ?? writeType(buildSchemas()[name] ?? {}, indent);
  if (listed) return listed.map((one) => `'${one}'`).join(' | ');
  if (anyOf) return anyOf.map((one) => writeType(one, indent)).join(' | ');
  if (type === 'array') return `${writeType(items ?? {}, indent)}[]`;
  if (properties) return writeObject(schema, indent);
  if (typeof additionalProperties === 'object')
    return `Record<string, ${writeType(additionalProperties, indent)}>`;
  return type === 'integer' ? 'number' : (type ?? 'unknown');
}

/** Writes the schemas that a model reads of a question and its state, for src/clients/question-schemas.ts. */
export function writeToolSchemas(): string {
  const { Question, Answer, KnownQuestion } = withoutGuide(buildSchemas()) as Record<string, JsonSchema>;
  const { title, text, options, fields, free_text } = Question?.properties ?? {};
  const askedProperties = {
    ...{ title, text, options, free_text },
    fields: { type: 'object', description: fields?.description },
  };
  const { answer, asked_at: _, closed_at: __, ...known } = KnownQuestion?.properties ?? {};
  // A client rejects properties that the schema forbids, and a newer bot may answer with more.
  const more = { additionalProperties: undefined };
  const state = {
    ...KnownQuestion,
    ...more,
    properties: { ...known, answer: { ...Answer, ...answer, ...more, $ref: undefined } },
  };
  return [
    `// Written from src/http/question-schema.ts: ${COMMAND}\n`,
    '/** Fields with which a model can ask. */',
    `export const ASKED_PROPERTIES = ${writeLiteral(askedProperties)} as const;\n`,
    '/** Fields of a question that a model reads. */',
    `export const STATE_SCHEMA = ${writeLiteral(state)} as const;\n`,
  ].join('\n');
}

const writeLiteral = (value: unknown) => JSON.stringify(value, undefined, 2);

/** The command that writes the documents which the tests here compare. */
export const COMMAND = 'npx vitest run test/http/question-documents.test.ts --update';
