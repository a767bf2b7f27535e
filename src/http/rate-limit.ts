import type { RequestHandler } from 'express';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import type { RateLimits } from '../approval/worker/rate-limits.ts';
import { reject } from './errors.ts';

/**
 * Limits the webhooks per second of each crew, with bursts of the same number; excess webhooks get 429 with Retry-After.
 * Crews without a limit pass.
 */
export function limitRate(
  endpoints: ReadonlyMap<string, Pick<Endpoint, 'maxWebhooksPerSecond'>>,
  rateLimits: RateLimits,
): RequestHandler {
  return (_request, response, next) => {
    const { name } = response.locals.crew;
    const maxPerSecond = endpoints.get(name)?.maxWebhooksPerSecond;
    if (!maxPerSecond) return next();
    const limit = { atOnce: Number.POSITIVE_INFINITY, perMinute: maxPerSecond * 60, burst: maxPerSecond };
    const wait = rateLimits.startNow(`webhooks ${name}`, limit);
    if (wait === undefined) return next();
    response.set('Retry-After', String(Math.max(1, Math.ceil(wait / 1_000))));
    const message = `The limit of ${maxPerSecond} webhooks per second of this crew was exceeded. Send it again later.`;
    reject(response, 429, 'too_many', message);
  };
}
