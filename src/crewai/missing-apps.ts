import { isNestedWithin, MAX_JSON_DEPTH } from '../lib/parse-body.ts';

const CODE = 'apps_not_connected';
const CODE_AND_NAMES = /^\s*apps_not_connected\s*(?::\s*(.+))?$/s;
/** Names of the members that may list the apps: no source shows the body. */
const LISTS_APPS = /(?:apps?|integrations?|not_connected)$/i;
const NAMES = ['name', 'display_name', 'app', 'slug', 'id'];
const MOST_NAMES = 20;

/**
 * The sentence for an answer that has the code `apps_not_connected` anywhere; undefined for any other answer. `said`: the
 * message of the answer. Pure.
 */
export function describeMissingApps(json: unknown, said: string | undefined): string | undefined {
  if (!isNestedWithin(json, MAX_JSON_DEPTH)) return undefined;
  const members = listAppMembers(json);
  const hasCode = said?.includes(CODE) || members.some(([key, value]) => key === CODE || value === CODE);
  if (!hasCode) return undefined;
  const [code, written] = CODE_AND_NAMES.exec(said ?? '') ?? [];
  const listed = members.flatMap(([key, value]) => (LISTS_APPS.test(key) ? readNames(value) : []));
  const names = listed.length > 0 ? listed : (written?.split(/\s*,\s*/) ?? []);
  if (names.length > 0)
    return `Connect these apps in CrewAI: ${[...new Set(names)].slice(0, MOST_NAMES).join(', ')}`;
  const message = said ?? members.find(([key, value]) => key === 'message' && isText(value))?.[1];
  const rest = code !== undefined || message === undefined ? '' : ` (${message})`;
  return `Connect the apps of this crew in CrewAI${rest}`;
}

/** The members of an answer at every depth. */
function listAppMembers(value: unknown): [key: string, value: unknown][] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key, inner], ...listAppMembers(inner)]);
}

/** An app is a text, or an object with its name. */
function readNames(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => {
    const fields = item !== null && typeof item === 'object' ? (item as Record<string, unknown>) : {};
    const name = isText(item) ? item : NAMES.map((field) => fields[field]).find(isText);
    return name === undefined || name === CODE ? [] : [name.trim()];
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
