import { type RequestHandler, Router } from 'express';
import type { Crew } from '../approval/crew.ts';
import type { Registration } from '../approval/execution.ts';
import { crewAtDoor, type Fault, refuseFields } from './door.ts';
import { jsonBody } from './json-body.ts';

/**
 * `PUT /crews/:crew/executions/:execution_id`: whoever kicked a run off says which webhook URLs it has, and narrows
 * its channel and approvers; before or after its first webhook, each time anew.
 */
export function createExecutions({
  doorkeeper,
  read,
  register,
}: {
  doorkeeper: RequestHandler<{ crew: string }>;
  read: (executionId: string, body: unknown) => { registration: Registration } | { faults: Fault[] };
  /** Resolves with what was left out because it does not fit. */
  register: (crew: Crew, executionId: string, registration: Registration) => Promise<string[]>;
}): Router {
  const router = Router();
  router.put(
    '/crews/:crew/executions/:execution_id',
    doorkeeper,
    ...jsonBody(),
    async (request, response) => {
      const { execution_id: executionId = '' } = request.params as Record<string, string>;
      const registered = read(executionId, request.body);
      if ('faults' in registered) return refuseFields(response, registered.faults);
      const crew = crewAtDoor(response);
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
