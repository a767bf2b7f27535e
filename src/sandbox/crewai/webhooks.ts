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
  /** The headers that sign the body as it is sent. */
  sign?: (text: string) => Record<string, string>;
}

/** A webhook that was sent: with `status` once answered, with `error` if no answer came. */
export interface WebhookRecord {
  kind: WebhookKind;
  /** The execution that sent it, by its first id. */
  run: string;
  url: string;
  body: unknown;
  /** Of the Authorization header; absent if it was sent without one. */
  strategy?: Authentication['strategy'];
  /** Milliseconds since the epoch at which the run sent it. */
  at: number;
  status?: number;
  /** The text of the answer. */
  answer?: string;
  error?: string;
}

export interface Webhooks {
  sent: readonly WebhookRecord[];
  /**
   * A queue: its webhooks are sent one after the other, in order, and the run does not wait for them. Resolves with
   * the record once the webhook was answered or has failed.
   */
  line(run: string): (delivery: Delivery) => Promise<WebhookRecord>;
  /** Sends the webhook at `index` of `sent` again. */
  redeliver(index: number): Promise<WebhookRecord>;
  close(): Promise<void>;
}

/** Sends each webhook once, without retries, and does not follow redirects. */
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
  const lines = new Set<Promise<void>>();
  let closed = false;
  // A kept-alive connection could break when the receiver restarts, and a webhook would be lost.
  const agents = {
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
  };

  function enter(run: string, delivery: Delivery): WebhookRecord {
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
    const planned = failure && simulateOutcome(failure, timeoutMs);
    const outcome = planned ?? (await post(delivery));
    Object.assign(record, failure && 'answerLost' in failure ? { error: 'the answer was lost' } : outcome);
    onChange();
  }

  function track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => lines.delete(tracked));
    lines.add(tracked);
    return tracked;
  }

  return {
    sent,
    line(run) {
      let last = Promise.resolve();
      return (delivery) => {
        const record = enter(run, delivery);
        last = track(last.then(() => deliver(record, delivery)));
        onChange();
        return last.then(() => record);
      };
    },
    async redeliver(index) {
      const original = sent[index];
      const delivery = original && deliveries.get(original);
      if (!delivery) throw new RangeError(`No webhook ${index}: ${sent.length} were sent`);
      const record = enter(original.run, delivery);
      await track(deliver(record, delivery));
      return record;
    },
    async close() {
      closed = true;
      for (const controller of inFlight) controller.abort();
      await Promise.all(lines);
    },
  };
}

function buildAuthorization(authentication: Authentication | undefined): Record<string, string> {
  if (!authentication) return {};
  if (authentication.strategy === 'bearer') return { authorization: `Bearer ${authentication.token}` };
  const { username, password } = authentication;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** The outcome of a webhook that a failure keeps from being sent; undefined if it is sent nevertheless. */
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
