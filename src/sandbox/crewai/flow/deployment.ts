import { createFailures, type Failures } from '../../failures.ts';
import type { Answer } from '../answers.ts';
import { type Changes, createChanges } from '../changes.ts';
import { type Serve, startLocalServer } from '../server/local-server.ts';
import type { RequestRecord } from '../server/recorded-app.ts';
import { createWebhooks, type WebhookRecord } from '../webhooks.ts';
import { buildAccepted, type CallbackRequest, readCallback } from './callback.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import type { AnswerWay, FlowReview } from './flow-review.ts';
import { createFlowHttp } from './http.ts';
import type { Question, ReviewEvent } from './question.ts';
import type { Review } from './review.ts';
import { Reviews } from './reviews.ts';
import { createSigner, type SignatureHeaders, type SigningKey } from './signature.ts';
import { buildReviewBody, type Shape } from './webhook-bodies.ts';

/** CrewAI waits this long for the answer to a webhook. */
const WEBHOOK_TIMEOUT_MS = 30_000;

export interface FlowDeploymentOptions {
  /** Where reviews are announced; nowhere by default, until `sendTo`. */
  webhookUrl?: string;
  /** The secret of the webhook, `whsec_…`. */
  secret: string;
  /** `flat` by default, as the platform sends it. */
  shape?: Shape;
  /** `X-Crewai` by default, as the platform sends them. */
  headers?: SignatureHeaders;
  /** `whole` by default, as seen on the platform. */
  key?: SigningKey;
  /** 30,000 by default; in real time, whatever the clock. */
  webhookTimeoutMs?: number;
  clock?: Clock;
  /** Those of its own by default. */
  failures?: Failures;
  /** A free one by default. */
  port?: number;
  serve?: Serve;
  /** Called after every change. */
  onChange?: () => void;
}

export interface FlowDeployment {
  baseUrl: string;
  /** Where the webhooks of the following events go. */
  sendTo(webhookUrl: string): void;
  /** Pauses a flow for a review and sends its webhook. Throws what the decorator rejects. */
  ask(question: Question): FlowReview;
  /** Sends an escalation of an open review, which can have somebody else as its assignee from now on. */
  escalate(requestId: string, changes?: { assignedToEmail?: string }): Promise<number | undefined>;
  answerByDashboard(requestId: string, feedback: string): void;
  answerByEmail(requestId: string, feedback: string): void;
  /** Every review, in order; also those that `onAnswer` asked. */
  reviews: readonly FlowReview[];
  /** Every webhook that was sent. */
  webhooks: readonly WebhookRecord[];
  /** Sends the webhook at `index` of `webhooks` again, signed for that moment. */
  redeliver(index: number): Promise<WebhookRecord>;
  /** Every request that came in. */
  requests: readonly RequestRecord[];
  /** `on`: respond, which is the callback URL; webhook, whose `when` is asked about `{kind, url, body}`. */
  failures: Failures;
  changed: Changes['changed'];
  close(): Promise<void>;
}

/** A flow that is deployed on CrewAI AMP, on 127.0.0.1. Rejects if the port is taken. */
export async function startFlowDeployment({
  webhookUrl: firstWebhookUrl,
  secret,
  shape = 'flat',
  headers = 'X-Crewai',
  key = 'whole',
  webhookTimeoutMs = WEBHOOK_TIMEOUT_MS,
  clock = SYSTEM_CLOCK,
  failures = createFailures(),
  port = 0,
  serve = startLocalServer,
  onChange: onDeploymentChange = () => {},
}: FlowDeploymentOptions): Promise<FlowDeployment> {
  let webhookUrl = firstWebhookUrl;
  const sign = createSigner({ secret, headers, key, now: clock.now });
  const requests: RequestRecord[] = [];
  const changes = createChanges();
  const onChange = () => {
    changes.notify();
    onDeploymentChange();
  };
  const webhooks = createWebhooks({ failures, timeoutMs: webhookTimeoutMs, now: clock.now, onChange });

  // Each webhook has a line of its own: no review waits for the webhook of another.
  async function notify(review: Review, event: ReviewEvent): Promise<number | undefined> {
    if (webhookUrl === undefined) return undefined;
    const body = buildReviewBody(shape, review, event);
    const { status } = await webhooks.line(review.flowExecutionId)({
      kind: 'review',
      url: webhookUrl,
      body,
      sign,
    });
    return status;
  }

  const app = createFlowHttp({
    failures,
    now: clock.now,
    onRequest: (record) => requests.push(record),
    onChange,
    respond: (request) => respond(reviews, request),
  });
  const server = await serve(app, port);
  const idForm = shape === 'flat' ? 'hfr' : 'uuid';
  const reviews = new Reviews({ clock, idForm, baseUrl: server.baseUrl, notify, onChange });

  return {
    baseUrl: server.baseUrl,
    sendTo(url) {
      webhookUrl = url;
    },
    ask: (question) => reviews.ask(question),
    async escalate(requestId, { assignedToEmail } = {}) {
      const review = reviews.open(requestId);
      review.assignedToEmail = assignedToEmail ?? review.assignedToEmail;
      return notify(review, 'escalation');
    },
    answerByDashboard: (requestId, feedback) => answerBy('dashboard', reviews, { requestId, feedback }),
    answerByEmail: (requestId, feedback) => answerBy('email', reviews, { requestId, feedback }),
    reviews: reviews.handles,
    webhooks: webhooks.sent,
    redeliver: webhooks.redeliver,
    requests,
    failures,
    changed: changes.changed,
    async close() {
      reviews.close();
      await Promise.all([server.close(), webhooks.close()]);
      changes.close();
    },
  };
}

/** Answers a POST to a callback URL; the flow continues after the response. */
function respond(reviews: Reviews, request: CallbackRequest): Answer {
  const read = readCallback(reviews.find(request.requestId), request);
  if ('refused' in read) return read.refused;
  const { review, given } = read;
  const { answer, continueFlow } = reviews.answer(review.id, { ...given, via: 'api' });
  return { ...buildAccepted(review, answer), afterwards: continueFlow };
}

function answerBy(
  via: AnswerWay,
  reviews: Reviews,
  { requestId, feedback }: { requestId: string; feedback: string },
): void {
  reviews.answer(requestId, { feedback, source: via, via }).continueFlow();
}
