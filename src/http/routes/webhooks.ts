import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import { TICKET_PARAMETER } from '../../approval/model/run/ticket.ts';
import type { Receipt, WebhookFacts } from '../../approval/model/run/webhook.ts';
import type { BodyRejection, SentBody } from '../../lib/parse-body.ts';
import { LARGEST_WEBHOOK, readSentBody } from '../body.ts';
import { authenticatedCrew } from '../crew-secret.ts';
import { type Fault, reject, rejectBody, rejectFields } from '../errors.ts';
import { readAuthorizationForm } from '../same-secret.ts';

export interface WebhooksParts {
  requireSecret: RequestHandler<{ crew: string }>;
  limitRate: RequestHandler;
  readBody: (mebibytes: number) => RequestHandler;
  kinds: readonly string[];
  parse: (
    kind: string,
    body: SentBody,
  ) => Promise<{ facts: WebhookFacts } | { faults: Fault[] } | { rejection: BodyRejection }>;
  /** `ticket`: the parameter `run` of the URL, whatever it is. */
  receive: (crew: Crew, webhook: WebhookFacts, ticket: unknown) => Promise<Receipt>;
}

/**
 * `POST /webhooks/:crew/task|human-input|step|crew`. Rejects in this order: an unknown kind or crew, the secret, the body.
 */
export function buildWebhooksRouter(parts: WebhooksParts): Router {
  const { requireSecret, limitRate, readBody, kinds } = parts;
  const router = Router();
  router.post(
    '/webhooks/:crew/:kind',
    requireKnownKind(kinds),
    requireSecret,
    limitRate,
    readBody(LARGEST_WEBHOOK),
    (request, response) => receiveWebhook(parts, request, response),
  );
  return router;
}

function requireKnownKind(kinds: readonly string[]): RequestHandler<{ crew: string; kind: string }> {
  return (request, response, next) => {
    if (kinds.includes(request.params.kind)) return next();
    reject(response, 404, 'unknown_kind', `A webhook is one of ${[...kinds, 'events', 'flow'].join(', ')}.`);
  };
}

/** Answers 202 only when the webhook is on disk. */
async function receiveWebhook(
  { parse, receive }: WebhooksParts,
  request: Pick<Request, 'params' | 'headers' | 'query'>,
  response: Response,
): Promise<void> {
  const webhook = await parse(String(request.params.kind), readSentBody(response));
  if ('rejection' in webhook) return rejectBody(response, webhook.rejection);
  if ('faults' in webhook) return rejectFields(response, webhook.faults);
  const { facts } = webhook;
  // A decision sends the run's human-input webhook in the form in which it came.
  const received = facts.kind === 'human_input' ? { ...facts, form: readAuthorizationForm(request) } : facts;
  response
    .status(202)
    .json(await receive(authenticatedCrew(response), received, request.query[TICKET_PARAMETER]));
}
