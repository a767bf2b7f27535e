import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What a task produced: text (usually Markdown), or a JSON object or array. */
export const outputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('json'), value: z.unknown() }),
]);
export type Output = z.infer<typeof outputSchema>;

/** Shown in the place of one that was damaged in the store. */
export const LOST_OUTPUT: Output = {
  kind: 'text',
  text: 'This output cannot be read any more: the store lost it.',
};

/** Turns a webhook's output into text or JSON: a string that parses as a JSON object or array is that value. */
export function readOutput(raw: unknown): Output {
  if (typeof raw !== 'string') return raw == null ? { kind: 'text', text: '' } : { kind: 'json', value: raw };
  const parsed = parseJsonContainer(raw);
  return parsed === undefined ? { kind: 'text', text: raw } : { kind: 'json', value: parsed };
}

/** An output as text: JSON is indented where that can still be read. */
export function outputText(output: Output): string {
  if (output.kind === 'text') return output.text;
  const compact = JSON.stringify(output.value) ?? 'null';
  return compact.length > LONGEST_INDENTED ? compact : JSON.stringify(output.value, null, 2);
}

/** Longer JSON is not indented. */
const LONGEST_INDENTED = 500_000;
/** What is longer is posted as a file too, in characters. */
const LONGEST_IN_SLACK = 50_000;

export function isLong(output: Output): boolean {
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

/** The identity of an output, with its form in front: equal for a JSON object, its keys in any order, and the string that parses as it. */
export function hashOutput(output: Output): string {
  const canonical = output.kind === 'text' ? `text:${output.text}` : `json:${canonicalJson(output.value)}`;
  return `${output.kind}:${createHash('sha256').update(canonical).digest('hex').slice(0, 32)}`;
}

function parseJsonContainer(text: string): unknown {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return nestedWithin(value, DEEPEST) && survivesParsing(text, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A string of JSON, and whether it is a key. */
const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/g;
/** Digits of a number that every reader of JSON keeps. */
const SAFE_DIGITS = 15;

/** Whether a person is shown what was written: no number too long or too large, no key twice. */
function survivesParsing(text: string, value: unknown): boolean {
  const numbers = text.replace(STRINGS, '').match(/-?\d[\d.eE+-]*/g) ?? [];
  const kept = numbers.every((number) => {
    if (JSON.stringify(Number(number)) === number) return true;
    const digits = number
      .replace(/[eE].*$/, '')
      .replace(/\D/g, '')
      .replace(/^0+/, '');
    return digits.length <= SAFE_DIGITS && Number.isFinite(Number(number));
  });
  const keys = [...text.matchAll(STRINGS)].filter(([, colon]) => colon !== undefined);
  return kept && keys.length === keysOf(value);
}

function keysOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + keysOf(inner), own);
}

/** Nested deeper, JSON is text: nobody reads it as anything else. */
export const DEEPEST = 64;

/** Whether JSON is nested in at most so many levels. */
export function nestedWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((inner) =>
      inner !== null && typeof inner === 'object' ? Object.values(inner) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
