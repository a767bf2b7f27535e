import { describe, expect, it } from 'vitest';
import { findRequestedDialect } from '../../../src/crewai/resume-body.ts';

/** FastAPI's validation errors, each as `type place.name`. */
const errors = (...written: string[]) =>
  written.map((error) => {
    const [type, place = ''] = error.split(' ');
    return { type, loc: place.split('.'), msg: 'what is wrong' };
  });
const asked = (detail: unknown, status = 422) => findRequestedDialect(status, { detail });
const PROOF = 'missing body.executionId';

it.each<['live' | 'documented', string[]]>([
  ['live', [PROOF]],
  ['live', [PROOF, 'missing body.taskId', 'missing body.humanFeedback']],
  ['live', ['extra_forbidden body.is_approve']],
  ['live', ['missing body.taskId', 'extra_forbidden body.task_id', 'extra_forbidden body.human_feedback']],
  ['live', [PROOF, 'missing body.crewVersion']],
  ['documented', ['missing body.is_approve']],
  ['documented', ['executionId', 'taskId', 'humanFeedback'].map((name) => `extra_forbidden body.${name}`)],
  ['documented', ['missing body.execution_id', 'extra_forbidden body.executionId']],
])('a 422 requests the %s dialect by %j', (dialect, written) => {
  expect(asked(errors(...written))).toBe(dialect);
});

describe('no dialect is requested by', () => {
  it.each<[string, unknown]>([
    ['a missing field that no dialect has', errors('missing body.inputs')],
    ['a forbidden field that we did not send', errors('extra_forbidden body.colour')],
    ['missing fields of both dialects', errors(PROOF, 'missing body.task_id')],
    ['fields of both, forbidden', errors('extra_forbidden body.executionId', 'extra_forbidden body.task_id')],
    ['a wrong type beside a missing field', errors(PROOF, 'string_type body.taskId')],
    ['a field that is missing elsewhere', errors('missing query.executionId')],
    ['a header that is missing beside a field', errors(PROOF, 'missing header.authorization')],
    ['a body that is missing as a whole', errors('missing body')],
    ['a body that is not JSON', errors('json_invalid body.0')],
    ['an empty list', []],
    ['errors without a place', [{ type: 'missing', msg: 'Field required' }]],
    ['a text among the errors', [...errors(PROOF), 'executionId']],
    ['errors without a message', [{ type: 'missing', loc: ['body', 'executionId'] }]],
    ['a sentence', 'executionId: Field required'],
  ])('%s', (_, detail) => expect(asked(detail)).toBeUndefined());

  it.each([200, 400, 401, 403, 404, 409, 429, 500, 502, 503])('the status %i', (status) => {
    expect(asked(errors(PROOF), status)).toBeUndefined();
  });

  it.each([400, 422])('a %i of the documented API', (status) => {
    const said = { error: 'validation_error', message: 'executionId: Field required' };
    expect(findRequestedDialect(status, said)).toBeUndefined();
  });
});
