import { indentJson, isJsonText, listMemberTexts } from '../../lib/json-text.ts';
import { isUnseenAnywhere, showEveryUnseen } from '../../lib/unseen.ts';
import { isBlankText, type Output } from './output.ts';

/** An argument of a tool as people read it. Without a key: all that the tool gets, where that is not read key by key. */
export interface Argument {
  key?: string;
  value: string;
}

/** An object with more keys, or with longer ones, is read as JSON: each key takes a line and a frame on the screen. */
const MOST_KEYS = 20;
const LONGEST_KEY = 200;

/** Stands before a line break in a text: a line that is wrapped cannot be taken for two. */
const BREAK = '↵';

/** The last long ones: page after page of them is turned. */
let listed: { of: string; all: Argument[] } | undefined;
const LONG = 64_000;

/**
 * The arguments of a call, character by character: what cannot be seen is written as an escape. Two calls that differ never
 * have the same ones: a key is written as JSON unless it is a plain name, a text as JSON unless all of it is seen as it is.
 */
export function listArguments(output: Output): Argument[] {
  if (output.text.length < LONG) return splitAtKeys(output);
  const of = `${output.kind}:${output.text}`;
  if (listed?.of !== of) listed = { of, all: splitAtKeys(output) };
  return listed.all;
}

/** The same of what `writeArguments` made of them. */
export function listWrittenArguments(text: string): Argument[] {
  return text.startsWith('{') && isJsonText(text) ? listArguments({ kind: 'json', text }) : [{ value: text }];
}

/** Characters that a person reads. */
export function countCharacters(all: readonly Argument[]): number {
  return all.reduce((sum, { key = '', value }) => sum + key.length + value.length, 0);
}

/** The arguments as one text, as they are stored and shown where there is no room for keys: JSON with each unseen character as an escape. */
export function writeArguments(output: Output): string {
  if (output.kind === 'json') return writeJson(indentJson(output.text));
  if (
    isBlankText(output.text) ||
    output.text.startsWith('"') ||
    isJsonText(output.text) ||
    isReadOtherwise(output.text)
  )
    return writeJson(JSON.stringify(output.text));
  // Backslashes before an escape, and before what looks like one, are doubled: no two texts look the same.
  const doubled = output.text.replace(/(\\+)([^\\]?)/gu, (as, slashes: string, next: string) =>
    next === 'u' || isUnseenAnywhere(next) ? `${slashes}${as}` : as,
  );
  return showEveryUnseen(doubled);
}

function splitAtKeys(output: Output): Argument[] {
  const members = output.kind === 'json' && /^\s*\{/.test(output.text) ? listMemberTexts(output.text) : [];
  const keys = members.map(([key]) => (PLAIN_NAME.test(key) ? key : writeJson(JSON.stringify(key))));
  const isReadable = members.length <= MOST_KEYS && keys.every(({ length }) => length <= LONGEST_KEY);
  if (members.length === 0 || !isReadable) return [{ value: writeArguments(output) }];
  return members.map(([, source], at) => ({
    key: keys[at] as string,
    value: writeValue(source, output.text.length),
  }));
}

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** JSON in which every character is seen, and seen in its order: a name or a text that can be read otherwise is ASCII. */
function writeJson(text: string): string {
  // In one line, strings would move beside each other.
  const isOneLine = !text.includes('\n');
  return showEveryUnseen(text).replace(STRINGS, (written, isKey) =>
    isReadOtherwise(written) || ((isOneLine || isKey !== undefined) && RIGHT_TO_LEFT.test(written))
      ? written.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : written,
  );
}

/** The blocks of which all signs run from right to left, those that are not assigned yet too: https://www.unicode.org/reports/tr44/#Bidi_Class_Values */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const EACH_RIGHT_TO_LEFT = new RegExp(RIGHT_TO_LEFT.source, 'gu');

/**
 * Whether two texts of these characters can look the same: letters that run from right to left move the numbers and the
 * letters beside them, and one sign can be written with several characters.
 */
function isReadOtherwise(text: string): boolean {
  if (text.normalize('NFC') !== text) return true;
  if (!RIGHT_TO_LEFT.test(text)) return false;
  return /\p{N}/u.test(text) || /\p{L}/u.test(text.replace(EACH_RIGHT_TO_LEFT, ''));
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** `whole`: characters of the arguments that it is one of. */
function writeValue(source: string, whole: number): string {
  const text = source.startsWith('"') ? (JSON.parse(source) as string) : undefined;
  return text !== undefined && isSeenAsItIs(text)
    ? text.replaceAll('\n', `${BREAK}\n`)
    : writeJson(indentJson(source, whole));
}

/** What looks like JSON or like an escape, and blanks that nobody sees at the end of a line. */
const LOOKS_OTHERWISE = new RegExp(String.raw`^"|\\|${BREAK}| \n|^\s|\s$`);

function isSeenAsItIs(text: string): boolean {
  const isPlain = !LOOKS_OTHERWISE.test(text) && showEveryUnseen(text) === text && !isReadOtherwise(text);
  return text !== '' && isPlain && !isJsonText(text);
}
