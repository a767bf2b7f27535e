import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { AlertOperators } from '../approval/alerts.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import { type Fault, MAX_FAULTS } from '../approval/model/run/webhook.ts';
import type { Log } from '../approval/ports.ts';
import { StoreError } from '../lib/errors.ts';
import { type BodyRejection, MAX_JSON_DEPTH } from '../lib/json-text.ts';

/** How a request was rejected. */
export interface Rejection {
  status: number;
  error: string;
  message: string;
}

declare global {
  namespace Express {
    /** Values that a handler passes to the handlers after it. */
    interface Locals {
      /** The endpoint that the request is addressed to, whether or not it carries the secret. */
      endpoint?: Endpoint;
      /** The crew whose secret or signature the request carried. */
      crew: Crew;
      /** The ask secret that the request carried. */
      askSecret: string;
      body: Buffer<ArrayBuffer>;
      rejection?: Rejection;
    }
  }
}

/** Answers a request that is not carried out, as JSON: a code for programs and one sentence. */
export function reject(response: Response, status: number, error: string, message: string): void {
  response.locals.rejection = { status, error, message };
  response.status(status).json({ error, message });
}

/** Longest field name and longest fault in a response, in characters. Names come from the request and can have any length. */
const LONGEST_PART = 100;

/** Answers 422 with the faulty fields by their names; `otherCount`: how many more there are. */
export function rejectFields(response: Response, faults: readonly Fault[], otherCount = 0): void {
  const { status, error, message } = buildFieldsRejection(faults, otherCount);
  reject(response, status, error, message);
}

export function buildFieldsRejection(faults: readonly Fault[], otherCount = 0): Rejection {
  const faultTexts = faults
    .slice(0, MAX_FAULTS)
    .map(({ field, fault }) => `${shorten(field)} ${shorten(fault)}`);
  const hiddenCount = faults.length - faultTexts.length + otherCount;
  const message = `${[...faultTexts, ...(hiddenCount > 0 ? [`${hiddenCount} more`] : [])].join('; ')}.`;
  return { status: 422, error: 'invalid_fields', message };
}

function shorten(text: string): string {
  return text.length <= LONGEST_PART ? text : `${text.slice(0, LONGEST_PART - 1).toWellFormed()}…`;
}

const BODY_REJECTIONS: Readonly<Record<BodyRejection, readonly [number, string, string]>> = {
  not_json: [400, 'not_json', 'The body is not valid JSON.'],
  too_deep: [422, 'too_deep', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`],
  too_large: [413, 'too_large', 'The body takes too much memory or time to read.'],
};

export function rejectBody(response: Response, rejection: BodyRejection): void {
  reject(response, ...BODY_REJECTIONS[rejection]);
}

export function buildBodyRejection(rejection: BodyRejection): Rejection {
  const [status, error, message] = BODY_REJECTIONS[rejection];
  return { status, error, message };
}

const NOT_FOUND: Rejection = { status: 404, error: 'not_found', message: 'Not found.' };

export const notFound: RequestHandler = (_request, response) => {
  reject(response, NOT_FOUND.status, NOT_FOUND.error, NOT_FOUND.message);
};

/** Answers errors of the store, unreadable paths and internal errors, never with a stack trace. */
export function handleErrors(log: Log, alert: AlertOperators): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const { status, error: code, message } = buildRejection(error);
    if (error instanceof StoreError) {
      log.error({ error }, 'request not stored');
      alert({ kind: 'store_failed', operation: 'write' });
    } else if (status === 500) log.error({ error }, 'request failed');
    reject(response, status, code, message);
  };
}

function buildRejection(error: unknown): Rejection {
  if (error instanceof StoreError) {
    const message = 'The database failed, so this may not have been recorded. Send it again.';
    return { status: 503, error: 'store_unavailable', message };
  }
  // Express could not decode the path: it is not UTF-8, so no endpoint has it.
  if (error instanceof URIError) return NOT_FOUND;
  return { status: 500, error: 'internal_error', message: 'Internal error.' };
}
