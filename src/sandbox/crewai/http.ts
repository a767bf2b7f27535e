import type { IncomingHttpHeaders } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Failure, Failures } from '../failures.ts';
import { type Answer, refusal } from './answers.ts';

/** A request that came in, and what became of it. */
export interface RequestRecord {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON; the text if it is none. */
  body: unknown;
  /** Milliseconds since the epoch. */
  at: number;
  /** Of the answer that was given, or that was lost on its way; undefined if none was made. */
  status: number | undefined;
  answer: unknown;
  fate: 'answered' | 'answer lost' | 'hung' | 'reset';
}

/** What the platform does on each of its paths. */
export interface Endpoints {
  inputs(): Answer;
  kickoff(body: unknown): Answer;
  resume(body: unknown): Answer;
  status(id: string): Answer;
}

type Local = Response<unknown, { record: RequestRecord }>;

/** The platform's doors: bearer token, JSON only, planned failures, and a record of everything that came. */
export function createHttp({
  token,
  failures,
  endpoints,
  now,
  onRequest,
  onChange,
}: {
  token: string;
  failures: Failures;
  endpoints: Endpoints;
  now: () => number;
  /** Called for each request before it is answered. */
  onRequest: (record: RequestRecord) => void;
  /** Called when it has been decided what becomes of a request. */
  onChange: () => void;
}) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  function record(req: Request, body: unknown): RequestRecord {
    const { method, path, headers } = req;
    const entry: RequestRecord = {
      method,
      path,
      headers,
      body,
      at: now(),
      status: undefined,
      answer: undefined,
      fate: 'answered',
    };
    onRequest(entry);
    return entry;
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

  function fail(res: Response, entry: RequestRecord, failure: Failure, work: () => Answer): void {
    if ('hang' in failure) {
      entry.fate = 'hung';
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
      reply(res, entry, { ...refusal(429, 'Too many requests'), headers });
    } else if ('error' in failure) {
      reply(res, entry, refusal(400, failure.error));
    } else {
      const { status, headers = {}, body } = failure;
      const planned = body === undefined && status >= 400 ? refusal(status, 'Planned failure') : undefined;
      reply(res, entry, { status, headers, body: planned?.body ?? body ?? '' });
    }
  }

  function endpoint(on: string, handle: (body: unknown, req: Request) => Answer) {
    return (req: Request, res: Local) => {
      const { record: entry } = res.locals;
      const work = () => unlessRefused(req, token) ?? handle(entry.body, req);
      const failure = failures.next(on, entry.body);
      if (failure) fail(res, entry, failure, work);
      else reply(res, entry, work());
      onChange();
    };
  }

  app.use(express.text({ type: () => true, limit: '1mb' }));
  app.use((req: Request, res: Local, next: NextFunction) => {
    res.locals.record = record(req, parsed(req.body));
    next();
  });
  app.get('/inputs', endpoint('inputs', endpoints.inputs));
  app.get(
    '/status/:id',
    endpoint('status', (_body, req) => endpoints.status(String(req.params.id))),
  );
  app.post('/kickoff', endpoint('kickoff', endpoints.kickoff));
  app.post('/resume', endpoint('resume', endpoints.resume));
  app.use((_req: Request, res: Local) => {
    reply(res, res.locals.record, refusal(404, 'No such path'));
    onChange();
  });
  app.use((error: unknown, req: Request, res: Local, _next: NextFunction) => {
    const entry = res.locals.record ?? record(req, undefined);
    const status = statusOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (res.headersSent) res.socket?.destroy();
    else reply(res, entry, refusal(status, message));
    onChange();
  });
  return app;
}

/** 401, 415 or 400, in this order; undefined if the request may be looked at. */
function unlessRefused(req: Request, token: string): Answer | undefined {
  if (req.get('authorization') !== `Bearer ${token}`) return refusal(401, 'Invalid or missing bearer token');
  if (req.method !== 'POST') return undefined;
  const type = req.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refusal(415, 'Content-Type must be application/json');
  if (!isJson(req.body)) return refusal(400, 'The body is not valid JSON');
  return undefined;
}

function isJson(text: unknown): boolean {
  return typeof text === 'string' && parsed(text) !== text;
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The status that the body parser gives to its errors, such as 413. */
function statusOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500;
}
