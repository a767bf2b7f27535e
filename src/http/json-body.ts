import express, { type RequestHandler } from 'express';
import { DEEPEST, nestedWithin } from '../approval/output.ts';
import { refuse } from './refusals.ts';

const LARGEST_BODY = '1mb';
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Reads a JSON body of at most 1 MiB: 415 when it is not JSON by type, 413, 400, and 422 when it is nested too deep. */
export const jsonBody: RequestHandler[] = [
  (request, response, next) => {
    if (JSON_TYPE.test(request.headers['content-type'] ?? '')) return next();
    refuse(response, 415, 'not_json_type', 'The Content-Type has to be application/json.');
  },
  express.json({ limit: LARGEST_BODY, strict: false, type: () => true, verify: notEmpty }),
  (request, response, next) => {
    if (request.body === undefined) return refuse(response, 400, 'not_json', 'The body is empty.');
    if (nestedWithin(request.body, DEEPEST)) return next();
    refuse(response, 422, 'too_deep', `The body is nested deeper than ${DEEPEST} levels.`);
  },
];

/** Express would read an empty body as `{}`. */
function notEmpty(_request: unknown, _response: unknown, body: Buffer): void {
  if (body.length === 0) throw new Error('the body is empty');
}
