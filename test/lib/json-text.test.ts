import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeJson, readMemberTexts, survivesParsing } from '../../src/lib/json-text.ts';
import { heavyTexts, jsonText, numberLiteral } from '../support/json-text.ts';

const canonical = canonicalizeJson;

/** The value with the members of each object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

describe('the canonical form', () => {
  it('does not depend on the order of keys, on blanks or on escapes', () => {
    fc.assert(
      fc.property(jsonText, ({ text, compact, keyTwice }) => {
        fc.pre(!keyTwice);
        expect(canonical(compact)).toBe(canonical(text));
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        const form = canonical(JSON.stringify(value, null, indent));
        expect(canonical(JSON.stringify(reversed(value)))).toBe(form);
      }),
    );
    expect(canonical('{"b":{"y":1,"x":2},"a":"\\u00e9"}')).toBe(canonical(' {"a":"é", "b":{"x":2,"y":1}} '));
  });

  it('is the text without blanks outside strings where a key stands twice', () => {
    fc.assert(
      fc.property(jsonText, fc.constantFrom(' ', '\n\t'), ({ text }, blank) => {
        const twice = `{${blank}"a b":${text}${blank},"a b":[${text}]}`;
        expect(canonical(twice)).toBe(canonical(`${blank}${twice}${blank}`));
        expect(canonical(twice)).not.toBe(canonical(`{"a b":${text},"a b":[${text},1]}`));
        expect(canonical(twice)).not.toBe(canonical(`{"ab":${text},"ab":[${text}]}`));
      }),
      { numRuns: 300 },
    );
  });

  it('exists for text that is nested deeper than the stack', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"a":1}`;
    expect(canonical(`${deep} `)).toBe(deep);
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
    const texts = ['{"a":1,"a":2}', '{"a":2,"a":1}', '{"a":2}', '{"a":1}'];
    expect(new Set(texts.map(canonical)).size).toBe(texts.length);
    expect(canonical('{"a":2,"a":2}')).toBe(canonical('{"a":2}'));
    expect(canonical('{"__proto__":1,"__proto__":2}')).not.toBe(canonical('{"__proto__":2}'));
    expect(canonical('{"__proto__":1,"":2}')).toBe(canonical('{"":2,"__proto__":1}'));
    expect(canonical('{"__proto__":1}')).not.toBe(canonical('{}'));
    expect(canonical('{"isLosslessNumber":true,"value":"1"}')).not.toBe(canonical('1'));
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
    expect(readMemberTexts(' { } ').size).toBe(0);
  });

  it('have the same values as in the object, whatever it is', () => {
    fc.assert(
      fc.property(jsonText, jsonText, ({ text }, { text: other }) => {
        const texts = readMemberTexts(`{"a\\"":${text},"b" : ${other}}`);
        expect([...texts]).toEqual([
          ['a"', text.trim()],
          ['b', other.trim()],
        ]);
      }),
    );
  });
});

describe('a parsed value', () => {
  it('is what was written unless a number or a key of its text is lost', () => {
    let [kept, changed] = [0, 0];
    fc.assert(
      fc.property(jsonText, ({ text, keyTwice }) => {
        const value: unknown = JSON.parse(text);
        const survives = survivesParsing(text, value);
        expect(survives).toBe(!keyTwice && canonical(text) === canonical(JSON.stringify(value)));
        if (survives) kept += 1;
        else changed += 1;
      }),
      // The counts below need all of the runs, also on a busy machine.
      { numRuns: 1_000, interruptAfterTimeLimit: 60_000 },
    );
    expect(Math.min(kept, changed)).toBeGreaterThan(50);
  });
});

describe('a mebibyte of', () => {
  it.each(heavyTexts)('%s is read and compared within seconds', { timeout: 60_000 }, (_, make) => {
    const text = make();
    survivesParsing(text, JSON.parse(text));
    expect(canonicalizeJson(text).length).toBeGreaterThan(0);
    expect(readMemberTexts(text.startsWith('{') ? text : `{"a":${text}}`).size).toBeGreaterThan(0);
  });
});
