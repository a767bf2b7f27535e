import { type RequestHandler, type Response, Router } from 'express';
import type { App } from '../approval/app.ts';
import { registerRun } from '../approval/intake/register-run.ts';
import type { Registration } from '../approval/model/run/registration.ts';
import { decodeBody, parseBody } from '../lib/parse-body.ts';
import { LARGEST_REGISTRATION, readSentBody } from './body.ts';
import { authenticatedCrew, type CrewEndpoint, requireCrewSecret } from './crew-secret.ts';
import { type Fault, rejectBody, rejectFields } from './errors.ts';

type ReadRegistration = (
  executionId: string,
  body: unknown,
) => { registration: Registration } | { faults: Fault[] };

/**
 * `PUT /crews/:crew/executions/:execution_id`: registers the webhook URLs of a run and narrows its channel and approvers.
 * It may come before or after the run's first webhook; each registration replaces the one before.
 */
export function buildExecutionsRouter(
  app: App,
  endpoints: ReadonlyMap<string, CrewEndpoint>,
  readBody: (mebibytes: number) => RequestHandler,
  read: ReadRegistration,
): Router {
  const router = Router();
  router.put(
    '/crews/:crew/executions/:execution_id',
    requireCrewSecret(endpoints),
    readBody(LARGEST_REGISTRATION) as RequestHandler<{ crew: string }>,
    ({ params }, response) =>
      answerRegistration(app, read, (params as Record<string, string>).execution_id ?? '', response),
  );
  return router;
}

async function answerRegistration(
  app: App,
  read: ReadRegistration,
  executionId: string,
  response: Response,
): Promise<void> {
  const body = parseBody(decodeBody(readSentBody(response)));
  if ('rejection' in body) return rejectBody(response, body.rejection);
  const parsed = read(executionId, body.value);
  if ('faults' in parsed) return rejectFields(response, parsed.faults);
  const crew = authenticatedCrew(response);
  const warnings = await registerRun(app, crew, executionId, parsed.registration);
  response.json({
    crew: crew.name,
    execution_id: executionId,
    ...(warnings.length > 0 ? { warnings } : {}),
  });
}
