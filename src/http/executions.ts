import { type RequestHandler, Router } from 'express';
import type { App } from '../approval/app.ts';
import { registerRun } from '../approval/intake/register-run.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import type { Faults, Registration } from '../approval/model/run/webhook.ts';
import { parseBody } from '../lib/json-text.ts';
import { LARGEST_REGISTRATION } from './body.ts';
import { findEndpoint, requireCrewSecret } from './crew-secret.ts';
import { rejectBody, rejectFields } from './errors.ts';

/**
 * `PUT /crews/:crew/executions/:execution_id`: registers the webhook URLs of a run and narrows its channel and approvers.
 * A program can register a run before or after its first webhook; each registration replaces the previous one.
 */
export function buildExecutionsRouter(
  app: App,
  endpoints: Endpoints,
  acceptBody: (mebibytes: number) => RequestHandler,
  readRegistration: (executionId: string, body: unknown) => { registration: Registration } | Faults,
): Router {
  const router = Router();
  router.put(
    '/crews/:crew/executions/:execution_id',
    findEndpoint(endpoints),
    requireCrewSecret,
    acceptBody(LARGEST_REGISTRATION),
    async (request, response) => {
      const id = String(request.params.execution_id);
      const { body: bytes, crew } = response.locals;
      const body = parseBody(new TextDecoder().decode(bytes));
      if ('rejection' in body) return rejectBody(response, body.rejection);
      const parsed = readRegistration(id, body.value);
      if ('faults' in parsed) return rejectFields(response, parsed.faults);
      const warnings = await registerRun(app, crew, id, parsed.registration);
      response.json({ crew: crew.name, execution_id: id, ...(warnings.length > 0 ? { warnings } : {}) });
    },
  );
  return router;
}
