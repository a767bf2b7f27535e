import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { RunEvent } from '../../approval/model/run/run-events.ts';
import { TICKET_PARAMETER } from '../../approval/model/run/ticket.ts';
import type { Receipt } from '../../approval/model/run/webhook.ts';
import type { BodyRejection, SentBody } from '../../lib/parse-body.ts';
import { LARGEST_WEBHOOK, readSentBody } from '../body.ts';
import { authenticatedCrew } from '../crew-secret.ts';
import { type Fault, rejectBody, rejectFields } from '../errors.ts';

export interface EventsParts {
  requireSecret: RequestHandler<{ crew: string }>;
  limitRate: RequestHandler;
  readBody: (mebibytes: number) => RequestHandler;
  parse: (
    body: SentBody,
  ) => Promise<{ events: RunEvent[]; ignored: number } | { faults: Fault[] } | { rejection: BodyRejection }>;
  /** `ticket`: the parameter `run` of the URL, whatever it is. */
  receive: (crew: Crew, events: readonly RunEvent[], ticket: unknown) => Promise<Receipt>;
}

/** `POST /webhooks/:crew/events`: batches of CrewAI's run events, in any order and with duplicates. */
export function buildEventsRouter(parts: EventsParts): Router {
  const { requireSecret, limitRate, readBody } = parts;
  const router = Router();
  router.post(
    '/webhooks/:crew/events',
    requireSecret,
    limitRate,
    readBody(LARGEST_WEBHOOK),
    (request, response) => receiveEvents(parts, request, response),
  );
  return router;
}

/** Answers with how many events were ignored. */
async function receiveEvents(
  { parse, receive }: EventsParts,
  { query }: Pick<Request, 'query'>,
  response: Response,
): Promise<void> {
  const batch = await parse(readSentBody(response));
  if ('rejection' in batch) return rejectBody(response, batch.rejection);
  if ('faults' in batch) return rejectFields(response, batch.faults);
  const { events, ignored } = batch;
  const receipt = await receive(authenticatedCrew(response), events, query[TICKET_PARAMETER]);
  response.status(202).json({ ...receipt, ...(ignored > 0 ? { ignored } : {}) });
}
