import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { AnswerFault, Failure } from '../approval/model/round.ts';
import type { HttpAnswer } from '../lib/call-http.ts';
import { isObject } from '../lib/own-member.ts';
import { readDocumentedStatus } from './dialects/documented.ts';
import { readContinuationId, readValidationItems } from './dialects/live.ts';
import { idSchema } from './ids.ts';

/** Codes of requests that certainly did not arrive: no DNS name, no connection, no trusted certificate, or an invalid request. */
export const NOT_CONNECTED =
  /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL_WRONG_VERSION|ERR_SSL_PACKET_LENGTH|ERR_INVALID|EPROTO)/;
const NOT_TAKEN_STATUS = new Set([429, 503]);
const LONGEST_DETAIL = 200;

/** Reads a response to POST /resume as the outcome of a decision. `hide`: removes secrets from text for people. Pure. */
export function readResumeAnswer(
  { status, retryAfter, body }: HttpAnswer,
  now: number,
  hide: (text: string) => string,
): ResumeOutcome {
  const json = parseObject(body);
  if (status >= 200 && status < 300) {
    // A proxy's page or a truncated response says nothing about CrewAI.
    if (!json) return buildUnknown(status, 'NOT_JSON');
    // The response reports an error, and does not show whether CrewAI accepted the decision.
    const error = readError(json);
    if (error !== undefined) {
      const detail = hide(error).slice(0, LONGEST_DETAIL).toWellFormed();
      return { kind: 'unknown', failure: { kind: 'unknown', status, detail } };
    }
    return readAccepted(json, status);
  }
  const failure = (kind: Failure['kind']): Failure => {
    const message = json && readMessage(json);
    return {
      kind,
      status,
      ...(message ? { detail: hide(message).slice(0, LONGEST_DETAIL).toWellFormed() } : {}),
    };
  };
  // CrewAI's 400s differ only in their text, so this reads the message.
  if (status === 400 && /not in pending/i.test(body)) return { kind: 'not_pending' };
  const wait = parseRetryAfter(retryAfter, now);
  const retryFields = wait === undefined ? {} : { retryAfterMs: wait };
  if (NOT_TAKEN_STATUS.has(status))
    return { kind: 'not_reached', failure: failure('not_reached'), ...retryFields };
  // CrewAI may have done the work before these responses.
  if (status === 408 || status >= 500)
    return { kind: 'unknown', failure: failure('unknown'), ...retryFields };
  return { kind: 'refused', failure: failure('refused') };
}

/** Builds the outcome of a response that does not show whether CrewAI accepted the decision, nor why. */
export function buildUnknown(status: number, detail: AnswerFault): ResumeOutcome {
  return { kind: 'unknown', failure: { kind: 'unknown', status, detail } };
}

const NOT_OK: AnswerFault = 'NOT_OK';

/** Finds the error that a response reports, whatever its HTTP status. */
function readError(json: Record<string, unknown>): string | undefined {
  const { error, ok, success, status } = json;
  const message = readText(json, 'error') ?? readText(json, 'message');
  if (error !== undefined && error !== null && error !== false) return message ?? NOT_OK;
  if (ok === false || success === false) return message ?? NOT_OK;
  const failed = typeof status === 'string' && /^(error|fail(ed|ure)?)$/i.test(status);
  return failed ? (message ?? status) : undefined;
}

/** Reads a missing response as the outcome of a decision. `code`: Node's error code. */
export function readNoResumeAnswer(code: string): ResumeOutcome {
  if (NOT_CONNECTED.test(code))
    return { kind: 'not_reached', failure: { kind: 'not_reached', detail: code } };
  return { kind: 'unknown', failure: { kind: 'unknown', detail: code } };
}

/** Longest wait that a response can ask for, in milliseconds. */
const LONGEST_WAIT = 60 * 60_000;

/** Parses Retry-After, seconds or an HTTP date (RFC 9110, 10.2.3); undefined: neither. At most 1 h, in milliseconds. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Math.min(LONGEST_WAIT, Number(header) * 1_000);
  const date = /^\s*[A-Za-z]{3,9},? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(LONGEST_WAIT, Math.max(0, date - now));
}

/** Parses the JSON object of a response; undefined: anything else. */
export function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the text of a field; undefined: the field is empty or not a text. */
export function readText(json: Record<string, unknown>, field: string): string | undefined {
  const value = json[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads a 2xx: the documented API responds with a status, the live one with the id of the run's continuation. */
function readAccepted(json: Record<string, unknown>, status: number): ResumeOutcome {
  const says = readDocumentedStatus(json);
  if (says !== undefined) {
    // Some responses of this form also have the id of a continuation.
    const { data: aliasId } = idSchema.safeParse(json.kickoff_id);
    const alias = aliasId === undefined ? {} : { aliasId };
    return { kind: 'accepted', dialect: 'documented', says: says.slice(0, 40), ...alias };
  }
  const continuation = readContinuationId(json);
  if (continuation !== undefined) return { kind: 'accepted', dialect: 'live', aliasId: continuation };
  return buildUnknown(status, 'NO_STATUS_OR_ID');
}

/** Reads the message of a rejection: the documented API's message, or FastAPI's detail. */
export function readMessage(json: Record<string, unknown>): string | undefined {
  const items = readValidationItems(json);
  const listed = items?.map(({ loc, msg }) => `${loc.slice(1).join('.') || 'body'}: ${msg}`).join('; ');
  return readText(json, 'message') ?? readText(json, 'error') ?? listed ?? readText(json, 'detail');
}
