import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isNestedWithin, MAX_JSON_DEPTH } from '../../lib/json-depth.ts';
import {
  buildJsonTree,
  canonicalizeJsonTree,
  type JsonTree,
  parseJsonTree,
  writeJsonTree,
} from '../../lib/json-tree.ts';

/** What a task produced: text (usually Markdown), or a JSON object or array. */
export const outputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({
    kind: z.literal('json'),
    value: z.unknown(),
    /** As it was sent, where `value` does not hold all of it: a long number, a key that stands twice. */
    source: z.string().optional(),
  }),
]);
export type Output = z.infer<typeof outputSchema>;

/** An output under the hash that names it in the store. */
export interface NamedOutput {
  hash: string;
  output: Output;
}

/** Shown in the place of one that was damaged in the store. */
export const LOST_OUTPUT: Output = {
  kind: 'text',
  text: 'This output cannot be read any more: the store lost it.',
};

/**
 * Turns a webhook's output into text or JSON: a string that parses as a JSON object or array is that value. `source`: the
 * JSON text of a value that is not a string, as it stood in the webhook's body.
 */
export function readOutput(raw: unknown, source?: string): Output {
  if (typeof raw === 'string') return readText(raw);
  if (raw == null) return { kind: 'text', text: '' };
  return source === undefined || survivesParsing(source, raw)
    ? { kind: 'json', value: raw }
    : { kind: 'json', value: raw, source };
}

/** An output as text: JSON is indented where that can still be read. */
export function outputText(output: Output): string {
  if (output.kind === 'text') return output.text;
  const { value, source } = output;
  if (source !== undefined) {
    // A longer one is shown as it was sent: taking it apart at each look would hold up clicks.
    return source.length > LONGEST_SOURCE_READ ? source : writeJsonTree(parseJsonTree(source), 2);
  }
  const compact = JSON.stringify(value) ?? 'null';
  return compact.length > LONGEST_INDENTED ? compact : JSON.stringify(value, null, 2);
}

/** Characters of an output that can be searched. */
const EXCERPT = 500;

/** The beginning of an output, which is kept with its round for the search. */
export function excerptOutput(output: Output): string {
  const text =
    output.kind === 'text' ? output.text : (output.source ?? JSON.stringify(output.value) ?? 'null');
  return text.slice(0, EXCERPT).toWellFormed();
}

/** The JSON of an output with its numbers as they were written. */
export function outputTree({ value, source }: Extract<Output, { kind: 'json' }>): JsonTree {
  return source === undefined ? buildJsonTree(value) : parseJsonTree(source);
}

/** Larger JSON is kept as text only, in characters. */
const LARGEST_VALUE = 1_048_576;
/** Stands for a value that is not kept, should a version that does not know `source` show it. */
const NOT_KEPT = 'This output is too large for this version.';

/** The same output; JSON of more than 1 MiB without its value, which nobody uses beside such a long `source`. Pure. */
export function dropLargeValue(output: Output): Output {
  if (output.kind === 'text') return output;
  const source = output.source ?? JSON.stringify(output.value);
  return source.length > LARGEST_VALUE ? { kind: 'json', value: NOT_KEPT, source } : output;
}

/** Longer JSON that a parser would change is not taken apart to be shown, in characters. */
export const LONGEST_SOURCE_READ = 64_000;
/** Longer JSON is not indented. */
const LONGEST_INDENTED = 500_000;
/** Longer outputs are also posted as a file, in characters. */
const LONGEST_IN_SLACK = 50_000;

export function isLong(output: Output): boolean {
  if (output.kind === 'json' && (output.source?.length ?? 0) > LONGEST_IN_SLACK) return true;
  return outputText(output).length > LONGEST_IN_SLACK;
}

/** True when there is nothing to read in it. */
export function isBlank(output: Output): boolean {
  return output.kind === 'text' && isBlankText(output.text);
}

const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/** White space, controls and what has no width: there is nothing to see, and Slack takes no such text. */
export function isBlankText(text: string): boolean {
  return !VISIBLE.test(text);
}

/**
 * The identities of an output, each with its form in front: equal for a JSON object, its keys in any order, and the
 * string that parses as it. JSON has an `exact` one, in which numbers count with every digit and a key that stands twice
 * counts twice; where that is known of two outputs, it decides (`sharesHash`). The others are those of version 0.1.0.
 * The first names the stored output: JSON that a parser would change has the exact one there, since others share its
 * `json` hash.
 */
export function hashOutput(output: Output): string[] {
  if (output.kind === 'text') return [hashOfText(output.text)];
  const known = hashOf('json', canonicalJson(output.value));
  const exact = hashOf(EXACT, canonicalizeJsonTree(outputTree(output)));
  return output.source === undefined ? [known, exact] : [exact, known];
}

export function nameOutput(output: Output): NamedOutput {
  return { hash: hashOutput(output)[0] as string, output };
}

export function hashOfText(text: string): string {
  return hashOf('text', text);
}

/** The form of a hash that decides where two outputs have it. */
export const EXACT = 'exact';

function hashOf(form: string, canonical: string): string {
  return `${form}:${createHash('sha256').update(`${form}:${canonical}`).digest('hex').slice(0, 32)}`;
}

function readText(text: string): Output {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return { kind: 'text', text };
  try {
    const value: unknown = JSON.parse(text);
    if (!isNestedWithin(value, MAX_JSON_DEPTH)) return { kind: 'text', text };
    if (survivesParsing(text, value)) return { kind: 'json', value };
    return textNestedWithin(text, MAX_JSON_DEPTH)
      ? { kind: 'json', value, source: text }
      : { kind: 'text', text };
  } catch {
    return { kind: 'text', text };
  }
}

/** A string of JSON, and whether it is a key. */
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;
/** Digits of a number that every reader of JSON keeps. */
const SAFE_DIGITS = 15;
/** The smallest double that has them: 2 ** -1022. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** Without any of these no number is too long, too large or too small. */
const RISKY_NUMBER = /[\d.]{16}|\d[eE][+-]?\d/;

/** Whether JSON text may hold a number that a parser changes. Strings of digits count too: this is only a quick look. */
export function mayHoldRiskyNumber(text: string): boolean {
  return RISKY_NUMBER.test(text);
}

/** Whether a parsed value is what was written: no number too long, too large or too small, no key twice. */
export function survivesParsing(text: string, value: unknown): boolean {
  if (keysIn(text) !== keysOf(value)) return false;
  if (!RISKY_NUMBER.test(text)) return true;
  const numbers = text.replace(STRINGS, '').match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.every((number) => {
    if (JSON.stringify(Number(number)) === number) return true;
    const digits = number
      .replace(/[eE].*$/, '')
      .replace(/\D/g, '')
      .replace(/^0+/, '');
    if (digits === '') return true;
    const size = Math.abs(Number(number));
    return digits.length <= SAFE_DIGITS && Number.isFinite(size) && size >= SMALLEST_NORMAL;
  });
}

function keysIn(text: string): number {
  let keys = 0;
  for (const [, colon] of text.matchAll(STRINGS)) if (colon !== undefined) keys += 1;
  return keys;
}

function keysOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + keysOf(inner), own);
}

/** The same for JSON text: a parser keeps only the last value of a duplicate key, however deep it is. */
export function textNestedWithin(text: string, levels: number): boolean {
  let depth = 0;
  for (const [bracket] of text.replace(STRINGS, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > levels) return false;
  }
  return true;
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
