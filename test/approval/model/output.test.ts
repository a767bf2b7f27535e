import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOutput, hashOutput, isBlank, readOutput } from '../../../src/approval/model/output.ts';
import { canonicalizeJson } from '../../../src/lib/json-text.ts';
import { heavyTexts, jsonText } from '../../support/json-text.ts';
import { scaleLimit } from '../../support/limits.ts';
import { stopAfter } from '../../support/property-runs.ts';

const identity = (raw: unknown) => hashOutput(readOutput(raw));
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
  test('is the same for an object and its JSON text, with any whitespace', () => {
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
    const values = [[1, 2], [2, 1], { a: 1 }, { a: '1' }, { a: [1] }, { a: null }, {}, [], '', ' ', 'a', 'A'];
    const texts = ['json:{}', 'text:a'];
    const different = [...values, ...texts];
    expect(new Set(different.map(identity)).size).toBe(different.length);
  });

  test('depends on the last digit of a number', () => {
    const numbers = '12345678901234567890 12345678901234567891 12345678901234567000 9007199254740992'
      .concat(' 9007199254740993 0.1 0.1000000000000000055 1e400 1e401 null 1e-400 0 1')
      .split(' ');
    const different = [...numbers.map((number) => `{"n":${number}}`), '{"n":0,"n":1}'];
    expect(new Set(different.map(identity)).size).toBe(different.length);
  });

  test('does not depend on whitespace, escapes, number formats or key order', () => {
    const same = [
      '{"big":12345678901234567890,"one":1,"name":"café"}',
      '{"name": "caf\\u00e9", "one": 1.0, "big": 12345678901234567890}',
      '{"one":10e-1,"name":"caf\\u00E9","big":1.2345678901234567890e+19}',
    ].map(identity);
    expect(same).toEqual(same.map(() => same[0]));
    expect(identity('[1.0000000000000000, 1e+16]')).toEqual(identity('[1,10000000000000000]'));
  });

  test('treats __proto__ as any other key', () => {
    const text = '{"__proto__":{"a":1}}';
    expect(identity(text)).toBe(identity(JSON.parse(text)));
    expect(identity(text)).not.toBe(identity({}));
  });

  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test('exists for text nested deeper than the stack', () => {
    expect(readOutput(nested(200_000)).kind).toBe('text');
    expect(identity(nested(200_000))).toMatch(/^text:[0-9a-f]{32}$/);
  });

  test('is the same for an object and its text nested dozens of levels deep', () => {
    expect(identity(nested(50))).toBe(identity(JSON.parse(nested(50))));
  });
});

describe('an output', () => {
  test.each([
    ['text', 'A *release*', { kind: 'text', text: 'A *release*' }],
    ['text that begins like JSON', '{not json', { kind: 'text', text: '{not json' }],
    ['a JSON scalar in a string', '"quoted"', { kind: 'text', text: '"quoted"' }],
    ['a number in a string', '42', { kind: 'text', text: '42' }],
    ['an object', { a: 1 }, { kind: 'json', text: '{"a":1}' }],
    ['an object in a string', ' {"a":1}', { kind: 'json', text: ' {"a":1}' }],
    ['a number', 42, { kind: 'json', text: '42' }],
    ['nothing', undefined, { kind: 'text', text: '' }],
    ['null', null, { kind: 'text', text: '' }],
  ])('is read as text or JSON: %s', (_, raw, output) => {
    expect(readOutput(raw)).toEqual(output);
  });

  test.each([
    '{"n":12345678901234567890}',
    '[9007199254740993]',
    '[0.1000000000000000055]',
    '[1e400,1e-400]',
    '[1.2345678901e-320]',
    '{"a":1,"a":2}',
    '[[{"a":[{"b":1,"b":2}]}]]',
    '{"__proto__":1,"__proto__":{"a":2}}',
  ])('is the JSON that was sent, as a string or not: %s', (text) => {
    expect(readOutput(text)).toEqual({ kind: 'json', text });
    expect(readOutput(JSON.parse(text), text)).toEqual({ kind: 'json', text });
    expect(formatOutput(readOutput(text)).replace(/\s/g, '')).toBe(text);
  });

  test('is indented with its numbers unchanged, and unchanged when a key is repeated', () => {
    fc.assert(
      fc.property(jsonText, ({ text }) => {
        const written = formatOutput({ kind: 'json', text });
        expect(canonicalizeJson(written)).toBe(canonicalizeJson(text));
      }),
      { numRuns: 1_000, plugins: [stopAfter(scaleLimit(60_000))] },
    );
  });

  test('is text when it is nested deeper than 64 levels, with its numbers unchanged', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}12345678901234567890${']'.repeat(levels)}`;
    expect(readOutput(deep(64))).toEqual({ kind: 'json', text: deep(64) });
    expect(readOutput(deep(100))).toEqual({ kind: 'text', text: deep(100) });
    // JSON.parse drops the first value of a key that stands twice.
    const dropped = (levels: number) => `{"a":${deep(levels)},"a":1}`;
    for (const levels of [63, 200_000]) {
      const output = readOutput(dropped(levels));
      expect(output).toEqual({ kind: 'json', text: dropped(levels) });
      expect(hashOutput(output)).toMatch(/^json:/);
    }
  });

  test('is indented up to half a million characters', () => {
    const source = (length: number) => `{"a":"${'x'.repeat(length)}"}`;
    expect(formatOutput(readOutput(source(10)))).toBe(`{\n  "a": "${'x'.repeat(10)}"\n}`);
    expect(formatOutput(readOutput(source(500_000)))).toBe(source(500_000));
  });

  test.each(heavyTexts)(
    'is read, hashed and written within seconds: a mebibyte of %s',
    { timeout: scaleLimit(20_000) },
    (_, make) => {
      const text = make();
      const output = readOutput(text);
      expect(output.kind).toBe('json');
      expect(hashOutput(output)).toMatch(/^json:/);
      expect(formatOutput(output).length).toBeGreaterThan(0);
    },
  );

  test('is blank when it has no visible text', () => {
    expect([undefined, '', ' \n\t'].map((raw) => readOutput(raw)).every(isBlank)).toBe(true);
    expect(['x', {}, [], 0, false].map((raw) => readOutput(raw)).some(isBlank)).toBe(false);
  });
});
