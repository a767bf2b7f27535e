import type { RequestHandler } from 'express';
import { authenticatedCrew } from './crew-secret.ts';
import { refuse } from './errors.ts';

/**
 * Lets through so many webhooks a second of each crew, and as many at once; those beyond get 429 and when to come
 * again. Crews without a limit pass. `now` in milliseconds.
 */
export function createRateLimit(limits: ReadonlyMap<string, number>, now: () => number): RequestHandler {
  const left = new Map<string, { tokens: number; at: number }>();
  return (_request, response, next) => {
    const { name } = authenticatedCrew(response);
    const limit = limits.get(name);
    if (limit === undefined) return next();
    const at = now();
    const before = left.get(name) ?? { tokens: limit, at };
    const tokens = Math.min(limit, before.tokens + ((at - before.at) / 1_000) * limit);
    left.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
    if (tokens >= 1) return next();
    response.set('Retry-After', String(Math.max(1, Math.ceil((1 - tokens) / limit))));
    refuse(
      response,
      429,
      'too_many',
      `More than ${limit} webhooks a second of this crew came; send it again later.`,
    );
  };
}
