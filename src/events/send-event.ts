import type { SignedEvent } from '../approval/signed-events.ts';
import { callHttp } from '../lib/call-http.ts';
import { buildSignedHeaders, readRetryAfter } from './signed-request.ts';

/** Receiver of a crew's events. */
export interface Receiver {
  url: string;
  /** `whsec_` and base64. */
  secret: string;
}

/** A receiver's response. `later`: shortest wait that the receiver asks for, in milliseconds. */
export type EventOutcome =
  | { kind: 'accepted' }
  /** Status 410: the event is dropped. */
  | { kind: 'gone' }
  /** Another status, such as 400: only events of the same run wait for the retry. */
  | { kind: 'rejected'; status: number }
  /** The receiver cannot be reached, or accepts nothing now. */
  | { kind: 'unavailable'; reason: string; later?: number };

const TIMEOUT = 10_000;

/** Posts an event as Standard Webhooks defines it, signed now. Never rejects. Does not follow redirects. */
export async function sendEvent(
  { url, secret }: Receiver,
  event: SignedEvent,
  now: number,
): Promise<EventOutcome> {
  const { id, type, at, data } = event;
  const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
  const answer = await callHttp({
    method: 'post',
    url,
    headers: buildSignedHeaders(secret, { id, body, now }),
    body,
    timeout: TIMEOUT,
  });
  if ('code' in answer) return { kind: 'unavailable', reason: answer.code };
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 410) return { kind: 'gone' };
  const milliseconds = readRetryAfter(retryAfter);
  const askedWait = milliseconds === undefined ? {} : { later: milliseconds };
  return status === 429 || status >= 500
    ? { kind: 'unavailable', reason: String(status), ...askedWait }
    : { kind: 'rejected', status };
}
