import { STATUS_CODES } from 'node:http';
import type * as z from 'zod';
import type { Answer } from '../answers.ts';
import type { RawRequest } from '../contract.ts';
import { isJson } from '../json.ts';

/** Builds the documented error body: `{error, message}`, and `details` where the reference has them. */
export function refuseDocumented(status: number, message: string, details?: Record<string, unknown>): Answer {
  return { status, body: { error: STATUS_CODES[status] ?? 'Error', message, ...(details && { details }) } };
}

/** Refuses with 400 and names each invalid field. */
export function refuseInvalidFields({ issues }: z.ZodError): Answer {
  const sentences = issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  return refuseDocumented(400, `Invalid request: ${sentences.join('; ')}`);
}

/** Refuses with 401, 415 or 400, in this order; undefined if the request is valid. */
export function checkDocumentedRequest(request: RawRequest, token: string): Answer | undefined {
  const { endpoint, authorization, contentType, text } = request;
  if (authorization !== `Bearer ${token}`) return refuseDocumented(401, 'Invalid or missing bearer token');
  if (endpoint !== 'kickoff' && endpoint !== 'resume') return undefined;
  if (contentType !== 'application/json') {
    return refuseDocumented(415, 'Content-Type must be application/json');
  }
  return isJson(text) ? undefined : refuseDocumented(400, 'The body is not valid JSON');
}
