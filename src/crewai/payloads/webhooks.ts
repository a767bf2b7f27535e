import { z } from 'zod';
import { isApproverId } from '../../approval/model/crew/slack-ids.ts';
import { isWebhookUrl, type WebhookUrls } from '../../approval/model/crew/webhook-urls.ts';
import {
  hashOfText,
  hashOutput,
  isBlank,
  isBlankText,
  type Output,
  readOutput,
  survivesParsing,
  textNestedWithin,
} from '../../approval/model/output.ts';
import { isPauseId } from '../../approval/model/pause-id.ts';
import type { RunMeta, WebhookFacts } from '../../approval/model/run/webhook.ts';
import { MAX_JSON_DEPTH } from '../../lib/json-depth.ts';
import { readMemberTexts } from '../../lib/json-tree.ts';

export const webhookNames = ['task', 'human-input', 'step', 'crew'] as const;
export type WebhookName = (typeof webhookNames)[number];

export type ReadWebhook = { facts: WebhookFacts } | { faults: { field: string; fault: string }[] };

/** Longest id of an execution or a task, in characters. */
const LONGEST_ID = 255;
/** Longest of the texts that a card shows beside the output; the rest of them is of no use in a card. */
const LONGEST_TEXT = 2_000;

export const idSchema = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'must not be empty')
  .max(LONGEST_ID, `must be at most ${LONGEST_ID} characters long`)
  .refine((id) => id.isWellFormed(), 'must be well-formed Unicode');

const isBlankName = (value: unknown) => typeof value === 'string' && isBlankText(value);

const shortened = (value: string | null | undefined) => {
  const kept = value?.slice(0, LONGEST_TEXT).toWellFormed();
  return isBlankName(kept) ? undefined : kept;
};
const text = z.string({ error: 'must be a text' }).nullish().transform(shortened);
/** Of a webhook whose form is not documented: what is no text is not shown, and no approval is lost for it. */
const textIfAny = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' ? shortened(value) : undefined));
const id = z.preprocess(
  (value) => (isBlankName(value) ? undefined : (value ?? undefined)),
  idSchema.optional(),
);
/** The same where the form is not documented: a number is taken for its digits. */
const anyId = z.preprocess((value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return isBlankName(value) ? undefined : value || undefined;
}, idSchema.optional());
const anything = z.unknown().optional();

const taskSchema = z.object({
  kickoff_id: idSchema,
  task_id: id,
  name: id,
  description: text,
  expected_output: text,
  agent: text,
  output: anything,
  output_json: anything,
  status: anything,
  error: anything,
  meta: anything,
});

const humanInputSchema = z.object({
  execution_id: anyId,
  executionId: anyId,
  kickoff_id: anyId,
  task_id: anyId,
  taskId: anyId,
  task_output: anything,
  output: anything,
  result: anything,
  task_name: anyId,
  name: anyId,
  agent: textIfAny,
  description: textIfAny,
  expected_output: textIfAny,
  meta: anything,
});

const stepSchema = z.object({ kickoff_id: idSchema, meta: anything });
const crewSchema = z.object({
  kickoff_id: idSchema,
  result: anything,
  result_json: anything,
  meta: anything,
});

/**
 * Reads a webhook's JSON body: what it says, or each field that is missing, wrong or too long. `text`: the body as it was
 * sent, for the numbers that `body` does not hold. Pure.
 */
export function readWebhook(name: WebhookName, body: unknown, text?: string): ReadWebhook {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return { faults: [{ field: 'body', fault: 'must be a JSON object' }] };
  }
  const changed = text !== undefined && !survivesParsing(text, body);
  if (changed && !textNestedWithin(text, MAX_JSON_DEPTH)) {
    return { faults: [{ field: 'body', fault: `must be nested in at most ${MAX_JSON_DEPTH} levels` }] };
  }
  const sources = changed ? readMemberTexts(text) : undefined;
  const fields = (...names: string[]): OutputField[] =>
    names.map((field) => ({ raw: (body as Record<string, unknown>)[field], source: sources?.get(field) }));
  switch (name) {
    case 'task':
      return parsed(taskSchema, body, (task) => {
        const taskKey = task.name ?? task.task_id;
        if (taskKey !== undefined && isFailure(task)) {
          const reason =
            typeof task.error === 'string' ? shortened(task.error)?.slice(0, LONGEST_REASON) : undefined;
          return {
            facts: { ...about(task.kickoff_id, task.meta), kind: 'task_failed', task: taskKey, reason },
          };
        }
        const missing = [
          ...(taskKey === undefined ? [{ field: 'name', fault: 'is missing' }] : []),
          ...(task.output === undefined && task.output_json === undefined
            ? [{ field: 'output', fault: 'is missing' }]
            : []),
        ];
        if (taskKey === undefined || missing.length > 0) return { faults: missing };
        const outputs = fields('output', 'output_json');
        const shown = firstOutput(outputs);
        return {
          facts: {
            ...about(task.kickoff_id, task.meta),
            kind: 'task',
            taskKey,
            task: taskKey,
            output: shown,
            round: {
              taskId: task.task_id ?? taskKey,
              humanInput: false,
              hashes: hashesOf(shown, outputs, outputs[1]),
              agent: task.agent,
              description: task.description,
              expectedOutput: task.expected_output,
            },
          },
        };
      });
    case 'human-input':
      return parsed(humanInputSchema, body, (pause) => {
        const executionId = pause.execution_id ?? pause.executionId ?? pause.kickoff_id;
        const alias = pause.kickoff_id !== executionId ? pause.kickoff_id : undefined;
        const taskName = pause.task_name ?? pause.name;
        const taskId = pause.task_id ?? pause.taskId ?? taskName;
        const outputs = fields('task_output', 'output', 'result');
        const faults = [
          ...(executionId === undefined ? [{ field: 'execution_id', fault: 'is missing' }] : []),
          ...(taskId === undefined ? [{ field: 'task_id', fault: 'is missing' }] : []),
          ...(outputs.every(({ raw }) => raw === undefined)
            ? [{ field: 'task_output', fault: 'is missing' }]
            : []),
        ];
        if (executionId === undefined || taskId === undefined || faults.length > 0) return { faults };
        const shown = firstOutput(outputs);
        return {
          facts: {
            ...about(executionId, pause.meta),
            ...(alias === undefined ? {} : { aliasId: alias }),
            kind: 'human_input',
            taskKey: taskName ?? taskId,
            // The documented API identifies tasks by their names, the live one pauses by UUIDs.
            task: taskName ?? (isPauseId(taskId) ? undefined : taskId),
            output: shown,
            round: {
              taskId,
              humanInput: true,
              hashes: hashesOf(shown, outputs),
              agent: pause.agent,
              description: pause.description,
              expectedOutput: pause.expected_output,
            },
          },
        };
      });
    case 'step':
      return parsed(stepSchema, body, (step) => ({
        facts: { ...about(step.kickoff_id, step.meta), kind: 'step' },
      }));
    case 'crew':
      return parsed(crewSchema, body, (crew) => ({
        facts: {
          ...about(crew.kickoff_id, crew.meta),
          kind: 'crew',
          result: firstOutput(fields('result', 'result_json')),
        },
      }));
  }
}

const LONGEST_REASON = 500;

/** A task that failed has a status that says so, and no output. */
function isFailure({ status, output, output_json }: z.infer<typeof taskSchema>): boolean {
  const failed = typeof status === 'string' && /^(error|fail(ed|ure)?)$/i.test(status);
  return failed && isBlank(readOutput(output)) && isBlank(readOutput(output_json));
}

function parsed<S extends z.ZodType>(
  schema: S,
  body: object,
  read: (data: z.infer<S>) => ReadWebhook,
): ReadWebhook {
  const result = schema.safeParse(body);
  if (result.success) return read(result.data);
  return {
    faults: result.error.issues.map((issue) => ({ field: issue.path.join('.'), fault: issue.message })),
  };
}

/** A field that may hold an output, and its JSON text where that says more. */
interface OutputField {
  raw: unknown;
  source: string | undefined;
}

/** The first that says anything: `output`, and where that is empty `output_json`. */
function firstOutput(fields: readonly OutputField[]): Output {
  const outputs = fields.map(({ raw, source }) => readOutput(raw, source));
  return outputs.find((candidate) => !isBlank(candidate)) ?? (outputs[0] as Output);
}

/** A task's text and its JSON form (`json`) are one output: the other route may bring either of them. */
function hashesOf(shown: Output, fields: readonly OutputField[], json?: OutputField): string[] {
  if (shown.kind === 'json') {
    // Version 0.1.0 took such a text for text.
    const asText = fields.find(({ raw }) => shown.source !== undefined && raw === shown.source);
    return [...hashOutput(shown), ...(asText ? [hashOfText(shown.source ?? '')] : [])];
  }
  const other = json?.raw == null ? undefined : readOutput(json.raw, json.source);
  return [...hashOutput(shown), ...(other?.kind === 'json' ? hashOutput(other) : [])];
}

function about(executionId: string, meta: unknown): Pick<WebhookFacts, 'executionId' | 'meta' | 'warnings'> {
  return { executionId, ...readMeta(meta) };
}

/** Reads the fixed keys of `meta`; what does not fit is left out with a warning, since the rest of it is the caller's. */
function readMeta(meta: unknown): { meta: RunMeta; warnings: string[] } {
  const warnings: string[] = [];
  const read: RunMeta = { urls: {} };
  if (meta === null || typeof meta !== 'object' || Array.isArray(meta)) return { meta: read, warnings };
  const fields = meta as Record<string, unknown>;
  const urls: WebhookUrls = {};
  for (const kind of ['task', 'step', 'crew'] as const) {
    const field = `${kind}WebhookUrl`;
    const url = fields[field];
    if (isWebhookUrl(url)) urls[kind] = url;
    else if (url != null)
      warnings.push(`meta.${field} is not an http or https URL of at most 2,000 characters`);
  }
  read.urls = urls;
  const { humanInputWebhookUrl: humanInput } = fields;
  if (isWebhookUrl(humanInput)) read.humanInputUrl = humanInput;
  else if (humanInput != null)
    warnings.push('meta.humanInputWebhookUrl is not an http or https URL of at most 2,000 characters');
  if (typeof fields.channel === 'string' && fields.channel !== '') read.channel = fields.channel;
  else if (fields.channel != null && fields.channel !== '')
    warnings.push('meta.channel is not a channel id or #name');
  if (fields.approvers != null && fields.approvers !== '') {
    const named = typeof fields.approvers === 'string' ? fields.approvers.split(',') : fields.approvers;
    const ids: unknown[] = Array.isArray(named) ? named : [named];
    const trimmed = ids.map((one) => (typeof one === 'string' ? one.trim() : one));
    const good = trimmed.filter(isApproverId).slice(0, MOST_APPROVERS);
    if (good.length < trimmed.length)
      warnings.push('meta.approvers has entries that are no Slack user or user-group ids');
    if (good.length > 0) read.approvers = good;
  }
  const requester =
    typeof fields.requested_by === 'string' ? fields.requested_by.trim() : fields.requested_by;
  if (typeof requester === 'string' && REQUESTER.test(requester)) read.requestedBy = requester;
  else if (requester != null && requester !== '')
    warnings.push('meta.requested_by is no Slack user id and no email address');
  return { meta: read, warnings };
}

const MOST_APPROVERS = 100;
const REQUESTER = /^(?:[UW][A-Z0-9]{1,30}|[^\s@<>]{1,64}@[^\s@<>]{1,190})$/;
