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

/** An output as sent: text (usually Markdown), or the text of a JSON value. `lost`: damaged or missing in the store. */
export const outputSchema = z.object({ kind: z.enum(['text', 'json', 'lost']), text: z.string() });
export type Output = z.infer<typeof outputSchema>;

/** An output with the hash that is its key in the store. */
export interface HashedOutput {
  hash: string;
  output: Output;
}

export const LOST_OUTPUT: Output = { kind: 'lost', text: '' };

/**
 * Reads a webhook's output. A string that parses as a JSON object or array counts as JSON. `source`: the exact JSON text of a
 * value that is not a string.
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

/** Longest JSON to parse, in characters. Longer JSON is shown as sent: indenting it would delay the answer to a click. */
const LONGEST_PARSED = 64_000;

/** Parses JSON and keeps numbers as written; undefined: text, too long, or with a duplicate key that has two values. */
export function parseOutput({ kind, text }: Output): unknown {
  return kind === 'json' && text.length <= LONGEST_PARSED ? parseExactly(text) : undefined;
}

/** Parses the first items of a list like `parseOutput`; `rest`: characters after them; undefined: no list, or no place to cut. */
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
    // The cut was inside a string or a nested list.
    return undefined;
  }
}

/** Longest indented JSON, in characters: indentation can make nested JSON sixty times as long. */
const LONGEST_INDENTED = 200_000;

/** Returns an output as text. Indents JSON if it can be parsed. */
export function formatOutput(output: Output): string {
  const value = parseOutput(output);
  if (value === undefined) return output.text;
  const indented = writeExactly(value);
  return indented.length > LONGEST_INDENTED ? output.text : indented;
}

/** Counts the invisible characters of an output as shown; empty object: all are visible. */
export function buildInvisibleCount(output: Output): { unseen?: number } {
  const unseen = countUnseen(formatOutput(output));
  return unseen > 0 ? { unseen } : {};
}

/** Length of the searchable beginning, in characters. */
const EXCERPT_LENGTH = 500;

/** Returns the beginning of an output, which the round keeps for the search. */
export function excerptOutput({ text }: Output): string {
  return text.slice(0, EXCERPT_LENGTH).toWellFormed();
}

/** Length in characters above which the bot also posts an output as a file. */
const LONGEST_IN_SLACK = 50_000;

export function isLong(output: Output): boolean {
  return formatOutput(output).length > LONGEST_IN_SLACK;
}

/** True if the output has nothing to read. */
export function isBlank(output: Output): boolean {
  return output.kind === 'text' && isBlankText(output.text);
}

const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** True if a text has only white space, controls, blank braille and zero-width characters. Slack rejects most such texts. */
export function isBlankText(text: string): boolean {
  return !VISIBLE.test(text);
}

/** Hashes an output. JSON with equal values, to the last digit, has the same hash in any key order, as an object or a string. */
export function hashOutput({ kind, text }: Output): string {
  const canonical = kind === 'json' ? canonicalizeJson(text) : text;
  return `${kind}:${createHash('sha256').update(`${kind}:${canonical}`).digest('hex').slice(0, 32)}`;
}

export function attachHash(output: Output): HashedOutput {
  return { hash: hashOutput(output), output };
}

const LONGEST_TITLE = 80;
/** Keys that usually hold the title of an object. */
const TITLE_KEYS = ['title', 'headline', 'subject', 'name'];

/**
 * Makes a title for a pause without a task name: the first heading or line of a text, or the title or first text of a JSON
 * object; empty: none. Pure.
 */
export function findTitleInOutput(output: Output): string {
  const line = output.kind === 'json' ? findTitleInJson(JSON.parse(output.text)) : readFirstLine(output.text);
  const short =
    line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE).toWellFormed().trimEnd()}…` : line;
  return isBlankText(short) ? '' : short;
}

function readFirstLine(text: string): string {
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

function findTitleInJson(value: unknown): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return '';
  const texts = Object.entries(value).filter(
    (member): member is [string, string] => typeof member[1] === 'string',
  );
  for (const titleKey of TITLE_KEYS) {
    const title = readFirstLine(texts.find(([key]) => key.toLowerCase() === titleKey)?.[1] ?? '');
    if (title !== '') return title;
  }
  return readFirstLine(texts[0]?.[1] ?? '');
}
