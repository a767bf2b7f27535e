import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/crewai/resume-answer.ts';
import { findRequestedDialect } from '../../../src/crewai/resume-body.ts';

const missing = (...loc: (string | number)[]) => ({ type: 'missing', loc, msg: 'Field required' });
const extra = (...loc: (string | number)[]) => ({
  type: 'extra_forbidden',
  loc,
  msg: 'Extra inputs are not permitted',
});
const asked = (detail: unknown, status = 422) => findRequestedDialect(status, { detail });

describe('a 422 proves that the request was never handled and asks for', () => {
  it.each([
    ['the live dialect, by one missing field', 'live', [missing('body', 'executionId')]],
    [
      'the live dialect, by all missing fields',
      'live',
      [missing('body', 'executionId'), missing('body', 'taskId'), missing('body', 'humanFeedback')],
    ],
    ['the live dialect, by a field that it does not take', 'live', [extra('body', 'is_approve')]],
    [
      'the live dialect, by both',
      'live',
      [missing('body', 'taskId'), extra('body', 'task_id'), extra('body', 'human_feedback')],
    ],
    ['the documented dialect, by one missing field', 'documented', [missing('body', 'is_approve')]],
    [
      'the documented dialect, by fields that it does not take',
      'documented',
      [extra('body', 'executionId'), extra('body', 'taskId'), extra('body', 'humanFeedback')],
    ],
    [
      'the documented dialect, by both',
      'documented',
      [missing('body', 'execution_id'), extra('body', 'executionId')],
    ],
    [
      'the live dialect, beside a field of neither',
      'live',
      [missing('body', 'executionId'), missing('body', 'crewVersion')],
    ],
  ] as const)('%s', (_, dialect, detail) => {
    expect(asked(detail)).toBe(dialect);
  });
});

describe('nothing is sent again after', () => {
  const proving = [missing('body', 'executionId')];

  it.each([
    ['a missing field that no dialect has', [missing('body', 'inputs')]],
    ['a forbidden field that we did not send', [extra('body', 'colour')]],
    ['fields of both dialects', [missing('body', 'executionId'), missing('body', 'task_id')]],
    ['both spellings forbidden', [extra('body', 'executionId'), extra('body', 'execution_id')]],
    [
      'a wrong type beside a missing field',
      [...proving, { type: 'string_type', loc: ['body', 'taskId'], msg: 'Input should be a valid string' }],
    ],
    [
      'a wrong value alone',
      [{ type: 'value_error', loc: ['body', 'executionId'], msg: 'Value error, unknown execution' }],
    ],
    ['a field that is missing elsewhere', [missing('query', 'executionId')]],
    ['a header that is missing beside a field', [...proving, missing('header', 'authorization')]],
    ['a body that is missing as a whole', [missing('body')]],
    ['a body that is no JSON', [{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' }]],
    ['no items', []],
    ['items that are not FastAPI items', [{ type: 'missing', msg: 'Field required' }]],
    ['one item that is not', [...proving, 'executionId']],
    ['items without a message', [{ type: 'missing', loc: ['body', 'executionId'] }]],
    ['a sentence', 'executionId: Field required'],
    ['an object', { executionId: 'Field required' }],
    ['null', null],
  ])('%s', (_, detail) => {
    expect(asked(detail)).toBeUndefined();
  });

  it.each([200, 400, 401, 403, 404, 409, 429, 500, 502, 503])(
    'another status with the same detail: %i',
    (status) => {
      expect(asked(proving, status)).toBeUndefined();
    },
  );

  it('a refusal of the documented API, whatever it says', () => {
    const said = { error: 'validation_error', message: 'executionId: Field required' };
    expect(findRequestedDialect(422, said)).toBeUndefined();
    expect(findRequestedDialect(400, said)).toBeUndefined();
  });
});

describe("FastAPI's refusals are told in its words", () => {
  const read = (status: number, body: unknown, hide?: (said: string) => string) =>
    readAnswer({ status, body: JSON.stringify(body), retryAfter: undefined }, 0, hide);

  it('a list of them names each field', () => {
    const detail = [missing('body', 'executionId'), extra('body', 'meta', 'colour')];
    expect(read(422, { detail })).toEqual({
      kind: 'refused',
      failure: {
        kind: 'refused',
        status: 422,
        detail: 'executionId: Field required; meta.colour: Extra inputs are not permitted',
      },
    });
  });

  it('one of the whole body is told of the body', () => {
    expect(read(422, { detail: [missing('body')] })).toMatchObject({
      failure: { detail: 'body: Field required' },
    });
  });

  it.each([
    [401, 'Invalid or missing authentication credentials'],
    [401, 'Not authenticated'],
    [404, 'Not Found'],
  ])('a plain sentence is told as it came: %i %s', (status, detail) => {
    expect(read(status, { detail })).toEqual({
      kind: 'refused',
      failure: { kind: 'refused', status, detail },
    });
  });

  it.each([[[]], [{}], [7], [null], [[{ loc: 'body' }]]])(
    'detail that is neither is left out: %j',
    (detail) => {
      expect(read(422, { detail })).toEqual({ kind: 'refused', failure: { kind: 'refused', status: 422 } });
    },
  );

  it('secrets are hidden in both, also those that are cut off', () => {
    const hide = (said: string) => said.replaceAll('SECRET', '…');
    const sentence = read(422, { detail: `the token SECRET is wrong ${'!'.repeat(500)}` }, hide);
    const items = read(422, { detail: [{ ...missing('body', 'taskId'), msg: 'got SECRET' }] }, hide);
    for (const outcome of [sentence, items]) {
      expect(JSON.stringify(outcome)).not.toContain('SECRET');
      expect(JSON.stringify(outcome)).toContain('…');
      expect(JSON.stringify(outcome).length).toBeLessThan(300);
    }
  });
});
