import type { RequestHandler, Response } from 'express';
import type { Crew } from '../approval/model/crew/crew.ts';
import { refuse } from './errors.ts';
import { carriesSecret } from './same-secret.ts';

/** A crew's door: who it is, and the secret that opens it. */
export interface Door {
  crew: Crew;
  secret: string;
}

/** Lets through what carries the secret of the crew in its path: 404 for an unknown crew, 401 for a wrong secret. */
export function createDoorkeeper(doors: ReadonlyMap<string, Door>): RequestHandler<{ crew: string }> {
  return (request, response, next) => {
    const door = doors.get(request.params.crew);
    if (!door) return refuse(response, 404, 'unknown_crew', 'There is no crew of this name.');
    response.locals.addressed = door.crew.name;
    if (!carriesSecret(request, door.secret)) {
      response.set('WWW-Authenticate', 'Bearer');
      return refuse(response, 401, 'unauthorized', "The crew's webhook secret is missing or wrong.");
    }
    response.locals.door = door;
    next();
  };
}

/** The configured crew that a request is addressed to, with its secret or without. */
export function readAddressedCrew(response: Response): string | undefined {
  return response.locals.addressed as string | undefined;
}

/** Whether a request carried the secret of its crew. */
export function isAuthenticated(response: Response): boolean {
  return response.locals.door !== undefined;
}

/** The crew whose door was opened. */
export function authenticatedCrew(response: Response): Crew {
  return (response.locals.door as Door).crew;
}

export interface Fault {
  field: string;
  fault: string;
}

/** 422: every field that is missing, wrong or too long, by its name. */
export function refuseFields(response: Response, faults: readonly Fault[]): void {
  refuse(
    response,
    422,
    'invalid_fields',
    `${faults.map(({ field, fault }) => `${field} ${fault}`).join('; ')}.`,
  );
}
