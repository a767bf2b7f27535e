import axios from 'axios';
import { onTestFinished } from 'vitest';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { startReceiver } from '../press-crew.ts';
import { type FlowDeploymentOptions, startFlowDeployment } from './deployment.ts';

export const SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';

export const START = Date.parse('2026-10-01T09:00:00Z');

export const QUESTION = {
  method: 'review_article',
  message: 'Please review the article before it is published.',
  output: '# Old nets, new jackets',
  emit: ['approved', 'needs_changes', 'rejected'],
  defaultOutcome: 'needs_changes',
};

/** Starts a deployment and the receiver of its webhooks. Both end with the test. */
export async function startFlow(options: Partial<FlowDeploymentOptions> = {}, receiverStatus = 202) {
  const { url, received } = await startReceiver(receiverStatus);
  const clock = createFakeClock(START);
  const deployment = await startFlowDeployment({ webhookUrl: url, secret: SECRET, clock, ...options });
  onTestFinished(() => deployment.close());
  return { deployment, clock, url, received, bodies: () => received().map(({ body }) => body) };
}

/** Starts a deployment and asks for a review. `respond` answers at the callback URL as a client does. */
export async function startAsking(question: object = {}) {
  const flow = await startFlow();
  const review = flow.deployment.ask({ ...QUESTION, ...question });
  const respond = (feedback: string) => postAnswer(review.callbackUrl, { feedback, source: 'slack' });
  return { ...flow, review, respond };
}

/** Posts to a callback URL. A text is sent unchanged, everything else as JSON. */
export async function postAnswer(callbackUrl: string, body: unknown, contentType = 'application/json') {
  const { status, data } = await axios.post(callbackUrl, body, {
    headers: { 'content-type': contentType },
    transformRequest: (given: unknown) => (typeof given === 'string' ? given : JSON.stringify(given)),
    validateStatus: () => true,
  });
  return { status, data };
}
