import express, { type RequestHandler } from 'express';
import { refuse } from './refusals.ts';

const LARGEST_BODY = '1mb';
const DEEPEST = 64;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Reads a JSON body of at most 1 MiB: 415 when it is not JSON by type, 413, 400, and 422 when it is nested too deep. */
export const jsonBody: RequestHandler[] = [
  (request, response, next) => {
    if (JSON_TYPE.test(request.headers['content-type'] ?? '')) return next();
    refuse(response, 415, 'not_json_type', 'The Content-Type has to be application/json.');
  },
  express.json({ limit: LARGEST_BODY, strict: false, type: () => true }),
  (request, response, next) => {
    if (request.body === undefined) return refuse(response, 400, 'not_json', 'The body is empty.');
    if (depthWithin(request.body, DEEPEST)) return next();
    refuse(response, 422, 'too_deep', `The body is nested deeper than ${DEEPEST} levels.`);
  },
];

function depthWithin(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= most; depth += 1) {
    level = level.flatMap((inner) =>
      inner !== null && typeof inner === 'object' ? Object.values(inner) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}
