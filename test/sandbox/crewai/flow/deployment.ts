import axios from 'axios';
import { type Clock, SYSTEM_CLOCK } from '../../../../src/sandbox/crewai/flow/clock.ts';
import * as played from '../../../../src/sandbox/crewai/flow/deployment.ts';
import type { FlowReview } from '../../../../src/sandbox/crewai/flow/flow-review.ts';
import type { Question } from '../../../../src/sandbox/crewai/flow/question.ts';
import type { Review } from '../../../../src/sandbox/crewai/flow/review.ts';
import { type Serve, startLocalServer } from '../../../../src/sandbox/crewai/server/local-server.ts';
import { type Changes, createChanges } from '../../changes.ts';
import {
  createAnySigner,
  escalated,
  FLOW_CONTRACTS,
  type Shape,
  type SignatureHeaders,
  type SigningKey,
} from './contracts.ts';

export interface FlowDeploymentOptions {
  /** URL for reviews; absent: reviews are not announced until `sendTo`. */
  webhookUrl?: string;
  /** The secret of the webhook, `whsec_…`. */
  secret: string;
  /** `flat` by default, as the platform sends it. */
  shape?: Shape;
  /** `X-Crewai` by default, as the platform sends them. */
  headers?: SignatureHeaders;
  /** `whole` by default, as seen on the platform. */
  key?: SigningKey;
  /** In real time, independent of `clock`. */
  webhookTimeoutMs?: number;
  /** Ids of the shape by default. */
  newRequestId?: () => string;
  /** True if reviews begin with an escalation; false by default. */
  beginsEscalated?: boolean;
  clock?: Clock;
  serve?: Serve;
}

interface AskedReview extends FlowReview {
  /** Resolves with the status of the answer to the first webhook; undefined if it was not sent or not answered. */
  webhookStatus(): Promise<number | undefined>;
}

export interface FlowDeployment extends played.FlowDeployment {
  ask(question: Question): AskedReview;
  /**
   * Sends an escalation of an open review, optionally with another assignee. Resolves with the status of the answer.
   */
  escalate(requestId: string, changes?: { assignedToEmail?: string }): Promise<number>;
  changed: Changes['changed'];
}

/**
 * Starts the sandbox's deployment of a Flow for tests, with the contract of any source and a clock that a test can
 * move.
 */
export async function startFlowDeployment({
  webhookUrl,
  secret,
  shape = 'flat',
  headers = 'X-Crewai',
  key = 'whole',
  clock = SYSTEM_CLOCK,
  serve = startLocalServer,
  beginsEscalated = false,
  ...changed
}: FlowDeploymentOptions): Promise<FlowDeployment> {
  const changes = createChanges('CrewAI platform');
  const contract = { ...FLOW_CONTRACTS[shape], ...changed };
  const sign = createAnySigner(secret, { headers, key, now: clock.now });
  const reviews = new Map<string, Review>();
  const flow = await played.startFlowDeployment({
    contract: {
      ...contract,
      buildBody(review) {
        reviews.set(review.id, review);
        const body = contract.buildBody(review);
        return beginsEscalated ? escalated(body) : body;
      },
    },
    sign,
    clock,
    serve,
    onChange: changes.notify,
  });
  if (webhookUrl !== undefined) flow.sendTo(webhookUrl);
  return {
    ...flow,
    ask(question) {
      const index = flow.webhooks.length;
      const review = flow.ask(question);
      const sent = flow.webhooks[index];
      async function webhookStatus() {
        if (sent) await changes.changed(() => sent.status ?? sent.error, { what: 'the answer to a webhook' });
        return sent?.status;
      }
      return { ...review, webhookStatus };
    },
    async escalate(requestId, assigned = {}) {
      const review = reviews.get(requestId);
      if (!review) throw new Error(`There is no review ${requestId}`);
      if (review.answer) throw new Error(`Review ${requestId} was answered via ${review.answer.via}`);
      review.question = { ...review.question, ...assigned };
      const text = JSON.stringify(escalated(contract.buildBody(review)));
      const sent = flow.webhooks.find(({ body }) => JSON.stringify(body).includes(review.token));
      const { status } = await axios.post(sent?.url ?? '', text, {
        headers: { 'content-type': 'application/json', ...sign(text) },
        validateStatus: () => true,
      });
      return status;
    },
    changed: changes.changed,
    async close() {
      await flow.close();
      changes.close();
    },
  };
}
