import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Deliver, Delivery, Envelope } from './delivery.ts';
import type { Link, Outcome } from './links.ts';

/** Delivers in Socket Mode's envelopes. Events, and only they, are redelivered; that goes on behind the answer. */
export function createSocketDelivery(options: {
  /** The connections that are open now. */
  open: () => readonly Link[];
  deadlineMs: number;
  /** How long after a failed delivery of an event comes the next one. */
  retryAfterMs: readonly number[];
  /** Ends the redelivering. */
  signal: AbortSignal;
}): Deliver {
  let turn = 0;

  /** Gives one envelope to one of the open connections, in turn, and waits for its ack. */
  function exchange(fields: Record<string, unknown>): Promise<Outcome> {
    const all = options.open();
    const link = all[turn++ % all.length];
    if (!link) return Promise.resolve({ end: 'none open' });
    const envelope_id = randomUUID();
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        clearTimeout(late);
        link.waiting.delete(envelope_id);
        resolve(outcome);
      };
      const late = setTimeout(settle, options.deadlineMs, { end: 'timeout' });
      link.waiting.set(envelope_id, settle);
      link.socket.send(JSON.stringify({ envelope_id, ...fields }));
    });
  }

  async function attempt({ kind, payload }: Envelope, retry: object) {
    const fields = { payload, type: kind, accepts_response_payload: kind !== 'events_api', ...retry };
    const outcome = await exchange(fields);
    return { outcome, delivery: deliveryOf(outcome) };
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
function deliveryOf(outcome: Outcome): Delivery {
  if (outcome.end !== 'acked') return { status: 0, acked: false, body: '' };
  return { status: 200, acked: true, body: isEmpty(outcome.payload) ? '' : outcome.payload };
}

function isEmpty(payload: unknown): boolean {
  if (payload === undefined || payload === null) return true;
  return typeof payload === 'object' && Object.keys(payload).length === 0;
}
