import { z } from 'zod';
import { isApproverId } from '../../approval/model/crew/slack-ids.ts';
import { isWebhookUrl, type WebhookUrls } from '../../approval/model/crew/webhook-urls.ts';
import { hashOutput, isBlank, isBlankText, type Output, readOutput } from '../../approval/model/output.ts';
import type { RunMeta, WebhookFacts } from '../../approval/model/run/webhook.ts';

/** Longest id of an execution or a task, in characters. */
const LONGEST_ID = 255;
/** Longest text that a card shows beside the output, in characters; the rest is dropped. */
const LONGEST_TEXT = 2_000;

export const idSchema = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'must not be empty')
  .max(LONGEST_ID, `must be at most ${LONGEST_ID} characters long`)
  .refine((id) => id.isWellFormed(), 'must be well-formed Unicode');

/** An id that may be absent or blank. */
export const optionalId = z.preprocess(
  (value) => (isBlankValue(value) ? undefined : (value ?? undefined)),
  idSchema.optional(),
);

/** The same for an undocumented webhook: a number is read as its digits. */
export const lenientId = z.preprocess((value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return isBlankValue(value) ? undefined : value || undefined;
}, idSchema.optional());

export const optionalText = z.string({ error: 'must be a text' }).nullish().transform(shortenText);

/** The same for an undocumented webhook: a value of another type is ignored, so that no approval is lost. */
export const lenientText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' ? shortenText(value) : undefined));

export const anything = z.unknown().optional();

function shortenText(value: string | null | undefined): string | undefined {
  const kept = value?.slice(0, LONGEST_TEXT).toWellFormed();
  return isBlankValue(kept) ? undefined : kept;
}

function isBlankValue(value: unknown): boolean {
  return typeof value === 'string' && isBlankText(value);
}

const MAX_APPROVERS = 100;
const REQUESTER = /^(?:[UW][A-Z0-9]{1,30}|[^\s@<>]{1,64}@[^\s@<>]{1,190})$/;
/** A UUID, as the bot makes them: any other `request_id` belongs to the caller. */
const REQUEST_ID = /^[0-9a-f-]{36}$/;
const INVALID_URL = 'is not an http or https URL of at most 2,000 characters';

type Fields = Readonly<Record<string, unknown>>;

/** The facts that every kind of webhook has. */
export function readCommonFacts(
  executionId: string,
  meta: unknown,
): Pick<WebhookFacts, 'executionId' | 'meta' | 'warnings'> {
  return { executionId, ...readMeta(meta) };
}

/** Reads the known keys of `meta`; an invalid value is ignored with a warning, other keys belong to the caller. */
function readMeta(meta: unknown): { meta: RunMeta; warnings: string[] } {
  const warnings: string[] = [];
  if (meta === null || typeof meta !== 'object' || Array.isArray(meta))
    return { meta: { urls: {} }, warnings };
  const fields = meta as Fields;
  const urls = readUrls(fields, warnings);
  const humanInputUrl = readUrl(fields, 'humanInputWebhookUrl', warnings);
  const channel = readChannel(fields, warnings);
  const approvers = readApprovers(fields, warnings);
  const requestedBy = readRequester(fields, warnings);
  const { request_id: requestId } = fields;
  const read: RunMeta = {
    urls,
    ...(humanInputUrl === undefined ? {} : { humanInputUrl }),
    ...(channel === undefined ? {} : { channel }),
    ...(approvers === undefined ? {} : { approvers }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(typeof requestId === 'string' && REQUEST_ID.test(requestId) ? { requestId } : {}),
  };
  return { meta: read, warnings };
}

function readUrls(fields: Fields, warnings: string[]): WebhookUrls {
  const urls: WebhookUrls = {};
  for (const kind of ['task', 'step', 'crew'] as const) {
    const url = readUrl(fields, `${kind}WebhookUrl`, warnings);
    if (url !== undefined) urls[kind] = url;
  }
  return urls;
}

function readUrl(fields: Fields, name: string, warnings: string[]): string | undefined {
  const url = fields[name];
  if (isWebhookUrl(url)) return url;
  if (url != null) warnings.push(`meta.${name} ${INVALID_URL}`);
  return undefined;
}

function readChannel({ channel }: Fields, warnings: string[]): string | undefined {
  if (channel == null || channel === '') return undefined;
  if (typeof channel === 'string') return channel;
  warnings.push('meta.channel is not a channel id or #name');
  return undefined;
}

/** A list of ids, or ids with commas. */
function readApprovers({ approvers }: Fields, warnings: string[]): string[] | undefined {
  if (approvers == null || approvers === '') return undefined;
  const listed = typeof approvers === 'string' ? approvers.split(',') : approvers;
  const named: unknown[] = Array.isArray(listed) ? listed : [listed];
  const trimmed = named.map((id) => (typeof id === 'string' ? id.trim() : id));
  const ids = trimmed.filter(isApproverId).slice(0, MAX_APPROVERS);
  if (ids.length < trimmed.length)
    warnings.push('meta.approvers has entries that are not Slack user or user-group ids');
  return ids.length > 0 ? ids : undefined;
}

function readRequester({ requested_by: given }: Fields, warnings: string[]): string | undefined {
  const requester = typeof given === 'string' ? given.trim() : given;
  if (requester == null || requester === '') return undefined;
  if (typeof requester === 'string' && REQUESTER.test(requester)) return requester;
  warnings.push('meta.requested_by is not a Slack user id or an email address');
  return undefined;
}

/** A field that may hold an output; `source`: its JSON text, where parsing changes the value. */
export interface OutputField {
  raw: unknown;
  source: string | undefined;
}

/** The first output that is not blank: usually `output`, else `output_json`. */
export function readFirstOutput(fields: readonly OutputField[]): Output {
  const outputs = fields.map(({ raw, source }) => readOutput(raw, source));
  return outputs.find((candidate) => !isBlank(candidate)) ?? (outputs[0] as Output);
}

/** Hashes of a task's text and of its JSON form (`json`): a duplicate webhook may carry either of them. */
export function hashOutputs(shown: Output, json?: OutputField): string[] {
  const other = json?.raw == null ? undefined : readOutput(json.raw, json.source);
  return [...new Set([hashOutput(shown), ...(other?.kind === 'json' ? [hashOutput(other)] : [])])];
}

interface Fault {
  field: string;
  fault: string;
}

export type ReadWebhook = { facts: WebhookFacts } | { faults: Fault[] };

/** The body of a webhook; `sources`: the JSON text of its fields, where parsing changes a value. */
export interface WebhookBody {
  body: object;
  sources: ReadonlyMap<string, string> | undefined;
}

export const listOutputFields = ({ body, sources }: WebhookBody, ...names: string[]): OutputField[] =>
  names.map((name) => ({ raw: (body as Record<string, unknown>)[name], source: sources?.get(name) }));

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
