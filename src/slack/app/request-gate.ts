import type { Request, RequestHandler, Response } from 'express';

/** Longest body of a request from Slack, in bytes. */
export const LARGEST_REQUEST = 1024 * 1024;
/** Most requests from Slack are smaller than this, in bytes. */
const USUAL_REQUEST = 128 * 1024;
const MAX_LARGE_BODIES = 8;
/** Bolt rejects older requests: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const MAX_SIGNATURE_AGE = 5 * 60_000;

/**
 * Runs before Bolt's receiver: reads no body unless the headers of a signature are present and fresh, and limits how many
 * large bodies are read at once. Bolt verifies the signature. `now`: in milliseconds since 1970.
 */
export function createRequestGate(now: () => number): RequestHandler {
  let largeBodies = 0;
  return (request, response, next) => {
    if (!hasFreshSlackSignature(request, now())) return rejectRequest(response, 401);
    const length = request.headers['content-length'];
    if (length !== undefined && !(Number(length) <= LARGEST_REQUEST)) return rejectRequest(response, 413);
    if (length !== undefined && Number(length) <= USUAL_REQUEST) return next();
    if (largeBodies >= MAX_LARGE_BODIES) return rejectRequest(response, 503);
    largeBodies += 1;
    let isReading = true;
    const endReading = () => {
      if (isReading) largeBodies -= 1;
      isReading = false;
    };
    request.once('end', endReading);
    response.once('close', endReading);
    next();
  };
}

function hasFreshSlackSignature({ headers }: Request, now: number): boolean {
  const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = headers;
  if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  return Number(timestamp) * 1_000 >= now - MAX_SIGNATURE_AGE;
}

/** Closes the connection, since the body was not read. */
function rejectRequest(response: Response, status: number): void {
  response.set('Connection', 'close').status(status).end();
}
