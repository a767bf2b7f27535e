import { type Document, isMap, isScalar, LineCounter, parseDocument, visit, type YAMLParseError } from 'yaml';
import { isObject } from '../lib/own-member.ts';
import { describeUnknownField } from './ineffective.ts';
import { readCrew } from './read-crew.ts';
import type { CrewSettings, GivenValues } from './settings.ts';
import { CREW_SETTINGS, type CrewValues } from './table.ts';
import { crewName } from './values.ts';

/** Returns the value of an environment variable. */
export type LookUpVariable = (name: string) => string | undefined;

/**
 * Reads the crews of a YAML file: `crews:` → name → settings. A value `$NAME` comes from the environment. `shared`: values for
 * crews without their own. Returns each fault with its line. `crewValues`: the given values of each crew, by field.
 */
export function readCrews(
  yaml: string,
  lookUp: LookUpVariable,
  shared: Partial<CrewValues>,
): { crews: CrewSettings[]; faults: string[]; crewValues: GivenValues[] } {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const faults = document.errors.map(
    (error) => `line ${lines.linePos(error.pos[0]).line}: ${describeYamlError(error, yaml)}`,
  );
  visit(document, {
    Alias(_key, { range }) {
      faults.push(`line ${lines.linePos(range?.[0] ?? 0).line}: a value that begins with * must be quoted`);
    },
  });
  const crews: CrewSettings[] = [];
  if (faults.length > 0) return { crews, faults, crewValues: [] };

  const fault = (path: readonly PropertyKey[], text: string) =>
    faults.push(`line ${findLine(document, path, lines)}: ${path.map(String).join('.')} ${text}`);
  const file: unknown = document.toJS();
  for (const key of isObject(file) ? Object.keys(file) : [])
    if (key !== 'crews') fault([key], describeUnknownField(key));
  const nodes = isObject(file) && isObject(file.crews) ? Object.entries(file.crews) : [];
  if (nodes.length === 0) faults.push('line 1: crews must name at least one crew');

  const crewBySecret = new Map<string, string>();
  for (const [name, node] of nodes) {
    const path = ['crews', name];
    for (const { message } of crewName.safeParse(name).error?.issues ?? []) fault(path, message);
    if (!isObject(node)) {
      fault(path, 'must be a mapping of settings');
      continue;
    }
    for (const key of Object.keys(node))
      if (!CREW_SETTINGS.some(({ field }) => field === key)) fault([...path, key], describeUnknownField(key));
    const values = replaceVariables(node, lookUp, (fieldPath, text) => fault([...path, ...fieldPath], text));
    const { crew, faults: crewFaults } = readCrew(name, values as typeof node, shared);
    for (const { path: fieldPath, text } of crewFaults) fault([...path, ...fieldPath], text);
    if (!crew) continue;
    const secrets = [
      ...(crew.webhookSecret === '' ? [] : [['webhook_secret', crew.webhookSecret] as const]),
      ...(crew.askSecret === undefined ? [] : [['ask_secret', crew.askSecret] as const]),
      ...crew.flowWebhookSecrets.map((secret) => ['flow_webhook_secrets', secret] as const),
    ];
    for (const [field, secret] of secrets) {
      const otherCrew = crewBySecret.get(secret);
      if (otherCrew !== undefined)
        fault([...path, field], `is the same as that of ${otherCrew}: each crew needs its own`);
    }
    for (const [, secret] of secrets) crewBySecret.set(secret, name);
    crews.push(crew);
  }
  faults.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return { crews, faults, crewValues: nodes.map(([, node]) => (isObject(node) ? node : {})) };
}

/** Replaces each text `$NAME` with the value of that environment variable. An unset variable is a fault and becomes undefined. */
export function replaceVariables(
  value: unknown,
  lookUp: LookUpVariable,
  fault: (path: string[], text: string) => void,
  path: string[] = [],
): unknown {
  const replace = (member: unknown, key: string | number) =>
    replaceVariables(member, lookUp, fault, [...path, String(key)]);
  if (Array.isArray(value)) return value.map(replace);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replace(member, key)]));
  const [, opening, name, closing] =
    (typeof value === 'string' && /^\$(\{?)([A-Za-z_]\w*)(\}?)$/.exec(value)) || [];
  if (name === undefined) return value;
  if (opening?.length !== closing?.length) {
    fault(path, `must be $${name} or $\{${name}}`);
    return undefined;
  }
  const text = lookUp(name) || undefined;
  if (text === undefined) fault(path, `uses $${name}, which is not set in the environment`);
  return text;
}

function findLine(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      : undefined;
    const range = isScalar(pair?.key) ? pair.key.range : undefined;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}

function describeYamlError({ code, message, pos }: YAMLParseError, yaml: string): string {
  if (code === 'DUPLICATE_KEY')
    return `duplicate key ${/^[\w-]{1,64}/.exec(yaml.slice(pos[0]))?.[0] ?? ''}`.trim();
  if (code === 'MULTIPLE_DOCS') return 'the file must be a single YAML document: remove the line ---';
  // A quoted token may be a secret.
  return (message.split('\n')[0] ?? message).replace(/ at line \d+.*$|: ".*$/, '');
}
