import { expect, test } from 'vitest';
import {
  broken,
  budget,
  buildApproval,
  draft,
  research,
  startPress,
  waitForDeliveries,
  waitForEnd,
  waitForPause,
} from './press-crew.ts';

test('GET /inputs names the inputs, and POST /kickoff is refused without them', async () => {
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

test('POST /kickoff requires the inputs that GET /inputs says are required, and takes the others', async () => {
  const { api } = await startPress({ inputs: ['topic', 'city'], requiredInputs: ['topic'] });
  expect((await api.get('/inputs')).data).toEqual({ inputs: ['topic', 'city'], required_inputs: ['topic'] });
  const refused = await api.post('/kickoff', { inputs: { city: 'Lisbon' } });
  expect(refused.data.details).toEqual({ missing_inputs: ['topic'] });
  expect((await api.post('/kickoff', { inputs: { topic: 'linen' } })).status).toBe(200);
});

test('POST /kickoff is refused while apps are not connected', async () => {
  const { api } = await startPress({ inputs: ['topic'], appsNotConnected: ['Gmail'] });
  expect((await api.post('/kickoff', { inputs: {} })).status).toBe(422);
  const { status, data } = await api.post('/kickoff', { inputs: { topic: 'linen' } });
  expect([status, data.error, data.details]).toEqual([424, 'apps_not_connected', { apps: ['Gmail'] }]);
});

test('GET /status tells the progress of a run, and then its result', async () => {
  const { platform, api } = await startPress();
  const id = platform.kickoff();
  const { taskId } = await waitForPause(platform, id);
  expect((await api.get(`/status/${id}`)).data).toEqual({
    status: 'running',
    current_task: 'draft_press_release',
    progress: { completed_tasks: 1, total_tasks: 2 },
  });
  await api.post('/resume', buildApproval(id, taskId));
  await waitForEnd(platform, id);
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
  expect(platform.requests.map(({ method, path }) => `${method} ${path}`)).toContain('POST /resume');
});

test('GET /status is 404 for an unknown id, and so is an unknown path', async () => {
  const { api } = await startPress();
  const unknown = await api.get('/status/made-up');
  expect([unknown.status, unknown.data]).toEqual([
    404,
    { error: 'Not Found', message: 'Execution not found' },
  ]);
  expect((await api.get('/elsewhere')).status).toBe(404);
  expect((await api.get('/inputs', { headers: { authorization: '' } })).status).toBe(401);
});

test('GET /status of a failed run tells the error, and no crew webhook was sent', async () => {
  const { platform, api, receiver } = await startPress({ tasks: [research, broken] });
  const { taskWebhookUrl, crewWebhookUrl } = receiver;
  const id = platform.kickoff({ taskWebhookUrl, crewWebhookUrl });
  await waitForEnd(platform, id);
  expect((await api.get(`/status/${id}`)).data).toMatchObject({ status: 'error', error: 'ValueError: boom' });
  expect(platform.webhooks.map(({ kind }) => kind)).toEqual(['task']);
});

test('the human-input webhook can be a plain URL, which is called without a header', async () => {
  const { platform, receiver } = await startPress({ tasks: [draft] });
  const id = platform.kickoff({ humanInputWebhookUrl: receiver.humanUrl });
  await waitForPause(platform, id);
  await waitForDeliveries(platform, 1);
  expect(receiver.paths()).toEqual(['/human']);
  expect(receiver.received[0]?.headers.authorization).toBeUndefined();
});

test('a planned failure has the documented form', async () => {
  const { platform, api } = await startPress();
  platform.failures.plan({ on: 'inputs', failure: { status: 503 } });
  expect((await api.get('/inputs')).data).toEqual({
    error: 'Service Unavailable',
    message: 'Planned failure',
  });
});

test('every webhook has the documented body and the meta of the kickoff', async () => {
  const { platform, api, receiver } = await startPress({ tasks: [research, budget] });
  const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanUrl } = receiver;
  const humanInputWebhook = {
    url: humanUrl,
    authentication: { strategy: 'basic' as const, username: 'crew', password: 'pass' },
  };
  const meta = { requestId: 'press-2026-03' };
  const id = platform.kickoff({ meta, taskWebhookUrl, stepWebhookUrl, humanInputWebhook });
  const { taskId } = await waitForPause(platform, id);
  await api.post('/resume', { ...buildApproval(id, taskId), crewWebhookUrl });
  await waitForEnd(platform, id);
  await waitForDeliveries(platform, 6);

  const [step, task, , pausedTask, human, crew] = receiver.received;
  expect(receiver.paths()).toEqual([
    '/step',
    '/task?token=abc',
    '/step',
    '/task?token=abc',
    '/human',
    '/crew',
  ]);
  expect(step?.body).toEqual({
    prompt: 'Find the stock figures',
    thought: expect.any(String),
    tool: expect.any(String),
    tool_input: expect.any(String),
    result: expect.any(String),
    kickoff_id: id,
    meta,
  });
  expect(task?.headers['content-type']).toBe('application/json');
  expect(task?.headers.authorization).toBeUndefined();
  expect(task?.body).toEqual({
    name: 'research',
    description: 'Find the stock figures',
    expected_output: 'Figures',
    summary: 'Find the stock figures...',
    agent: 'Researcher',
    output: 'S 120, M 340',
    output_json: null,
    kickoff_id: id,
    meta,
  });
  expect(pausedTask?.body).toMatchObject({
    output: '{"total_eur":18500}',
    output_json: { total_eur: 18500 },
  });
  expect(human?.headers.authorization).toBe(`Basic ${btoa('crew:pass')}`);
  expect(human?.body).toEqual({
    execution_id: id,
    task_id: taskId,
    task_name: 'approve_budget',
    crew_name: 'press',
    agent: 'Accountant',
    task_output: { total_eur: 18500 },
    meta,
  });
  expect(crew?.body).toEqual({
    kickoff_id: id,
    result: '{"total_eur":18500}',
    result_json: { total_eur: 18500 },
    token_usage: {
      total_tokens: expect.any(Number),
      prompt_tokens: expect.any(Number),
      completion_tokens: expect.any(Number),
    },
    meta,
  });
  expect(platform.webhooks.map(({ kind, status }) => [kind, status])).toEqual([
    ['step', 202],
    ['task', 202],
    ['step', 202],
    ['task', 202],
    ['human-input', 202],
    ['crew', 202],
  ]);
});
