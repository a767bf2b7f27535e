import type { RequestHandler, Response } from 'express';
import type { Crew } from '../approval/model/crew/crew.ts';
import { reject } from './errors.ts';
import { carriesSecret } from './same-secret.ts';

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
