import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOutput } from '../../../src/approval/model/output.ts';
import {
  type Argument,
  listArguments,
  listWrittenArguments,
  writeArguments,
} from '../../../src/approval/model/tool-arguments.ts';
import { canonicalizeJson } from '../../../src/lib/json-text.ts';
import { type ShownArgument, splitArguments } from '../../../src/slack/views/output/arguments.ts';
import { scaleLimit } from '../../support/limits.ts';

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
  '↵',
  '\t',
  '\r',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '…',
  '42',
  'null',
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

/** What the arguments are, as a person reads them: JSON text. */
function readShown(all: readonly Argument[]): string {
  const isJson = (shown: string) => {
    try {
      JSON.parse(shown);
      return true;
    } catch {
      return false;
    }
  };
  const members = all.map(({ key, value }) => {
    const source = isJson(value) ? value : JSON.stringify(value.replaceAll('↵\n', '\n'));
    if (key === undefined) return source;
    return `${key.startsWith('"') ? key : JSON.stringify(key)}:${source}`;
  });
  return all[0]?.key === undefined ? (members[0] ?? '') : `{${members.join()}}`;
}

/** The arguments as their blocks show them, which may cut a value. */
function joinParts(parts: readonly ShownArgument[][]): Argument[] {
  const joined: Argument[] = [];
  for (const { key, value = '', isContinued } of parts.flat()) {
    const last = joined.at(-1);
    if (isContinued && last)
      last.value = last.value.endsWith('…')
        ? `${last.value.slice(0, -1)}${value}`
        : `${last.value}\n${value}`;
    else joined.push({ ...(key === undefined ? {} : { key }), value });
  }
  return joined;
}

const keys = fc.oneof(fc.constantFrom('to', 'a.b', '"to"', 'to ', '__proto__', '{', ''), text);
const values = fc.oneof(
  text,
  fc.jsonValue({ depthSize: 'small' }),
  fc.constantFrom('1.0 (float)', 'true', '{}'),
);
const objects = fc.dictionary(keys, values, { noNullPrototype: false });

test('the arguments can be read back from their keys and values, so two that differ never look the same', () => {
  fc.assert(
    fc.property(objects, (value) => {
      const source = JSON.stringify(value);
      const all = listArguments(json(source));
      expect(canonicalizeJson(readShown(all))).toBe(canonicalizeJson(source));
      expect(JSON.stringify(all)).not.toMatch(/[\u200b\u202e\u00a0\ud800-\udfff]/u);
      expect(listWrittenArguments(writeArguments(json(source)))).toEqual(all);
    }),
    { numRuns: 500 },
  );
});

test('arguments that differ never look the same, as an object, a text or any other JSON', () => {
  const any = fc.oneof(
    objects.map((value) => json(JSON.stringify(value))),
    fc.jsonValue().map((value) => json(JSON.stringify(value))),
    text.map(plain),
    fc.jsonValue().map((value) => plain(JSON.stringify(value))),
  );
  // The same text can be given in two ways.
  const readValue = (output: { kind: string; text: string }) =>
    output.kind === 'json' ? canonicalizeJson(output.text) : JSON.stringify(output.text);
  fc.assert(
    fc.property(any, any, (one, two) => {
      if (readValue(one) !== readValue(two)) expect(listArguments(one)).not.toEqual(listArguments(two));
    }),
    { numRuns: 2_000 },
  );
  for (const [one, two] of [
    [json('{"a":"1"}'), json('{"a":1}')],
    [json('{"a":"x\\ny"}'), json('{"a":"x↵\\ny"}')],
    [json('{"a":"x"}'), json('{"a ":"x"}')],
    [json('{"a":1}'), plain('{"a":1}')],
    [json('{"a":1}'), plain('{\n  "a": 1\n}')],
    [json('42'), plain('42')],
  ] as const)
    expect(listArguments(one)).not.toEqual(listArguments(two));
});

test('a value that fills several blocks is read back from them, with its blanks and line breaks', () => {
  const long = fc
    .array(fc.oneof(tricky, fc.constantFrom('word ', 'x'.repeat(150), 'y\n', '…\n', ' '.repeat(30))), {
      minLength: 200,
      maxLength: 400,
      size: 'max',
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(keys, fc.oneof(long, values)), { maxLength: 4 }),
      long,
      (members, alone) => {
        for (const output of [json(JSON.stringify(Object.fromEntries(members))), plain(alone)]) {
          const all = listArguments(output);
          const parts = splitArguments(all);
          expect(joinParts(parts)).toEqual(all);
          expect(parts.flat().map(({ value }) => value)).not.toContain('');
          for (const part of parts) {
            const sizes = part.map(({ key = '', value = '' }) => key.length + value.length);
            expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2_000);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['Hello,\n\n  Ana \\o/', '"Hello,\\n\\n  Ana \\\\o/"'],
  ['Hello,\n\n  Ana', 'Hello,↵\n↵\n  Ana'],
  ['Dear "Ana"', 'Dear "Ana"'],
  ['"Ana"', '"\\"Ana\\""'],
  ['1.0 (float)', '1.0 (float)'],
  ['1.0', '"1.0"'],
  ['true', '"true"'],
  ['[1]', '"[1]"'],
  ['[draft', '[draft'],
  ['', '""'],
  [' a', '" a"'],
  ['a \nb', '"a \\nb"'],
  ['a\tb', '"a\\tb"'],
  ['a\u00a0b', '"a\\u00a0b"'],
  ['a↵', '"a↵"'],
  [42, '42'],
  [{ b: ['x'] }, '{\n  "b": [\n    "x"\n  ]\n}'],
  [{}, '{}'],
])('the value %j is read as %s', (value, shown) => {
  expect(listArguments(json(JSON.stringify({ to: value })))).toEqual([{ key: 'to', value: shown }]);
});

test('an object with many keys, a long key or none is read as JSON', () => {
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`key${at}`, at]));
  for (const value of [many, { ['k'.repeat(201)]: 1 }, {}, [1], 'text', null])
    expect(listArguments(json(JSON.stringify(value)))).toEqual([{ value: JSON.stringify(value, null, 2) }]);
  const twice = listArguments(json('{"b":1.0,"10":-0,"b":1e2}'));
  expect(twice.map(({ key, value }) => `${key}=${value}`)).toEqual(['b=1.0', '"10"=-0', 'b=1e2']);
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
])('a mebibyte of %s is written and split', { timeout: scaleLimit(60_000) }, (_, source) => {
  for (const output of [json(source), plain(source), json(`{"a":${source}}`)])
    expect(splitArguments(listArguments(output)).length).toBeGreaterThan(0);
  expect(canonicalizeJson(writeArguments(json(source))) === canonicalizeJson(source)).toBe(true);
});

const UNSEEN = '\u200b';

test('long keys with unseen characters leave room for values, which are shown once and whole', () => {
  for (const [first, second] of [
    [`${UNSEEN.repeat(200)}`, UNSEEN.repeat(83)],
    ['k'.repeat(200), UNSEEN.repeat(30)],
  ] as const)
    for (const length of [250, 297, 1_790]) {
      const given = { [first]: 'a'.repeat(length), [second]: `BEGIN${'b'.repeat(2_994)}END` };
      const parts = splitArguments(listArguments(json(JSON.stringify(given))));
      const shown = parts.map((part) => part.map(({ key = '', value = '' }) => key + value).join(''));
      expect(Math.max(...shown.map((part) => part.length))).toBeLessThanOrEqual(2_000);
      expect(shown.join('').split('BEGIN')).toHaveLength(2);
      expect(shown.join('').match(/b/g)).toHaveLength(2_994 + (shown.join('').match(/200b/g) ?? []).length);
    }
});

test.each([
  ['letters that run from right to left beside numbers', 'mv \u05d0\u05d1 1 2', 'mv 2 1 \u05d0\u05d1'],
  ['the same with a sign', '\u05d0\u05d1-1000', '1000-\u05d0\u05d1'],
  ['numbers of Persian beside its letters', '\u06f1\u06f0 \u0628 \u06f2', '\u06f1\u06f0 \u06f2 \u0628'],
  ['letters of an old script', '\u{10900}1', '1\u{10900}'],
  ['one letter as one character or as two', 'rm caf\u00e9', 'rm cafe\u0301'],
  ['two semicolons', 'a\u037e b', 'a; b'],
])('%s are told apart by escapes', (_, one, other) => {
  const write = (text: string) => [
    ...[{ t: text }, [text], { t: [text] }, { [text]: 1 }].map((given) => json(JSON.stringify(given))),
    plain(text),
  ];
  for (const [at, output] of write(one).entries()) {
    const both = [output, write(other)[at] as typeof output].map((each) =>
      JSON.stringify(listArguments(each)).normalize('NFC'),
    );
    expect(both[0]).not.toBe(both[1]);
    expect(both.join('')).not.toMatch(/[\u05d0\u05d1][^"]*\d|\d[^"]*[\u05d0\u05d1]/);
  }
});

test('strings of long arguments, which stand in one line, do not move beside each other', () => {
  const pad = 'x'.repeat(20_000);
  const [one, other] = [
    ['\u05d0', '1'],
    ['1', '\u05d0'],
  ].map((to) => JSON.stringify(listArguments(json(JSON.stringify({ to, pad })))));
  expect(one).not.toBe(other);
  expect(`${one}${other}`).not.toContain('\u05d0');
});

test('a text in one direction stays readable', () => {
  for (const text of ['\u05e9\u05dc\u05d5\u05dd!', 'Guimar\u00e3es 7', '\u4f60\u597d 3'])
    expect(listArguments(json(JSON.stringify({ t: text })))).toEqual([{ key: 't', value: text }]);
});
