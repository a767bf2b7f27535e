import type { IncomingHttpHeaders } from 'node:http';
import { performance } from 'node:perf_hooks';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { App } from '../approval/app.ts';
import { receiveEvents } from '../approval/intake/receive-events.ts';
import { receiveWebhook } from '../approval/intake/receive-webhook.ts';
import { receiveReview } from '../approval/intake/reviews/receive-review.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import { TICKET_PARAMETER } from '../approval/model/run/ticket.ts';
import type { WebhookFacts, WebhookKind, WebhookReadings } from '../approval/model/run/webhook.ts';
import type { BodyRejection, SentBody } from '../lib/parse-body.ts';
import { LARGEST_REVIEW, LARGEST_WEBHOOK, readSentBody, SMALL_BODY } from './body.ts';
import {
  authenticateCrew,
  authenticatedCrew,
  type CrewEndpoint,
  nameAddressedCrew,
  readAuthorizationForm,
  requireCrewSecret,
} from './crew-secret.ts';
import { type Fault, reject, rejectBody, rejectFields } from './errors.ts';
import { hasFreshSignature, isSigned } from './flow-signature.ts';
import { limitRate } from './rate-limit.ts';

/** What one kind of webhook is. */
interface Kind<K extends WebhookKind> {
  /** How its sender proves who they are. */
  authentication: 'secret' | 'signature';
  /** Its largest body, in MiB. */
  largest: number;
  /** Records what it says; resolves, once that is on disk, with the answer. Rejects with a StoreError. */
  receive(app: App, crew: Crew, read: WebhookReadings[K], request: Sent): Promise<object>;
}
type Sent = Pick<Request, 'headers' | 'query'>;

const RUN_WEBHOOK = {
  authentication: 'secret',
  largest: LARGEST_WEBHOOK,
  receive(app: App, crew: Crew, { facts }: { facts: WebhookFacts }, request: Sent) {
    // A decision sends the run's human-input webhook in the form in which it came.
    const form = readAuthorizationForm(request);
    const received = facts.kind === 'human_input' ? { ...facts, form } : facts;
    return receiveWebhook(app, crew, received, request.query[TICKET_PARAMETER]);
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
export type BodyReading = <K extends WebhookKind>(
  kind: K,
  body: SentBody,
) => Promise<WebhookReadings[K] | { faults: Fault[] } | { rejection: BodyRejection }>;

/** A crew's endpoints, and what limits them. */
export interface WebhookEndpoint extends CrewEndpoint {
  /** Secrets of Flow review webhooks; empty: the crew takes none. */
  flowSecrets: readonly string[];
  /** Most webhooks per second. */
  most?: number | undefined;
}

/**
 * `POST /webhooks/:crew/:kind`. Rejects in this order: an unknown kind or crew, the secret or the headers of the signature,
 * too many, the body, the signature over its bytes, the fields. Answers 202 only when the webhook is on disk.
 */
export function buildWebhooksRouter(
  app: App,
  endpoints: ReadonlyMap<string, WebhookEndpoint>,
  readBody: (mebibytes: number) => RequestHandler,
  read: BodyReading,
): Router {
  const router = Router({ caseSensitive: true });
  const limits = [...endpoints].flatMap(([crew, { most }]) => (most ? [[crew, most] as const] : []));
  const withinRate = limitRate(new Map(limits), () => performance.now());
  const guards: Record<Kind<WebhookKind>['authentication'], (largest: number) => RequestHandler[]> = {
    secret: (largest) => [requireCrewSecret(endpoints), withinRate, readBody(largest)] as RequestHandler[],
    signature: (largest) =>
      [
        requireFreshSignature(endpoints),
        limitLarge(MOST_LARGE),
        readBody(largest),
        requireSignature(endpoints),
        withinRate,
      ] as RequestHandler[],
  };
  for (const kind of WEBHOOK_KINDS) {
    const { authentication, largest } = KINDS[kind];
    router.post(`/webhooks/:crew/${kind}`, ...guards[authentication](largest), (request, response) =>
      answerWebhook(app, kind, read, request, response),
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
  read: BodyReading,
  request: Sent,
  response: Response,
): Promise<void> {
  const said = await read(kind, readSentBody(response));
  if ('rejection' in said) return rejectBody(response, said.rejection);
  if ('faults' in said) return rejectFields(response, said.faults);
  const { receive }: Kind<K> = KINDS[kind];
  response.status(202).json(await receive(app, authenticatedCrew(response), said, request));
}

/** Large bodies of reviews that are read at the same time: nobody has proved yet who sent them. */
const MOST_LARGE = 8;
const RETRY_AFTER = '5';

function requireFreshSignature(
  endpoints: ReadonlyMap<string, WebhookEndpoint>,
): RequestHandler<{ crew: string }> {
  return (request, response, next) => {
    const endpoint = endpoints.get(request.params.crew);
    if (!endpoint?.flowSecrets.length) {
      const message = 'There is no crew with this name that takes Flow reviews.';
      return reject(response, 404, 'unknown_crew', message);
    }
    nameAddressedCrew(response, endpoint.crew);
    if (!hasFreshSignature(request.headers, Date.now())) return rejectUnsigned(response);
    next();
  };
}

/** Rejects requests with a large body while so many others are being answered. A small one is never lost to them. */
function limitLarge(most: number): RequestHandler {
  let underway = 0;
  return ({ headers }, response, next) => {
    if (isSmall(headers)) return next();
    if (underway >= most) {
      response.set('Retry-After', RETRY_AFTER);
      const message = 'Too many large reviews are being read. Send it again later.';
      return reject(response, 503, 'too_many_bodies', message);
    }
    underway += 1;
    response.once('close', () => {
      underway -= 1;
    });
    next();
  };
}

/** The length of a compressed body says nothing about its size. */
function isSmall({ 'content-length': length, 'content-encoding': encoding }: IncomingHttpHeaders): boolean {
  return length !== undefined && Number(length) <= SMALL_BODY && encoding === undefined;
}

function requireSignature(endpoints: ReadonlyMap<string, WebhookEndpoint>): RequestHandler<{ crew: string }> {
  return (request, response, next) => {
    const endpoint = endpoints.get(request.params.crew);
    const { bytes: body } = readSentBody(response);
    if (!endpoint || !isSigned({ headers: request.headers, body }, endpoint.flowSecrets, Date.now()))
      return rejectUnsigned(response);
    authenticateCrew(response, endpoint.crew);
    next();
  };
}

function rejectUnsigned(response: Response): void {
  reject(response, 401, 'unauthorized', 'The signature is missing, wrong, or more than five minutes old.');
}
