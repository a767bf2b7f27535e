import type { RequestHandler } from 'express';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import { reject } from './errors.ts';

/**
 * Limits the webhooks per second of each crew, with bursts of the same number; excess webhooks get 429 with Retry-After.
 * Crews without a limit pass. `now` in milliseconds.
 */
export function limitRate(
  endpoints: ReadonlyMap<string, Pick<Endpoint, 'most'>>,
  now: () => number,
): RequestHandler {
  const buckets = new Map<string, () => number | undefined>();
  for (const [crew, { most }] of endpoints) if (most) buckets.set(crew, createTokenBucket(most, now));
  return (_request, response, next) => {
    const { name } = response.locals.crew;
    const wait = buckets.get(name)?.();
    if (wait === undefined) return next();
    response.set('Retry-After', String(Math.max(1, Math.ceil(wait))));
    const limit = endpoints.get(name)?.most;
    const message = `The limit of ${limit} webhooks per second of this crew was exceeded. Send it again later.`;
    reject(response, 429, 'too_many', message);
  };
}

/**
 * `limit`: tokens per second, and at most. Returns what takes a token, or says without one when the next one comes, in
 * seconds.
 */
function createTokenBucket(limit: number, now: () => number): () => number | undefined {
  let tokens = limit;
  let filledAt: number | undefined;
  return () => {
    const at = now();
    tokens = Math.min(limit, tokens + ((at - (filledAt ?? at)) / 1_000) * limit);
    filledAt = at;
    if (tokens < 1) return (1 - tokens) / limit;
    tokens -= 1;
    return undefined;
  };
}
