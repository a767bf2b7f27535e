import express, { type Request, type RequestHandler } from 'express';
import { DEEPEST, nestedWithin } from '../approval/output.ts';
import { refuse } from './refusals.ts';

/** In mebibytes. */
export const LARGEST_BODY = 1;
/** A batch of run events, in mebibytes. */
export const LARGEST_BATCH = 8;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Reads a JSON body of at most so many MiB: 415 when it is not JSON by type, 413, 400, and 422 when it is nested too deep. */
export const jsonBody = (mebibytes = LARGEST_BODY): RequestHandler[] => [
  (request, response, next) => {
    if (JSON_TYPE.test(request.headers['content-type'] ?? '')) return next();
    refuse(response, 415, 'not_json_type', 'The Content-Type has to be application/json.');
  },
  express.json({ limit: `${mebibytes}mb`, strict: false, type: () => true, verify: keepText }),
  (request, response, next) => {
    if (request.body === undefined) return refuse(response, 400, 'not_json', 'The body is empty.');
    if (nestedWithin(request.body, DEEPEST)) return next();
    refuse(response, 422, 'too_deep', `The body is nested deeper than ${DEEPEST} levels.`);
  },
];

/** The text of a body, whose numbers may have more digits than its parsed form; undefined when it is not UTF-8. */
export function bodyText(request: Request): string | undefined {
  // Express drops a byte order mark too.
  return texts
    .get(request)
    ?.toString('utf8')
    .replace(/^\ufeff/, '');
}

const texts = new WeakMap<object, Buffer>();

/** Express would read an empty body as `{}`. */
function keepText(request: object, _response: unknown, body: Buffer, encoding: string): void {
  if (body.length === 0) throw new Error('the body is empty');
  if (encoding === 'utf-8') texts.set(request, body);
}
