import { isApproverId } from '../../approval/model/crew/slack-ids.ts';
import { isWebhookUrl, type WebhookUrls } from '../../approval/model/crew/webhook-urls.ts';
import type { RunMeta, WebhookFacts } from '../../approval/model/run/webhook.ts';

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
