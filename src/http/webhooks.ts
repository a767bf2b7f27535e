import type { IncomingHttpHeaders } from 'node:http';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { App } from '../approval/app.ts';
import { receiveEvents } from '../approval/intake/receive-events.ts';
import { receiveReview } from '../approval/intake/receive-review.ts';
import { receiveWebhook } from '../approval/intake/receive-webhook.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import { TICKET_PARAMETER } from '../approval/model/run/ticket.ts';
import type { ReadBody, WebhookFacts, WebhookKind, WebhookReadings } from '../approval/model/run/webhook.ts';
import { LARGEST_REVIEW, LARGEST_WEBHOOK, RETRY_AFTER, SMALL_BODY } from './body.ts';
import { findEndpoint, requireCrewSecret } from './crew-secret.ts';
import { reject, rejectBody, rejectFields } from './errors.ts';
import { hasFreshSignature, isSigned } from './flow-signature.ts';
import { limitRate } from './rate-limit.ts';

/** Endpoint of a kind of webhook. */
interface Kind<K extends WebhookKind> {
  /** How the sender authenticates. */
  authentication: 'secret' | 'signature';
  /** Its largest body, in MiB. */
  largest: number;
  /** Records the webhook; resolves with the response once it is on disk. Rejects with a StoreError. */
  receive(app: App, crew: Crew, body: WebhookReadings[K], request: RequestParts): Promise<object>;
}
type RequestParts = Pick<Request, 'headers' | 'query'>;

const RUN_WEBHOOK = {
  authentication: 'secret',
  largest: LARGEST_WEBHOOK,
  receive(app: App, crew: Crew, { facts }: { facts: WebhookFacts }, request: RequestParts) {
    // A decision sends the run's human-input webhook in the form in which it came: in a header, or in its URL.
    const form = request.headers.authorization === undefined ? 'string' : 'object';
    const factsWithForm: WebhookFacts = facts.kind === 'human_input' ? { ...facts, form } : facts;
    return receiveWebhook(app, crew, factsWithForm, request.query[TICKET_PARAMETER]);
  },
} as const;

/** The kinds of webhooks: the last part of their path. */
const KINDS: { [K in WebhookKind]: Kind<K> } = {
  task: RUN_WEBHOOK,
  'human-input': RUN_WEBHOOK,
  step: RUN_WEBHOOK,
  crew: RUN_WEBHOOK,
  /** Batches of CrewAI's run events, in any order and with duplicates. */
  events: {
    authentication: 'secret',
    largest: LARGEST_WEBHOOK,
    async receive(app, crew, { events, ignored }, { query }) {
      const receipt = await receiveEvents(app, crew, events, query[TICKET_PARAMETER]);
      return { ...receipt, ...(ignored > 0 ? { ignored } : {}) };
    },
  },
  /** A Flow's review: CrewAI never sends it again. */
  flow: {
    authentication: 'signature',
    largest: LARGEST_REVIEW,
    receive: (app, crew, { review }) => receiveReview(app, crew, review),
  },
};
export const WEBHOOK_KINDS = Object.keys(KINDS) as WebhookKind[];

/** Reads the body of a webhook; slow ones off the event loop. */
export type BodyReading = <K extends WebhookKind>(kind: K, body: Buffer<ArrayBuffer>) => Promise<ReadBody<K>>;

/**
 * `POST /webhooks/:crew/:kind`. Rejects in this order: an unknown kind or crew, the secret or the headers of the signature,
 * too many, the body, the signature over its bytes, the fields. Answers 202 only when the webhook is on disk.
 */
export function buildWebhooksRouter(
  app: App,
  endpoints: Endpoints,
  acceptBody: (mebibytes: number) => RequestHandler,
  readWebhookBody: BodyReading,
): Router {
  const router = Router({ caseSensitive: true });
  const withinRate = limitRate(endpoints, app.rateLimits);
  const guards: Record<Kind<WebhookKind>['authentication'], (largest: number) => RequestHandler[]> = {
    secret: (largest) => [requireCrewSecret, withinRate, acceptBody(largest)],
    signature: (largest) => [
      requireFreshSignature,
      limitLarge(MAX_LARGE),
      acceptBody(largest),
      requireSignature,
      withinRate,
    ],
  };
  for (const kind of WEBHOOK_KINDS) {
    const { authentication, largest } = KINDS[kind];
    router.post(
      `/webhooks/:crew/${kind}`,
      findEndpoint(endpoints),
      ...guards[authentication](largest),
      (request, response) => answerWebhook(app, kind, readWebhookBody, request, response),
    );
  }
  router.post('/webhooks/:crew/:kind', (_request, response) =>
    reject(response, 404, 'unknown_kind', `A webhook is one of ${WEBHOOK_KINDS.join(', ')}.`),
  );
  return router;
}

async function answerWebhook<K extends WebhookKind>(
  app: App,
  kind: K,
  readWebhookBody: BodyReading,
  request: RequestParts,
  response: Response,
): Promise<void> {
  const { crew, body } = response.locals;
  const parsed = await readWebhookBody(kind, body);
  if ('rejection' in parsed) return rejectBody(response, parsed.rejection);
  if ('faults' in parsed) return rejectFields(response, parsed.faults, parsed.more);
  const { receive }: Kind<K> = KINDS[kind];
  response.status(202).json(await receive(app, crew, parsed, request));
}

/** Most large bodies of reviews that are read at the same time: their senders are not verified yet. */
const MAX_LARGE = 8;

const requireFreshSignature: RequestHandler = (request, response, next) => {
  if (!response.locals.endpoint?.flowSecrets.length)
    return reject(
      response,
      404,
      'unknown_crew',
      'There is no crew with this name that accepts Flow reviews.',
    );
  if (!hasFreshSignature(request.headers, Date.now())) return rejectUnsigned(response);
  next();
};

const requireSignature: RequestHandler = ({ headers }, response, next) => {
  const { endpoint, body } = response.locals;
  if (!endpoint || !isSigned({ headers, body }, endpoint.flowSecrets, Date.now()))
    return rejectUnsigned(response);
  response.locals.crew = endpoint.crew;
  next();
};

function rejectUnsigned(response: Response): void {
  reject(response, 401, 'unauthorized', 'The signature is missing, wrong, or more than five minutes old.');
}

/** Rejects requests with a large body while `max` of them are being answered. Small bodies are always read. */
export function limitLarge(max: number): RequestHandler {
  let largeRequests = 0;
  return ({ headers }, response, next) => {
    if (isSmall(headers)) return next();
    if (largeRequests >= max) {
      response.set('Retry-After', RETRY_AFTER);
      const message = 'Too many large reviews are being read. Send it again later.';
      return reject(response, 503, 'too_many_bodies', message);
    }
    largeRequests += 1;
    response.once('close', () => {
      largeRequests -= 1;
    });
    next();
  };
}

/** The length of a compressed body says nothing about its size. */
function isSmall({ 'content-length': length, 'content-encoding': encoding }: IncomingHttpHeaders): boolean {
  return length !== undefined && Number(length) <= SMALL_BODY && encoding === undefined;
}
