import { type RequestHandler, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Registration } from '../../approval/model/run/registration.ts';
import { decodeBody, parseBody } from '../../lib/parse-body.ts';
import { LARGEST_REGISTRATION, readSentBody } from '../body.ts';
import { authenticatedCrew, type Fault, refuseFields } from '../crew-secret.ts';
import { refuseBody } from '../errors.ts';

/**
 * `PUT /crews/:crew/executions/:execution_id`: whoever kicked a run off says which webhook URLs it has, and narrows
 * its channel and approvers; before or after its first webhook, each time anew.
 */
export function createExecutions({
  doorkeeper,
  bodies,
  read,
  register,
}: {
  doorkeeper: RequestHandler<{ crew: string }>;
  bodies: (mebibytes: number) => RequestHandler;
  read: (executionId: string, body: unknown) => { registration: Registration } | { faults: Fault[] };
  /** Resolves with what was left out because it does not fit. */
  register: (crew: Crew, executionId: string, registration: Registration) => Promise<string[]>;
}): Router {
  const router = Router();
  router.put(
    '/crews/:crew/executions/:execution_id',
    doorkeeper,
    bodies(LARGEST_REGISTRATION),
    async (request, response) => {
      const { execution_id: executionId = '' } = request.params as Record<string, string>;
      const parsed = parseBody(decodeBody(readSentBody(response)));
      if ('refusal' in parsed) return refuseBody(response, parsed.refusal);
      const registered = read(executionId, parsed.value);
      if ('faults' in registered) return refuseFields(response, registered.faults);
      const crew = authenticatedCrew(response);
      const warnings = await register(crew, executionId, registered.registration);
      response.json({
        crew: crew.name,
        execution_id: executionId,
        ...(warnings.length > 0 ? { warnings } : {}),
      });
    },
  );
  return router;
}
