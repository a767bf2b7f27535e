import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { AlertOperators, Log } from '../approval/ports.ts';
import { RecordError, StoreError } from '../lib/errors.ts';
import { MAX_JSON_DEPTH } from '../lib/json-depth.ts';
import type { BodyRefusal } from '../lib/parse-body.ts';

/** How a request was refused. */
export interface Refusal {
  status: number;
  error: string;
  message: string;
}

/** Answers a request that is not done: a code for programs and one sentence, as JSON. */
export function refuse(response: Response, status: number, error: string, message: string): void {
  response.locals.refusal = { status, error, message } satisfies Refusal;
  response.status(status).json({ error, message });
}

/** How a request was refused, once it was. */
export function readRefusal(response: Response): Refusal | undefined {
  return response.locals.refusal as Refusal | undefined;
}

const OF_BODIES: Readonly<Record<BodyRefusal, readonly [status: number, error: string, message: string]>> = {
  not_json: [400, 'not_json', 'The body is not valid JSON.'],
  too_deep: [422, 'too_deep', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`],
  too_large: [413, 'too_large', 'The body has more values than can be read here.'],
};

export function refuseBody(response: Response, refusal: BodyRefusal): void {
  refuse(response, ...OF_BODIES[refusal]);
}

export const notFound: RequestHandler = (_request, response) => {
  refuse(response, 404, 'not_found', 'Not found.');
};

/** What failed inside: the store, a body that cannot be read, or a fault of ours; never with a stack trace. */
export function createErrorHandler(log: Log, alarm: AlertOperators = () => {}): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof StoreError) {
      log.error({ error }, 'a request could not be stored');
      // One record that a newer version wrote says nothing of the store.
      if (!(error instanceof RecordError))
        alarm('store', 'The store takes no writes: webhooks are answered 503 until it is back.');
      return refuse(
        response,
        503,
        'store_unavailable',
        'This could not be stored, so nothing was recorded. Please send it again.',
      );
    }
    const { status, type, limit } = error as { status?: unknown; type?: unknown; limit?: unknown };
    if (type === 'entity.too.large')
      return refuse(response, 413, 'too_large', `The body is larger than ${Number(limit) / 2 ** 20} MiB.`);
    if (type === 'entity.parse.failed' || type === 'entity.verify.failed')
      return refuse(response, 400, 'not_json', 'The body is not valid JSON.');
    if (typeof status === 'number' && status >= 400 && status < 500) {
      if (status === 415)
        return refuse(response, 415, 'not_json_type', 'The encoding of the body is not known here.');
      return refuse(response, 400, 'not_json', 'The body could not be read.');
    }
    log.error({ error }, 'a request failed');
    return refuse(response, 500, 'internal_error', 'Internal error.');
  };
}
