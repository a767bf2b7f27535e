import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOutput } from '../../../src/approval/model/output.ts';
import { writeArguments } from '../../../src/approval/model/tool-call.ts';
import { canonicalizeJson } from '../../../src/lib/json-text.ts';

const json = (text: string) => ({ kind: 'json' as const, text });
const plain = (text: string) => ({ kind: 'text' as const, text });

/** What hides, reorders, looks like a space or like an escape. */
const tricky = fc.constantFrom(
  '\\',
  'u',
  '202e',
  '\u202e',
  '\u200b',
  '\u00a0',
  '\u{e0041}',
  '\n',
  '"',
  'a',
  ' ',
);
const text = fc.oneof(
  fc.array(tricky, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

test('the arguments of a tool are what is shown of them, whatever is in their texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium' }), text, (value, tricky) => {
      const source = JSON.stringify({ value, [tricky]: tricky });
      const shown = writeArguments(json(source));
      expect(canonicalizeJson(shown)).toBe(canonicalizeJson(source));
      expect(shown).not.toMatch(/[\u200b\u202e\u00a0\ud800-\udfff]/u);
    }),
  );
});

test('two texts never look the same', () => {
  fc.assert(
    fc.property(text, text, (one, two) => {
      if (one !== two) expect(writeArguments(plain(one))).not.toBe(writeArguments(plain(two)));
    }),
  );
  for (const [one, two] of [
    ['\\u202e', '\\\u202e'],
    ['\\\\u202e', '\\\\\u202e'],
    ['\u200b', ''],
    ['""', ''],
  ] as const)
    expect(writeArguments(plain(one))).not.toBe(writeArguments(plain(two)));
});

test('keys stay in their order and stand as often as they were written, numbers as they were written', () => {
  const shown = writeArguments(
    json('{"b":1.0,"10":-0,"b":1e2,"__proto__":{"x":[ ]},"c":12345678901234567890}'),
  );
  expect(shown.replace(/\s/g, '')).toBe(
    '{"b":1.0,"10":-0,"b":1e2,"__proto__":{"x":[]},"c":12345678901234567890}',
  );
});

test('other arguments have another digest', () => {
  const sources = [
    '{"a":1}',
    '{"a":1,"__proto__":{"x":1}}',
    '{"a":1,"a":2}',
    '{"a":2,"a":1}',
    '"{\\"a\\":1}"',
  ];
  expect(new Set(sources.map((source) => hashOutput(json(source)))).size).toBe(sources.length);
});

test.each([
  ['deep lists', `${'['.repeat(60)}${'1,'.repeat(490_000)}1${']'.repeat(60)}`],
  ['short lists that are deep', `${'['.repeat(60)}${'1,'.repeat(9_900)}1${']'.repeat(60)}`],
  ['backslashes', JSON.stringify('\\'.repeat(500_000))],
])('takes no longer than the text is long: %s', (_, source) => {
  const began = performance.now();
  writeArguments(json(source));
  writeArguments(plain(source));
  expect(performance.now() - began).toBeLessThan(2_000);
});
