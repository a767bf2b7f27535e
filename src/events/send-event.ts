import { Webhook } from 'standardwebhooks';
import type { SignedEvent } from '../approval/signed-events.ts';

/** Where the events of a crew go. */
export interface Receiver {
  url: string;
  /** `whsec_` and base64. */
  secret: string;
}

/** What a receiver said. `later`: not before so many milliseconds. */
export type EventOutcome =
  | { kind: 'accepted' }
  /** It does not want this event. */
  | { kind: 'gone' }
  /** It rejects this event; others may go. */
  | { kind: 'rejected'; status: number }
  /** It cannot be reached, or takes nothing now. */
  | { kind: 'unavailable'; reason: string; later?: number };

const TIMEOUT = 10_000;
/** Longest `Retry-After` that counts, in seconds. */
const LONGEST_WAIT = 3_600;

/** Posts an event as Standard Webhooks has it, signed now. Never rejects; redirects are not followed. */
export async function sendEvent(
  { url, secret }: Receiver,
  event: SignedEvent,
  now: number,
): Promise<EventOutcome> {
  const { id, type, at, data } = event;
  const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
  const signed = new Date(now);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'crew-approvals',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, signed, body),
      },
      body,
    });
    await response.body?.cancel();
    const { status, headers } = response;
    if (status >= 200 && status < 300) return { kind: 'accepted' };
    if (status === 410) return { kind: 'gone' };
    const seconds = Number(/^\d{1,9}$/.exec(headers.get('retry-after') ?? '')?.[0] ?? 0);
    const later = seconds > 0 ? { later: Math.min(seconds, LONGEST_WAIT) * 1_000 } : {};
    return status === 429 || status >= 500
      ? { kind: 'unavailable', reason: String(status), ...later }
      : { kind: 'rejected', status };
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string };
    return { kind: 'unavailable', reason: cause?.code ?? name };
  }
}
