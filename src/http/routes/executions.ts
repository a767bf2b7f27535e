import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Registration } from '../../approval/model/run/registration.ts';
import { decodeBody, parseBody } from '../../lib/parse-body.ts';
import { LARGEST_REGISTRATION, readSentBody } from '../body.ts';
import { authenticatedCrew } from '../crew-secret.ts';
import { type Fault, rejectBody, rejectFields } from '../errors.ts';

export interface ExecutionsParts {
  requireSecret: RequestHandler<{ crew: string }>;
  readBody: (mebibytes: number) => RequestHandler;
  parse: (executionId: string, body: unknown) => { registration: Registration } | { faults: Fault[] };
  /** Resolves with warnings about what was ignored. */
  register: (crew: Crew, executionId: string, registration: Registration) => Promise<string[]>;
}

/**
 * `PUT /crews/:crew/executions/:execution_id`: registers the webhook URLs of a run and narrows its channel and approvers.
 * It may come before or after the run's first webhook; each registration replaces the one before.
 */
export function buildExecutionsRouter(parts: ExecutionsParts): Router {
  const { requireSecret, readBody } = parts;
  const router = Router();
  router.put(
    '/crews/:crew/executions/:execution_id',
    requireSecret,
    readBody(LARGEST_REGISTRATION),
    (request, response) => registerExecution(parts, request, response),
  );
  return router;
}

async function registerExecution(
  { parse, register }: ExecutionsParts,
  request: Pick<Request, 'params'>,
  response: Response,
): Promise<void> {
  const executionId = String(request.params.execution_id ?? '');
  const body = parseBody(decodeBody(readSentBody(response)));
  if ('rejection' in body) return rejectBody(response, body.rejection);
  const parsed = parse(executionId, body.value);
  if ('faults' in parsed) return rejectFields(response, parsed.faults);
  const crew = authenticatedCrew(response);
  const warnings = await register(crew, executionId, parsed.registration);
  response.json({
    crew: crew.name,
    execution_id: executionId,
    ...(warnings.length > 0 ? { warnings } : {}),
  });
}
