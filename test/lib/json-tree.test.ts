import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildJsonTree,
  canonicalizeJsonTree,
  type JsonTree,
  parseJsonTree,
  readMemberTexts,
  writeJsonTree,
} from '../../src/lib/json-tree.ts';
import { heavyTexts, jsonText, numberLiteral } from '../support/json-text.ts';

const rewrite = (text: string, indent = 0) => writeJsonTree(parseJsonTree(text), indent);
const canonical = (text: string) => canonicalizeJsonTree(parseJsonTree(text));

/** The tree with the members of each object in another order; the same key keeps its order. */
function permuted(tree: JsonTree, rank: (key: string) => string): JsonTree {
  if (tree.kind === 'array') return { kind: 'array', items: tree.items.map((item) => permuted(item, rank)) };
  if (tree.kind !== 'object') return tree;
  const members = tree.members
    .map(([key, value]) => [key, permuted(value, rank)] as const)
    .toSorted(([a], [b]) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  return { kind: 'object', members };
}
const reversed = (key: string) =>
  [...key].map((char) => String.fromCharCode(0xffff - char.charCodeAt(0))).join('');

describe('JSON that is read and written again', () => {
  it('has the same literals, strings and keys in the same order, whatever it is', () => {
    fc.assert(
      fc.property(jsonText, ({ text, compact }) => {
        expect(rewrite(text)).toBe(compact);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same in one line and indented, and means what it meant', () => {
    fc.assert(
      fc.property(jsonText, fc.integer({ min: 1, max: 4 }), ({ text, compact }, indent) => {
        expect(rewrite(rewrite(text, indent))).toBe(compact);
        expect(JSON.stringify(JSON.parse(rewrite(text, indent)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 300 },
    );
  });

  it('is laid out as JSON.stringify lays it out', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        const sent = JSON.stringify(value, null, indent);
        expect(rewrite(sent, indent)).toBe(sent);
        expect(writeJsonTree(buildJsonTree(JSON.parse(sent)), indent)).toBe(sent);
      }),
    );
  });

  it.each([
    '12345678901234567890',
    '-0',
    '1.0',
    '1.10',
    '1e400',
    '-1E+16',
    '1e-400',
    '0.1000000000000000055',
    '1e999999999',
  ])('keeps the number %s', (literal) => {
    expect(rewrite(` {"n" : [ ${literal} ]} `)).toBe(`{"n":[${literal}]}`);
  });

  it.each([
    ['a key', '{"a":1,"b":2,"a":3}'],
    ['a key after an escape', '{"a":1,"\\u0061":2}', '{"a":1,"a":2}'],
    ['__proto__', '{"__proto__":1,"__proto__":{"__proto__":null}}'],
    ['the empty key', '{"":1,"":""}'],
  ])('keeps %s that stands twice', (_, text, written = text) => {
    expect(rewrite(text)).toBe(written);
  });

  it('keeps the order of keys that look like numbers', () => {
    expect(rewrite('{"10":1,"9":2,"a":3,"1":4}')).toBe('{"10":1,"9":2,"a":3,"1":4}');
  });

  it.each([
    ['half of a pair', '"\\ud83d"', '\ud83d'],
    ['the other half', '"\\uDE00"', '\ude00'],
    ['a pair', '"\\ud83d\\ude00"', '😀'],
    ['a null', '"\\u0000"', '\0'],
    ['each short escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['a line separator', '"\u2028\u2029"', '\u2028\u2029'],
    ['a byte order mark inside', '"\ufeff"', '\ufeff'],
  ])('keeps %s in a string and in a key', (_, literal, text) => {
    expect(parseJsonTree(literal)).toEqual({ kind: 'string', text });
    expect(parseJsonTree(`{${literal}:1}`)).toMatchObject({ members: [[text, { text: '1' }]] });
    expect(JSON.parse(rewrite(literal))).toBe(text);
  });

  it('is refused where JSON.parse refuses it', () => {
    const wrong = [
      '',
      ' ',
      '{',
      '[1,]',
      '{"a":1,}',
      "{'a':1}",
      '01',
      '1.',
      '+1',
      '.5',
      'NaN',
      '1e',
      '"\\x41"',
    ];
    for (const text of [...wrong, '"\\u12"', '1 2', '{"a"}', '// a\n1', '\ufeff1', 'nul']) {
      expect(() => parseJsonTree(text), text).toThrow();
      expect(() => JSON.parse(text), text).toThrow();
    }
  });

  it('is read in 64 levels of lists and objects', () => {
    const deep = `${'[{"a":'.repeat(32)}12345678901234567890${'}]'.repeat(32)}`;
    expect(rewrite(deep)).toBe(deep);
    expect(rewrite(rewrite(deep, 2))).toBe(deep);
    expect(canonical(deep)).toContain('1234567890123456789e1');
  });
});

describe('the canonical form', () => {
  it('does not depend on the order of keys, on blanks or on escapes', () => {
    fc.assert(
      fc.property(jsonText, ({ text, compact }) => {
        const tree = parseJsonTree(text);
        expect(canonicalizeJsonTree(permuted(tree, reversed))).toBe(canonicalizeJsonTree(tree));
        expect(canonical(compact)).toBe(canonical(text));
        expect(canonical(rewrite(text, 2))).toBe(canonical(text));
      }),
      { numRuns: 300 },
    );
    expect(canonical('{"b":{"y":1,"x":2},"a":"\\u00e9"}')).toBe(canonical(' {"a":"é", "b":{"x":2,"y":1}} '));
  });

  it.each([
    ['1', '1.0', '1.000', '10e-1', '0.1e1', '1E0', '1e+00', '100000000000000000000e-20'],
    ['0', '-0', '0.0', '-0e5', '0E-999999999', `0e${'9'.repeat(40)}`],
    ['10000000000000000', '1e16', '1e+16', '1.0E+16', '0.1e17'],
    ['12345678901234567890', '1234567890123456789e1', '12345678901234567890.0', '1.2345678901234567890e19'],
    ['-0.001', '-1e-3', '-0.0010'],
    ['1e400', '10e399', '1E+0400'],
    ['1e999999999', '10e999999998'],
  ])('is one for %s, %s and what else is the same number', (...literals) => {
    expect(new Set(literals.map(canonical))).toEqual(new Set([canonical(literals[0] as string)]));
  });

  it.each([
    ['12345678901234567890', '12345678901234567891', '12345678901234567000'],
    ['9007199254740992', '9007199254740993'],
    ['0.1', '0.1000000000000000055'],
    ['1e400', '1e401', '-1e400', '1e999999999', 'null'],
    ['1e-400', '0', '2e-400'],
    ['1', '-1', '10', '0.1', '"1"', 'true', '[1]'],
  ])('is another one for each of %s, %s and what else is not the same', (...literals) => {
    expect(new Set(literals.map(canonical)).size).toBe(literals.length);
  });

  it('is one for a number however it is written, and another one for the next number, of any size', () => {
    const digits = fc.bigInt({ min: 1n, max: 10n ** 30n });
    const power = fc.integer({ min: -1_000, max: 1_000 });
    const writing = fc.record({ zeros: fc.nat(20), fraction: fc.nat(20) });
    /** `digits` times ten to the power, with so many zeros after its digits and so many of all in its fraction. */
    const write = (
      number: bigint,
      exponent: number,
      { zeros, fraction }: { zeros: number; fraction: number },
    ) => {
      const all = `${number}${'0'.repeat(zeros)}`;
      const inFraction = Math.min(fraction, all.length - 1);
      const whole = all.slice(0, all.length - inFraction);
      const point = inFraction > 0 ? `.${all.slice(-inFraction)}` : '';
      return `${whole}${point}e${exponent - zeros + inFraction}`;
    };
    fc.assert(
      fc.property(
        fc.constantFrom('', '-'),
        digits,
        power,
        writing,
        writing,
        (sign, number, exponent, one, two) => {
          const form = canonical(sign + write(number, exponent, one));
          expect(canonical(sign + write(number, exponent, two))).toBe(form);
          expect(canonical(sign + write(number + 1n, exponent, two))).not.toBe(form);
        },
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(numberLiteral(), (literal) => {
        expect(Number(canonical(literal)) || 0).toBe(Number(literal) || 0);
      }),
      { numRuns: 300 },
    );
  });

  it('depends on each value of a key that stands twice, and on their order', () => {
    const texts = ['{"a":1,"a":2}', '{"a":2,"a":1}', '{"a":2}', '{"a":1}', '{"a":2,"a":2}'];
    expect(new Set(texts.map(canonical)).size).toBe(texts.length);
    expect(canonical('{"b":0,"a":1,"a":2}')).toBe(canonical('{"a":1,"b":0,"a":2}'));
    expect(canonical('{"__proto__":1,"":2}')).toBe(canonical('{"":2,"__proto__":1}'));
    expect(canonical('{"__proto__":1}')).not.toBe(canonical('{}'));
  });
});

describe('the members of an object', () => {
  it('are the texts that stand in it, the last one where a key stands twice', () => {
    const texts = readMemberTexts(
      '{ "output" : {"n": 1.0, "n": 2} , "\\u006deta": "x", "output":[ 1e400 ], "__proto__": {} }',
    );
    expect([...texts]).toEqual([
      ['output', '[ 1e400 ]'],
      ['meta', '"x"'],
      ['__proto__', '{}'],
    ]);
    expect(readMemberTexts('[1]').size).toBe(0);
  });
});

describe('a mebibyte of', () => {
  it.each(heavyTexts)('%s is read, written and compared within seconds', { timeout: 60_000 }, (_, make) => {
    const text = make();
    const tree = parseJsonTree(text);
    // The blanks of these texts stand outside strings.
    expect(writeJsonTree(tree, 0) === text.replace(/[\n ]+/g, '')).toBe(true);
    expect(canonicalizeJsonTree(tree).length).toBeGreaterThan(0);
  });
});
