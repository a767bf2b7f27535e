import { Webhook } from 'standardwebhooks';

/** Longest `Retry-After` that counts, in seconds. */
const LONGEST_WAIT = 3_600;

/** The headers of a request as Standard Webhooks has it, signed now. `secret`: `whsec_` and base64. */
export function buildSignedHeaders(
  secret: string,
  { id, body, now }: { id: string; body: string; now: number },
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'crew-approvals',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(now), body),
  };
}

/** How long a receiver wants to be left alone, in milliseconds; undefined: it does not say. */
export function readRetryAfter(header: string | undefined): number | undefined {
  const seconds = Number(/^\d{1,9}$/.exec(header ?? '')?.[0] ?? 0);
  return seconds > 0 ? Math.min(seconds, LONGEST_WAIT) * 1_000 : undefined;
}
