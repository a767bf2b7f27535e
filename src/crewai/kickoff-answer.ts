import { z } from 'zod';
import type { CrewInputs } from '../approval/ports.ts';
import type { KickoffOutcome } from '../approval/starts/start-events.ts';
import type { HttpAnswer } from '../lib/call-http.ts';
import { idSchema } from './ids.ts';
import { readMissingApps } from './missing-apps.ts';
import { NOT_CONNECTED, parseObject, parseRetryAfter, readMessage } from './resume-answer.ts';

const LONGEST_REASON = 300;
/** The form does not ask for more inputs one by one. */
const MAX_INPUTS = 1_000;
/** Number of missing inputs to keep from a response, and length of their names, in characters. */
const MAX_MISSING = 50;
const LONGEST_MISSING = 200;
const namesSchema = z.array(z.string()).max(MAX_INPUTS);
const inputsSchema = z.object({
  inputs: namesSchema,
  required_inputs: namesSchema.optional().catch(undefined),
});
const missingSchema = z.object({ details: z.object({ missing_inputs: z.array(z.string()) }) });

/** Reads the inputs from a response to GET /inputs, and which of them are required; undefined: any other response. Pure. */
export function readCrewInputs({
  status,
  body,
}: Pick<HttpAnswer, 'status' | 'body'>): CrewInputs | undefined {
  if (status !== 200) return undefined;
  const parsed = inputsSchema.safeParse(parseObject(body));
  if (!parsed.success) return undefined;
  const { inputs, required_inputs: required } = parsed.data;
  return { names: [...new Set([...inputs, ...(required ?? [])])], ...(required ? { required } : {}) };
}

/** Reads a response to POST /kickoff as an outcome. `hide`: removes secrets from text that people will see. Pure. */
export function readKickoffAnswer(
  { status, retryAfter, body }: HttpAnswer,
  now: number,
  hide: (text: string) => string,
): KickoffOutcome {
  const json = parseObject(body);
  const short = (text: string) => hide(text).slice(0, LONGEST_REASON).toWellFormed();
  const isSuccess = status >= 200 && status < 300;
  const id = idSchema.safeParse(json?.kickoff_id);
  if (isSuccess && id.success) return { kind: 'started', executionId: id.data };
  const message = json && readMessage(json);
  const apps = readMissingApps(body, message, short);
  if (apps !== undefined) return { kind: 'refused', reason: apps };
  if (isSuccess) return { kind: 'unknown', reason: { code: 'no_id' } };
  const reason = message === undefined ? `HTTP ${status}` : `${status}: ${short(message)}`;
  if (status === 429 || status === 503) {
    const wait = parseRetryAfter(retryAfter, now);
    return { kind: 'not_reached', reason, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  }
  if (status === 408 || status >= 500) return { kind: 'unknown', reason };
  const missing =
    status === 422
      ? readMissing(json, message)
          ?.slice(0, MAX_MISSING)
          .map((name) => short(name).slice(0, LONGEST_MISSING))
      : undefined;
  return { kind: 'refused', reason, ...(missing ? { missing } : {}) };
}

/** Reads a missing response as an outcome. `code`: Node's error code. Pure. */
export function readNoKickoffAnswer(code: string): KickoffOutcome {
  if (NOT_CONNECTED.test(code))
    return { kind: 'not_reached', reason: { code: 'no_connection', error: code } };
  if (code === 'ETIMEDOUT') return { kind: 'unknown', reason: { code: 'no_answer_in_time' } };
  return { kind: 'unknown', reason: { code: 'no_answer', error: code } };
}

/** Reads the missing inputs that a rejection names: the documented dialect has a list, the live one a sentence. */
function readMissing(
  json: Record<string, unknown> | undefined,
  message: string | undefined,
): string[] | undefined {
  const listed = missingSchema.safeParse(json);
  if (listed.success) return listed.data.details.missing_inputs;
  const [, names] = /^Missing inputs: (.+)$/s.exec(message ?? '') ?? [];
  return names?.split(', ');
}
