import { z } from 'zod';
import { parseUrl } from '../../../lib/parse-url.ts';

/** CrewAI's three kinds of webhooks of a run. */
export const webhookKinds = ['task', 'step', 'crew'] as const;

export const webhookUrlsSchema = z.object({
  task: z.string().optional(),
  step: z.string().optional(),
  crew: z.string().optional(),
});
export type WebhookUrls = z.infer<typeof webhookUrlsSchema>;

export const humanInputWebhookSchema = z.object({
  url: z.string(),
  authentication: z
    .discriminatedUnion('strategy', [
      z.object({ strategy: z.literal('bearer'), token: z.string() }),
      z.object({ strategy: z.literal('basic'), username: z.string(), password: z.string() }),
    ])
    .optional(),
  /** Form in a kickoff: an object (`humanInputWebhook`), or a URL alone (`humanInputWebhookUrl`); absent: an object. */
  form: z.enum(['object', 'string']).optional(),
});
export type HumanInputWebhook = z.infer<typeof humanInputWebhookSchema>;

export const resolvedUrl = z.object({
  url: z.string(),
  from: z.enum(['registered', 'meta', 'settings', 'bot']),
});
export type ResolvedUrl = z.infer<typeof resolvedUrl>;
const optionalUrl = resolvedUrl.optional();
export const resolvedUrlsSchema = z.object({ task: optionalUrl, step: optionalUrl, crew: optionalUrl });
export type ResolvedUrls = z.infer<typeof resolvedUrlsSchema>;

/** Masks a URL for people: the host and the beginning of its path. The rest could be a secret. */
export function maskUrl(url: string, wholePath = false): string {
  if (!parseUrl(url)) return '…';
  const { host, pathname, search } = new URL(url);
  const [, first = '', ...rest] = pathname.replace(/[^/]{20,}/g, '…').split('/');
  const path = wholePath || rest.length === 0 ? [first, ...rest].join('/') : `${first}/…`;
  return `${host}${path === '' ? '' : `/${path}`}${search === '' ? '' : '?…'}`;
}

const MAX_URL = 2_000;

/** True for an http or https URL that CrewAI could call, up to 2,000 characters. */
export function isWebhookUrl(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > MAX_URL || /\s/.test(text) || !parseUrl(text)) return false;
  return /^https?:$/.test(new URL(text).protocol);
}

const NON_ASCII = /[\u{80}-\u{10ffff}]+/gu;

/**
 * Writes a URL without the characters that some HTTP clients reject: non-ASCII ones are percent-encoded, those in the host become
 * Punycode (`xn--`). The rest stays unchanged: the receiver may sign or compare the URL.
 */
export function writeAscii(url: string): string {
  const [, beginning = '', host = ''] = /^(https?:\/\/(?:[^/?#\\]*@)?)([^/?#\\:]*)/i.exec(url) ?? [];
  const hasNonAsciiHost = host.search(NON_ASCII) !== -1 && parseUrl(url) !== undefined;
  const urlWithAsciiHost = hasNonAsciiHost
    ? `${beginning}${new URL(url).hostname}${url.slice(beginning.length + host.length)}`
    : url;
  return urlWithAsciiHost.toWellFormed().replace(NON_ASCII, encodeURIComponent);
}

/** Decodes part of a URL. Returns the part unchanged if it cannot be decoded. */
export function decodePart(part = ''): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
