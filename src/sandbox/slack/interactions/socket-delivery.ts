import { setTimeout as wait } from 'node:timers/promises';
import type { Links, Outcome } from '../blocks/links.ts';
import type { Deliver, Delivery, Envelope } from './delivery.ts';

/** Delivers in Socket Mode's envelopes. Events, and only they, are redelivered; that goes on behind the answer. */
export function createSocketDelivery(options: {
  links: Links;
  deadlineMs: number;
  /** How long after a failed delivery of an event comes the next one. */
  retryAfterMs: readonly number[];
  /** Ends the redelivering. */
  signal: AbortSignal;
}): Deliver {
  async function attempt({ kind, payload }: Envelope, retry: object) {
    const started = performance.now();
    const fields = { payload, type: kind, accepts_response_payload: kind !== 'events_api', ...retry };
    const outcome = await options.links.exchange(fields, options.deadlineMs);
    return { outcome, delivery: deliveryOf(outcome, performance.now() - started) };
  }

  async function redeliver(envelope: Envelope, failed: Outcome): Promise<void> {
    let last = failed;
    for (const [index, ms] of options.retryAfterMs.entries()) {
      await wait(ms, undefined, { signal: options.signal, ref: false });
      const retry_reason = last.end === 'timeout' ? 'timeout' : 'connection_failed';
      ({ outcome: last } = await attempt(envelope, { retry_attempt: index + 1, retry_reason }));
      if (last.end === 'acked') return;
    }
  }

  return async (envelope) => {
    if (envelope.kind !== 'events_api') return (await attempt(envelope, {})).delivery;
    const { outcome, delivery } = await attempt(envelope, { retry_attempt: 0, retry_reason: '' });
    // The workspace's end is the only thing that can stop it.
    if (outcome.end !== 'acked') redeliver(envelope, outcome).catch(() => {});
    return delivery;
  };
}

/** An ack counts as the body of an HTTP answer; Bolt's ack() without a body comes as an empty object. */
function deliveryOf(outcome: Outcome, ms: number): Delivery {
  if (outcome.end !== 'acked') return { status: 0, ms, acked: false, body: '' };
  return { status: 200, ms, acked: true, body: isEmpty(outcome.payload) ? '' : outcome.payload };
}

function isEmpty(payload: unknown): boolean {
  if (payload === undefined || payload === null) return true;
  return typeof payload === 'object' && Object.keys(payload).length === 0;
}
