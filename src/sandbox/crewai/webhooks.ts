import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { isAxiosError } from 'axios';
import type { Failure, Failures } from '../failures.ts';
import type { Authentication } from './webhook-targets.ts';

type WebhookKind = 'task' | 'step' | 'crew' | 'human-input' | 'events' | 'review';

export interface Delivery {
  kind: WebhookKind;
  url: string;
  body: unknown;
  authentication?: Authentication | undefined;
  /** Builds the headers that sign the body when it is sent. */
  sign?: (text: string) => Record<string, string>;
}

/** A webhook of a run. `status`: it was answered; `error`: no response came; neither: queued or in flight. */
export interface WebhookRecord {
  kind: WebhookKind;
  /** First id of the execution that sent the webhook. */
  run: string;
  url: string;
  body: unknown;
  /** Scheme of the Authorization header; absent: sent without the header. */
  strategy?: Authentication['strategy'];
  /** Time at which the run sent it to the queue, in milliseconds since the epoch. */
  at: number;
  status?: number;
  /** Text of the response. */
  answer?: string;
  error?: string;
}

export interface Webhooks {
  sent: readonly WebhookRecord[];
  /**
   * Opens a queue: its webhooks are sent one after the other, in order, and the run does not wait for them. The returned
   * function resolves with the record once its webhook was answered or has failed.
   */
  line(run: string): (delivery: Delivery) => Promise<WebhookRecord>;
  /** Sends the webhook at `index` of `sent` again. */
  redeliver(index: number): Promise<WebhookRecord>;
  close(): Promise<void>;
}

/** Creates a sender that sends each webhook once, without retries, and does not follow redirects. */
export function createWebhooks({
  failures,
  timeoutMs,
  now,
  onChange,
}: {
  failures: Failures;
  timeoutMs: number;
  now: () => number;
  onChange: () => void;
}): Webhooks {
  const sent: WebhookRecord[] = [];
  const deliveries = new Map<WebhookRecord, Delivery>();
  const inFlight = new Set<AbortController>();
  const unsettledDeliveries = new Set<Promise<void>>();
  let closed = false;
  // A kept-alive connection can break when the receiver restarts, which would lose a webhook.
  const agents = {
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
  };

  function logWebhook(run: string, delivery: Delivery): WebhookRecord {
    const { kind, url, body, authentication } = delivery;
    const strategy = authentication && { strategy: authentication.strategy };
    const record: WebhookRecord = { kind, run, url, body, ...strategy, at: now() };
    sent.push(record);
    deliveries.set(record, delivery);
    return record;
  }

  async function post({
    url,
    body,
    authentication,
    sign,
  }: Delivery): Promise<{ status: number; answer: string } | { error: string }> {
    if (closed) return { error: 'the platform was closed' };
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    inFlight.add(controller);
    try {
      const text = JSON.stringify(body);
      const { status, data } = await axios.post<string>(url, text, {
        ...agents,
        headers: {
          'content-type': 'application/json',
          ...buildAuthorization(authentication),
          ...sign?.(text),
        },
        maxRedirects: 0,
        proxy: false,
        responseType: 'text',
        signal: controller.signal,
        validateStatus: () => true,
      });
      return { status, answer: data };
    } catch (error) {
      if (closed) return { error: 'the platform was closed' };
      if (controller.signal.aborted) return { error: `no answer within ${timeoutMs} ms` };
      return { error: isAxiosError(error) ? (error.code ?? error.message) : String(error) };
    } finally {
      clearTimeout(timer);
      inFlight.delete(controller);
    }
  }

  async function deliver(record: WebhookRecord, delivery: Delivery): Promise<void> {
    const { kind, url, body } = delivery;
    const failure = failures.next('webhook', { kind, url, body });
    const simulatedOutcome = failure && simulateOutcome(failure, timeoutMs);
    const outcome = simulatedOutcome ?? (await post(delivery));
    Object.assign(record, failure && 'answerLost' in failure ? { error: 'the answer was lost' } : outcome);
    onChange();
  }

  function track(work: Promise<void>): Promise<void> {
    const settled = work.finally(() => unsettledDeliveries.delete(settled));
    unsettledDeliveries.add(settled);
    return settled;
  }

  return {
    sent,
    line(run) {
      let lastDelivery = Promise.resolve();
      return (delivery) => {
        const record = logWebhook(run, delivery);
        lastDelivery = track(lastDelivery.then(() => deliver(record, delivery)));
        onChange();
        return lastDelivery.then(() => record);
      };
    },
    async redeliver(index) {
      const original = sent[index];
      const delivery = original && deliveries.get(original);
      if (!delivery) throw new RangeError(`No webhook ${index}: ${sent.length} were sent`);
      const record = logWebhook(original.run, delivery);
      await track(deliver(record, delivery));
      return record;
    },
    async close() {
      closed = true;
      for (const controller of inFlight) controller.abort();
      await Promise.all(unsettledDeliveries);
    },
  };
}

function buildAuthorization(authentication: Authentication | undefined): Record<string, string> {
  if (!authentication) return {};
  if (authentication.strategy === 'bearer') return { authorization: `Bearer ${authentication.token}` };
  const { username, password } = authentication;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** Returns the outcome of a webhook that a failure keeps from being sent; undefined if the webhook is still sent. */
function simulateOutcome(
  failure: Failure,
  timeoutMs: number,
): { status: number } | { error: string } | undefined {
  if ('answerLost' in failure) return undefined;
  if ('status' in failure) return { status: failure.status };
  if ('rateLimited' in failure) return { status: 429 };
  if ('noAnswer' in failure) return { error: `no answer within ${timeoutMs} ms` };
  if ('reset' in failure) return { error: 'ECONNRESET' };
  return { error: failure.error };
}
