import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

/** Whether a request carries the secret: as a bearer token, as the Basic password, or as `?token=`. In constant time. */
export function carriesSecret(request: Pick<Request, 'headers' | 'query'>, secret: string): boolean {
  const { authorization } = request.headers;
  const bearer = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
  const basic = /^Basic +(.+)$/i.exec(authorization ?? '')?.[1];
  const password =
    basic === undefined
      ? undefined
      : Buffer.from(basic, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '');
  const { token } = request.query;
  return [bearer, password, token].some((given) => typeof given === 'string' && isEqual(given, secret));
}

/** How a request that carries the secret does: in a header, or in its URL. */
export function readAuthorizationForm({ headers }: Pick<Request, 'headers'>): 'object' | 'string' {
  return headers.authorization === undefined ? 'string' : 'object';
}

function isEqual(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
