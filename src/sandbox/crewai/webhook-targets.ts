import * as z from 'zod';

const webhookUrl = z
  .string()
  .refine((text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text), 'must be an http(s) URI');

/** The three URLs that /kickoff and /resume both take, by the names that both use. */
export const webhookUrlFields = {
  taskWebhookUrl: webhookUrl.optional(),
  stepWebhookUrl: webhookUrl.optional(),
  crewWebhookUrl: webhookUrl.optional(),
  humanInputWebhook: z
    .strictObject({
      url: webhookUrl,
      authentication: z
        .discriminatedUnion('strategy', [
          z.strictObject({ strategy: z.literal('bearer'), token: z.string().min(1) }),
          z.strictObject({
            strategy: z.literal('basic'),
            username: z.string().min(1),
            password: z.string().min(1),
          }),
        ])
        .optional(),
    })
    .optional(),
};

const webhookTargets = z.object(webhookUrlFields);

/** Where the webhooks of a run go; what is missing is not sent. */
export type WebhookTargets = z.infer<typeof webhookTargets>;

/** Leaves only the webhook URLs of a request's fields. */
export function targetsOf(fields: WebhookTargets): WebhookTargets {
  return webhookTargets.parse(fields);
}

/** Names each wrong field and what is wrong with it, in one line. */
export function whatIsWrong(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
