import { createHmac } from 'node:crypto';
import axios from 'axios';

import { type FlowDeployment, startFlowDeployment } from '../sandbox/crewai/flow/deployment.ts';
import { atEnd } from './shared.ts';
import type { Bot } from './world.ts';

const FLOW_SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
export const QUESTION = {
  method: 'review_report',
  message: 'Is this report ready to be published?',
  output: '# Quarterly report\n\nAll is well.',
  emit: ['publish', 'rewrite', 'discard'],
  defaultOutcome: 'discard',
};

/** A review as CrewAI sends it, with the fields of the flat shape. */
export const REVIEW = {
  event_type: 'new_request',
  id: 'review-1',
  flow_id: 'run-1',
  method_name: 'review_report',
  message: 'Is it ready?',
  output: 'Text',
  emit: ['publish'],
  callback_url: 'https://flows.crewai.com/callback?token=x',
};

type DeploymentOptions = Partial<Parameters<typeof startFlowDeployment>[0]>;

/** Starts the deployment of a Flow. It ends with the test. */
export async function startFlow(options: DeploymentOptions = {}): Promise<FlowDeployment> {
  const flow = await startFlowDeployment({ secret: FLOW_SECRET, ...options });
  atEnd(() => flow.close());
  return flow;
}

/** Builds the settings of a bot that accepts the reviews of this deployment. */
export function flowSettings(flow: FlowDeployment): Record<string, string> {
  return {
    FLOW_WEBHOOK_SECRETS: `another-secret-of-16,${FLOW_SECRET}`,
    CALLBACK_HOSTS: new URL(flow.baseUrl).host,
  };
}

/** Builds the headers that sign a body. `at`: seconds since 1970. */
export function signReview(
  text: string,
  { at = Math.floor(Date.now() / 1_000), secret = FLOW_SECRET } = {},
): { 'x-crewai-signature': string; 'x-crewai-timestamp': string } {
  const digest = createHmac('sha256', secret).update(`${at}.${text}`).digest('hex');
  return { 'x-crewai-signature': `sha256=${digest}`, 'x-crewai-timestamp': String(at) };
}

/** Sends the signed webhook of a review and returns the response, whatever its status. */
export function sendReview({ url }: Pick<Bot, 'url'>, body: object, crew = 'press') {
  const text = JSON.stringify(body);
  return axios.post<{ status: string; approval: string; round: number }>(
    `${url}/webhooks/${crew}/flow`,
    text,
    {
      headers: { 'content-type': 'application/json', ...signReview(text) },
      validateStatus: () => true,
    },
  );
}
