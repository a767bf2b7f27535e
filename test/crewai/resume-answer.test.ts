import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter, readNoResumeAnswer, readResumeAnswer } from '../../src/crewai/resume-answer.ts';

const NOW = Date.UTC(2026, 9, 21, 7, 27);
const read = (status: number, body: unknown = '', retryAfter?: string, hide = (said: string) => said) =>
  readResumeAnswer(
    { status, body: typeof body === 'string' ? body : JSON.stringify(body), retryAfter },
    NOW,
    hide,
  );
const PAGE = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>';
const refused = (status: number, detail?: string) => ({
  kind: 'refused',
  failure: { kind: 'refused', status, ...(detail === undefined ? {} : { detail }) },
});

describe('a 2xx of CrewAI', () => {
  it.each([200, 201, 202, 204, 299])('accepts the decision by a status or a kickoff_id: %i', (status) => {
    const documented = { kind: 'accepted', dialect: 'documented', says: 'resumed' };
    expect(read(status, { status: 'resumed', message: 'Resumed' })).toEqual(documented);
    const live = { kind: 'accepted', dialect: 'live', aliasId: 'run-2' };
    expect(read(status, { kickoff_id: 'run-2' })).toEqual(live);
  });

  const noIds = ['', null, 7, 'x'.repeat(256)];

  it.each<[string, unknown[]]>([
    [
      'NO_STATUS_OR_ID',
      [{}, { message: 'ok' }, { status: '' }, { status: 7 }, ...noIds.map((kickoff_id) => ({ kickoff_id }))],
    ],
    ['NOT_JSON', ['', PAGE, '[]', 'null', '"ok"', 'OK', '{"status": "resu']],
    ['error', [{ status: 'error' }]],
    ['no crew', [{ status: 'failed', message: 'no crew' }]],
    ['NOT_OK', [{ success: false }, { error: { code: 7 } }]],
    ['later', [{ ok: false, error: 'later' }]],
    ['text', [{ error: 'text' }]],
  ])('is an unknown outcome when it says: %s', (detail, bodies) => {
    const unknown = { kind: 'unknown', failure: { kind: 'unknown', status: 200, detail } };
    expect(bodies.map((body) => read(200, body))).toEqual(bodies.map(() => unknown));
  });

  it.each([
    ['retrying', { status: 'retrying', message: 'Again' }],
    ['completed', { status: 'completed' }],
    ['queued', { status: 'queued', error: null }],
    ['resumed', { status: 'resumed', success: true, error: false }],
    ['s'.repeat(40), { status: 's'.repeat(500) }],
  ])('says in its own word what was done, in at most 40 characters: %s', (says, body) => {
    expect(read(200, body)).toEqual({ kind: 'accepted', dialect: 'documented', says });
  });

  it('with a kickoff_id beside a status is documented, and names the continuation', () => {
    const accepted = { kind: 'accepted', dialect: 'documented', says: 'resumed' };
    const alias = { ...accepted, aliasId: 'run-2' };
    expect(read(200, { status: 'resumed', kickoff_id: 'run-2' })).toEqual(alias);
    for (const kickoff_id of noIds) expect(read(200, { status: 'resumed', kickoff_id })).toEqual(accepted);
  });
});

describe('another answer of CrewAI', () => {
  it.each<unknown>([
    { error: 'bad_request', message: 'Execution is not in pending human input state' },
    { message: 'Execution is NOT IN PENDING state' },
    { error: 'not in pending human input state' },
    'Execution is not in pending human input state',
  ])('of 400 with "not in pending" says that the pause is over: %j', (body) => {
    expect(read(400, body)).toEqual({ kind: 'not_pending' });
  });

  it('of another status with "not in pending" is read by its status alone', () => {
    const kinds = [401, 404, 409, 422, 500].map((status) => read(status, { message: 'not in pending' }).kind);
    expect(kinds).toEqual(['refused', 'refused', 'refused', 'refused', 'unknown']);
  });

  it.each([
    300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 425, 451,
  ])('of %i is a final refusal', (status) => {
    expect(read(status, { error: 'e', message: 'Why' })).toEqual(refused(status, 'Why'));
    expect(read(status, PAGE)).toEqual(refused(status));
  });

  it.each([429, 503])('of %i was certainly not taken, and says when to try again', (status) => {
    const outcome = { kind: 'not_reached', failure: { kind: 'not_reached', status } };
    expect(read(status, PAGE, '30')).toEqual({ ...outcome, retryAfterMs: 30_000 });
    expect(read(status)).toEqual(outcome);
  });

  it.each([408, 500, 501, 502, 504, 507, 520, 524, 599])('of %i may have been taken', (status) => {
    for (const body of ['', PAGE, { message: 'Internal' }]) expect(read(status, body).kind).toBe('unknown');
    expect(read(status, '', '5')).toMatchObject({ kind: 'unknown', retryAfterMs: 5_000 });
    expect(JSON.stringify(read(status, PAGE))).not.toContain('nginx');
  });

  it('has one of the outcomes, whatever its status and body', () => {
    const body = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    );
    const header = fc.option(fc.string(), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), body, header, (status, said, retryAfter) => {
        const outcome = read(status, said, retryAfter);
        if (status >= 300) expect(outcome.kind).not.toBe('accepted');
        if (outcome.kind === 'not_reached') expect([429, 503]).toContain(status);
      }),
    );
  });
});

describe("CrewAI's own words", () => {
  const missing = (...loc: string[]) => ({ type: 'missing', loc: ['body', ...loc], msg: 'Field required' });

  it.each<[string, unknown, string?]>([
    ['200 characters', { message: 'x'.repeat(5_000) }, 'x'.repeat(200)],
    ['well-formed', { message: `${'x'.repeat(199)}👍` }, `${'x'.repeat(199)}\ufffd`],
    ['the error where the message is empty', { message: '', error: 'invalid' }, 'invalid'],
    ['no text that is an object', { message: { a: 1 } }],
    ["FastAPI's sentence", { detail: 'Not authenticated' }, 'Not authenticated'],
    [
      "each field of FastAPI's list",
      { detail: [missing('executionId'), missing('meta', 'colour'), missing()] },
      'executionId: Field required; meta.colour: Field required; body: Field required',
    ],
    ...[[], {}, 7, null, [{ loc: 'body' }]].map((detail): [string, unknown] => [
      'no detail of another form',
      { detail },
    ]),
  ])('are kept as %s', (_, body, detail) => expect(read(422, body)).toEqual(refused(422, detail)));

  it.each<[string, (said: string) => unknown]>([
    ['sentence', (said) => said],
    ['list', (said) => [{ ...missing('taskId'), msg: said }]],
  ])('are kept without secrets, also those that are cut off: a %s', (_, write) => {
    const detail = write(`the token SECRET is wrong ${'!'.repeat(500)}`);
    const outcome = JSON.stringify(
      read(422, { detail }, undefined, (said) => said.replaceAll('SECRET', '…')),
    );
    expect(outcome).toContain('the token … is wrong');
    expect(outcome).not.toContain('SECRET');
    expect(outcome.length).toBeLessThan(300);
  });
});

const NOT_REACHED = `ENOTFOUND EAI_AGAIN ECONNREFUSED EHOSTUNREACH ENETUNREACH CERT_HAS_EXPIRED
  DEPTH_ZERO_SELF_SIGNED_CERT ERR_TLS_CERT_ALTNAME_INVALID UNABLE_TO_VERIFY_LEAF_SIGNATURE`;
it.each(NOT_REACHED.split(/\s+/))('CrewAI was certainly not reached by %s', (code) => {
  expect(readNoResumeAnswer(code)).toEqual({
    kind: 'not_reached',
    failure: { kind: 'not_reached', detail: code },
  });
});

it.each(['ETIMEDOUT', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_BAD_RESPONSE', 'FAILED', ''])(
  'CrewAI may have taken the decision before %j',
  (code) => {
    expect(readNoResumeAnswer(code)).toEqual({ kind: 'unknown', failure: { kind: 'unknown', detail: code } });
  },
);

it.each([
  ['0', 0],
  ['1', 1_000],
  [' 120 ', 120_000],
  ['9'.repeat(400), 3_600_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 60_000],
  ['Wednesday, 21-Oct-26 07:28:00 GMT', 60_000],
  ['Wed Oct 21 07:28:00 2026 GMT', 60_000],
  ['Wed, 21 Oct 2026 07:26:00 GMT', 0],
])('Retry-After %j is %j milliseconds', (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});

it.each(['soon', '', '10 seconds', '1e3', '1.5', '-5', '2026-10', undefined])(
  'Retry-After %j is neither seconds nor a date',
  (header) => expect(parseRetryAfter(header, NOW)).toBeUndefined(),
);
