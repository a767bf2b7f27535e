import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Deliver, Delivery, Envelope } from './delivery.ts';
import type { Link, Outcome } from './links.ts';

/**
 * Delivers in Socket Mode's envelopes. Only events are redelivered; the first answer returns without waiting for that.
 */
export function createSocketDelivery(options: {
  /** Lists the connections that are open now. */
  open: () => readonly Link[];
  deadlineMs: number;
  /** Delays before the redeliveries of an event, each after the failed delivery before it. */
  retryAfterMs: readonly number[];
  /** Stops redelivery. */
  signal: AbortSignal;
}): Deliver {
  let turn = 0;

  /** Sends an envelope to the next open connection, in turn, and waits for its ack. */
  function exchange(fields: Record<string, unknown>): Promise<Outcome> {
    const links = options.open();
    const link = links[turn++ % links.length];
    if (!link) return Promise.resolve({ end: 'none open' });
    const envelope_id = randomUUID();
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        clearTimeout(timeout);
        link.waiting.delete(envelope_id);
        resolve(outcome);
      };
      const timeout = setTimeout(settle, options.deadlineMs, { end: 'timeout' });
      link.waiting.set(envelope_id, settle);
      link.socket.send(JSON.stringify({ envelope_id, ...fields }));
    });
  }

  async function attempt({ kind, payload }: Envelope, retry: object) {
    const fields = { payload, type: kind, accepts_response_payload: kind !== 'events_api', ...retry };
    const outcome = await exchange(fields);
    return { outcome, delivery: deliveryOf(outcome) };
  }

  async function redeliver(envelope: Envelope, firstOutcome: Outcome): Promise<void> {
    let lastOutcome = firstOutcome;
    for (const [index, ms] of options.retryAfterMs.entries()) {
      await wait(ms, undefined, { signal: options.signal, ref: false });
      const retry_reason = lastOutcome.end === 'timeout' ? 'timeout' : 'connection_failed';
      ({ outcome: lastOutcome } = await attempt(envelope, { retry_attempt: index + 1, retry_reason }));
      if (lastOutcome.end === 'acked') return;
    }
  }

  return async (envelope) => {
    if (envelope.kind !== 'events_api') return (await attempt(envelope, {})).delivery;
    const { outcome, delivery } = await attempt(envelope, { retry_attempt: 0, retry_reason: '' });
    // Redelivery rejects only if the workspace ends.
    if (outcome.end !== 'acked') redeliver(envelope, outcome).catch(() => {});
    return delivery;
  };
}

/** Treats an ack as the body of an HTTP response. Bolt's ack() without a body arrives as an empty object. */
function deliveryOf(outcome: Outcome): Delivery {
  if (outcome.end !== 'acked') return { status: 0, acked: false, body: '' };
  return { status: 200, acked: true, body: isEmpty(outcome.payload) ? '' : outcome.payload };
}

function isEmpty(payload: unknown): boolean {
  if (payload === undefined || payload === null) return true;
  return typeof payload === 'object' && Object.keys(payload).length === 0;
}
