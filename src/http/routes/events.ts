import { type RequestHandler, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { RunEvent } from '../../approval/model/run/run-events.ts';
import type { Receipt } from '../../approval/model/run/webhook.ts';
import type { BodyRefusal, SentBody } from '../../lib/parse-body.ts';
import { LARGEST_WEBHOOK, readSentBody } from '../body.ts';
import { authenticatedCrew, type Fault, refuseFields } from '../crew-secret.ts';
import { refuseBody } from '../errors.ts';

/** `POST /webhooks/:crew/events`: batches of CrewAI's run events, in any order, some of them twice; the answer says how many were ignored. */
export function createEvents({
  doorkeeper,
  limit,
  bodies,
  read,
  receive,
}: {
  doorkeeper: RequestHandler<{ crew: string }>;
  limit: RequestHandler;
  bodies: (mebibytes: number) => RequestHandler;
  read: (
    body: SentBody,
  ) => Promise<{ events: RunEvent[]; ignored: number } | { faults: Fault[] } | { refusal: BodyRefusal }>;
  receive: (crew: Crew, events: readonly RunEvent[]) => Promise<Receipt>;
}): Router {
  const router = Router();
  router.post(
    '/webhooks/:crew/events',
    doorkeeper,
    limit,
    bodies(LARGEST_WEBHOOK),
    async (_request, response) => {
      const batch = await read(readSentBody(response));
      if ('refusal' in batch) return refuseBody(response, batch.refusal);
      if ('faults' in batch) return refuseFields(response, batch.faults);
      const { events, ignored } = batch;
      const receipt = await receive(authenticatedCrew(response), events);
      response.status(202).json({ ...receipt, ...(ignored > 0 ? { ignored } : {}) });
    },
  );
  return router;
}
