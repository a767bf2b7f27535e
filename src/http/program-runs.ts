import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { App } from '../approval/app.ts';
import {
  answerStart,
  fetchStart,
  type ProgramStart,
  recordProgramRun,
} from '../approval/kickoffs/program-starts.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import { readOutput } from '../approval/model/output.ts';
import { createWaitLimit } from '../approval/questions.ts';
import { parseBody, readMemberTexts } from '../lib/json-text.ts';
import { sleep } from '../lib/time.ts';
import { findEndpoint } from './crew-secret.ts';
import { reject, rejectBody, rejectFields } from './errors.ts';
import { listFieldFaults } from './question-body.ts';
import { readWait, rejectWait, requireAskSecret, untilGone } from './questions.ts';

/** Size limit of a result, in mebibytes. */
const LARGEST_RESULT = 1;
const LONGEST_ID = 255;
/** How often a waiting program's starts are looked for, in milliseconds. */
const LOOKS_EVERY = 1_000;

const programId = z.string('must be a text').min(1, 'must not be empty').max(LONGEST_ID, 'is too long');
const reasonSchema = z.string('must be a text').max(2_000, 'is too long').optional();
const runSchema = z.strictObject({
  state: z.enum(['running', 'finished', 'failed'], 'must be running, finished or failed'),
  result: z.unknown().optional(),
  reason: reasonSchema,
});
const names = z.array(z.string().max(255), 'must be a list of names').max(1_000, 'must be at most 1000');
const inputsSchema = z.strictObject({ inputs: names, required_inputs: names.optional() });
const startSchema = z.discriminatedUnion(
  'status',
  [
    z.strictObject({ status: z.literal('started'), run: programId }),
    z.strictObject({ status: z.literal('refused'), reason: reasonSchema }),
  ],
  'must be started or refused',
);

/**
 * What a program says of its own runs, and the starts that it fetches: `PUT /crews/:crew/runs/:run`, `PUT /crews/:crew/inputs`,
 * `GET /crews/:crew/starts`, `PUT /crews/:crew/starts/:id`. The last three are for crews without a base URL.
 */
export function buildProgramRunsRouter(
  app: App,
  endpoints: Endpoints,
  acceptBody: (mebibytes: number) => RequestHandler,
  waits: StartWaits,
): Router {
  const router = Router();
  const asks = [findEndpoint(endpoints), requireAskSecret];

  router.put(
    '/crews/:crew/runs/:run',
    asks,
    acceptBody(LARGEST_RESULT),
    async (request: Request, response: Response) => {
      const read = readFields(runSchema, response);
      const run = String(request.params.run);
      if (!read) return;
      if (run.length > LONGEST_ID) return rejectFields(response, [{ field: 'run', fault: 'is too long' }]);
      const { state, reason, result } = read.given;
      const said =
        state === 'finished'
          ? { state, result: readOutput(result, readMemberTexts(read.text).get('result')) }
          : { state, reason };
      if (!(await recordProgramRun(app, response.locals.crew, run, said)))
        return reject(
          response,
          409,
          'run_has_finished',
          'This run has finished. Say running first if it goes on.',
        );
      response.json({ run, state });
    },
  );

  router.put(
    '/crews/:crew/inputs',
    asks,
    requireProgram,
    acceptBody(1),
    async (_: Request, response: Response) => {
      const read = readFields(inputsSchema, response);
      if (!read) return;
      const { inputs, required_inputs: required } = read.given;
      await app.store.declareInputs(response.locals.crew.name, {
        names: [...new Set([...inputs, ...(required ?? [])])],
        ...(required ? { required } : {}),
      });
      response.json({ inputs });
    },
  );

  router.get('/crews/:crew/starts', asks, requireProgram, async (request: Request, response: Response) => {
    const wait = readWait(request.query.wait);
    if (wait === undefined) return rejectWait(response);
    const start = await waits.fetch(response.locals.crew, wait, untilGone(response));
    if (!response.closed) response.json(start ? { start } : {});
  });

  router.put(
    '/crews/:crew/starts/:id',
    asks,
    requireProgram,
    acceptBody(1),
    async (request: Request, response: Response) => {
      const read = readFields(startSchema, response);
      if (!read) return;
      const id = String(request.params.id);
      const { given } = read;
      const answer =
        given.status === 'started' ? given : { ...given, reason: given.reason ?? 'the program refused it' };
      const done = await answerStart(app, response.locals.crew, id, answer);
      if (done === 'unknown')
        return reject(response, 404, 'unknown_start', 'There is no start with this id.');
      if (done === 'conflict')
        return reject(response, 409, 'other_answer', 'This start was answered before.');
      response.json({ id, status: given.status });
    },
  );
  return router;
}

const requireProgram: RequestHandler = (_request, response, next) => {
  if (response.locals.crew.starts === 'program') return next();
  reject(response, 409, 'has_base_url', 'This crew has a base URL, so its runs are started there.');
};

/** Answers a body that cannot be read; undefined then. */
function readFields<T>(schema: z.ZodType<T>, response: Response): { given: T; text: string } | undefined {
  const text = new TextDecoder().decode(response.locals.body);
  const parsed = parseBody(text);
  if ('rejection' in parsed) {
    rejectBody(response, parsed.rejection);
    return undefined;
  }
  const read = schema.safeParse(parsed.value);
  if (read.success) return { given: read.data, text };
  rejectFields(response, read.error.issues.flatMap(listFieldFaults));
  return undefined;
}

/** Requests of programs that wait for a start. */
export class StartWaits {
  private readonly app: App;
  private readonly limit = createWaitLimit();
  private closed = false;

  constructor(app: App) {
    this.app = app;
  }

  /** A start, once there is one, or undefined after so many milliseconds; at once where too many wait. Rejects with a StoreError. */
  fetch(crew: Crew, milliseconds: number, gone: AbortSignal): Promise<ProgramStart | undefined> {
    const { clock } = this.app;
    const until = clock.now() + milliseconds;
    return this.limit(crew, async (mayWait) => {
      for (;;) {
        // A program that is gone would not carry it out.
        const start = gone.aborted ? undefined : await fetchStart(this.app, crew);
        const isOver = clock.now() >= until || !mayWait || this.closed || gone.aborted;
        if (start || isOver) return start;
        await sleep(clock, Math.min(LOOKS_EVERY, until - clock.now()));
      }
    });
  }

  /** Ends all waits within a second. */
  close(): void {
    this.closed = true;
  }
}
