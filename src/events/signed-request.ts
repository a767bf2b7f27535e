import { Webhook } from 'standardwebhooks';

/** Longest wait to accept from `Retry-After`, in seconds. */
const LONGEST_WAIT = 3_600;

/** Builds the headers of a request as Standard Webhooks defines it, signed now. `secret`: `whsec_` and base64. */
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

/** Reads the wait that a receiver asks for, in milliseconds; undefined: the header is absent, zero or not in seconds. */
export function readRetryAfter(header: string | undefined): number | undefined {
  const seconds = Number(/^\d{1,9}$/.exec(header ?? '')?.[0] ?? 0);
  return seconds > 0 ? Math.min(seconds, LONGEST_WAIT) * 1_000 : undefined;
}
