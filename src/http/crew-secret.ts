import { hash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import { reject } from './errors.ts';

/** Finds the endpoint of the crew in the path for the handlers after it; answers 404 for an unknown crew. */
export function findEndpoint(endpoints: Endpoints): RequestHandler {
  return (request, response, next) => {
    const endpoint = endpoints.get(String(request.params.crew));
    if (!endpoint) return reject(response, 404, 'unknown_crew', 'There is no crew with this name.');
    response.locals.endpoint = endpoint;
    next();
  };
}

/** Answers 401 when a request does not carry the secret of its crew. */
export const requireCrewSecret: RequestHandler = (request, response, next) => {
  const { endpoint } = response.locals;
  // The secret is empty for a crew that sends no webhooks with it, for example if only programs ask.
  if (!endpoint || endpoint.secret === '' || !carriesSecret(request, endpoint.secret)) {
    response.set('WWW-Authenticate', 'Bearer');
    return reject(response, 401, 'unauthorized', "The crew's webhook secret is missing or wrong.");
  }
  response.locals.crew = endpoint.crew;
  next();
};

/** True if a request carries the secret as a bearer token, Basic password or `?token=`. Takes constant time. */
export function carriesSecret(
  { headers: { authorization = '' }, query: { token } }: Pick<Request, 'headers' | 'query'>,
  secret: string,
): boolean {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(.+)$/i.exec(authorization) ?? [];
  const isBearer = scheme.toLowerCase() === 'bearer';
  const password = Buffer.from(value, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
  return [isBearer ? value.trim() : password, token].some(
    (credential) =>
      typeof credential === 'string' &&
      timingSafeEqual(hash('sha256', credential, 'buffer'), hash('sha256', secret, 'buffer')),
  );
}
