import type { Answer } from '../answers.ts';
import type { RawRequest } from '../contract.ts';
import { isJson } from '../json.ts';

/** An item of FastAPI's `detail`. */
export interface DetailItem {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

/** Builds FastAPI's error body: `{detail}`. */
export function refuseLive(status: number, detail: string): Answer {
  return { status, body: { detail } };
}

/** Builds FastAPI's response to an invalid body. */
export function refuseBody(detail: readonly DetailItem[]): Answer {
  return { status: 422, body: { detail } };
}

export function checkLiveRequest(request: RawRequest, token: string): Answer | undefined {
  const { endpoint, authorization } = request;
  if (!authorization) return refuseLive(401, 'Not authenticated');
  if (authorization !== `Bearer ${token}`) {
    return refuseLive(401, 'Invalid or missing authentication credentials');
  }
  if (endpoint === 'kickoff') return checkKickoffBody(request);
  return endpoint === 'resume' ? checkResumeBody(request) : undefined;
}

/** Answers 500 to a body that is not JSON, as seen on the running platform. */
function checkKickoffBody({ text }: RawRequest): Answer | undefined {
  return isJson(text) ? undefined : { status: 500, body: 'Internal Server Error' };
}

/** Checks the body like FastAPI, which parses it only if its content type is JSON and otherwise takes it as a string. */
function checkResumeBody({ contentType = '', text }: RawRequest): Answer | undefined {
  if (text === '') {
    return refuseBody([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);
  }
  if (!/^application\/(?:json|.+\+json)$/.test(contentType)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    return refuseBody([{ type: 'model_attributes_type', loc: ['body'], msg, input: text }]);
  }
  if (isJson(text)) return undefined;
  const error = { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {} };
  return refuseBody([{ ...error, ctx: { error: 'Expecting value' } }]);
}
