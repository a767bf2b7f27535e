import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runStatusSchema } from '../../src/approval/model/run/run-status.ts';
import { readStatus } from '../../src/crewai/run-status.ts';
import { describeRunStatus } from '../../src/slack/views/text/crewai.ts';

const same = (said: string) => said;
const read = (body: unknown, status = 200) =>
  readStatus({ status, body: typeof body === 'string' ? body : JSON.stringify(body) }, same);

test.each([
  [
    { status: 'running', current_task: 'research', progress: { completed_tasks: 1, total_tasks: 3 } },
    { kind: 'running', task: 'research', completed: 1, total: 3 },
  ],
  [{ status: 'running', current_task: null }, { kind: 'running' }],
  [{ status: 'completed', result: { output: 'x', tasks: [] }, execution_time: 3 }, { kind: 'completed' }],
  [
    { status: 'error', error: 'the model is gone' },
    { kind: 'failed', error: 'the model is gone' },
  ],
  [{ state: 'PENDING' }, { kind: 'running' }],
  [{ state: 'STARTED', last_step: {} }, { kind: 'running' }],
  [{ state: 'SUCCESS', result: 'x' }, { kind: 'completed' }],
  [{ state: 'FAILED' }, { kind: 'failed' }],
  [{ state: 'FAILURE' }, { kind: 'failed' }],
  [{ state: 'NOT FOUND' }, { kind: 'not_found', live: true }],
  [{ status: 'paused by hand' }, { kind: 'other', state: 'paused by hand' }],
])('%j says %j', (body, says) => {
  expect(read(body)).toEqual(says);
});

test.each([
  [404, { kind: 'not_found' }],
  [401, { kind: 'no_access', status: 401 }],
  [403, { kind: 'no_access', status: 403 }],
  [302, { kind: 'no_answer', detail: 'HTTP 302' }],
  [500, { kind: 'no_answer', detail: 'HTTP 500' }],
])('an answer with %i says %j', (status, says) => {
  expect(read('<html>', status)).toEqual(says);
});

test.each(['<html>Log in</html>', '', '[]', '{}', '{"status":7}', '{"status":""}'])(
  'a 200 with %j says nothing of the run',
  (body) => {
    expect(read(body)).toEqual({ kind: 'no_answer', detail: 'NO_RUN_STATUS' });
  },
);

test('what people will see has no secret in it and is short', () => {
  const error = `the token SECRET was refused ${'!'.repeat(1_000)}`;
  const said = readStatus({ status: 200, body: JSON.stringify({ status: 'error', error }) }, (text) =>
    text.replace('SECRET', '…'),
  );
  expect(said).toMatchObject({ kind: 'failed', error: expect.stringContaining('the token … was refused') });
  expect(JSON.stringify(said).length).toBeLessThan(300);
});

test('anything is read as a status that can be kept', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 100, max: 599 }), (body, status) => {
      expect(runStatusSchema.safeParse(read(body, status)).success).toBe(true);
    }),
  );
});

describe('the live form is told by its state, and its status is a sentence', () => {
  test.each([
    [{ state: 'PENDING', status: 'Task is Pending' }, { kind: 'running' }],
    [{ state: 'STARTED', status: 'Task has Started' }, { kind: 'running' }],
    [{ state: 'RUNNING', status: 'Task is Running' }, { kind: 'running' }],
    [{ state: 'SUCCESS', status: null, result: 'x' }, { kind: 'completed' }],
    [
      { state: 'FAILED', status: "'NoneType' object is not subscriptable" },
      { kind: 'failed', error: "'NoneType' object is not subscriptable" },
    ],
    [{ state: 'FAILED', status: null }, { kind: 'failed' }],
    [{ state: 'FAILED', status: '' }, { kind: 'failed' }],
    [
      { state: 'FAILURE', status: 'out of tokens', error: 'of another form' },
      { kind: 'failed', error: 'out of tokens' },
    ],
    [
      { state: 'PAUSED', status: 'Waiting' },
      { kind: 'other', state: 'PAUSED' },
    ],
    [
      { state: 'REVOKED', status: 'Task was revoked' },
      { kind: 'other', state: 'REVOKED' },
    ],
    [
      { state: 'NOT FOUND', status: 'Task not found' },
      { kind: 'not_found', live: true },
    ],
    [{ state: 'NOT_FOUND' }, { kind: 'not_found', live: true }],
    [
      { state: 'QUEUED', status: 'completed' },
      { kind: 'other', state: 'QUEUED' },
    ],
  ])('%j says %j', (body, says) => {
    expect(read(body)).toEqual(says);
  });

  test('a sentence that reads like a state of the documented form is not one', () => {
    expect(read({ state: 'RUNNING', status: 'completed' })).toEqual({ kind: 'running' });
    expect(read({ state: 'SUCCESS', status: 'error', error: 'none' })).toEqual({ kind: 'completed' });
    expect(read({ state: 'FAILED', status: 'running' })).toEqual({ kind: 'failed', error: 'running' });
  });

  test('a state of the documented form has no sentence beside it, and its error is its own field', () => {
    expect(read({ status: 'error', error: 'the model is gone', state: '' })).toEqual({
      kind: 'failed',
      error: 'the model is gone',
    });
    expect(read({ status: 'error' })).toEqual({ kind: 'failed' });
  });

  test.each<[string, object, object]>([
    [
      'live',
      {
        state: 'RUNNING',
        status: 'Task is Running',
        progress: {
          unit: 'tasks',
          completed: 2,
          total: 5,
          remaining: 3,
          current: 'draft',
          current_agent: 'Copywriter',
        },
      },
      { kind: 'running', task: 'draft', completed: 2, total: 5 },
    ],
    [
      'live, before its first task',
      { state: 'STARTED', progress: { completed: 0, total: 5, current: null } },
      { kind: 'running', completed: 0, total: 5 },
    ],
    [
      'documented',
      { status: 'running', current_task: 'draft', progress: { completed_tasks: 2, total_tasks: 5 } },
      { kind: 'running', task: 'draft', completed: 2, total: 5 },
    ],
    [
      'a half of it',
      { state: 'RUNNING', progress: { completed: 2, current: 'draft' } },
      { kind: 'running', task: 'draft' },
    ],
    [
      'one that is no number',
      { state: 'RUNNING', progress: { completed: 'two', total: 5 } },
      { kind: 'running' },
    ],
    ['none', { state: 'RUNNING', progress: null }, { kind: 'running' }],
  ])('progress is read: %s', (_, body, says) => {
    expect(read(body)).toEqual(says);
  });

  test('what people will see has no secret in it, in whichever field it stands', () => {
    const body = {
      state: 'RUNNING',
      progress: { current: 'SECRET', completed: 1, total: 2 },
    };
    for (const one of [body, { state: 'FAILED', status: 'SECRET' }, { state: 'SECRET' }]) {
      const said = readStatus({ status: 200, body: JSON.stringify(one) }, (text) =>
        text.replaceAll('SECRET', '…'),
      );
      expect(JSON.stringify(said)).toContain('…');
      expect(JSON.stringify(said)).not.toContain('SECRET');
    }
  });
});

test.each<[string, number, object, string]>([
  ['live', 200, { state: 'FAILED', status: 'apps_not_connected: Gmail' }, 'failed'],
  ['documented', 200, { status: 'error', error: 'apps_not_connected', apps: ['Gmail'] }, 'failed'],
  ['an error', 424, { error: 'apps_not_connected', apps: ['Gmail'] }, 'no_answer'],
  ['no access', 403, { detail: { code: 'apps_not_connected', apps: ['Gmail'] } }, 'no_answer'],
  ['no state', 200, { error: { code: 'apps_not_connected', apps: ['Gmail'] } }, 'no_answer'],
])('apps that are not connected are told in a sentence: %s', (_, status, body, kind) => {
  const said = read(body, status);
  expect(said.kind).toBe(kind);
  expect(Object.values(said)).toContainEqual({ code: 'apps_not_connected', apps: 'Gmail' });
  expect(describeRunStatus(said)).toContain('Connect these apps in CrewAI: Gmail');
});

test('the code for apps that are not connected does not fail a run that goes on', () => {
  expect(read({ state: 'RUNNING', warning: 'apps_not_connected' })).toEqual({ kind: 'running' });
  expect(read({ state: 'SUCCESS', result: 'apps_not_connected' })).toEqual({ kind: 'completed' });
});

test.each<[object, string]>([
  [{ state: 'PAUSED' }, 'waiting for a person'],
  [{ state: 'NOT FOUND' }, "doesn't know this run"],
  [{ state: 'REVOKED' }, 'the state of the run is "REVOKED"'],
  [{ state: 'FAILED', status: 'boom' }, 'the run has failed: boom'],
  [
    { state: 'RUNNING', progress: { current: 'draft', completed: 1, total: 3 } },
    'at *draft*, 1 of 3 tasks done',
  ],
])('%j is told in words', (body, words) => {
  expect(describeRunStatus(read(body))).toContain(words);
});
