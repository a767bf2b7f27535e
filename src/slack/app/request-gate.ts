import type { RequestHandler } from 'express';

/** Longest body of a request of Slack's, in bytes. */
export const LARGEST_REQUEST = 1024 * 1024;
/** Slack's requests are mostly smaller than this, in bytes. */
const USUAL_REQUEST = 128 * 1024;
const MOST_USUAL = 500;
const MOST_LARGE = 8;
/** https://docs.slack.dev/authentication/verifying-requests-from-slack: older is a replay; we take no later one either. */
const FRESH_FOR = 5 * 60_000;

/**
 * Stands before Bolt's receiver: no body is read unless the headers of a signature are there and fresh, and only so many
 * bodies at once. Whether the signature is right is Bolt's to check. `now`: Slack's time, in milliseconds since 1970.
 */
export function createRequestGate(now: () => number, wall = () => Date.now()): RequestHandler {
  let [usual, large] = [0, 0];
  /** After a suspend Slack's time is behind until Slack answers again; the host's clock is not. */
  const isFresh = (sent: number) => sent >= now() - FRESH_FOR && sent <= Math.max(now(), wall()) + FRESH_FOR;
  return (request, response, next) => {
    const refuse = (status: number) => {
      // What was not read is not taken in either.
      response.set('Connection', 'close').status(status).end();
    };
    const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = request.headers;
    const signed = typeof signature === 'string' && /^v0=[0-9a-f]{64}$/.test(signature);
    const dated = typeof timestamp === 'string' && /^\d{1,12}$/.test(timestamp);
    if (!signed || !dated || !isFresh(Number(timestamp) * 1_000)) return refuse(401);

    const length = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    const chunked = request.headers['content-length'] === undefined;
    if (!chunked && !(length <= LARGEST_REQUEST)) return refuse(413);
    const isUsual = length <= USUAL_REQUEST;
    if (isUsual ? usual >= MOST_USUAL : large >= MOST_LARGE) return refuse(503);
    if (isUsual) usual += 1;
    else large += 1;
    let open = true;
    const leave = () => {
      if (!open) return;
      open = false;
      if (isUsual) usual -= 1;
      else large -= 1;
    };
    request.once('end', leave);
    response.once('close', leave);
    next();
  };
}
