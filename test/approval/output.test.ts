import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashesOfOutput, isBlank, readOutput } from '../../src/approval/output.ts';

const identity = (raw: unknown) => hashesOfOutput(readOutput(raw))[0] as string;
const container = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
}

describe('the identity of an output', () => {
  test('is the same for an object and the string that parses as it, with whatever spaces', () => {
    fc.assert(
      fc.property(container, fc.integer({ min: 0, max: 4 }), (value, indent) => {
        // As JSON gives it: without -0 and the like.
        const object: unknown = JSON.parse(JSON.stringify(value));
        expect(identity(` ${JSON.stringify(value, null, indent)}\n`)).toBe(identity(object));
      }),
    );
  });

  test('does not depend on the order of keys, at any depth', () => {
    fc.assert(
      fc.property(container, (value) => {
        expect(identity(shuffled(value))).toBe(identity(value));
      }),
    );
    expect(identity({ 10: 'a', 9: 'b', a: { z: 1, y: 2 } })).toBe(
      identity({ a: { y: 2, z: 1 }, 9: 'b', 10: 'a' }),
    );
  });

  test('depends on the order of a list, on values and on types', () => {
    const different = [
      [1, 2],
      [2, 1],
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { a: null },
      {},
      [],
      '',
      ' ',
      'a',
      'A',
    ];
    expect(new Set(different.map(identity)).size).toBe(different.length);
  });

  test('tells a text from the JSON that looks like it', () => {
    expect(identity('json:{}')).not.toBe(identity({}));
    expect(identity('text:a')).not.toBe(identity('a'));
  });

  test('is not confused by a key that objects treat in a special way', () => {
    const text = '{"__proto__":{"a":1}}';
    expect(identity(text)).toBe(identity(JSON.parse(text)));
    expect(identity(text)).not.toBe(identity({}));
  });

  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test('exists for text that is nested deeper than the stack', () => {
    expect(readOutput(nested(200_000)).kind).toBe('text');
    expect(identity(nested(200_000))).toMatch(/^text:[0-9a-f]{32}$/);
  });

  test('is that of the object for text nested dozens of levels deep', () => {
    expect(identity(nested(50))).toBe(identity(JSON.parse(nested(50))));
  });
});

describe('an output that is read', () => {
  test.each([
    ['text', 'A *release*', { kind: 'text', text: 'A *release*' }],
    ['text that begins like JSON', '{not json', { kind: 'text', text: '{not json' }],
    ['a JSON scalar in a string', '"quoted"', { kind: 'text', text: '"quoted"' }],
    ['a number in a string', '42', { kind: 'text', text: '42' }],
    ['an object', { a: 1 }, { kind: 'json', value: { a: 1 } }],
    ['an object in a string', ' {"a":1}', { kind: 'json', value: { a: 1 } }],
    ['a number', 42, { kind: 'json', value: 42 }],
    ['nothing', undefined, { kind: 'text', text: '' }],
    ['null', null, { kind: 'text', text: '' }],
  ])('is kept as it is meant: %s', (_, raw, output) => {
    expect(readOutput(raw)).toEqual(output);
  });

  test('is blank when there is nothing to read in it', () => {
    expect([undefined, '', ' \n\t'].map((raw) => readOutput(raw)).every(isBlank)).toBe(true);
    expect(['x', {}, [], 0, false].map((raw) => readOutput(raw)).some(isBlank)).toBe(false);
  });
});
