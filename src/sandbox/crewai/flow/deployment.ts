import { createFailures, type Failures } from '../../failures.ts';
import type { Answer } from '../answers.ts';
import type { Serve } from '../server/local-server.ts';
import type { RequestRecord } from '../server/recorded-app.ts';
import { createWebhooks, type WebhookRecord } from '../webhooks.ts';
import { buildAccepted, type CallbackRequest, readCallback } from './callback.ts';
import type { Clock } from './clock.ts';
import type { FlowContract } from './contract.ts';
import type { FlowReview } from './flow-review.ts';
import { createFlowHttp } from './http.ts';
import type { Question } from './question.ts';
import type { Review } from './review.ts';
import { Reviews } from './reviews.ts';
import type { Sign } from './signature.ts';

export interface FlowDeploymentOptions {
  contract: FlowContract;
  sign: Sign;
  clock: Clock;
  /** Planned failures; absent: separate from the crew's. In the demo, callbacks share the failures of the crew's /resume. */
  failures?: Failures | undefined;
  serve: Serve;
  /** Called after every change. */
  onChange: () => void;
}

export interface FlowDeployment {
  baseUrl: string;
  /** Sets the URL for the webhooks of later reviews. Before the first call, no webhook is sent. */
  sendTo(webhookUrl: string): void;
  /** Pauses a flow for a review and sends its webhook. Throws a TypeError if the decorator rejects the question. */
  ask(question: Question): FlowReview;
  /** Answers a review in one of CrewAI's own ways; throws if the review is unknown or has an answer. */
  answerBy(via: 'dashboard' | 'email', requestId: string, feedback: string): void;
  /** All reviews, oldest first, including those that `onAnswer` asked. */
  reviews: readonly FlowReview[];
  /** All webhooks, oldest first, including queued and failed ones. */
  webhooks: readonly WebhookRecord[];
  /** Sends the webhook at `index` of `webhooks` again, with a signature of the current time. */
  redeliver(index: number): Promise<WebhookRecord>;
  /** All received requests, oldest first. */
  requests: readonly RequestRecord[];
  /** Values of `on`: `respond` for callback URLs; `webhook`, whose `when` gets `{kind, url, body}`. */
  failures: Failures;
  close(): Promise<void>;
}

/** Starts a simulated deployment of a Flow on CrewAI AMP. */
export async function startFlowDeployment({
  contract,
  sign,
  clock,
  failures = createFailures(),
  serve,
  onChange,
}: FlowDeploymentOptions): Promise<FlowDeployment> {
  let webhookUrl: string | undefined;
  const requests: RequestRecord[] = [];
  const { webhookTimeoutMs: timeoutMs } = contract;
  const webhooks = createWebhooks({ failures, timeoutMs, now: clock.now, onChange });

  // Each webhook has its own queue: no review waits for the webhook of another.
  function notify(review: Review): void {
    if (webhookUrl === undefined) return;
    // The body is copied because the flow can change its state later.
    const body = structuredClone(contract.buildBody(review));
    void webhooks.line(review.flowExecutionId)({ kind: 'review', url: webhookUrl, body, sign });
  }

  const app = createFlowHttp({
    failures,
    now: clock.now,
    onRequest: (record) => requests.push(record),
    onChange,
    respond: (request) => respond(reviews, request),
  });
  const server = await serve(app);
  const { newRequestId: newId } = contract;
  const reviews = new Reviews({ clock, newId, baseUrl: server.baseUrl, notify, onChange });

  return {
    baseUrl: server.baseUrl,
    sendTo(url) {
      webhookUrl = url;
    },
    ask: (question) => reviews.ask(question),
    answerBy: (via, requestId, feedback) => reviews.answer(requestId, { feedback, via }).continueFlow(),
    reviews: reviews.handles,
    webhooks: webhooks.sent,
    redeliver: webhooks.redeliver,
    requests,
    failures,
    async close() {
      reviews.close();
      await Promise.all([server.close(), webhooks.close()]);
    },
  };
}

/** Answers a POST to a callback URL; the flow continues after the response. */
function respond(reviews: Reviews, request: CallbackRequest): Answer {
  const callback = readCallback(reviews.find(request.requestId), request);
  if ('refused' in callback) return callback.refused;
  const { review, feedback } = callback;
  const { answer, continueFlow } = reviews.answer(review.id, { feedback, via: 'api' });
  return { ...buildAccepted(review, answer), afterwards: continueFlow };
}
