import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeJson, readMemberTexts, survivesParsing } from '../../src/lib/json-text.ts';
import { heavyTexts, jsonText, numberLiteral } from '../support/json-text.ts';
import { scaleLimit } from '../support/limits.ts';
import { stopAfter } from '../support/property-runs.ts';

const canonical = canonicalizeJson;
const RUNS = { numRuns: 300 };

/** The value with the members of each object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, inner]) => [key, reversed(inner)] as const);
  return Object.fromEntries(members.reverse());
}

describe('the canonical form', () => {
  it('does not depend on the order of keys, on blanks or on escapes', () => {
    fc.assert(
      fc.property(jsonText, ({ text, compact, keyTwice }) => {
        fc.pre(!keyTwice);
        expect(canonical(compact)).toBe(canonical(text));
      }),
      RUNS,
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
      RUNS,
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
  ])('is the same for %s, %s and other forms of the number', (...literals) => {
    expect(new Set(literals.map(canonical)).size).toBe(1);
  });

  it.each([
    ['12345678901234567890', '12345678901234567891', '12345678901234567000'],
    ['9007199254740992', '9007199254740993'],
    ['0.1', '0.1000000000000000055'],
    ['1e400', '1e401', '-1e400', '1e999999999', 'null'],
    ['1e-400', '0', '2e-400'],
    ['1', '-1', '10', '0.1', '"1"', 'true', '[1]'],
  ])('differs for each of %s, %s and other values', (...literals) => {
    expect(new Set(literals.map(canonical)).size).toBe(literals.length);
  });

  it('is the same for a number however it is written, and differs for the next number, of any size', () => {
    const writing = fc.record({ zeros: fc.nat(20), fraction: fc.nat(20) });
    /** `digits` times ten to the power, with so many zeros after its digits and so many of all in its fraction. */
    const write = (number: bigint, exponent: number, how: { zeros: number; fraction: number }) => {
      const all = `${number}${'0'.repeat(how.zeros)}`;
      const inFraction = Math.min(how.fraction, all.length - 1);
      const whole = all.slice(0, all.length - inFraction);
      const point = inFraction > 0 ? `.${all.slice(-inFraction)}` : '';
      return `${whole}${point}e${exponent - how.zeros + inFraction}`;
    };
    const digits = fc.bigInt({ min: 1n, max: 10n ** 30n });
    const power = fc.integer({ min: -1_000, max: 1_000 });
    const sign = fc.constantFrom('', '-');
    fc.assert(
      fc.property(sign, digits, power, writing, writing, (minus, number, exponent, one, two) => {
        const form = canonical(minus + write(number, exponent, one));
        expect(canonical(minus + write(number, exponent, two))).toBe(form);
        expect(canonical(minus + write(number + 1n, exponent, two))).not.toBe(form);
      }),
      RUNS,
    );
    fc.assert(
      fc.property(numberLiteral(), (literal) => {
        expect(Number(canonical(literal)) || 0).toBe(Number(literal) || 0);
      }),
      RUNS,
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
    const text = '{ "output" : {"n": 1.0, "n": 2} , "\\u006deta": "x", "output":[ 1e400 ], "__proto__": {} }';
    const members = ['output', '[ 1e400 ]', 'meta', '"x"', '__proto__', '{}'];
    expect([...readMemberTexts(text)].flat()).toEqual(members);
    expect(readMemberTexts(' { } ').size).toBe(0);
  });

  it('have the same values as in the object, whatever it is', () => {
    fc.assert(
      fc.property(jsonText, jsonText, ({ text }, { text: other }) => {
        const texts = readMemberTexts(`{"a\\"":${text},"b" : ${other}}`);
        expect([...texts].flat()).toEqual(['a"', text.trim(), 'b', other.trim()]);
      }),
    );
  });
});

it('a parsed value is what was written unless a number or a key of its text is lost', () => {
  const seen = { kept: 0, changed: 0 };
  fc.assert(
    fc.property(jsonText, ({ text, keyTwice }) => {
      const value: unknown = JSON.parse(text);
      const survives = survivesParsing(text, value);
      expect(survives).toBe(!keyTwice && canonical(text) === canonical(JSON.stringify(value)));
      seen[survives ? 'kept' : 'changed'] += 1;
    }),
    // The counts below need all of the runs, also on a busy machine.
    { numRuns: 1_000, plugins: [stopAfter(scaleLimit(60_000))] },
  );
  expect(Math.min(seen.kept, seen.changed)).toBeGreaterThan(50);
});

it.each(heavyTexts)('reads and compares a mebibyte of %s', { timeout: scaleLimit(60_000) }, (_, make) => {
  const text = make();
  survivesParsing(text, JSON.parse(text));
  expect(canonicalizeJson(text).length).toBeGreaterThan(0);
  expect(readMemberTexts(text.startsWith('{') ? text : `{"a":${text}}`).size).toBeGreaterThan(0);
});
