import { type RequestHandler, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Receipt, WebhookFacts } from '../../approval/model/run/webhook.ts';
import type { BodyRefusal, SentBody } from '../../lib/parse-body.ts';
import { LARGEST_WEBHOOK, readSentBody } from '../body.ts';
import { authenticatedCrew, type Fault, refuseFields } from '../crew-secret.ts';
import { refuse, refuseBody } from '../errors.ts';
import { readAuthorizationForm } from '../same-secret.ts';

/**
 * `POST /webhooks/:crew/task|human-input|step|crew`. Refuses in this order: an unknown crew or kind, the secret, the
 * body. A 202 is sent only when what the webhook says is on disk.
 */
export function createWebhooks({
  doorkeeper,
  limit,
  bodies,
  kinds,
  read,
  receive,
}: {
  doorkeeper: RequestHandler<{ crew: string }>;
  limit: RequestHandler;
  bodies: (mebibytes: number) => RequestHandler;
  kinds: readonly string[];
  read: (
    kind: string,
    body: SentBody,
  ) => Promise<{ facts: WebhookFacts } | { faults: Fault[] } | { refusal: BodyRefusal }>;
  receive: (crew: Crew, webhook: WebhookFacts) => Promise<Receipt>;
}): Router {
  const router = Router();
  const knownKind: RequestHandler<{ crew: string; kind: string }> = (request, response, next) => {
    if (kinds.includes(request.params.kind)) return next();
    refuse(response, 404, 'unknown_kind', `A webhook is one of ${[...kinds, 'events'].join(', ')}.`);
  };

  router.post(
    '/webhooks/:crew/:kind',
    knownKind,
    doorkeeper,
    limit,
    bodies(LARGEST_WEBHOOK),
    async (request, response) => {
      const webhook = await read(String(request.params.kind), readSentBody(response));
      if ('refusal' in webhook) return refuseBody(response, webhook.refusal);
      if ('faults' in webhook) return refuseFields(response, webhook.faults);
      const { facts } = webhook;
      // A run's human-input webhook is sent with a decision in the form in which it came.
      const received =
        facts.kind === 'human_input' ? { ...facts, form: readAuthorizationForm(request) } : facts;
      response.status(202).json(await receive(authenticatedCrew(response), received));
    },
  );

  return router;
}
