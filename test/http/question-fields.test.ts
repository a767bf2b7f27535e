import { expect, test } from 'vitest';
import { readProgramBody } from '../../src/http/program-bodies.ts';

const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required });
const question = (more: object) => JSON.stringify({ title: 'Pay?', text: 'An invoice', ...more });
const faultsOf = (body: string) => {
  const read = readProgramBody('question', body);
  return 'faults' in read ? read.faults.map(({ field, fault }) => `${field} ${fault}`) : [];
};
const fieldsOf = (properties: object, required?: string[]) => {
  const read = readProgramBody('question', question({ fields: object(properties, required) }));
  if (!('question' in read)) throw new Error(JSON.stringify(read));
  return read.question.fields;
};

test('each kind of value of MCP elicitation is read, with its bounds, choices and default', () => {
  expect(
    fieldsOf(
      {
        note: { type: 'string', title: 'Note', description: 'For the books', minLength: 2, maxLength: 50 },
        mail: { type: 'string', format: 'email' },
        page: { type: 'string', format: 'uri' },
        day: { type: 'string', format: 'date', default: '2026-02-28' },
        at: { type: 'string', format: 'date-time', default: '2026-02-28T08:00:00Z' },
        amount: { type: 'number', minimum: 0.5, maximum: 1e6, default: 10 },
        count: { type: 'integer' },
        urgent: { type: 'boolean', default: true },
        plan: { type: 'string', enum: ['a', 'b'], enumNames: ['Plan A', 'Plan B'] },
        size: { type: 'string', oneOf: [{ const: 's', title: 'Small' }], default: 's' },
        tags: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string', enum: ['x', 'y'] } },
      },
      ['note'],
    ),
  ).toEqual([
    {
      name: 'note',
      kind: 'text',
      title: 'Note',
      description: 'For the books',
      min: 2,
      max: 50,
      required: true,
    },
    { name: 'mail', kind: 'email' },
    { name: 'page', kind: 'url' },
    { name: 'day', kind: 'date', default: '2026-02-28' },
    { name: 'at', kind: 'time', default: '2026-02-28T08:00:00Z' },
    { name: 'amount', kind: 'number', min: 0.5, max: 1e6, default: 10 },
    { name: 'count', kind: 'integer' },
    { name: 'urgent', kind: 'boolean', default: true },
    {
      name: 'plan',
      kind: 'choice',
      choices: [
        { value: 'a', label: 'Plan A' },
        { value: 'b', label: 'Plan B' },
      ],
    },
    { name: 'size', kind: 'choice', choices: [{ value: 's', label: 'Small' }], default: 's' },
    {
      name: 'tags',
      kind: 'choices',
      min: 1,
      max: 2,
      choices: [
        { value: 'x', label: 'x' },
        { value: 'y', label: 'y' },
      ],
    },
  ]);
});

test.each([
  ['nested objects', { a: { type: 'object', properties: {} } }, 'fields.properties.a.type'],
  ['unknown keywords', { a: { type: 'string', pattern: 'x' } }, 'fields.properties.a.pattern'],
  ['a type that is missing', { a: {} }, 'fields.properties.a.type'],
  [
    '21 fields',
    Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`f${at}`, { type: 'string' }])),
    'fields.properties must have 1 to 20',
  ],
  ['no field', {}, 'fields.properties must have 1 to 20'],
  [
    'an enum of 101',
    { a: { type: 'string', enum: Array.from({ length: 101 }, (_, at) => `c${at}`) } },
    'fields.properties.a.enum must be at most 100',
  ],
  ['a choice twice', { a: { type: 'string', enum: ['x', 'x'] } }, 'fields.properties.a.enum'],
  [
    'choices that look the same',
    {
      a: {
        type: 'string',
        oneOf: [
          { const: '1', title: 'One' },
          { const: '2', title: 'One' },
        ],
      },
    },
    'fields.properties.a.enum',
  ],
  [
    'two fields with one title',
    { a: { type: 'string', title: 'Sum' }, b: { type: 'string', title: 'Sum' } },
    'fields.properties must each have a title that looks different',
  ],
  [
    'a default that breaks its own rule',
    { a: { type: 'string', maxLength: 3, default: 'long' } },
    'fields.properties.a.default breaks a rule of its own field (too long)',
  ],
  [
    '30 February',
    { a: { type: 'string', format: 'date', default: '2026-02-30' } },
    'fields.properties.a.default',
  ],
  [
    'a time with which no form can begin',
    { a: { type: 'string', format: 'date-time', default: '1999-12-31T23:00:00Z' } },
    'fields.properties.a.default must be after 2001-09-09',
  ],
  [
    'a minimum above the maximum',
    { a: { type: 'number', minimum: 2, maximum: 1 } },
    'fields.properties.a.type',
  ],
  [
    'a hidden value',
    { a: { type: 'string', writeOnly: true } },
    'fields.properties.a.writeOnly is not possible: a form in Slack is not a place for secrets',
  ],
  [
    'a description of 900 characters that nobody sees',
    { a: { type: 'string', description: `Sum${'\u200b'.repeat(900)}` } },
    'fields.properties.a.description must have visible characters only',
  ],
  [
    'an unseen character in a title',
    { a: { type: 'string', title: 'Su\u200bm' } },
    'fields.properties.a.title',
  ],
  [
    'an array without choices',
    { a: { type: 'array', items: { type: 'string' } } },
    'fields.properties.a.items',
  ],
])('rejects %s, and names the field', (_, properties, fault) => {
  expect(faultsOf(question({ fields: object(properties) })).join('\n')).toContain(fault);
});

test('rejects a required field that nothing fits', () => {
  for (const [property, keyword] of [
    [{ type: 'string', maxLength: 0 }, 'maxLength'],
    [{ type: 'array', items: { enum: ['x'] }, maxItems: 0 }, 'maxItems'],
  ] as const)
    expect(faultsOf(question({ fields: object({ a: property }, ['a']) }))).toEqual([
      `fields.properties.a.${keyword} must be at least 1 if the field is required`,
    ]);
});

test('rejects a required name that is no property, a prototype, a doubled name and a number of 40 digits', () => {
  expect(faultsOf(question({ fields: object({ a: { type: 'string' } }, ['b']) }))).toEqual([
    'fields.required.0 is not a property',
  ]);
  const written = (properties: string) =>
    `{"title":"t","text":"x","fields":{"type":"object","properties":${properties}}}`;
  expect(faultsOf(written('{"__proto__":{"type":"string"},"a":{"type":"string"}}'))).toContain(
    'fields.properties.__proto__ is not a possible name',
  );
  expect(faultsOf(written('{"a":{"type":"string"},"a":{"type":"number"}}'))).toEqual([
    'fields has a number with too many digits, or a name twice',
  ]);
  for (const keyword of ['minimum', 'maximum', 'default'])
    for (const number of [`1.${'1'.repeat(40)}`, '1'.repeat(40), '1e-7'])
      expect(faultsOf(written(`{"a":{"type":"number","${keyword}":${number}}}`)).join()).toMatch(
        /^fields(\.properties\.a\.(minimum|maximum|default) must be a number of at most 15 digits| has a number)/,
      );
  const many = { type: 'string', enum: Array.from({ length: 100 }, (_, at) => `${at} ${'c'.repeat(70)}`) };
  expect(faultsOf(question({ fields: object({ a: many, b: many, c: many }) }))).toEqual([
    'fields must be at most 32000 characters long in all',
  ]);
});

test('fields go with the first option unless others say so, and with nothing that a person cannot fill in', () => {
  const fields = object({ a: { type: 'string' } });
  const options = [
    { id: 'pay', label: 'Pay' },
    { id: 'hold', label: 'Hold' },
  ];
  const read = (more: object) => {
    const given = readProgramBody('question', question({ fields, ...more }));
    return 'question' in given ? given.question.options?.map((option) => [option.id, option.fields]) : given;
  };
  expect(read({ options })).toEqual([
    ['pay', true],
    ['hold', undefined],
  ]);
  expect(read({ options: [options[0], { ...options[1], fields: true }] })).toEqual([
    ['pay', undefined],
    ['hold', true],
  ]);
  expect(read({ options: [{ ...options[0], fields: false }, options[1]] })).toEqual([
    ['pay', undefined],
    ['hold', true],
  ]);
  const tool = { kind: 'tool', output: {}, text: undefined };
  expect(faultsOf(question({ fields, ...tool }))).toEqual(['fields is not possible for a tool']);
  expect(faultsOf(question({ fields, editable: true }))).toEqual([
    'fields must not be combined with editable',
  ]);
  for (const default_option of ['approve', 'pay'])
    expect(
      faultsOf(question({ fields, default_option, ...(default_option === 'pay' ? { options } : {}) })).join(),
    ).toContain('default_option must be an option without fields');
  expect(faultsOf(question({ options: [{ ...options[0], fields: true }] }))).toEqual([
    'options have fields, but the question has none',
  ]);
  expect(faultsOf(question({ fields, options: options.map((one) => ({ ...one, fields: false })) }))).toEqual([
    'options do not ask for fields, but the question has some',
  ]);
});

test('the inputs of a start are names, or a schema of up to 95 fields', () => {
  const read = (body: object) => readProgramBody('inputs', JSON.stringify(body));
  expect(read({ inputs: ['topic'], required_inputs: ['day'] })).toEqual({
    given: { names: ['topic', 'day'], required: ['day'] },
  });
  expect(read({ fields: object({ day: { type: 'string', format: 'date' } }, ['day']) })).toEqual({
    given: { names: ['day'], required: ['day'], fields: [{ name: 'day', kind: 'date', required: true }] },
  });
  const many = (count: number) =>
    object(Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, { type: 'string' }])));
  expect(read({ fields: many(95) })).toHaveProperty('given');
  for (const body of [
    {},
    { inputs: ['a'], fields: many(1) },
    { fields: many(96) },
    { fields: object({ pin: { type: 'string', writeOnly: true } }) },
  ])
    expect(read(body)).toHaveProperty('faults');
});
