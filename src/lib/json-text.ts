import { isLosslessNumber, parse, stringify } from 'lossless-json';

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const STRINGS_AND_BLANKS = new RegExp(`(${STRINGS.source})|\\s+`, 'g');
const STRINGS_AND_MARKS = new RegExp(`${STRINGS.source}|[[\\]{},:]`, 'g');
const TOKENS = new RegExp(`${STRINGS.source}|[[\\]{},:]|[^\\s[\\]{},:"]+`, 'g');
/** Without any of these, no number is too long, too large or too small. */
const RISKY_NUMBER = /[\d.]{16}|\d[eE][+-]?\d/;

/** Whether JSON text may hold a number that JSON.parse changes. A quick look: strings of digits count too. */
export function mayHoldRiskyNumber(text: string): boolean {
  return RISKY_NUMBER.test(text);
}

/** No decimal that a program computes with has more digits in its exponent. */
const ENDLESS_NUMBER = /\d[eE][+-]?\d{6}/;

/** Whether JSON text has a number with a longer exponent than any real number needs. */
export function hasEndlessNumber(text: string): boolean {
  return ENDLESS_NUMBER.test(text) && ENDLESS_NUMBER.test(text.replace(STRINGS, ''));
}

/** Whether a parsed value is what was written: no number too long, too large or too small, no key twice. */
export function survivesParsing(text: string, value: unknown): boolean {
  if (countKeysInText(text) !== countKeys(value)) return false;
  if (!mayHoldRiskyNumber(text)) return true;
  const numbers = text.replace(STRINGS, '').match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.every((literal) => {
    const kept = JSON.stringify(Number(literal));
    return kept === literal || normalizeNumber(kept) === normalizeNumber(literal);
  });
}

/** The source of each member of an object, by key; the last one of a duplicate key, as JSON.parse takes it. */
export function readMemberTexts(text: string): Map<string, string> {
  return new Map(listMemberTexts(text));
}

/** The same of all of them, in their order and however often a key stands. */
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

/** Parses JSON whose numbers stay as they were written (`isExactNumber`); undefined where a key stands twice. */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (survivesParsing(text, value)) return value;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Longer JSON is written in one line, in characters: indented, it could become sixty times as long. */
const LONGEST_INDENTED = 20_000;

/**
 * JSON text as people read it: keys in their order and however often they stand, numbers as they were written. `whole`:
 * characters of the text that it is a part of.
 */
export function indentJson(text: string, whole = text.length): string {
  if (whole > LONGEST_INDENTED)
    return text.replace(STRINGS_AND_BLANKS, (_, string?: string) => (string ? rewriteString(string) : ''));
  const breakLine = (depth: number) => `\n${'  '.repeat(depth)}`;
  let depth = 0;
  let isFirst = false;
  let written = '';
  for (const token of text.match(TOKENS) ?? []) {
    const mark = token[0];
    if (mark === ']' || mark === '}') {
      depth -= 1;
      if (!isFirst) written += breakLine(depth);
    } else if (isFirst) written += breakLine(depth);
    isFirst = mark === '[' || mark === '{';
    if (isFirst) depth += 1;
    written += mark === '"' ? rewriteString(token) : token;
    if (mark === ',') written += breakLine(depth);
    if (mark === ':') written += ' ';
  }
  return written;
}

/** Only with the escapes that it needs. */
const rewriteString = (text: string) => JSON.stringify(JSON.parse(text));

/** A number that `parseExactly` keeps as it was written. */
export function isExactNumber(value: unknown): value is { value: string } {
  return isLosslessNumber(value);
}

/** The JSON text of a value that `parseExactly` gave, indented. */
export function writeExactly(value: unknown): string {
  return stringify(value, undefined, 2) ?? 'null';
}

/**
 * JSON text that is equal for equal values: keys sorted, numbers as exact decimals (1, 1.0 and 10e-1 are equal). Text that
 * has a key twice with different values only loses its blanks.
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
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${writeCanonical(inner)}`).join(',')}}`;
}

/** A number literal as `<sign><digits>e<exponent>` without zeros at its ends. */
function normalizeNumber(literal: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  if (sign === undefined) return literal;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = dropTrailingZeros(digits);
  if (kept === '') return '0';
  const shift = digits.length - kept.length - fraction.length;
  const power = Number(exponent) + shift;
  // Two such numbers are equal only where they are written alike.
  if (!Number.isSafeInteger(power)) return literal;
  return `${sign}${kept}e${power}`;
}

/** A regular expression such as /0+$/ would take minutes for a mebibyte of zeros before another digit. */
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
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + countKeys(inner), own);
}

/** Whether a text is JSON. */
export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Why a body is rejected whatever its fields. `too_large`: it has more values than the bot can read. */
export type BodyRejection = 'not_json' | 'too_deep' | 'too_large';

/** Parses a JSON body; rejects one that is nested too deeply. Pure. */
export function parseBody(text: string): { value: unknown } | { rejection: BodyRejection } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { rejection: 'not_json' };
  }
  return isNestedWithin(value, MAX_JSON_DEPTH) ? { value } : { rejection: 'too_deep' };
}

/** JSON that is nested deeper is handled as text. */
export const MAX_JSON_DEPTH = 64;

/** Whether a JSON value has at most this many levels. */
export function isNestedWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((inner) =>
      inner !== null && typeof inner === 'object' ? Object.values(inner) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}
