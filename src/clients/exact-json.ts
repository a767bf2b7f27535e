import { isJsonObject } from './json-object.ts';

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]/g;

/**
 * Returns the JSON text of each member of an object, unparsed: parsing loses digits of long numbers, and all members with the
 * same key except the last. Throws a SyntaxError for text that is not a JSON object, and for a duplicate key at any level.
 */
export function readExactMembers(text: string): Map<string, string> {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) throw new SyntaxError('It is not a JSON object.');
  const members = new Map<string, string>();
  /** The keys of each object that is not closed yet; undefined: a list. */
  const openObjects: (Set<string> | undefined)[] = [];
  let member: { name: string; start: number } | undefined;
  let previous = '';
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (member && openObjects.length === 1 && (token === ',' || token === '}')) {
      members.set(member.name, text.slice(member.start, index).trim());
      member = undefined;
    }
    if (token === '{' || token === '[') openObjects.push(token === '{' ? new Set() : undefined);
    if (token === '}' || token === ']') openObjects.pop();
    if (token === ':') {
      const name = JSON.parse(previous) as string;
      if (openObjects.at(-1)?.has(name)) throw new SyntaxError(`The key ${previous} stands twice.`);
      openObjects.at(-1)?.add(name);
      if (openObjects.length === 1) member = { name, start: index + 1 };
    }
    previous = token;
  }
  return members;
}
