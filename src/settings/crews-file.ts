import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { CREW_NAME, crewSchema, INVALID_CREW_NAME, listMissing, takesReviews } from './crew-schema.ts';
import { buildCrewRules, buildTaskRules, findRuleFaults } from './rules.ts';
import type { CrewSettings } from './settings.ts';

/** Cannot be read as an approval, whatever follows. */
const DEFAULT_REVISION_TEXT =
  'This output is not accepted. Revise it according to the following feedback, and ask for review again:';

/** Settings that crews share, by their names in the file. */
export type CrewDefaults = Partial<
  Record<
    | 'channel'
    | 'approvers'
    | 'webhook_secret'
    | 'flow_webhook_secrets'
    | 'callback_hosts'
    | 'approval_text'
    | 'revision_text'
    | 'resume_format'
    | 'silent_after'
    | 'notify'
    | 'starters'
    | 'rounds'
    | 'look_ups'
    | 'retention'
    | 'webhooks_per_second',
    unknown
  >
>;

/**
 * Reads the crews of a YAML file: `crews:` → name → settings. A value `$NAME` comes from the environment. Every fault
 * has its line.
 */
export function readCrews(
  yaml: string,
  environment: Readonly<Record<string, string | undefined>>,
  defaults: CrewDefaults,
): { crews: CrewSettings[]; faults: string[] } {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ message, pos }) => {
      const what = /unique/i.test(message) ? 'duplicate key' : readFirstLine(message);
      return `line ${lines.linePos(pos[0]).line}: ${what}`;
    });
    return { crews: [], faults };
  }

  const faults: string[] = [];
  const fault = (path: readonly PropertyKey[], text: string) =>
    faults.push(`line ${findLine(document, path, lines)}: ${path.map(String).join('.')} ${text}`);
  const aliases: number[] = [];
  visit(document, {
    Alias: (_key, alias) => void aliases.push(lines.linePos(alias.range?.[0] ?? 0).line),
  });
  if (aliases.length > 0) {
    return {
      crews: [],
      faults: aliases.map((line) => `line ${line}: a value that begins with * must be quoted`),
    };
  }
  const file: unknown = document.toJS();
  const crewsNode: unknown = isObject(file) ? file.crews : undefined;
  for (const key of isObject(file) ? Object.keys(file) : [])
    if (key !== 'crews') fault([key], 'is not a recognized setting');
  if (!isObject(crewsNode) || Object.keys(crewsNode).length === 0) {
    return { crews: [], faults: [...faults, 'line 1: crews must name at least one crew'] };
  }

  const crews: CrewSettings[] = [];
  const secrets = new Map<string, string>();
  for (const [name, node] of Object.entries(crewsNode)) {
    const path = ['crews', name];
    if (!CREW_NAME.test(name)) fault(path, INVALID_CREW_NAME);
    if (!isObject(node)) {
      fault(path, 'must be a list of settings');
      continue;
    }
    const filled = replaceVariables(node, environment, (inner, text) => fault([...path, ...inner], text));
    const own = filled as Record<string, unknown>;
    const given: Record<string, unknown> = { ...defaults, ...own };
    const isFlow = takesReviews(own);
    for (const missing of listMissing(given, isFlow)) fault([...path, missing], 'is missing');
    const parsed = crewSchema.safeParse(given);
    if (!parsed.success) {
      for (const { path: inner, text } of listFaults(parsed.error)) fault([...path, ...inner], text);
      continue;
    }
    for (const { path: inner, text } of findRuleFaults(parsed.data)) fault([...path, ...inner], text);
    const { webhook_secret, flow_webhook_secrets = [] } = parsed.data;
    const ownSecrets = [
      ['webhook_secret', webhook_secret],
      ...flow_webhook_secrets.map((secret) => ['flow_webhook_secrets', secret] as const),
    ] as const;
    for (const [field, secret] of ownSecrets) {
      const other = secrets.get(secret);
      if (other !== undefined)
        fault([...path, field], `is the same as that of ${other}: each crew needs its own`);
    }
    for (const [, secret] of ownSecrets) secrets.set(secret, name);
    crews.push(buildCrewSettings(name, parsed.data, isFlow));
  }
  return { crews, faults };
}

/** A crew's settings, with defaults. */
export function buildCrewSettings(
  name: string,
  crew: z.infer<typeof crewSchema>,
  isFlow: boolean,
): CrewSettings {
  const { task, step, crew: ofCrew } = crew.webhook_urls ?? {};
  return {
    name,
    baseUrl: crew.base_url ?? '',
    bearerToken: crew.bearer_token ?? '',
    channels: [...new Set([crew.channel, ...(crew.channels ?? [])])],
    rules: buildCrewRules(crew),
    tasks: (crew.tasks ?? []).map(buildTaskRules),
    webhookSecret: crew.webhook_secret,
    webhookUrls: {
      ...(task ? { task } : {}),
      ...(step ? { step } : {}),
      ...(ofCrew ? { crew: ofCrew } : {}),
    },
    isFlow,
    flowWebhookSecrets: crew.flow_webhook_secrets ?? [],
    callbackHosts: crew.callback_hosts ?? ['*.crewai.com'],
    starters: crew.starters ?? [],
    inputs: crew.inputs ?? {},
    lookUps: crew.look_ups ?? 'members',
    preview: crew.preview ?? false,
    ...(crew.retention === undefined ? {} : { retention: crew.retention }),
    ...(crew.webhooks_per_second === undefined ? {} : { webhooksPerSecond: crew.webhooks_per_second }),
    resumeFormat: crew.resume_format ?? 'auto',
    approveTasks: crew.approve_tasks ?? [],
    approvalText: crew.approval_text ?? 'Approved.',
    revisionText: crew.revision_text ?? DEFAULT_REVISION_TEXT,
  };
}

/** Lists what is wrong, with one fault for each unknown key. */
export function listFaults(error: z.ZodError): { path: PropertyKey[]; text: string }[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: [...issue.path, key],
          text: 'is not a recognized setting of a crew',
        }))
      : [{ path: [...issue.path], text: issue.message }],
  );
}

function replaceVariables(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  fault: (path: string[], text: string) => void,
  path: string[] = [],
): unknown {
  if (Array.isArray(value))
    return value.map((one, index) => replaceVariables(one, environment, fault, [...path, String(index)]));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        replaceVariables(inner, environment, fault, [...path, key]),
      ]),
    );
  }
  const name = typeof value === 'string' ? /^\$\{?([A-Za-z_]\w*)\}?$/.exec(value)?.[1] : undefined;
  if (name === undefined) return value;
  const found = environment[name];
  if (!found) {
    fault(path, `uses $${name}, which is not set in the environment`);
    // A string, which most fields take, so that usually no second fault is reported.
    return `${name}-is-not-set-in-the-environment`;
  }
  return found;
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

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function readFirstLine(text: string): string {
  return text.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? text;
}
