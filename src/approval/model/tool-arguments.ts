import { indentJson, isJsonText, listMemberTexts } from '../../lib/json-text.ts';
import { escapeAllUnseen, needsEscape } from '../../lib/unseen.ts';
import { isBlankText, type Output } from './output.ts';

/** An argument of a tool as people read it; without a key: the whole input, not split by key. */
export interface Argument {
  key?: string;
  value: string;
}

/** Objects with more or longer keys are shown as JSON: each key takes its own line and frame on the screen. */
const MAX_KEYS = 20;
const LONGEST_KEY = 200;

/** Marks a real line break in a text, so that a wrapped line does not look like two lines. */
const BREAK = '↵';

/** Cache of the last long arguments: people turn page after page of them. */
let cached: { key: string; list: Argument[] } | undefined;
const SHORTEST_CACHED = 64_000;

/**
 * Lists the arguments of a call, character by character, with escapes for invisible characters. Two different calls never look
 * the same: a key is shown as JSON unless it is a plain name, a text as JSON unless it can be shown verbatim.
 */
export function listArguments(output: Output): Argument[] {
  if (output.text.length < SHORTEST_CACHED) return splitAtKeys(output);
  const key = `${output.kind}:${output.text}`;
  if (cached?.key !== key) cached = { key, list: splitAtKeys(output) };
  return cached.list;
}

/** Lists the arguments from text that `writeArguments` wrote. */
export function listWrittenArguments(text: string): Argument[] {
  return text.startsWith('{') && isJsonText(text) ? listArguments({ kind: 'json', text }) : [{ value: text }];
}

/** Counts the characters that a person reads. */
export function countCharacters(args: readonly Argument[]): number {
  return args.reduce((sum, { key = '', value }) => sum + key.length + value.length, 0);
}

/** Writes the arguments as one text for the store and places without room for keys: JSON with unseen characters as escapes. */
export function writeArguments(output: Output): string {
  if (output.kind === 'json') return writeJson(indentJson(output.text));
  if (
    isBlankText(output.text) ||
    output.text.startsWith('"') ||
    isJsonText(output.text) ||
    isAmbiguous(output.text)
  )
    return writeJson(JSON.stringify(output.text));
  // Double backslashes before an escape, and before text that looks like one: no two texts look the same.
  const doubled = output.text.replace(/(\\+)([^\\]?)/gu, (match, slashes: string, next: string) =>
    next === 'u' || needsEscape(next) ? `${slashes}${match}` : match,
  );
  return escapeAllUnseen(doubled);
}

function splitAtKeys(output: Output): Argument[] {
  const members = output.kind === 'json' && /^\s*\{/.test(output.text) ? listMemberTexts(output.text) : [];
  const keys = members.map(([key]) => (PLAIN_NAME.test(key) ? key : writeJson(JSON.stringify(key))));
  const isReadable = members.length <= MAX_KEYS && keys.every(({ length }) => length <= LONGEST_KEY);
  if (members.length === 0 || !isReadable) return [{ value: writeArguments(output) }];
  return members.map(([, source], at) => ({
    key: keys[at] as string,
    value: writeValue(source, output.text.length),
  }));
}

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** Writes JSON in which every character is visible and in its order. Names and texts that could be misread become ASCII. */
function writeJson(text: string): string {
  // In a single line, right-to-left text would move neighboring strings.
  const isOneLine = !text.includes('\n');
  return escapeAllUnseen(text).replace(STRINGS, (written, colon) =>
    isAmbiguous(written) || ((isOneLine || colon !== undefined) && RIGHT_TO_LEFT.test(written))
      ? written.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : written,
  );
}

/** Unicode blocks of right-to-left characters, unassigned ones too: https://www.unicode.org/reports/tr44/#Bidi_Class_Values */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const EACH_RIGHT_TO_LEFT = new RegExp(RIGHT_TO_LEFT.source, 'gu');

/**
 * True if another text can look the same: right-to-left letters move digits and letters beside them, and a
 * character can have several encodings.
 */
function isAmbiguous(text: string): boolean {
  if (text.normalize('NFC') !== text) return true;
  if (!RIGHT_TO_LEFT.test(text)) return false;
  return /\p{N}/u.test(text) || /\p{L}/u.test(text.replace(EACH_RIGHT_TO_LEFT, ''));
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** `totalLength`: length of all arguments together, in characters. */
function writeValue(source: string, totalLength: number): string {
  const text = source.startsWith('"') ? (JSON.parse(source) as string) : undefined;
  return text !== undefined && isShownVerbatim(text)
    ? text.replaceAll('\n', `${BREAK}\n`)
    : writeJson(indentJson(source, totalLength));
}

/** Matches text that looks like JSON or an escape, our own mark of a line break, and blanks that nobody sees at the ends. */
const MISLEADING_VERBATIM = new RegExp(String.raw`^"|\\|${BREAK}| \n|^\s|\s$`);

function isShownVerbatim(text: string): boolean {
  const isPlain = !MISLEADING_VERBATIM.test(text) && escapeAllUnseen(text) === text && !isAmbiguous(text);
  return text !== '' && isPlain && !isJsonText(text);
}
