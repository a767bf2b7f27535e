import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runStatusSchema } from '../../src/approval/approval.ts';
import { readStatus } from '../../src/crewai/run-status.ts';

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
  [{ state: 'NOT FOUND' }, { kind: 'not_found' }],
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
    expect(read(body)).toEqual({ kind: 'no_answer', detail: 'the answer is not a run status' });
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
