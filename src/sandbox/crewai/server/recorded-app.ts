import type { IncomingHttpHeaders } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Failure } from '../../failures.ts';
import type { Answer } from '../answers.ts';
import { parseJsonOrKeepText } from '../json.ts';

/** A received request and its response. */
export interface RequestRecord {
  method: string;
  path: string;
  /** Path with its query. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON, or the text if the body is not JSON. */
  body: unknown;
  /** Milliseconds since the epoch. */
  at: number;
  /** Status of the response, even if the response was lost; undefined if there was none. */
  status: number | undefined;
  answer: unknown;
  fate: 'answered' | 'answer lost' | 'no answer' | 'reset';
}

/** Builds an error response in the form of the API. */
export type Refuse = (status: number, message: string) => Answer;

export interface RecordedAppOptions {
  refuse: Refuse;
  now: () => number;
  /** Called for each request before it is answered. */
  onRequest: (record: RequestRecord) => void;
  /** Called once the response to a request is recorded. */
  onChange: () => void;
}

/** A response whose request has a record. */
export type RecordedResponse = Response<unknown, { record: RequestRecord }>;

/** Builds an HTTP API that records every request and answers 404 where no endpoint matches. */
export function createRecordedApp(
  { refuse, now, onRequest, onChange }: RecordedAppOptions,
  addEndpoints: (app: Express) => void,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  function record(req: Request): RequestRecord {
    const entry = buildRecord(req, now());
    onRequest(entry);
    return entry;
  }

  app.use(express.text({ type: () => true, limit: '1mb' }));
  app.use((req: Request, res: RecordedResponse, next: NextFunction) => {
    res.locals.record = record(req);
    next();
  });
  addEndpoints(app);
  app.use((_req: Request, res: RecordedResponse) => {
    reply(res, res.locals.record, refuse(404, 'Not Found'));
    onChange();
  });
  app.use((error: unknown, req: Request, res: RecordedResponse, _next: NextFunction) => {
    const entry = res.locals.record ?? record(req);
    const message = error instanceof Error ? error.message : String(error);
    if (res.headersSent) res.socket?.destroy();
    else reply(res, entry, refuse(readStatus(error), message));
    onChange();
  });
  return app;
}

/** Answers a request with the result of `work`, or with the failure that was planned for it. */
export function answerRecorded(
  res: RecordedResponse,
  { failure, refuse, work }: { failure: Failure | undefined; refuse: Refuse; work: () => Answer },
): void {
  const { record } = res.locals;
  if (failure) fail(res, record, { failure, refuse, work });
  else reply(res, record, work());
}

/** Reads the body as text; empty if there is none. */
export function readText(req: Request): string {
  return typeof req.body === 'string' ? req.body : '';
}

/** Reads the content type of a request, in lower case and without parameters. */
export function readContentType(req: Request): string | undefined {
  return req.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
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
  { failure, refuse, work }: { failure: Failure; refuse: Refuse; work: () => Answer },
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
    reply(res, entry, { ...refuse(429, 'Too many requests'), headers });
  } else if ('error' in failure) {
    reply(res, entry, refuse(400, failure.error));
  } else {
    const { status, headers = {}, body } = failure;
    const plannedRefusal =
      body === undefined && status >= 400 ? refuse(status, 'Planned failure') : undefined;
    reply(res, entry, { status, headers, body: plannedRefusal?.body ?? body ?? '' });
  }
}

function buildRecord(req: Request, at: number): RequestRecord {
  const { method, path, originalUrl: url, headers } = req;
  const body: unknown = typeof req.body === 'string' && req.body ? parseJsonOrKeepText(req.body) : req.body;
  return { method, path, url, headers, body, at, status: undefined, answer: undefined, fate: 'answered' };
}

/** Reads the status of an error of the body parser, such as 413; 500 for other errors. */
function readStatus(error: unknown): number {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500;
}
