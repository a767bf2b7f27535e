import { createHmac } from 'node:crypto';
import type { Deliver, Envelope } from '../../../src/sandbox/slack/interactions/delivery.ts';

/** Delivers over HTTP with Slack's signature: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function createHttpDelivery(options: {
  url: string;
  signingSecret: string;
  deadlineMs: number;
}): Deliver {
  return async ({ kind, payload }) => {
    const { contentType, body } = encode(kind, payload);
    const timestamp = Math.floor(Date.now() / 1000);
    const digest = createHmac('sha256', options.signingSecret)
      .update(`v0:${timestamp}:${body}`)
      .digest('hex');
    try {
      const response = await fetch(options.url, {
        method: 'POST',
        headers: {
          'content-type': contentType,
          'x-slack-request-timestamp': String(timestamp),
          'x-slack-signature': `v0=${digest}`,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(options.deadlineMs),
      });
      const answer = await bodyOf(response);
      return { status: response.status, acked: response.status === 200, body: answer };
    } catch {
      return { status: 0, acked: false, body: '' };
    }
  };
}

function encode(kind: Envelope['kind'], payload: Record<string, unknown>) {
  const form = 'application/x-www-form-urlencoded';
  if (kind === 'events_api') return { contentType: 'application/json', body: JSON.stringify(payload) };
  if (kind === 'interactive') {
    return { contentType: form, body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() };
  }
  const fields = Object.entries(payload).map(([name, value]) => [name, String(value)]);
  return { contentType: form, body: new URLSearchParams(Object.fromEntries(fields)).toString() };
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
  return isJson ? JSON.parse(text) : text;
}
