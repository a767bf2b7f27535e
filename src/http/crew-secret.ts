import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Crew } from '../approval/model/crew/crew.ts';
import { reject } from './errors.ts';

/** The endpoints of a crew: the crew, and the secret that its webhooks carry. */
export interface CrewEndpoint {
  crew: Crew;
  secret: string;
}

/** Requires the secret of the crew in the path: 404 for an unknown crew, 401 for a wrong secret. */
export function requireCrewSecret(
  endpoints: ReadonlyMap<string, CrewEndpoint>,
): RequestHandler<{ crew: string }> {
  return (request, response, next) => {
    const endpoint = endpoints.get(request.params.crew);
    if (!endpoint) return reject(response, 404, 'unknown_crew', 'There is no crew with this name.');
    nameAddressedCrew(response, endpoint.crew);
    if (!carriesSecret(request, endpoint.secret)) {
      response.set('WWW-Authenticate', 'Bearer');
      return reject(response, 401, 'unauthorized', "The crew's webhook secret is missing or wrong.");
    }
    authenticateCrew(response, endpoint.crew);
    next();
  };
}

/** Notes the configured crew that a request is addressed to. */
export function nameAddressedCrew(response: Response, crew: Crew): void {
  response.locals.addressedCrew = crew.name;
}

/** Notes that a request has proved to come from the crew's platform. */
export function authenticateCrew(response: Response, crew: Crew): void {
  response.locals.authenticatedCrew = crew;
}

/** The configured crew that a request is addressed to, whether or not it carries the secret. */
export function readAddressedCrew(response: Response): string | undefined {
  return response.locals.addressedCrew as string | undefined;
}

/** Whether a request carried the secret of its crew. */
export function isAuthenticated(response: Response): boolean {
  return response.locals.authenticatedCrew !== undefined;
}

/** The crew whose secret the request carried. */
export function authenticatedCrew(response: Response): Crew {
  return response.locals.authenticatedCrew as Crew;
}

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
