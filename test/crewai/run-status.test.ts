import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runStatusSchema } from '../../src/approval/model/run/run-status.ts';
import { readStatus } from '../../src/crewai/run-status.ts';
import { describeRunStatus } from '../../src/slack/views/text/crewai.ts';
import { spoken } from '../support/spoken.ts';

const read = (body: unknown, status = 200) =>
  readStatus({ status, body: typeof body === 'string' ? body : JSON.stringify(body) }, (said) =>
    said.replaceAll('SECRET', '…'),
  );
const failed = (error: string) => ({ kind: 'failed', error });
const other = (state: string) => ({ kind: 'other', state });
const NOT_FOUND = { kind: 'not_found', live: true };

describe('the documented form, which has a status alone,', () => {
  test.each<[object, object]>([
    [{ status: 'running', current_task: null }, { kind: 'running' }],
    [{ status: 'completed', result: { output: 'x', tasks: [] }, execution_time: 3 }, { kind: 'completed' }],
    [{ status: 'error', error: 'the model is gone' }, failed('the model is gone')],
    [{ status: 'error' }, { kind: 'failed' }],
    [{ status: 'paused by hand' }, other('paused by hand')],
  ])('%j says %j', (body, says) => expect(read(body)).toEqual(says));
});

describe('the live form, which has a state and a sentence,', () => {
  test.each<[object, object]>([
    [{ state: 'PENDING', status: 'Task is Pending' }, { kind: 'running' }],
    [{ state: 'STARTED', status: 'Task has Started', last_step: {} }, { kind: 'running' }],
    [{ state: 'RUNNING', status: 'Task is Running' }, { kind: 'running' }],
    [{ state: 'SUCCESS', status: null, result: 'x' }, { kind: 'completed' }],
    [{ state: 'FAILED', status: 'no attribute' }, failed('no attribute')],
    [{ state: 'FAILED', status: null }, { kind: 'failed' }],
    [{ state: 'FAILURE', status: 'out of tokens', error: 'of another form' }, failed('out of tokens')],
    [{ state: 'PAUSED', status: 'Waiting' }, other('PAUSED')],
    [{ state: 'REVOKED', status: 'Task was revoked' }, other('REVOKED')],
    [{ state: 'NOT FOUND', status: 'Task not found' }, NOT_FOUND],
    [{ state: 'NOT_FOUND' }, NOT_FOUND],
    // The sentence reads like a state of the documented form.
    [{ state: 'QUEUED', status: 'completed' }, other('QUEUED')],
    [{ state: 'SUCCESS', status: 'error', error: 'none' }, { kind: 'completed' }],
    [{ state: 'FAILED', status: 'running' }, failed('running')],
    // A run that goes on does not fail for apps that are not connected.
    [{ state: 'RUNNING', warning: 'apps_not_connected' }, { kind: 'running' }],
    [{ state: 'SUCCESS', result: 'apps_not_connected' }, { kind: 'completed' }],
  ])('%j says %j', (body, says) => expect(read(body)).toEqual(says));
});

const at = (progress: unknown) => ({ state: 'RUNNING', progress });
test.each<[object, object]>([
  [at({ completed: 2, total: 5, remaining: 3, current: 'draft' }), { task: 'draft', completed: 2, total: 5 }],
  [at({ completed: 0, total: 5, current: null }), { completed: 0, total: 5 }],
  [at({ completed: 2, current: 'draft' }), { task: 'draft' }],
  [at({ completed: 'two', total: 5 }), {}],
  [at(null), {}],
  [
    { status: 'running', current_task: 'draft', progress: { completed_tasks: 2, total_tasks: 5 } },
    { task: 'draft', completed: 2, total: 5 },
  ],
])('reads the progress of a run: %j', (body, progress) => {
  expect(read(body)).toEqual({ kind: 'running', ...progress });
});

test.each([
  [404, { kind: 'not_found' }],
  [401, { kind: 'no_access', status: 401 }],
  [403, { kind: 'no_access', status: 403 }],
  [302, { kind: 'no_answer', detail: 'HTTP 302' }],
  [500, { kind: 'no_answer', detail: 'HTTP 500' }],
])('an answer of %i says %j', (status, says) => expect(read('<html>', status)).toEqual(says));

test.each(['<html>Log in</html>', '', '[]', '{}', '{"status":7}', '{"status":""}'])(
  'a 200 with %j says nothing of the run',
  (body) => expect(read(body)).toEqual({ kind: 'no_answer', detail: 'NO_RUN_STATUS' }),
);

test.each<[object]>([
  [{ status: 'error', error: `SECRET ${'!'.repeat(1_000)}` }],
  [{ state: 'FAILED', status: 'SECRET' }],
  [{ state: 'SECRET' }],
  [{ state: 'RUNNING', progress: { current: 'SECRET', completed: 1, total: 2 } }],
])('what people will see is short and has no secret: %j', (body) => {
  const said = JSON.stringify(read(body));
  expect(said).toContain('…');
  expect(said).not.toContain('SECRET');
  expect(said.length).toBeLessThan(300);
});

test('any answer is read as a status that can be stored', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 100, max: 599 }), (body, status) => {
      expect(runStatusSchema.safeParse(read(body, status)).success).toBe(true);
    }),
  );
});

test.each<[string, number, object, string]>([
  ['live', 200, { state: 'FAILED', status: 'apps_not_connected: Gmail' }, 'failed'],
  ['documented', 200, { status: 'error', error: 'apps_not_connected', apps: ['Gmail'] }, 'failed'],
  ['an error', 424, { error: 'apps_not_connected', apps: ['Gmail'] }, 'no_answer'],
  ['no access', 403, { detail: { code: 'apps_not_connected', apps: ['Gmail'] } }, 'no_answer'],
  ['no state', 200, { error: { code: 'apps_not_connected', apps: ['Gmail'] } }, 'no_answer'],
])('names the apps that are not connected: %s', (_, status, body, kind) => {
  const said = read(body, status);
  expect(said.kind).toBe(kind);
  expect(Object.values(said)).toContainEqual({ code: 'apps_not_connected', apps: 'Gmail' });
  expect(describeRunStatus(spoken(), said)).toContain('Connect these apps in CrewAI: Gmail');
});

test.each<[object, string]>([
  [{ state: 'PAUSED' }, 'waiting for a person'],
  [{ state: 'NOT FOUND' }, "doesn't know this run"],
  [{ state: 'REVOKED' }, 'the state of the run is "REVOKED"'],
  [{ state: 'FAILED', status: 'boom' }, 'the run has failed: boom'],
  [
    { state: 'RUNNING', progress: { current: 'draft', completed: 1, total: 3 } },
    'at *Draft*, 1 of 3 tasks done',
  ],
])('describes %j in words', (body, words) =>
  expect(describeRunStatus(spoken(), read(body))).toContain(words),
);
