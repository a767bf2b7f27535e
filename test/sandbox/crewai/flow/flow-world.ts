import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { onTestFinished } from 'vitest';
import {
  type FlowDeploymentOptions,
  startFlowDeployment,
} from '../../../../src/sandbox/crewai/flow/deployment.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

export const SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';

export const START = Date.parse('2026-10-01T09:00:00Z');

export const QUESTION = {
  method: 'review_article',
  message: 'Please review the article before it is published.',
  output: '# Old nets, new jackets',
  emit: ['approved', 'needs_changes', 'rejected'],
  defaultOutcome: 'needs_changes',
};

interface Received {
  headers: IncomingHttpHeaders;
  text: string;
  body: Record<string, unknown>;
}

/** Takes webhooks as raw bytes and answers each with `status`; with 0 it never answers. */
async function startInbox(status: number) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    received.push({ headers: req.headers, text, body: JSON.parse(text) as Record<string, unknown> });
    if (status > 0) res.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hitl`, received };
}

/** Starts a deployment and the inbox of its webhooks, which both end with the test. */
export async function startFlow(options: Partial<FlowDeploymentOptions> = {}, inboxStatus = 202) {
  const inbox = await startInbox(inboxStatus);
  const clock = createFakeClock(START);
  const deployment = await startFlowDeployment({ webhookUrl: inbox.url, secret: SECRET, clock, ...options });
  onTestFinished(() => deployment.close());
  return { deployment, inbox, clock };
}

/** Answers a review as a client does. */
export function postAnswer(callbackUrl: string, body: unknown, contentType = 'application/json') {
  return axios.post(callbackUrl, body, {
    headers: { 'content-type': contentType },
    validateStatus: () => true,
  });
}
