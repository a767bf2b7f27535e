import type { Request, RequestHandler, Response } from 'express';

/** Longest body of a request from Slack, in bytes. */
export const LARGEST_REQUEST = 1024 * 1024;
/** Most requests from Slack are smaller than this, in bytes. */
const USUAL_REQUEST = 128 * 1024;
const MAX_USUAL = 500;
const MAX_LARGE = 8;
/** https://docs.slack.dev/authentication/verifying-requests-from-slack: older is a replay; later time stamps are rejected too. */
const FRESH_FOR = 5 * 60_000;

/**
 * Runs before Bolt's receiver: reads no body unless the headers of a signature are present and fresh, and limits how many
 * bodies are read at once. Bolt verifies the signature. `now`: Slack's time, in milliseconds since 1970.
 */
export function createRequestGate(now: () => number, wall = () => Date.now()): RequestHandler {
  const reading = { usual: 0, large: 0 };
  return (request, response, next) => {
    if (!hasFreshSlackSignature(request, now(), wall())) return rejectRequest(response, 401);
    const length = request.headers['content-length'];
    if (length !== undefined && !(Number(length) <= LARGEST_REQUEST)) return rejectRequest(response, 413);
    const size = Number(length ?? Number.POSITIVE_INFINITY) <= USUAL_REQUEST ? 'usual' : 'large';
    if (reading[size] >= (size === 'usual' ? MAX_USUAL : MAX_LARGE)) return rejectRequest(response, 503);
    reading[size] += 1;
    let open = true;
    const finish = () => {
      if (open) reading[size] -= 1;
      open = false;
    };
    request.once('end', finish);
    response.once('close', finish);
    next();
  };
}

/** After a suspend Slack's time is behind until Slack answers again; the host's clock is not. */
function hasFreshSlackSignature({ headers }: Request, slackNow: number, hostNow: number): boolean {
  const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = headers;
  if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  const sent = Number(timestamp) * 1_000;
  return sent >= slackNow - FRESH_FOR && sent <= Math.max(slackNow, hostNow) + FRESH_FOR;
}

/** Closes the connection, since the body was not read. */
function rejectRequest(response: Response, status: number): void {
  response.set('Connection', 'close').status(status).end();
}
