import { LONGEST_SOURCE_READ, type Output, outputTree } from '../../../approval/model/output.ts';
import type { JsonTree } from '../../../lib/json-tree.ts';
import { clean, sanitizeMarkdown } from '../text/escape.ts';

/** A small flat object as lines of Markdown; undefined for any other value. */
export function renderFlatJson(output: JsonOutput): string | undefined {
  return (
    listFlatMembers(output)
      // A bracket in the name and a bar in the value make a link together.
      ?.map(([key, text]) => sanitizeMarkdown(`**${escapeMarks(key)}:** ${escapeMarks(text)}`))
      .join('\n\n')
  );
}

/** The names and values of a small flat object, each in one line; undefined for other JSON. */
export function listFlatMembers(output: JsonOutput): (readonly [name: string, value: string])[] | undefined {
  if (!isFlatValue(output.value) || (output.source?.length ?? 0) > LONGEST_SOURCE_READ) return undefined;
  const tree = outputTree(output);
  if (!isFlat(tree) || tree.members.length === 0 || tree.members.length > LINES.keys) return undefined;
  const members = tree.members.map(([key, cell]) => [joinLines(key), joinLines(formatCell(cell))] as const);
  return members.some(([key, text]) => key.length + text.length > LINES.characters) ? undefined : members;
}

export type JsonOutput = Extract<Output, { kind: 'json' }>;

export function isFlatValue(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every((cell) => cell === null || typeof cell !== 'object');
}

export type FlatObject = Extract<JsonTree, { kind: 'object' }>;

export function isFlat(tree: JsonTree): tree is FlatObject {
  if (tree.kind !== 'object') return false;
  return tree.members.every(([, { kind }]) => kind === 'string' || kind === 'literal');
}

export function formatCell(cell: JsonTree | undefined): string {
  if (cell?.kind === 'string') return cell.text;
  return cell?.kind === 'literal' && cell.text !== 'null' ? cell.text : '–';
}

export function joinLines(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

/** Escapes text so that Markdown shows it unchanged. */
function escapeMarks(text: string): string {
  return text.replace(/[\\`*_[\]~#|]/g, (mark) => `\\${mark}`);
}

const LINES = { keys: 20, characters: 300 } as const;
