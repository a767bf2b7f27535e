import * as z from 'zod';
import { parseUrl } from '../../lib/parse-url.ts';

const webhookUrl = z
  .string()
  .refine((text) => /^https?:\/\/\S+$/i.test(text) && parseUrl(text) !== undefined, 'must be an http(s) URI');

const filledString = z.string().min(1);

const bearer = z.strictObject({ strategy: z.literal('bearer'), token: filledString });

const basic = z.strictObject({
  strategy: z.literal('basic'),
  username: filledString,
  password: filledString,
});

/** The webhook URLs that /kickoff and /resume both take. */
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

/** The `webhooks` of /kickoff: where events are sent, and which types of them. */
export const eventsWebhook = z.strictObject({
  events: z.array(z.string()),
  url: webhookUrl,
  realtime: z.boolean().optional(),
  authentication: bearer.optional(),
});

const webhookTargets = z.object(webhookUrlFields);

/** Where the webhooks of a run are sent. A webhook without a URL is not sent. */
export type WebhookTargets = z.infer<typeof webhookTargets>;

export type EventsWebhook = z.infer<typeof eventsWebhook>;

export type Authentication = z.infer<typeof bearer> | z.infer<typeof basic>;

/** Keeps only the webhook URLs of a request's fields. */
export function pickTargets(fields: WebhookTargets): WebhookTargets {
  return webhookTargets.parse(fields);
}

/** How long the platform waits for the answer to a webhook. */
export const WEBHOOK_TIMEOUT_MS = 10_000;

/** Where the webhooks are sent of what follows the /resume at `after`. `named`: by /kickoff, and by each /resume since. */
export type FindTargets = (named: readonly WebhookTargets[], after: number) => WebhookTargets;

/** To the URLs that this /resume named itself; no source settles it. */
export const findNamedTargets: FindTargets = (named, after) => named[after] ?? {};
