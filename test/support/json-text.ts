import fc from 'fast-check';

/** JSON as a sender may write it: number literals of any length, escapes, duplicate keys, blanks anywhere. */
export interface Written {
  text: string;
  /** The text without blanks, each string as JSON.stringify writes it. */
  compact: string;
  /** True if an object in the text has a duplicate key. */
  keyTwice: boolean;
}

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });
const optional = (part: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), part);
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(''));

/** Any number literal of JSON, with at most this many digits in its exponent. */
export const numberLiteral = (exponentDigits = 4) =>
  joined(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), joined(fc.constantFrom(...'123456789'), digits(0, 24))),
    optional(joined(fc.constant('.'), digits(1, 30))),
    optional(joined(fc.constantFrom('e', 'E', 'e+', 'E-', 'e-'), digits(1, exponentDigits))),
  );

const inString = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).map((part) => JSON.stringify(part).slice(1, -1)),
  fc.constantFrom('\\u0000', '\\ud83d', '\\udc00', '\ud800', '\\/', '\\"', '\\\\', '\\b\\f\\n\\r\\t'),
  fc.constantFrom('\\u00E9', '\u2028', '\ufeff', '\u007f', '[', '{', '}', ':', ',', '12345678901234567890'),
);
const string = fc.array(inString, { maxLength: 4 }).map((parts) => `"${parts.join('')}"`);
const special = [
  '"__proto__"',
  '"\\u005f_proto__"',
  '"constructor"',
  '""',
  '"a"',
  '"\\u0061"',
  '"10"',
  '"9"',
];
const key = fc.oneof(string, fc.constantFrom(...special));
const blanks = fc.string({ unit: fc.constantFrom(...' \t\n\r'), maxLength: 3 });

const asIs = (text: string): Written => ({ text, compact: text, keyTwice: false });
const rewritten = (text: string): Written => ({ ...asIs(text), compact: JSON.stringify(JSON.parse(text)) });

const { value } = fc.letrec<{ value: Written }>((tie) => {
  const padded = fc
    .tuple(blanks, tie('value'), blanks)
    .map(([before, inner, after]) => ({ ...inner, text: before + inner.text + after }));
  const member = fc.tuple(blanks, key, blanks, padded).map(([before, name, after, inner]) => ({
    text: `${before}${name}${after}:${inner.text}`,
    compact: `${JSON.stringify(JSON.parse(name))}:${inner.compact}`,
    keyTwice: inner.keyTwice,
    name: JSON.parse(name) as string,
  }));
  const inBrackets = (open: string, close: string) => (parts: readonly (Written & { name?: string })[]) => {
    const names = parts.flatMap(({ name }) => name ?? []);
    return {
      text: `${open}${parts.map(({ text }) => text).join(',')}${close}`,
      compact: `${open}${parts.map(({ compact }) => compact).join(',')}${close}`,
      keyTwice: new Set(names).size < names.length || parts.some(({ keyTwice }) => keyTwice),
    };
  };
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      numberLiteral().map(asIs),
      fc.constantFrom('true', 'false', 'null').map(asIs),
      string.map(rewritten),
      fc.array(padded, { maxLength: 4 }).map(inBrackets('[', ']')),
      fc.array(member, { maxLength: 4 }).map(inBrackets('{', '}')),
    ),
  };
});

export const jsonText: fc.Arbitrary<Written> = fc
  .tuple(blanks, value, blanks)
  .map(([before, inner, after]) => ({ ...inner, text: before + inner.text + after }));

export const MIB = 1_048_576;

/** Texts of about a mebibyte that could take a JSON reader too long. */
export const heavyTexts: readonly [what: string, make: () => string][] = [
  ['digits', () => `{"a":${'7'.repeat(MIB)}}`],
  ['zeros before another digit', () => `{"a":1${'0'.repeat(MIB)}1}`],
  ['zeros after a digit', () => `{"a":1${'0'.repeat(MIB)}}`],
  ['zeros after the decimal point', () => `{"a":0.${'0'.repeat(MIB)}1}`],
  ['digits of an exponent', () => `{"a":1e${'9'.repeat(MIB)}}`],
  ['zeros of an exponent', () => `{"a":1e-${'0'.repeat(MIB)}1}`],
  ['quotes in a string', () => `{"a":"${'\\"'.repeat(MIB / 2)}","b":12345678901234567890}`],
  ['backslashes in a string', () => `{"a":"${'\\\\'.repeat(MIB / 2)}","b":12345678901234567890}`],
  ['brackets in a string', () => `{"a":"${'[{'.repeat(MIB / 2)}","b":12345678901234567890}`],
  ['digits in a string', () => `{"a":"${'12e'.repeat(MIB / 3)}","b":12345678901234567890}`],
  ['escapes in a string', () => `{"a":"${'\\u0000'.repeat(MIB / 6)}","b":12345678901234567890}`],
  ['blanks before a colon', () => `{"a"${' '.repeat(MIB)}:12345678901234567890}`],
  ['blanks after a string', () => `{"a":"b"${'\n'.repeat(MIB)},"b":12345678901234567890}`],
  ['one key', () => `{${'"a":1,'.repeat(MIB / 6)}"a":12345678901234567890}`],
  ['small numbers', () => `[${'1,'.repeat(MIB / 2)}12345678901234567890]`],
  ['empty strings', () => `[${'"",'.repeat(MIB / 3)}12345678901234567890]`],
];
