import { isLosslessNumber, parse, stringify } from 'lossless-json';

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const STRINGS_AND_BLANKS = new RegExp(`(${STRINGS.source})|\\s+`, 'g');
const STRINGS_AND_MARKS = new RegExp(`${STRINGS.source}|[[\\]{},:]`, 'g');
const TOKENS = new RegExp(`${STRINGS.source}|[[\\]{},:]|[^\\s[\\]{},:"]+`, 'g');
/** Matches long numbers and exponents. A text without a match has no number that is too long, too large or too small. */
const RISKY_NUMBER = /[\d.]{16}|\d[eE][+-]?\d/;

/** True if JSON text may contain a number that JSON.parse changes. A quick look: also true for digits in strings. */
export function mayHoldRiskyNumber(text: string): boolean {
  return RISKY_NUMBER.test(text);
}

/** Matches exponents of six digits or more: no number that a program computes with has one. */
const HUGE_EXPONENT = /\d[eE][+-]?\d{6}/;

/** True if JSON text has a number with a longer exponent than any real number needs. */
export function hasHugeExponent(text: string): boolean {
  return HUGE_EXPONENT.test(text) && HUGE_EXPONENT.test(text.replace(STRINGS, ''));
}

/** True if parsing changed nothing: no number is too long, too large or too small, and no key appears twice. */
export function survivesParsing(text: string, value: unknown): boolean {
  if (countKeysInText(text) !== countKeys(value)) return false;
  if (!mayHoldRiskyNumber(text)) return true;
  const numbers = text.replace(STRINGS, '').match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.every((literal) => {
    const parsed = JSON.stringify(Number(literal));
    return parsed === literal || normalizeNumber(parsed) === normalizeNumber(literal);
  });
}

/** Returns the source of each member of an object, by key. A duplicate key has its last value, as in JSON.parse. */
export function readMemberTexts(text: string): Map<string, string> {
  return new Map(listMemberTexts(text));
}

/** Lists the keys and sources of all members in order, duplicate keys included. */
export function listMemberTexts(text: string): [key: string, source: string][] {
  const members: [string, string][] = [];
  let depth = 0;
  let key = '';
  let start: number | undefined;
  for (const { 0: token, index } of text.matchAll(STRINGS_AND_MARKS)) {
    if (token === '{' || token === '[') depth += 1;
    if (depth === 1) {
      if (token === ':') start = index + 1;
      else if (start === undefined) key = token;
      else if (token === ',' || token === '}') {
        members.push([JSON.parse(key) as string, text.slice(start, index).trim()]);
        start = undefined;
      }
    }
    if (token === '}' || token === ']') depth -= 1;
  }
  return members;
}

/** Parses JSON, with numbers as written if JSON.parse would change one; undefined for a duplicate key with two values. */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (survivesParsing(text, value)) return value;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Longest JSON that is indented, in characters. Longer JSON stays on one line: indented, it could become sixty times as long. */
const LONGEST_INDENTED = 20_000;

/**
 * Formats JSON for people: keys in their order, duplicates included, and numbers as written. `totalLength`: length of the text
 * that contains this part, in characters.
 */
export function indentJson(text: string, totalLength = text.length): string {
  if (totalLength > LONGEST_INDENTED)
    return text.replace(STRINGS_AND_BLANKS, (_, string?: string) => (string ? rewriteString(string) : ''));
  const breakLine = (depth: number) => `\n${'  '.repeat(depth)}`;
  let depth = 0;
  let isFirst = false;
  let indented = '';
  for (const token of text.match(TOKENS) ?? []) {
    const mark = token[0];
    if (mark === ']' || mark === '}') {
      depth -= 1;
      if (!isFirst) indented += breakLine(depth);
    } else if (isFirst) indented += breakLine(depth);
    isFirst = mark === '[' || mark === '{';
    if (isFirst) depth += 1;
    indented += mark === '"' ? rewriteString(token) : token;
    if (mark === ',') indented += breakLine(depth);
    if (mark === ':') indented += ' ';
  }
  return indented;
}

/** Rewrites a string with only the escapes that it needs. */
const rewriteString = (text: string) => JSON.stringify(JSON.parse(text));

/** True for a number that `parseExactly` kept as written. */
export function isExactNumber(value: unknown): value is { value: string } {
  return isLosslessNumber(value);
}

/** Writes a value from `parseExactly` as indented JSON. */
export function writeExactly(value: unknown): string {
  return stringify(value, undefined, 2) ?? 'null';
}

/**
 * Writes JSON so that equal values give equal texts: keys sorted, numbers as exact decimals (1, 1.0 and 10e-1 are equal). Other
 * text, and text with a duplicate key with different values, only loses its blanks.
 */
export function canonicalizeJson(text: string): string {
  try {
    return writeCanonical(parse(text));
  } catch {
    return text.replace(STRINGS_AND_BLANKS, '$1');
  }
}

function writeCanonical(value: unknown): string {
  if (isLosslessNumber(value)) return normalizeNumber(value.value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeCanonical).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeCanonical(member)}`).join(',')}}`;
}

/** Writes a number literal as `<sign><digits>e<exponent>` without zeros at either end. */
function normalizeNumber(literal: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  if (sign === undefined) return literal;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = dropTrailingZeros(digits);
  if (significant === '') return '0';
  const shift = digits.length - significant.length - fraction.length;
  const power = Number(exponent) + shift;
  // Numbers with exponents beyond the safe integers are equal only if they are written alike.
  if (!Number.isSafeInteger(power)) return literal;
  return `${sign}${significant}e${power}`;
}

/** Drops the zeros without a regular expression: /0+$/ would take minutes for a mebibyte of zeros before another digit. */
function dropTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

function countKeysInText(text: string): number {
  return text.replace(STRINGS, '').replace(/[^:]+/g, '').length;
}

function countKeys(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  const ownKeys = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, member) => sum + countKeys(member), ownKeys);
}

export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reason for rejecting a body whatever its fields. `too_large`: reading the body takes too much memory or time. */
export type BodyRejection = 'not_json' | 'too_deep' | 'too_large';

/** Parses a JSON body; rejects a body that is nested too deep. Pure. */
export function parseBody(text: string): { value: unknown } | { rejection: BodyRejection } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { rejection: 'not_json' };
  }
  return isNestedWithin(value, MAX_JSON_DEPTH) ? { value } : { rejection: 'too_deep' };
}

/** Most levels of JSON in a body. A deeper output is handled as text. */
export const MAX_JSON_DEPTH = 64;

/** True if a JSON value has at most this many levels. */
export function isNestedWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((member) =>
      member !== null && typeof member === 'object' ? Object.values(member) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}
