import type { KnownBlock, RichTextElement } from '@slack/types';
import { formatOutput, type Output, parseOutput } from '../../../approval/model/output.ts';
import { isExactNumber } from '../../../lib/json-text.ts';
import { isObject } from '../../../lib/own-member.ts';
import { clean, cleanLine, sanitizeText } from '../text/escape.ts';
import { humanizeName } from '../text/names.ts';
import { splitAtWords, splitText } from '../text/truncate.ts';

/** Most members of a flat object that is shown as lines, and characters per line. */
const LINES = { keys: 20, characters: 300 } as const;

/** Longest JSON that is shown as lines, in characters. Longer JSON is not parsed for this. */
const LONGEST_FLAT = 16_000;

/** Builds a monospaced block of text, without any markup. */
export function buildPreformatted(text: string): KnownBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
  };
}

/** Formats the JSON of an output, with indentation if it is not too long. Numbers stay as they were written. */
export function formatJson(output: Output): string {
  return clean(formatOutput(output));
}

/** Builds a block with a small flat object as lines of name and value; undefined: other JSON. */
export function buildJsonLines(output: Output): KnownBlock | undefined {
  const members = listFlatMembers(output);
  if (!members) return undefined;
  const elements = members.flatMap(([name, value], index): RichTextElement[] => [
    { type: 'text', text: `${index > 0 ? '\n' : ''}${name}: `, style: { bold: true } },
    { type: 'text', text: value || '–' },
  ]);
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/**
 * Builds the beginning of the JSON of an output: a small flat object as a whole, other JSON up to `max` characters. `cut`:
 * undefined if nothing is missing.
 */
export function buildJsonBeginning(
  output: Output,
  max: number,
): { blocks: KnownBlock[]; cut: { shown: number; of: number } | undefined } {
  const lines = buildJsonLines(output);
  if (lines) return { blocks: [lines], cut: undefined };
  const text = formatOutput(output);
  const head = clean(text.slice(0, 2 * max));
  const [beginning = '–'] = splitText(head, max);
  // Escapes make invisible characters longer, so count the characters of the cleaned beginning.
  const totalLength = head.length + Math.max(0, text.length - 2 * max);
  const isCut = beginning.length < totalLength;
  const cut = isCut ? { shown: beginning.length, of: totalLength } : undefined;
  return { blocks: [buildPreformatted(isCut ? `${beginning}…` : beginning)], cut };
}

/** Splits JSON into parts that each fit into one block, at the ends of lines if possible. */
export function splitJson(text: string, max: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const end = rest.lastIndexOf('\n', max);
    const [part = ''] = end > max / 2 ? [rest.slice(0, end)] : splitAtWords(rest.slice(0, 2 * max), max);
    parts.push(part);
    rest = rest.slice(part.length).replace(/^\n/, '');
  }
  return rest === '' ? parts : [...parts, rest];
}

/** Renders a small flat object as lines of Markdown; undefined: any other value. */
export function renderFlatJson(output: Output): string | undefined {
  return (
    listFlatMembers(output)
      // Sanitize both together: a `<` in the name and a `|` in the value would make a link.
      ?.map(([key, text]) => breakEntities(sanitizeText(`**${escapeMarks(key)}:** ${escapeMarks(text)}`)))
      .join('\n\n')
  );
}

/** Renders two JSON outputs for a comparison: both as lines of name and value, or both as code. */
export function renderJsonTexts(before: Output, after: Output): [before: string, after: string] {
  const writeMembers = (members: ReturnType<typeof listFlatMembers>) =>
    members?.map(([name, value]) => `${name}: ${value}`).join('\n\n');
  const [beforeLines, afterLines] = [
    writeMembers(listFlatMembers(before)),
    writeMembers(listFlatMembers(after)),
  ];
  // Lines of name and value show true and "true" alike: compare such outputs as code.
  return beforeLines === undefined || afterLines === undefined || beforeLines === afterLines
    ? [formatJson(before), formatJson(after)]
    : [beforeLines, afterLines];
}

/** Lists the names and values of a small flat object, each in one line; undefined: any other output. */
function listFlatMembers(output: Output): (readonly [name: string, value: string])[] | undefined {
  if (output.text.length > LONGEST_FLAT) return undefined;
  const value = parseOutput(output);
  if (!isFlatObject(value) || !Object.entries(value).flat().every(isOneLine)) return undefined;
  const members = Object.entries(value).map(
    ([key, cell]) => [humanizeName(cleanLine(key)), cleanLine(formatCell(cell))] as const,
  );
  if (members.length === 0 || members.length > LINES.keys) return undefined;
  return members.some(([key, text]) => key.length + text.length > LINES.characters) ? undefined : members;
}

export function isFlatObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value) || isExactNumber(value)) return false;
  return Object.values(value).every((cell) => typeof cell !== 'object' || isScalar(cell));
}

/** True if a line or a cell can show the value unchanged, without losing blanks or line breaks. */
export function isOneLine(value: unknown): boolean {
  return !/[\t\n]|\s\s|^\s|\s$/.test(formatCell(value));
}

const isScalar = (cell: unknown) => cell === null || isExactNumber(cell);

export function formatCell(cell: unknown): string {
  return isExactNumber(cell) ? cell.value : String(cell ?? '–');
}

/** Breaks entities: Markdown would show the character that an entity names, or nothing. */
function breakEntities(text: string): string {
  return text.replace(/&(?=\\?#?\w+;)/g, '&\u200b');
}

/** Escapes text so that Markdown shows it unchanged. */
function escapeMarks(text: string): string {
  return text.replace(/[\\`*_[\]~#|]/g, (mark) => `\\${mark}`);
}
