import type { IncomingHttpHeaders } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Failure, Failures } from '../failures.ts';
import type { Answer } from './answers.ts';
import type { Contract, EndpointName } from './contract.ts';
import { parseJsonOrKeepText } from './json.ts';

/** A request that arrived, and how it was answered. */
export interface RequestRecord {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON, or the text if it is not JSON. */
  body: unknown;
  /** Milliseconds since the epoch. */
  at: number;
  /** The status of the answer, also of one that was lost on its way; undefined if there was none. */
  status: number | undefined;
  answer: unknown;
  fate: 'answered' | 'answer lost' | 'no answer' | 'reset';
}

/** What the platform does on each of its paths. */
interface Endpoints {
  inputs(): Answer;
  kickoff(body: unknown): Answer;
  resume(body: unknown): Answer;
  status(id: string): Answer;
}

export interface HttpOptions {
  token: string;
  failures: Failures;
  contract: Contract;
  endpoints: Endpoints;
  now: () => number;
  /** Called for each request before it is answered. */
  onRequest: (record: RequestRecord) => void;
  /** Called once it is decided how a request is answered. */
  onChange: () => void;
}

type Local = Response<unknown, { record: RequestRecord }>;

/** The platform's HTTP API: bearer token, JSON bodies, planned failures, and a record of every request. */
export function createHttp(options: HttpOptions) {
  const { contract, endpoints, now, onRequest, onChange } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  function record(req: Request): RequestRecord {
    const entry = buildRecord(req, now());
    onRequest(entry);
    return entry;
  }

  app.use(express.text({ type: () => true, limit: '1mb' }));
  app.use((req: Request, res: Local, next: NextFunction) => {
    res.locals.record = record(req);
    next();
  });
  app.get('/inputs', createHandler(options, 'inputs', endpoints.inputs));
  app.get(
    '/status/:id',
    createHandler(options, 'status', (_body, req) => endpoints.status(String(req.params.id))),
  );
  app.post('/kickoff', createHandler(options, 'kickoff', endpoints.kickoff));
  app.post('/resume', createHandler(options, 'resume', endpoints.resume));
  app.use((_req: Request, res: Local) => {
    reply(res, res.locals.record, contract.refuse(404, 'Not Found'));
    onChange();
  });
  app.use((error: unknown, req: Request, res: Local, _next: NextFunction) => {
    const entry = res.locals.record ?? record(req);
    const message = error instanceof Error ? error.message : String(error);
    if (res.headersSent) res.socket?.destroy();
    else reply(res, entry, contract.refuse(readStatus(error), message));
    onChange();
  });
  return app;
}

function createHandler(
  { token, failures, contract, onChange }: HttpOptions,
  endpoint: EndpointName,
  handle: (body: unknown, req: Request) => Answer,
) {
  return (req: Request, res: Local) => {
    const { record: entry } = res.locals;
    const work = () =>
      contract.checkRequest(
        {
          endpoint,
          authorization: req.get('authorization'),
          contentType: req.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase(),
          text: readText(req),
        },
        token,
      ) ?? handle(entry.body, req);
    const failure = failures.next(endpoint, entry.body);
    if (failure) fail(res, entry, { failure, contract, work });
    else reply(res, entry, work());
    onChange();
  };
}

function reply(res: Response, entry: RequestRecord, answer: Answer): void {
  entry.status = answer.status;
  entry.answer = answer.body;
  if (answer.afterwards) {
    if (res.closed) answer.afterwards();
    else res.once('close', answer.afterwards);
  }
  res.status(answer.status).set(answer.headers ?? {});
  if (typeof answer.body !== 'string') res.json(answer.body);
  else if (res.get('content-type')) res.end(answer.body);
  else res.type('text/plain').end(answer.body);
}

function fail(
  res: Response,
  entry: RequestRecord,
  { failure, contract, work }: { failure: Failure; contract: Contract; work: () => Answer },
): void {
  if ('noAnswer' in failure) {
    entry.fate = 'no answer';
  } else if ('reset' in failure) {
    entry.fate = 'reset';
    res.socket?.resetAndDestroy();
  } else if ('answerLost' in failure) {
    const { status, body, afterwards } = work();
    Object.assign(entry, { status, answer: body, fate: 'answer lost' });
    res.socket?.destroy();
    afterwards?.();
  } else if ('rateLimited' in failure) {
    const headers = { 'retry-after': String(failure.rateLimited.retryAfter) };
    reply(res, entry, { ...contract.refuse(429, 'Too many requests'), headers });
  } else if ('error' in failure) {
    reply(res, entry, contract.refuse(400, failure.error));
  } else {
    const { status, headers = {}, body } = failure;
    const planned =
      body === undefined && status >= 400 ? contract.refuse(status, 'Planned failure') : undefined;
    reply(res, entry, { status, headers, body: planned?.body ?? body ?? '' });
  }
}

function buildRecord(req: Request, at: number): RequestRecord {
  const { method, path, headers } = req;
  const body: unknown = typeof req.body === 'string' && req.body ? parseJsonOrKeepText(req.body) : req.body;
  return { method, path, headers, body, at, status: undefined, answer: undefined, fate: 'answered' };
}

/** The body as text; empty if there is none. */
function readText(req: Request): string {
  return typeof req.body === 'string' ? req.body : '';
}

/** The status that the body parser gives to its errors, such as 413. */
function readStatus(error: unknown): number {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500;
}
