import { type RequestHandler, Router } from 'express';
import type { Crew } from '../approval/crew.ts';
import type { RunEvent } from '../approval/run-events.ts';
import type { Receipt } from '../approval/webhook.ts';
import { crewAtDoor, type Fault, refuseFields } from './door.ts';
import { jsonBody, LARGEST_BATCH } from './json-body.ts';

/** `POST /webhooks/:crew/events`: batches of CrewAI's run events, in any order, some of them twice; the answer says how many were ignored. */
export function createEvents({
  doorkeeper,
  limit,
  read,
  receive,
}: {
  doorkeeper: RequestHandler<{ crew: string }>;
  limit: RequestHandler;
  read: (body: unknown) => { events: RunEvent[]; ignored: number } | { faults: Fault[] };
  receive: (crew: Crew, events: readonly RunEvent[]) => Promise<Receipt>;
}): Router {
  const router = Router();
  router.post(
    '/webhooks/:crew/events',
    doorkeeper,
    limit,
    ...jsonBody(LARGEST_BATCH),
    async (request, response) => {
      const batch = read(request.body);
      if ('faults' in batch) return refuseFields(response, batch.faults);
      const { events, ignored } = batch;
      const receipt = await receive(crewAtDoor(response), events);
      response.status(202).json({ ...receipt, ...(ignored > 0 ? { ignored } : {}) });
    },
  );
  return router;
}
