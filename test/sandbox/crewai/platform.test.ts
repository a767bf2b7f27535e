import { expect, test } from 'vitest';
import { DEFAULT_DIALECT } from '../../../src/sandbox/crewai/dialect.ts';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { buildApproval, draft, startPress, token, waitForEnd, waitForPause } from './press-crew.ts';

test('an answer is lost after the work was done', async () => {
  const { platform, api } = await startPress();
  const id = platform.kickoff();
  const { taskId } = await waitForPause(platform, id);
  platform.failures.plan({ on: 'resume', failure: { answerLost: true } });
  await expect(api.post('/resume', buildApproval(id, taskId))).rejects.toMatchObject({ code: 'ECONNRESET' });
  await waitForEnd(platform, id);
  expect(platform.resumes).toMatchObject([{ status: 200, fate: 'answer lost' }]);
  expect((await api.post('/resume', buildApproval(id, taskId))).data.message).toMatch(/not in pending/i);
});

test('a planned failure happens instead of the work', async () => {
  const { platform, api } = await startPress();
  const id = platform.kickoff();
  const { taskId } = await waitForPause(platform, id);
  const body = buildApproval(id, taskId);
  const planFailure = (failure: Parameters<typeof platform.failures.plan>[0]['failure']) =>
    platform.failures.plan({ on: 'resume', failure });

  planFailure({ status: 503 });
  expect(await api.post('/resume', body)).toMatchObject({
    status: 503,
    data: { error: 'Service Unavailable' },
  });
  planFailure({ status: 200, body: '<html>', headers: { 'content-type': 'text/html' } });
  expect(await api.post('/resume', body)).toMatchObject({ status: 200, data: '<html>' });
  planFailure({ rateLimited: { retryAfter: 3 } });
  expect(await api.post('/resume', body)).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  planFailure({ error: 'Invalid feedback' });
  expect(await api.post('/resume', body)).toMatchObject({
    status: 400,
    data: { message: 'Invalid feedback' },
  });
  planFailure({ reset: true });
  await expect(api.post('/resume', body)).rejects.toMatchObject({ code: 'ECONNRESET' });
  planFailure({ noAnswer: true });
  await expect(api.post('/resume', body, { timeout: 1_000 })).rejects.toMatchObject({ code: 'ECONNABORTED' });

  expect(platform.execution(id).pendingTask?.taskId).toBe(taskId);
  expect(platform.resumes.map(({ fate }) => fate).slice(-2)).toEqual(['reset', 'no answer']);
  expect((await api.post('/resume', body)).status).toBe(200);
});

test('a held run does not start before it is released', async () => {
  const { platform } = await startPress();
  platform.hold();
  const id = platform.kickoff();
  const early = platform.changed(() => platform.execution(id).pendingTask, {
    timeoutMs: 30,
    what: 'the draft',
  });
  await expect(early).rejects.toThrow('the draft did not come within 30 ms');
  platform.release();
  await waitForPause(platform, id);
});

test('waiting for a change fails when the platform closes', async () => {
  const platform = await startPlatform({ token, tasks: [draft] });
  const waiting = platform.changed(() => false, { what: 'the moon' });
  const outcome = expect(waiting).rejects.toThrow('the moon cannot come');
  await platform.close();
  await outcome;
  await platform.close();
});

test('the platform does not start on a taken port or with two tasks of one name', async () => {
  const { platform } = await startPress();
  const port = Number(new URL(platform.baseUrl).port);
  await expect(startPlatform({ token, tasks: [draft], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(startPlatform({ token, tasks: [draft, draft] })).rejects.toThrow('share a name');
});

test('a platform speaks the default dialect unless a test chooses one', async () => {
  const platform = await startPlatform({ token, tasks: [draft] });
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`${platform.baseUrl}/status/made-up`, { headers });
  expect(status).toBe(DEFAULT_DIALECT === 'live' ? 200 : 404);
  await platform.close();
});
