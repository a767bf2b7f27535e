import { describe, expect, test } from 'vitest';
import {
  checkValues,
  type Field,
  type FieldValue,
  findValueFault,
} from '../../../src/approval/model/fields.ts';

const choices = [
  { value: 'a', label: 'A' },
  { value: 'b', label: 'B' },
];

describe('a value fits its field or has one fault', () => {
  const rows: [Omit<Field, 'name'>, FieldValue | undefined, string | undefined][] = [
    [{ kind: 'text' }, undefined, undefined],
    [{ kind: 'text', required: true }, ' \n', 'missing'],
    [{ kind: 'text', min: 3 }, 'ab', 'too_short'],
    [{ kind: 'text', max: 3 }, 'abcd', 'too_long'],
    [{ kind: 'text' }, 'x'.repeat(3_001), 'too_long'],
    [{ kind: 'email' }, 'ana@example.com', undefined],
    [{ kind: 'email' }, 'ana@example', 'not_email'],
    [{ kind: 'email' }, 'a b@example.com', 'not_email'],
    [{ kind: 'url' }, 'https://example.com/a?b', undefined],
    [{ kind: 'url' }, 'example.com', 'not_url'],
    [{ kind: 'date' }, '2028-02-29', undefined],
    [{ kind: 'date' }, '2026-02-30', 'not_date'],
    [{ kind: 'date' }, '2026-2-3', 'not_date'],
    [{ kind: 'time' }, '2026-02-03T10:20:30Z', undefined],
    [{ kind: 'time' }, '2026-02-03T10:20:30+02:00', undefined],
    [{ kind: 'time' }, '2026-02-30T10:20:30Z', 'not_time'],
    [{ kind: 'time' }, '2026-02-03T25:20:30Z', 'not_time'],
    [{ kind: 'number', min: 0.5 }, 0.4, 'too_small'],
    [{ kind: 'number', max: 1 }, 1.5, 'too_large'],
    [{ kind: 'number' }, Number.POSITIVE_INFINITY, 'not_number'],
    [{ kind: 'integer' }, 1.5, 'not_whole'],
    [{ kind: 'integer' }, 2 ** 53, 'not_whole'],
    [{ kind: 'boolean', required: true }, false, undefined],
    [{ kind: 'boolean' }, 'yes', 'not_choice'],
    [{ kind: 'choice', choices }, 'a', undefined],
    [{ kind: 'choice', choices }, 'A', 'not_choice'],
    [{ kind: 'choices', choices, min: 1 }, [], undefined],
    [{ kind: 'choices', choices, min: 1, required: true }, [], 'too_few'],
    [{ kind: 'choices', choices, min: 2 }, ['a'], 'too_few'],
    [{ kind: 'choices', choices, max: 1 }, ['a', 'b'], 'too_many'],
    [{ kind: 'choices', choices }, ['a', 'a'], 'not_choice'],
    [{ kind: 'choices', choices }, 'a', 'not_choice'],
  ];
  test.each(rows)('%j with %j', (field, value, fault) => {
    expect(findValueFault({ name: 'it', ...field }, value)?.code).toBe(fault);
  });
});

test('values are those of the fields only: blank ones, unknown ones and inherited ones are none', () => {
  const fields: Field[] = [
    { name: 'note', kind: 'text' },
    { name: 'sum', kind: 'number', required: true },
    { name: 'constructor', kind: 'text' },
  ];
  expect(checkValues(fields, { note: '', sum: 2, other: 'x' })).toEqual({ values: [['sum', 2]] });
  expect(checkValues(fields, { note: 'x' })).toEqual({ name: 'sum', fault: { code: 'missing' } });
});
