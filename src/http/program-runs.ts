import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { App } from '../approval/app.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import type { ProgramWaits } from '../approval/program-waits.ts';
import { answerStart, recordProgramRun } from '../approval/starts/program-starts.ts';
import { findEndpoint } from './crew-secret.ts';
import { reject, rejectBody, rejectFields } from './errors.ts';
import type { ProgramBody, ProgramReading, ReadProgramBody } from './program-bodies.ts';
import { readWait, rejectWait, requireAskSecret, signalWhenClosed } from './questions.ts';

/** Size limit of a result, in mebibytes. */
const LARGEST_RESULT = 1;
const LONGEST_ID = 255;

/**
 * Routes for a program's own runs and for the starts it fetches: `PUT /crews/:crew/runs/:run`, `PUT /crews/:crew/inputs`,
 * `GET /crews/:crew/starts`, `PUT /crews/:crew/starts/:id`. The last three are for crews without a base URL.
 */
export function buildProgramRunsRouter(
  app: App,
  endpoints: Endpoints,
  acceptBody: (mebibytes: number) => RequestHandler,
  readProgramBody: ProgramReading,
  waits: ProgramWaits,
): Router {
  const router = Router();
  const guards = [findEndpoint(endpoints), requireAskSecret];

  router.put(
    '/crews/:crew/runs/:run',
    guards,
    acceptBody(LARGEST_RESULT),
    async (request: Request, response: Response) => {
      const report = await readBodyOrReject(readProgramBody, 'run', response);
      const run = String(request.params.run);
      if (!report) return;
      if (run.length > LONGEST_ID) return rejectFields(response, [{ field: 'run', fault: 'is too long' }]);
      const { state, reason, result, hash } = report;
      const runState = state === 'finished' ? { state, result, hash } : { state, reason };
      if (!(await recordProgramRun(app, response.locals.crew, run, runState)))
        return reject(
          response,
          409,
          'run_has_finished',
          'This run has finished. If it continues, report the state running first.',
        );
      response.json({ run, state });
    },
  );

  router.put(
    '/crews/:crew/inputs',
    guards,
    requireProgram,
    acceptBody(1),
    async (_: Request, response: Response) => {
      const inputs = await readBodyOrReject(readProgramBody, 'inputs', response);
      if (!inputs) return;
      await app.store.declareInputs(response.locals.crew.name, inputs);
      response.json({ inputs: inputs.names });
    },
  );

  router.get('/crews/:crew/starts', guards, requireProgram, async (request: Request, response: Response) => {
    const wait = readWait(request.query.wait);
    if (wait === undefined) return rejectWait(response);
    const start = await waits.fetchStart(response.locals.crew, wait, signalWhenClosed(response));
    if (!response.closed) response.json(start ? { start } : {});
  });

  router.put(
    '/crews/:crew/starts/:id',
    guards,
    requireProgram,
    acceptBody(1),
    async (request: Request, response: Response) => {
      const startReport = await readBodyOrReject(readProgramBody, 'start', response);
      if (!startReport) return;
      const id = String(request.params.id);
      const answer =
        startReport.status === 'started'
          ? startReport
          : { ...startReport, reason: startReport.reason ?? 'the program refused it' };
      const outcome = await answerStart(app, response.locals.crew, id, answer);
      if (outcome === 'unknown')
        return reject(response, 404, 'unknown_start', 'There is no start with this id.');
      if (outcome === 'conflict')
        return reject(response, 409, 'other_answer', 'This start was answered before.');
      response.json({ id, status: startReport.status });
    },
  );
  return router;
}

const requireProgram: RequestHandler = (_request, response, next) => {
  if (response.locals.crew.starts === 'program') return next();
  reject(response, 409, 'has_base_url', 'This crew has a base URL, so its runs are started there.');
};

/** Reads a body; undefined if the request was rejected because of it. */
async function readBodyOrReject<K extends Exclude<ProgramBody, 'question'>>(
  readProgramBody: ProgramReading,
  kind: K,
  response: Response,
): Promise<Extract<ReadProgramBody<K>, { given: unknown }>['given'] | undefined> {
  const parsed = await readProgramBody(kind, response.locals.body);
  if ('rejection' in parsed) rejectBody(response, parsed.rejection);
  else if ('faults' in parsed) rejectFields(response, parsed.faults, parsed.more);
  else return parsed.given;
  return undefined;
}
