import * as z from 'zod';
import { parseUrl } from '../../lib/parse-url.ts';

const webhookUrl = z
  .string()
  .refine((text) => /^https?:\/\/\S+$/i.test(text) && parseUrl(text) !== undefined, 'must be an http(s) URI');

const nonEmptyString = z.string().min(1);

const bearer = z.strictObject({ strategy: z.literal('bearer'), token: nonEmptyString });

const basic = z.strictObject({
  strategy: z.literal('basic'),
  username: nonEmptyString,
  password: nonEmptyString,
});

/** Webhook URLs that both /kickoff and /resume accept. */
export const webhookUrlFields = {
  taskWebhookUrl: webhookUrl.optional(),
  stepWebhookUrl: webhookUrl.optional(),
  crewWebhookUrl: webhookUrl.optional(),
  humanInputWebhook: z
    .strictObject({
      url: webhookUrl,
      authentication: z.discriminatedUnion('strategy', [bearer, basic]).optional(),
    })
    .optional(),
  humanInputWebhookUrl: webhookUrl.optional(),
};

/** `webhooks` of /kickoff: the URL for events, and the types to send. */
export const eventsWebhook = z.strictObject({
  events: z.array(z.string()),
  url: webhookUrl,
  realtime: z.boolean().optional(),
  authentication: bearer.optional(),
});

const webhookTargets = z.object(webhookUrlFields);

/** URLs for the webhooks of a run. A webhook without a URL is not sent. */
export type WebhookTargets = z.infer<typeof webhookTargets>;

export type EventsWebhook = z.infer<typeof eventsWebhook>;

export type Authentication = z.infer<typeof bearer> | z.infer<typeof basic>;

/** Keeps only the webhook URLs of a request's fields. */
export function pickTargets(fields: WebhookTargets): WebhookTargets {
  return webhookTargets.parse(fields);
}

/** Time that the platform waits for the response to a webhook, in milliseconds. */
export const WEBHOOK_TIMEOUT_MS = 10_000;

/** Finds the URLs for the webhooks after a request. `targets`: the URLs in /kickoff and each /resume, by `requestIndex`. */
export type FindTargets = (targets: readonly WebhookTargets[], requestIndex: number) => WebhookTargets;

/** Uses only the URLs in the request itself. No source documents which URLs CrewAI uses. */
export const useTargetsOfRequest: FindTargets = (targets, requestIndex) => targets[requestIndex] ?? {};
