import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter, readAnswer, readNoAnswer } from '../../src/crewai/resume-answer.ts';

const NOW = Date.UTC(2026, 9, 21, 7, 27);
const read = (status: number, body: unknown = '', retryAfter?: string) =>
  readAnswer({ status, body: typeof body === 'string' ? body : JSON.stringify(body), retryAfter }, NOW);
const PAGE = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>';

describe('an answer of CrewAI', () => {
  it.each([200, 201, 202, 204, 299])('of %i with a status or a kickoff_id: it was accepted', (status) => {
    expect(read(status, { status: 'resumed', message: 'Resumed' })).toEqual({
      kind: 'accepted',
      dialect: 'documented',
      says: 'resumed',
    });
    expect(read(status, { kickoff_id: 'run-2' })).toEqual({
      kind: 'accepted',
      dialect: 'live',
      aliasId: 'run-2',
    });
  });

  it.each([
    ['nothing', {}],
    ['a message alone', { message: 'ok' }],
    ['an empty status', { status: '' }],
    ['a status that is no text', { status: 7 }],
    ['no kickoff_id', { kickoff_id: null }],
    ['an empty kickoff_id', { kickoff_id: '' }],
    ['a kickoff_id that is no text', { kickoff_id: 7 }],
    ['a kickoff_id that is too long to be one', { kickoff_id: 'x'.repeat(256) }],
  ])('of 200 with an object of neither dialect, %s: nobody knows', (_, body) => {
    expect(read(200, body)).toEqual({
      kind: 'unknown',
      failure: { kind: 'unknown', status: 200, detail: 'NO_STATUS_OR_ID' },
    });
  });

  it.each([
    ['no body', ''],
    ['a page', PAGE],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"ok"'],
    ['OK', 'OK'],
    ['half of an object', '{"status": "resu'],
  ])('of 200 with %s: nobody knows', (_, body) => {
    expect(read(200, body)).toEqual({
      kind: 'unknown',
      failure: { kind: 'unknown', status: 200, detail: 'NOT_JSON' },
    });
  });

  it.each([
    [{ status: 'error' }, 'error'],
    [{ status: 'failed', message: 'no crew' }, 'no crew'],
    [{ success: false }, 'NOT_OK'],
    [{ ok: false, error: 'later' }, 'later'],
    [{ error: { code: 7 } }, 'NOT_OK'],
    [{ error: 'text' }, 'text'],
  ])('of 200 that says itself that it failed, %j: nobody knows', (body, detail) => {
    expect(read(200, body)).toEqual({ kind: 'unknown', failure: { kind: 'unknown', status: 200, detail } });
  });

  it.each([
    ['resumed', { status: 'resumed' }],
    ['retrying', { status: 'retrying', message: 'Again' }],
    ['completed', { status: 'completed' }],
    ['queued', { status: 'queued' }],
    ['resumed', { status: 'resumed', error: null }],
    ['resumed', { status: 'resumed', success: true, error: false }],
  ])('of 200 says in its own word what was done: %s of %j', (says, body) => {
    expect(read(200, body)).toEqual({ kind: 'accepted', dialect: 'documented', says });
  });

  it('keeps no more than 40 characters of that word', () => {
    expect(read(200, { status: 's'.repeat(500) })).toMatchObject({ says: 's'.repeat(40) });
  });

  it('with a kickoff_id beside a status is documented, and the run goes on under that id too', () => {
    expect(read(200, { status: 'resumed', kickoff_id: 'run-2' })).toEqual({
      kind: 'accepted',
      dialect: 'documented',
      says: 'resumed',
      aliasId: 'run-2',
    });
    for (const kickoff_id of ['', null, 7, 'x'.repeat(256)])
      expect(read(200, { status: 'resumed', kickoff_id })).toEqual({
        kind: 'accepted',
        dialect: 'documented',
        says: 'resumed',
      });
  });

  it.each([
    [
      'the documented text',
      { error: 'bad_request', message: 'Execution is not in pending human input state' },
    ],
    ['another case', { message: 'Execution is NOT IN PENDING state' }],
    ['an error alone', { error: 'not in pending human input state' }],
    ['a text that is no JSON', 'Execution is not in pending human input state'],
  ])('of 400 with "not in pending", as %s: the pause is over', (_, body) => {
    expect(read(400, body)).toEqual({ kind: 'not_pending' });
  });

  it('of another status with "not in pending" is read by its status alone', () => {
    for (const status of [401, 404, 409, 422]) {
      expect(read(status, { message: 'not in pending' }).kind).toBe('refused');
    }
    expect(read(500, { message: 'not in pending' }).kind).toBe('unknown');
  });

  it.each([
    300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 425, 451,
  ])('of %i is a final no', (status) => {
    expect(read(status, { error: 'e', message: 'Why' })).toEqual({
      kind: 'refused',
      failure: { kind: 'refused', status, detail: 'Why' },
    });
    expect(read(status, PAGE)).toEqual({ kind: 'refused', failure: { kind: 'refused', status } });
  });

  it.each([429, 503])('of %i was certainly not taken, and says when to come again', (status) => {
    expect(read(status, PAGE, '30')).toEqual({
      kind: 'not_reached',
      failure: { kind: 'not_reached', status },
      retryAfterMs: 30_000,
    });
    expect(read(status)).not.toHaveProperty('retryAfterMs');
  });

  it.each([408, 500, 501, 502, 504, 507, 520, 524, 599])('of %i may hide that it was taken', (status) => {
    for (const body of ['', PAGE, { message: 'Internal' }]) expect(read(status, body).kind).toBe('unknown');
    expect(read(status, '', '5')).toMatchObject({ kind: 'unknown', retryAfterMs: 5_000 });
  });

  it("keeps at most 200 characters of CrewAI's own words, and no page of a proxy", () => {
    const outcome = read(422, { message: 'x'.repeat(5_000) });
    expect(outcome).toMatchObject({ failure: { detail: 'x'.repeat(200) } });
    expect(read(422, { message: '', error: 'invalid' })).toMatchObject({ failure: { detail: 'invalid' } });
    expect(read(422, { message: { a: 1 } })).toEqual({
      kind: 'refused',
      failure: { kind: 'refused', status: 422 },
    });
    expect(JSON.stringify(read(502, PAGE))).not.toContain('nginx');
  });

  it('is always one of the outcomes, whatever the status and the body', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        fc.option(fc.string(), { nil: undefined }),
        (status, body, retryAfter) => {
          const outcome = read(status, body, retryAfter);
          if (status >= 300) expect(outcome.kind).not.toBe('accepted');
          if (outcome.kind === 'not_reached') expect([429, 503]).toContain(status);
        },
      ),
    );
  });

  it("keeps CrewAI's words well-formed", () => {
    const outcome = read(422, { message: `${'x'.repeat(199)}👍` });
    expect('failure' in outcome && outcome.failure.detail?.isWellFormed()).toBe(true);
  });
});

describe('no answer', () => {
  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('by %s: it was certainly not reached', (code) => {
    expect(readNoAnswer(code)).toEqual({
      kind: 'not_reached',
      failure: { kind: 'not_reached', detail: code },
    });
  });

  it.each(['ETIMEDOUT', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_BAD_RESPONSE', 'FAILED', ''])(
    'by %s: it may have been taken',
    (code) => {
      expect(readNoAnswer(code)).toEqual({ kind: 'unknown', failure: { kind: 'unknown', detail: code } });
    },
  );
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['1', 1_000],
    [' 120 ', 120_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 60_000],
    ['Wednesday, 21-Oct-26 07:28:00 GMT', 60_000],
    ['Wed Oct 21 07:28:00 2026 GMT', 60_000],
    ['Wed, 21 Oct 2026 07:26:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['10 seconds', undefined],
    ['1e3', undefined],
    [undefined, undefined],
  ])('%j is %j milliseconds', (header, expected) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected);
  });

  it.each(['1.5', '-5', '2026-10'])('%j is neither seconds nor a date', (header) => {
    expect(parseRetryAfter(header, NOW)).toBeUndefined();
  });

  it('is a finite number or nothing, however many digits it has', () => {
    expect(parseRetryAfter('9'.repeat(400), NOW) ?? 0).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});
