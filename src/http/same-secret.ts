import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

/** Whether a request carries the secret: as a bearer token, as the Basic password, or as `?token=`. In constant time. */
export function carriesSecret(request: Pick<Request, 'headers' | 'query'>, secret: string): boolean {
  const { authorization = '' } = request.headers;
  const bearer = /^Bearer +(.+)$/i.exec(authorization)?.[1]?.trim();
  const { token } = request.query;
  return [bearer, readBasicPassword(authorization), token].some(
    (given) => typeof given === 'string' && isEqual(given, secret),
  );
}

/** How a request carries the secret: in a header (`object`), or in its URL (`string`). */
export function readAuthorizationForm({ headers }: Pick<Request, 'headers'>): 'object' | 'string' {
  return headers.authorization === undefined ? 'string' : 'object';
}

function readBasicPassword(authorization: string): string | undefined {
  const encoded = /^Basic +(.+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  return Buffer.from(encoded, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
}

function isEqual(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
