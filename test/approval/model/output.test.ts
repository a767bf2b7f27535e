import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  hashOutput,
  isBlank,
  outputSchema,
  outputText,
  readOutput,
} from '../../../src/approval/model/output.ts';
import { canonicalizeJson, canonicalizeJsonText } from '../../../src/lib/json-text.ts';
import { heavyTexts, jsonText } from '../../support/json-text.ts';

const identity = (raw: unknown) => hashOutput(readOutput(raw))[0] as string;
/** The hash in which each digit counts. */
const exactly = (text: string) => hashOutput(readOutput(text)).filter((hash) => hash.startsWith('exact:'));
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

  test('is known to the last digit, of any JSON', () => {
    const different = [
      '{"n":12345678901234567890}',
      '{"n":12345678901234567891}',
      '{"n":12345678901234567000}',
      '{"n":9007199254740992}',
      '{"n":9007199254740993}',
      '{"n":0.1}',
      '{"n":0.1000000000000000055}',
      '{"n":1e400}',
      '{"n":1e401}',
      '{"n":null}',
      '{"n":1e-400}',
      '{"n":0}',
      '{"n":0,"n":1}',
      '{"n":1}',
    ].map(exactly);
    for (const hashes of different) expect(hashes).toEqual([expect.stringMatching(/^exact:[0-9a-f]{32}$/)]);
    expect(new Set(different.flat()).size).toBe(different.length);
  });

  test('is one for JSON with other blanks, escapes, forms of its numbers and order of its keys', () => {
    const same = [
      '{"big":12345678901234567890,"one":1,"name":"café"}',
      '{"name": "caf\\u00e9", "one": 1.0, "big": 12345678901234567890}',
      '{"one":10e-1,"name":"caf\\u00E9","big":1.2345678901234567890e+19}',
    ].map(exactly);
    expect(same).toEqual(same.map(() => same[0]));
    expect(exactly('[1.0000000000000000, 1e+16]')).toEqual(exactly('[1,10000000000000000]'));
  });

  test('is one for JSON that a parser changes and that which it becomes, in the form of version 0.1.0', () => {
    const inOldForm = (text: string) =>
      hashOutput(readOutput(text)).filter((hash) => hash.startsWith('json:'));
    expect(inOldForm('{"n":12345678901234567890,"a":1,"a":2}')).toEqual(
      inOldForm('{"a":2,"n":12345678901234567000}'),
    );
  });

  test('names a stored output by every digit where a parser would change it', () => {
    expect(identity('{"n":12345678901234567890}')).toMatch(/^exact:/);
    expect(identity('{"n":12345678901234567890}')).not.toBe(identity('{"n":12345678901234567891}'));
    expect(identity('{"n":12345678901234567000}')).toMatch(/^json:/);
    expect(identity('{"n":1}')).toMatch(/^json:/);
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

  test.each([
    ['a long number', '{"n":12345678901234567890}', { n: 12345678901234567000 }],
    ['a number just past what a double counts', '[9007199254740993]', [9007199254740992]],
    ['a long fraction', '[0.1000000000000000055]', [0.1]],
    ['a number that is too large', '[1e400]', [Number.POSITIVE_INFINITY]],
    ['a number that is too small', '[1e-400]', [0]],
    ['a number with fewer digits than it needs', '[1.2345678901e-320]', [1.2347e-320]],
    ['a key that stands twice', '{"a":1,"a":2}', { a: 2 }],
    ['the empty key that stands twice', '{"":1,"":1}', { '': 1 }],
    ['a key that stands twice deep inside', '[[{"a":[{"b":1,"b":2}]}]]', [[{ a: [{ b: 2 }] }]]],
    ['a key that stands twice with objects', '{"a":{"b":1},"a":{}}', { a: {} }],
  ])('is JSON as it was sent, a string or not: %s', (_, source, value) => {
    expect(readOutput(source)).toEqual({ kind: 'json', value, source });
    expect(readOutput(JSON.parse(source), source)).toEqual({ kind: 'json', value, source });
    expect(outputText(readOutput(source))).toBe(source);
  });

  test('keeps __proto__ that stands twice', () => {
    const text = '{"__proto__":1,"__proto__":{"a":2}}';
    expect(outputText(readOutput(text))).toBe(text);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test.each([
    '{"n":1.0,"m":-0,"o":1e5,"p":0.00000000000000000000001}',
    '["12345678901234567890","1e400",{"a":"{\\"b\\":1,\\"b\\":2}"}]',
    '[10000000000000000,12345678901234567000,0.30000000000000004,1.7976931348623157e+308]',
    '[2.2250738585072014e-308,0.000e-999,1e308]',
  ])('is kept without its text where a parser changes nothing: %s', (text) => {
    expect(readOutput(text)).toEqual({ kind: 'json', value: JSON.parse(text) });
    expect(readOutput(JSON.parse(text), text)).toEqual({ kind: 'json', value: JSON.parse(text) });
  });

  test('is kept with its text whenever a parser would change a number or a key', () => {
    fc.assert(
      fc.property(jsonText, ({ text, compact, keyTwice }) => {
        const value: unknown = JSON.parse(text);
        if (typeof value === 'string' || value === null) return;
        const output = readOutput(value, text);
        const same = !keyTwice && canonicalizeJson(value) === canonicalizeJsonText(text);
        expect(output).toEqual(same ? { kind: 'json', value } : { kind: 'json', value, source: text });
        expect(outputText(output)).toBe(same ? JSON.stringify(value, null, 2) : text);
        if (!keyTwice) expect(hashOutput(output)).toEqual(hashOutput(readOutput(value, compact)));
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 60_000 },
    );
  });

  test('is text when it is nested deeper than 64 levels, its numbers as they are', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}12345678901234567890${']'.repeat(levels)}`;
    expect(readOutput(deep(64))).toMatchObject({ kind: 'json', source: deep(64) });
    expect(readOutput(deep(100))).toEqual({ kind: 'text', text: deep(100) });
    // JSON.parse drops the first value of a key that stands twice.
    const dropped = (levels: number) => `{"a":${deep(levels)},"a":1}`;
    for (const levels of [63, 200_000]) {
      const output = readOutput(dropped(levels));
      expect(output).toEqual({ kind: 'json', value: { a: 1 }, source: dropped(levels) });
      expect(hashOutput(output)[0]).toMatch(/^exact:/);
    }
  });

  test('is read by version 0.1.0 too, of which it has the value', () => {
    const stored: unknown = JSON.parse(JSON.stringify(readOutput('{"n":12345678901234567890,"m":1e400}')));
    const before = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('text'), text: z.string() }),
      z.object({ kind: z.literal('json'), value: z.unknown() }),
    ]);
    expect(before.parse(stored)).toEqual({ kind: 'json', value: { n: 12345678901234567000, m: null } });
    expect(outputText(outputSchema.parse(stored))).toBe('{"n":12345678901234567890,"m":1e400}');
    expect(hashOutput(outputSchema.parse(stored))).toEqual(
      hashOutput(readOutput('{"n":12345678901234567890,"m":1e400}')),
    );
    const old = { kind: 'json', value: { n: 12345678901234567000 } };
    expect(outputText(outputSchema.parse(old))).toBe('{\n  "n": 12345678901234567000\n}');
  });

  test('is indented up to half a million characters', () => {
    const source = (length: number) => `{"a":"${'x'.repeat(length)}"}`;
    expect(outputText(readOutput(source(10)))).toBe(`{\n  "a": "${'x'.repeat(10)}"\n}`);
    expect(outputText(readOutput(source(500_000)))).toBe(source(500_000));
  });

  test.each(heavyTexts)(
    'is read, hashed and written within seconds: a mebibyte of %s',
    {
      timeout: 20_000,
    },
    (_, make) => {
      const text = make();
      const output = readOutput(text);
      expect(output.kind).toBe('json');
      expect(hashOutput(output)).toHaveLength(2);
      expect(outputText(output).length).toBeGreaterThan(0);
    },
  );

  test('is blank when there is nothing to read in it', () => {
    expect([undefined, '', ' \n\t'].map((raw) => readOutput(raw)).every(isBlank)).toBe(true);
    expect(['x', {}, [], 0, false].map((raw) => readOutput(raw)).some(isBlank)).toBe(false);
  });
});
