import { z } from 'zod';
import { isApproverId, isRequester } from '../../approval/model/crew/slack-ids.ts';
import { isWebhookUrl } from '../../approval/model/crew/webhook-urls.ts';
import { hashOutput, isBlank, isBlankText, type Output, readOutput } from '../../approval/model/output.ts';
import type { IgnoredSetting } from '../../approval/model/run/ignored-setting.ts';
import type { AboutRun, Faults, RunMeta, WebhookFacts } from '../../approval/model/run/webhook.ts';
import { isObject } from '../../lib/own-member.ts';
import { idSchema } from '../ids.ts';

/** Longest text that a card shows beside the output, in characters. The rest is dropped. */
const LONGEST_TEXT = 2_000;

/** An id that may be absent or blank. */
export const optionalId = z.preprocess(
  (value) => (isBlankValue(value) ? undefined : (value ?? undefined)),
  idSchema.optional(),
);

/** An id of an undocumented webhook. A number is read as its digits. */
export const lenientId = z.preprocess((value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return isBlankValue(value) ? undefined : value || undefined;
}, idSchema.optional());

/** A text that may be absent. A value of another type is ignored, so that no approval is lost. */
export const optionalText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' ? shortenText(value) : undefined));

export const anything = z.unknown().optional();

function shortenText(value: string): string | undefined {
  const shortened = value.slice(0, LONGEST_TEXT).toWellFormed();
  return isBlankText(shortened) ? undefined : shortened;
}

function isBlankValue(value: unknown): boolean {
  return typeof value === 'string' && isBlankText(value);
}

const MAX_APPROVERS = 100;
/** A UUID, like the bot's own ids. Any other `request_id` belongs to the caller. */
const REQUEST_ID = /^[0-9a-f-]{36}$/;

const metaUrl = z.custom<string>(isWebhookUrl);
/** Known keys of `meta`. They narrow the crew's settings. */
const META = {
  taskWebhookUrl: { schema: metaUrl, wrong: 'task_webhook_url_invalid' },
  stepWebhookUrl: { schema: metaUrl, wrong: 'step_webhook_url_invalid' },
  crewWebhookUrl: { schema: metaUrl, wrong: 'crew_webhook_url_invalid' },
  humanInputWebhookUrl: { schema: metaUrl, wrong: 'human_input_webhook_url_invalid' },
  channel: { schema: z.string(), wrong: 'channel_invalid' },
  requested_by: {
    schema: z.string().trim().refine(isRequester),
    wrong: 'requested_by_invalid',
  },
} as const satisfies Record<string, { schema: z.ZodType<string>; wrong: IgnoredSetting }>;
const META_KEYS = Object.keys(META) as (keyof typeof META)[];

/** Reads the known keys of `meta`. Invalid values are ignored with a warning; other keys belong to the caller. */
export function readMeta(rawMeta: unknown): { meta: RunMeta; warnings: IgnoredSetting[] } {
  const warnings: IgnoredSetting[] = [];
  const fields = isObject(rawMeta) ? rawMeta : {};
  const valid: Partial<Record<keyof typeof META, string>> = {};
  for (const key of META_KEYS) {
    const { schema, wrong } = META[key];
    const value = fields[key];
    if (value == null || (isBlankValue(value) && schema !== metaUrl)) continue;
    const { data } = schema.safeParse(value);
    if (data !== undefined) valid[key] = data;
    else warnings.push(wrong);
  }
  const { taskWebhookUrl: task, stepWebhookUrl: step, crewWebhookUrl: crew } = valid;
  const { humanInputWebhookUrl: humanInputUrl, channel, requested_by: requestedBy } = valid;
  const approvers = readApprovers(fields.approvers, warnings);
  const { request_id: requestId } = fields;
  const about = readAboutRun(fields);
  const meta: RunMeta = {
    urls: { ...(task ? { task } : {}), ...(step ? { step } : {}), ...(crew ? { crew } : {}) },
    ...(humanInputUrl ? { humanInputUrl } : {}),
    ...(channel ? { channel } : {}),
    ...(approvers ? { approvers } : {}),
    ...(requestedBy ? { requestedBy } : {}),
    ...(about ? { about } : {}),
    ...(typeof requestId === 'string' && REQUEST_ID.test(requestId) ? { requestId } : {}),
  };
  return { meta, warnings };
}

const LONGEST_TITLE = 150;

/** Reads a title and a link for people; without a title, the repeated inputs. Other values belong to the caller. */
function readAboutRun({ title, url, inputs }: Readonly<Record<string, unknown>>): AboutRun | undefined {
  const shownTitle = typeof title === 'string' && !isBlankText(title) ? title : joinInputs(inputs);
  const link = isWebhookUrl(url) && isPublicLink(new URL(url)) ? url : undefined;
  if (shownTitle === undefined && link === undefined) return undefined;
  return { title: shownTitle?.slice(0, LONGEST_TITLE).toWellFormed(), url: link };
}

const LONGEST_LINK = 1_000;

function isPublicLink({ href, protocol, username, password }: URL): boolean {
  return protocol === 'https:' && username === '' && password === '' && href.length <= LONGEST_LINK;
}

function joinInputs(inputs: unknown): string | undefined {
  if (!isObject(inputs)) return undefined;
  const scalars = Object.entries(inputs).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return scalars.length === 0 ? undefined : scalars.map(([name, value]) => `${name}: ${value}`).join(' · ');
}

/** Reads a list of ids, or ids separated by commas. */
function readApprovers(approvers: unknown, warnings: IgnoredSetting[]): string[] | undefined {
  if (approvers == null || approvers === '') return undefined;
  const listed = typeof approvers === 'string' ? approvers.split(',') : approvers;
  const entries: unknown[] = Array.isArray(listed) ? listed : [listed];
  const trimmed = entries.map((id) => (typeof id === 'string' ? id.trim() : id));
  const ids = trimmed.filter(isApproverId).slice(0, MAX_APPROVERS);
  if (ids.length < trimmed.length) warnings.push('approvers_invalid');
  return ids.length > 0 ? ids : undefined;
}

/** Parses a time that Python wrote. A time without a zone is in UTC. */
export function parseTime(time: unknown): number | undefined {
  if (typeof time !== 'string') return undefined;
  const at = Date.parse(/(?:z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** A field that may hold an output. `source`: its JSON text, if parsing changes the value. */
export interface OutputField {
  raw: unknown;
  source: string | undefined;
}

/** Returns the first output that is not blank: usually `output`, otherwise `output_json`. */
export function readFirstOutput(fields: readonly OutputField[]): Output {
  const outputs = fields.map(({ raw, source }) => readOutput(raw, source));
  return outputs.find((candidate) => !isBlank(candidate)) ?? (outputs[0] as Output);
}

/** Hashes a task's text and its JSON form (`json`): a duplicate webhook may carry either of them. */
export function hashOutputs(output: Output, json?: OutputField): string[] {
  const jsonOutput = json?.raw == null ? undefined : readOutput(json.raw, json.source);
  return [...new Set([hashOutput(output), ...(jsonOutput?.kind === 'json' ? [hashOutput(jsonOutput)] : [])])];
}

export type ReadWebhook = { facts: WebhookFacts } | Faults;

/** The body of a webhook. `sources`: JSON texts of its fields, if parsing changes a value. */
export interface WebhookBody {
  body: Readonly<Record<string, unknown>>;
  sources: ReadonlyMap<string, string> | undefined;
}

export const listOutputFields = ({ body, sources }: WebhookBody, ...names: string[]): OutputField[] =>
  names.map((name) => ({ raw: body[name], source: sources?.get(name) }));

/** Checks a body against its schema, then reads it. */
export function parseWebhook<S extends z.ZodType>(
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
