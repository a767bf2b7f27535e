import type { RequestHandler } from 'express';
import { authenticatedCrew } from './crew-secret.ts';
import { reject } from './errors.ts';

/**
 * Limits the webhooks per second of each crew, with bursts of the same number; excess webhooks get 429 with Retry-After.
 * Crews without a limit pass. `now` in milliseconds.
 */
export function limitRate(limits: ReadonlyMap<string, number>, now: () => number): RequestHandler {
  const buckets = new Map([...limits].map(([crew, limit]) => [crew, new TokenBucket(limit, now)]));
  return (_request, response, next) => {
    const bucket = buckets.get(authenticatedCrew(response).name);
    const wait = bucket?.take();
    if (bucket === undefined || wait === undefined) return next();
    response.set('Retry-After', String(Math.max(1, Math.ceil(wait))));
    const message = `The limit of ${bucket.limit} webhooks per second of this crew was exceeded. Send it again later.`;
    reject(response, 429, 'too_many', message);
  };
}

class TokenBucket {
  readonly limit: number;
  private readonly now: () => number;
  private tokens: number;
  private filledAt: number | undefined;

  /** `limit`: tokens per second, and at most. */
  constructor(limit: number, now: () => number) {
    this.limit = limit;
    this.now = now;
    this.tokens = limit;
  }

  /** Takes a token; without one returns when the next one comes, in seconds. */
  take(): number | undefined {
    const at = this.now();
    const elapsed = at - (this.filledAt ?? at);
    this.filledAt = at;
    this.tokens = Math.min(this.limit, this.tokens + (elapsed / 1_000) * this.limit);
    if (this.tokens < 1) return (1 - this.tokens) / this.limit;
    this.tokens -= 1;
    return undefined;
  }
}
