import { type RequestHandler, Router } from 'express';
import type { Crew } from '../approval/crew.ts';
import type { Receipt, WebhookFacts } from '../approval/webhook.ts';
import { jsonBody } from './json-body.ts';
import { refuse } from './refusals.ts';
import { carriesSecret } from './secret.ts';

/** A crew's door: who it is, and the secret that opens it. */
export interface Door {
  crew: Crew;
  secret: string;
}

export type ReadBody = (
  kind: string,
  body: unknown,
) => { facts: WebhookFacts } | { faults: { field: string; fault: string }[] };

/**
 * `POST /webhooks/:crew/task|human-input|step|crew`. Refuses in this order: an unknown crew or kind, the secret, the
 * body. A 202 is sent only when what the webhook says is on disk.
 */
export function createWebhooks({
  doors,
  kinds,
  read,
  receive,
}: {
  doors: ReadonlyMap<string, Door>;
  kinds: readonly string[];
  read: ReadBody;
  receive: (crew: Crew, webhook: WebhookFacts) => Promise<Receipt>;
}): Router {
  const router = Router();

  const authenticate: RequestHandler<{ crew: string; kind: string }> = (request, response, next) => {
    const { crew, kind } = request.params;
    const door = doors.get(crew);
    if (!door) return refuse(response, 404, 'unknown_crew', 'There is no crew of this name.');
    if (!kinds.includes(kind)) {
      return refuse(response, 404, 'unknown_kind', `A webhook is one of ${kinds.join(', ')}.`);
    }
    if (!carriesSecret(request, door.secret)) {
      response.set('WWW-Authenticate', 'Bearer');
      return refuse(response, 401, 'unauthorized', "The crew's webhook secret is missing or wrong.");
    }
    response.locals.door = door;
    next();
  };

  router.post('/webhooks/:crew/:kind', authenticate, ...jsonBody, async (request, response) => {
    const { crew } = response.locals.door as Door;
    const webhook = read(request.params.kind as string, request.body);
    if ('faults' in webhook) {
      const sentence = webhook.faults.map(({ field, fault }) => `${field} ${fault}`).join('; ');
      return refuse(response, 422, 'invalid_fields', `${sentence}.`);
    }
    response.status(202).json(await receive(crew, webhook.facts));
  });

  return router;
}
