import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalizeJson, canonicalizeJsonText, survivesParsing } from '../../lib/json-text.ts';
import { isNestedWithin, MAX_JSON_DEPTH } from '../../lib/parse-body.ts';

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

/** An output as text: JSON is indented where that can still be read, except JSON that parsing changes. */
export function outputText(output: Output): string {
  if (output.kind === 'text') return output.text;
  const { value, source } = output;
  if (source !== undefined) return source;
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

/** Longer JSON is not indented. */
const LONGEST_INDENTED = 500_000;
/** Longer outputs are also posted as a file, in characters. */
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

/**
 * The identities of an output, each with its form in front: equal for a JSON object, its keys in any order, and the
 * string that parses as it. JSON has an `exact` one, in which numbers count with every digit and a key that stands twice
 * counts twice; where that is known of two outputs, it decides (`sharesHash`). The others are those of version 0.1.0.
 * The first names the stored output: JSON that a parser would change has the exact one there, since others share its
 * `json` hash.
 */
export function hashOutput(output: Output): string[] {
  if (output.kind === 'text') return [hashOfText(output.text)];
  const { value, source } = output;
  const known = hashOf('json', canonicalJson(value));
  if (source === undefined) return [known, hashOf(EXACT, canonicalizeJson(value))];
  return [hashOf(EXACT, canonicalizeJsonText(source)), known];
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
    return isNestedWithin(value, MAX_JSON_DEPTH) ? readOutput(value, text) : { kind: 'text', text };
  } catch {
    return { kind: 'text', text };
  }
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
