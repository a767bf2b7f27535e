import { expect, test } from 'vitest';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { approval, draft, finished, pending, research, startPress, token } from './press-crew.ts';

test('GET /inputs names the inputs, and POST /kickoff refuses to start without them', async () => {
  const { platform, api } = await startPress({ inputs: ['topic', 'city'] });
  expect((await api.get('/inputs')).data).toEqual({ inputs: ['topic', 'city'] });
  const refused = await api.post('/kickoff', { inputs: { city: 'Lisbon' } });
  expect(refused.status).toBe(422);
  expect(refused.data.details).toEqual({ missing_inputs: ['topic'] });
  expect((await api.post('/kickoff', { inputs: [] })).status).toBe(400);
  expect((await api.post('/kickoff', { inputs: {}, taskWebhookUrl: '' })).status).toBe(400);
  expect(() => platform.kickoff({ inputs: {} })).toThrow('422');

  const started = await api.post('/kickoff', { inputs: { topic: 'linen', city: 'Lisbon' } });
  expect(started.status).toBe(200);
  expect(platform.execution(started.data.kickoff_id).status).toBe('running');
});

test('GET /status tells how far a run is, its result, its error, and knows no made-up id', async () => {
  const broken = {
    ...research,
    name: 'broken',
    output: () => {
      throw new Error('The model is away');
    },
  };
  const { platform, api } = await startPress();
  const id = platform.kickoff();
  const { taskId } = await pending(platform, id);
  expect((await api.get(`/status/${id}`)).data).toEqual({
    status: 'running',
    current_task: 'draft_press_release',
    progress: { completed_tasks: 1, total_tasks: 2 },
  });
  await api.post('/resume', approval(id, taskId));
  await finished(platform, id);
  expect((await api.get(`/status/${id}`)).data).toEqual({
    status: 'completed',
    result: {
      output: '# Spring',
      tasks: [
        {
          task_id: 'research',
          output: 'S 120, M 340',
          agent: 'Researcher',
          execution_time: expect.any(Number),
        },
        {
          task_id: 'draft_press_release',
          output: '# Spring',
          agent: 'Copywriter',
          execution_time: expect.any(Number),
        },
      ],
    },
    execution_time: expect.any(Number),
  });
  expect((await api.get('/status/made-up')).status).toBe(404);
  expect((await api.get('/elsewhere')).status).toBe(404);
  expect((await api.get('/inputs', { headers: { authorization: '' } })).status).toBe(401);
  expect(platform.requests.map(({ method, path }) => `${method} ${path}`)).toContain('POST /resume');

  const other = await startPress({ tasks: [broken] });
  const failed = other.platform.kickoff();
  await finished(other.platform, failed);
  expect((await other.api.get(`/status/${failed}`)).data).toMatchObject({
    status: 'error',
    error: 'The model is away',
  });
});

test('a lost answer is lost after the work was done', async () => {
  const { platform, api } = await startPress();
  const id = platform.kickoff();
  const { taskId } = await pending(platform, id);
  platform.failures.plan({ on: 'resume', failure: { answerLost: true } });
  await expect(api.post('/resume', approval(id, taskId))).rejects.toMatchObject({ code: 'ECONNRESET' });
  await finished(platform, id);
  expect(platform.resumes).toMatchObject([{ status: 200, fate: 'answer lost' }]);
  expect((await api.post('/resume', approval(id, taskId))).data.message).toMatch(/not in pending/i);
});

test('planned failures fail without the work being done', async () => {
  const { platform, api } = await startPress();
  const id = platform.kickoff();
  const { taskId } = await pending(platform, id);
  const body = approval(id, taskId);
  const fails = (failure: Parameters<typeof platform.failures.plan>[0]['failure']) =>
    platform.failures.plan({ on: 'resume', failure });

  fails({ status: 503 });
  expect(await api.post('/resume', body)).toMatchObject({
    status: 503,
    data: { error: 'Service Unavailable' },
  });
  fails({ status: 200, body: '<html>', headers: { 'content-type': 'text/html' } });
  expect(await api.post('/resume', body)).toMatchObject({ status: 200, data: '<html>' });
  fails({ rateLimited: { retryAfter: 3 } });
  expect(await api.post('/resume', body)).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  fails({ error: 'Invalid feedback' });
  expect(await api.post('/resume', body)).toMatchObject({
    status: 400,
    data: { message: 'Invalid feedback' },
  });
  fails({ reset: true });
  await expect(api.post('/resume', body)).rejects.toMatchObject({ code: 'ECONNRESET' });
  fails({ hang: true });
  await expect(api.post('/resume', body, { timeout: 30 })).rejects.toMatchObject({ code: 'ECONNABORTED' });

  expect(platform.execution(id).pendingTask?.taskId).toBe(taskId);
  expect(platform.resumes.map(({ fate }) => fate).slice(-2)).toEqual(['reset', 'hung']);
  expect((await api.post('/resume', body)).status).toBe(200);
});

test('held runs do not begin before they are released', async () => {
  const { platform } = await startPress();
  platform.hold();
  const id = platform.kickoff();
  const early = platform.changed(() => platform.execution(id).pendingTask, {
    timeoutMs: 30,
    what: 'the draft',
  });
  await expect(early).rejects.toThrow('the draft did not come within 30 ms');
  platform.release();
  await pending(platform, id);
});

test('waiting ends with an error when the platform closes', async () => {
  const platform = await startPlatform({ token, tasks: [draft] });
  const waiting = platform.changed(() => false, { what: 'the moon' });
  const outcome = expect(waiting).rejects.toThrow('the moon cannot come');
  await platform.close();
  await outcome;
  await platform.close();
});

test('a taken port and tasks of one name are refused at the start', async () => {
  const { platform } = await startPress();
  const port = Number(new URL(platform.baseUrl).port);
  await expect(startPlatform({ token, tasks: [draft], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(startPlatform({ token, tasks: [draft, draft] })).rejects.toThrow('share a name');
});
