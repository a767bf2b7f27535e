import { hash, timingSafeEqual } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { App } from '../approval/app.ts';
import { askQuestion, type QuestionReceipt } from '../approval/intake/ask-question.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import type { ProgramWaits } from '../approval/program-waits.ts';
import { changeQuestion, type QuestionLookup } from '../approval/questions.ts';
import { findEndpoint } from './crew-secret.ts';
import { buildFieldsRejection, type Rejection, reject, rejectBody, rejectFields } from './errors.ts';
import type { ProgramReading } from './program-bodies.ts';
import type { QuestionLookupBody } from './question-schema.ts';

const CANNOT_FOLLOW = {
  follows: 'is not the id of a known question',
  title: 'must be the same as the title of the question that it follows',
  run: 'must be the same as the run of the question that it follows',
};
const NO_APPROVERS =
  'of this question must name at least one person: set APPROVERS, or name users in the question';
const DEFAULT_OF_IRREVERSIBLE = 'is not possible: the action is irreversible, so only people decide';
const URL_NOT_ALLOWED = 'is at a host that ANSWER_HOSTS (`answer_hosts` of the crew) does not allow';
const WITHDRAWN: Rejection = { status: 410, error: 'withdrawn', message: 'This question was withdrawn.' };
/** Size limit of a question, in mebibytes. */
export const LARGEST_QUESTION = 1;
/** Longest wait for an answer or a start, in seconds. */
const LONGEST_WAIT = 25;
const MAX_IDS = 50;

/**
 * The questions API, `/crews/:crew/questions`: programs ask people, read one or several answers, confirm receipt, renew a
 * lease or withdraw a question. Each request carries the crew's `ask_secret` as a bearer token.
 */
export function buildQuestionsRouter(
  app: App,
  endpoints: Endpoints,
  acceptBody: (mebibytes: number) => RequestHandler,
  reading: ProgramReading,
  waits: ProgramWaits,
): Router {
  const router = Router();
  const guards = [findEndpoint(endpoints), requireAskSecret];
  const path = '/crews/:crew/questions/:id';

  router.put(path, guards, acceptBody(LARGEST_QUESTION), async (request: Request, response: Response) => {
    const { body, crew } = response.locals;
    const parsed = await reading('question', body);
    if ('rejection' in parsed) return rejectBody(response, parsed.rejection);
    if ('faults' in parsed) return rejectFields(response, parsed.faults, parsed.more);
    const id = String(request.params.id);
    const receipt = await askQuestion(app, crew, { ...parsed.question, id });
    if ('approval' in receipt) {
      const { approval, round } = receipt;
      return response.status(receipt.status === 'created' ? 201 : 200).json({ id, approval, round });
    }
    if (receipt.status === 'too_many') response.set('Retry-After', '60');
    const { status, error, message } = explainReceipt(receipt);
    reject(response, status, error, message);
  });

  router.get(path, guards, async (request: Request, response: Response) => {
    const wait = readWait(request.query.wait);
    if (wait === undefined) return rejectWait(response);
    const id = String(request.params.id);
    const [state] = await waits.readQuestions(response.locals.crew, [id], wait, signalWhenClosed(response));
    answerState(response, state as QuestionLookup);
  });

  router.get('/crews/:crew/questions', guards, async (request: Request, response: Response) => {
    const wait = readWait(request.query.wait);
    if (wait === undefined) return rejectWait(response);
    const ids = String(request.query.ids ?? '')
      .split(',')
      .filter((id) => id !== '');
    if (ids.length === 0 || ids.length > MAX_IDS)
      return rejectFields(response, [{ field: 'ids', fault: `must name 1 to ${MAX_IDS} questions` }]);
    const questions = await waits.readQuestions(
      response.locals.crew,
      [...new Set(ids)],
      wait,
      signalWhenClosed(response),
    );
    if (!response.closed) response.json({ questions: questions satisfies QuestionLookupBody[] });
  });

  const changeByWord = { received: 'fetched', alive: 'program_alive' } as const;
  for (const word of ['received', 'alive'] as const)
    router.put(`${path}/${word}`, guards, async (request: Request, response: Response) => {
      const state = await changeQuestion(
        app,
        response.locals.crew,
        String(request.params.id),
        changeByWord[word],
      );
      if (word === 'received' && state.status === 'waiting')
        return reject(response, 409, 'not_answered', 'This question is not answered yet.');
      answerState(response, state);
    });

  router.delete(path, guards, async (request: Request, response: Response) => {
    const state = await changeQuestion(app, response.locals.crew, String(request.params.id), 'withdrawn');
    if (state.status === 'unknown') return answerState(response, state);
    response.json(state);
  });
  return router;
}

/** Explains why a question was not asked. */
export function explainReceipt(receipt: Exclude<QuestionReceipt, { approval: string }>): Rejection {
  switch (receipt.status) {
    case 'conflict':
      return { status: 409, error: 'other_content', message: 'Another question was asked under this id.' };
    case 'withdrawn':
      return WITHDRAWN;
    case 'wrong_id':
      return buildFieldsRejection([
        { field: 'id', fault: 'must be 1 to 100 letters (a to z), digits and .:@_-' },
      ]);
    case 'cannot_follow':
      return buildFieldsRejection([{ field: receipt.field, fault: CANNOT_FOLLOW[receipt.field] }]);
    case 'url_not_allowed':
      return buildFieldsRejection([{ field: 'callback_url', fault: URL_NOT_ALLOWED }]);
    case 'no_approvers':
      return buildFieldsRejection([{ field: 'approvers', fault: NO_APPROVERS }]);
    case 'default_of_irreversible':
      return buildFieldsRejection([{ field: 'default_option', fault: DEFAULT_OF_IRREVERSIBLE }]);
    case 'too_many':
      return {
        status: 429,
        error: 'too_many',
        message: 'Too many questions of this run are waiting for an answer. Ask again later.',
      };
  }
}

/** Answers 404 for a crew whose programs cannot ask, and 401 without its `ask_secret` as a bearer token. */
export const requireAskSecret: RequestHandler = (request, response, next) => {
  const { endpoint } = response.locals;
  if (endpoint?.askSecret === undefined)
    return reject(
      response,
      404,
      'unknown_crew',
      'There is no crew with this name for which programs can ask questions.',
    );
  const [, token = ''] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (
    !timingSafeEqual(hash('sha256', token.trim(), 'buffer'), hash('sha256', endpoint.askSecret, 'buffer'))
  ) {
    response.set('WWW-Authenticate', 'Bearer');
    return reject(response, 401, 'unauthorized', "The crew's ask secret is missing or wrong.");
  }
  response.locals.crew = endpoint.crew;
  response.locals.askSecret = endpoint.askSecret;
  next();
};

/** Reads a wait in seconds as milliseconds, at most `LONGEST_WAIT`; absent: 0; undefined: not a number of seconds. */
export function readWait(parameter: unknown): number | undefined {
  if (parameter === undefined) return 0;
  const seconds =
    typeof parameter === 'string' && /^\d{1,4}(?:\.\d{1,3})?$/.test(parameter)
      ? Number(parameter)
      : undefined;
  return seconds === undefined ? undefined : Math.min(seconds, LONGEST_WAIT) * 1_000;
}

export function rejectWait(response: Response): void {
  rejectFields(response, [{ field: 'wait', fault: `must be a number of seconds up to ${LONGEST_WAIT}` }]);
}

/** Returns a signal that aborts when the program no longer waits for the response. */
export function signalWhenClosed(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function answerState(response: Response, state: QuestionLookup): void {
  if (response.closed) return;
  if (state.status === 'withdrawn') rejectWithdrawn(response);
  else if (state.status === 'unknown')
    reject(response, 404, 'unknown_question', 'There is no question with this id.');
  else response.json(state satisfies QuestionLookupBody);
}

function rejectWithdrawn(response: Response): void {
  reject(response, WITHDRAWN.status, WITHDRAWN.error, WITHDRAWN.message);
}
