import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  canonicalizeJson,
  isNestedWithin,
  MAX_JSON_DEPTH,
  parseExactly,
  writeExactly,
} from '../../lib/json-text.ts';
import { countUnseen } from '../../lib/unseen.ts';

/**
 * What a task produced: text (usually Markdown), or the text of a JSON object or array, each as it was sent. `lost`: it was
 * damaged in the store.
 */
export const outputSchema = z.object({ kind: z.enum(['text', 'json', 'lost']), text: z.string() });
export type Output = z.infer<typeof outputSchema>;

/** An output under the hash that names it in the store. */
export interface NamedOutput {
  hash: string;
  output: Output;
}

export const LOST_OUTPUT: Output = { kind: 'lost', text: '' };

/**
 * Turns a webhook's output into text or JSON: a string that parses as a JSON object or array is that value. `source`: the
 * JSON text of a value that is not a string, as it stood in the webhook's body.
 */
export function readOutput(raw: unknown, source?: string): Output {
  if (raw == null) return { kind: 'text', text: '' };
  if (typeof raw !== 'string') return { kind: 'json', text: source ?? JSON.stringify(raw) };
  return { kind: isJsonContainer(raw) ? 'json' : 'text', text: raw };
}

function isJsonContainer(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    return isNestedWithin(JSON.parse(text), MAX_JSON_DEPTH);
  } catch {
    return false;
  }
}

/** Longer JSON is shown as it came, in characters: indenting it for a card would keep the bot from answering a click. */
const LONGEST_PARSED = 64_000;

/** The value of JSON, its numbers as they were written; undefined for text, and where JSON is too long or has a key twice. */
export function parseOutput({ kind, text }: Output): unknown {
  return kind === 'json' && text.length <= LONGEST_PARSED ? parseExactly(text) : undefined;
}

/** The first items of a list, as `parseOutput` gives them; `rest`: characters after them. Undefined for what is no list. */
export function parseFirstItems({ kind, text }: Output): { items: unknown[]; rest: number } | undefined {
  if (kind !== 'json' || !/^\s*\[/.test(text)) return undefined;
  const end = text.length <= LONGEST_PARSED ? text.length : text.lastIndexOf('},', LONGEST_PARSED) + 1;
  const items = parseListText(end === text.length ? text : `${text.slice(0, end)}]`);
  return items && { items, rest: text.length - end };
}

function parseListText(text: string): unknown[] | undefined {
  try {
    const value = parseExactly(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    // It was cut within a text or a nested list.
    return undefined;
  }
}

/** Indentation makes nested JSON longer, up to sixty times. */
const LONGEST_INDENTED = 200_000;

/** An output as text: JSON is indented where its value can be read. */
export function outputText(output: Output): string {
  const value = parseOutput(output);
  if (value === undefined) return output.text;
  const indented = writeExactly(value);
  return indented.length > LONGEST_INDENTED ? output.text : indented;
}

/** How many characters nobody would see in an output as it is shown; nothing where all can be seen. */
export function findUnseen(output: Output): { unseen?: number } {
  const unseen = countUnseen(outputText(output));
  return unseen > 0 ? { unseen } : {};
}

/** Characters of an output that can be searched. */
const EXCERPT = 500;

/** The beginning of an output, which is kept with its round for the search. */
export function excerptOutput({ text }: Output): string {
  return text.slice(0, EXCERPT).toWellFormed();
}

/** Longer outputs are also posted as a file, in characters. */
const LONGEST_IN_SLACK = 50_000;

export function isLong(output: Output): boolean {
  return outputText(output).length > LONGEST_IN_SLACK;
}

/** True when there is nothing to read in it. */
export function isBlank(output: Output): boolean {
  return output.kind === 'text' && isBlankText(output.text);
}

const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** White space, controls, the blank braille pattern and what has no width: there is nothing to see, and Slack rejects most of it. */
export function isBlankText(text: string): boolean {
  return !VISIBLE.test(text);
}

/**
 * The identity of an output: equal for JSON whose values are equal to the last digit, its keys in any order, as an object
 * or as a string that parses as it.
 */
export function hashOutput({ kind, text }: Output): string {
  const canonical = kind === 'json' ? canonicalizeJson(text) : text;
  return `${kind}:${createHash('sha256').update(`${kind}:${canonical}`).digest('hex').slice(0, 32)}`;
}

export function nameOutput(output: Output): NamedOutput {
  return { hash: hashOutput(output), output };
}

const LONGEST = 80;
/** Usual keys of an object's title. */
const TITLE_KEYS = ['title', 'headline', 'subject', 'name'];

/** Title of a pause whose task is not known: the first heading or line of its output, never an id; blank without any. Pure. */
export function titleOfOutput(output: Output): string {
  const line = output.kind === 'json' ? titleInJson(JSON.parse(output.text)) : firstLine(output.text);
  const short = line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed().trimEnd()}…` : line;
  return isBlankText(short) ? '' : short;
}

function firstLine(text: string): string {
  const lines = text
    .slice(0, 4_000)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  const heading = lines.find((line) => /^#{1,6}\s/.test(line));
  return (heading ?? lines[0] ?? '')
    .replace(/[*_`~]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(?:(?:#{1,6}|[-+>]|\d{1,9}[.)]) )+/, '');
}

function titleInJson(value: unknown): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return '';
  const texts = Object.entries(value).filter(
    (member): member is [string, string] => typeof member[1] === 'string',
  );
  for (const wanted of TITLE_KEYS) {
    const title = firstLine(texts.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? '');
    if (title !== '') return title;
  }
  return firstLine(texts[0]?.[1] ?? '');
}
