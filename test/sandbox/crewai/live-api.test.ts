import { expect, test } from 'vitest';
import { awkwardNames } from '../../crewai/records.ts';
import {
  broken,
  decideLive,
  draft,
  postText,
  research,
  startLivePress,
  UUID,
  waitForEnd,
  waitForPause,
} from './press-crew.ts';

const NOT_FOUND = {
  state: 'NOT FOUND',
  status: 'Task not found or Invalid kickoff id',
  result: null,
};

test('GET /inputs gives names only', async () => {
  const { api } = await startLivePress({ inputs: ['topic', 'city'] });
  expect((await api.get('/inputs')).data).toEqual({ inputs: ['topic', 'city'] });
});

test('POST /kickoff answers with the kickoff id alone', async () => {
  const { platform, api } = await startLivePress();
  const { status, data } = await api.post('/kickoff', { inputs: {} });
  expect([status, data]).toEqual([200, { kickoff_id: expect.stringMatching(UUID) }]);
  expect(platform.execution(data.kickoff_id)).toMatchObject({
    status: 'running',
    kickoffId: data.kickoff_id,
  });
});

test('POST /kickoff names the inputs that are missing in one sentence', async () => {
  const { api, platform } = await startLivePress({ inputs: ['topic', 'city', 'year'] });
  const { status, data } = await api.post('/kickoff', { inputs: { city: 'Porto' } });
  expect([status, data]).toEqual([422, { detail: 'Missing inputs: topic, year' }]);
  expect((await api.post('/kickoff', {})).data.detail).toBe('Missing inputs: topic, city, year');
  expect(() => platform.kickoff()).toThrow('Missing inputs');
});

test('POST /kickoff requires the inputs that GET /inputs says are required, and takes the others', async () => {
  const { api } = await startLivePress({ inputs: ['topic', 'city'], requiredInputs: ['topic'] });
  expect((await api.get('/inputs')).data).toEqual({ inputs: ['topic', 'city'], required_inputs: ['topic'] });
  expect((await api.post('/kickoff', {})).data).toEqual({ detail: 'Missing inputs: topic' });
  expect((await api.post('/kickoff', { inputs: { topic: 'linen' } })).status).toBe(200);
});

test('POST /kickoff is refused while apps are not connected', async () => {
  const { api } = await startLivePress({ appsNotConnected: ['Gmail'] });
  const { status, data } = await api.post('/kickoff', {});
  expect([status, data.detail]).toMatchObject([424, { code: 'apps_not_connected', apps: ['Gmail'] }]);
});

test('inputs and meta are shown, used and returned as they arrived, whatever they are called', async () => {
  const seen: unknown[] = [];
  const output = (run: { inputs: object }) => {
    seen.push(run.inputs);
    return 'x';
  };
  const { api, platform } = await startLivePress({
    inputs: ['__proto__', 'constructor'],
    tasks: [{ ...draft, output }],
  });
  const url = `${platform.baseUrl}/elsewhere`;
  const text = `{"inputs":${awkwardNames},"meta":${awkwardNames},"humanInputWebhookUrl":"${url}"}`;
  const { data } = await postText(api, '/kickoff', text);
  await waitForPause(platform, data.kickoff_id);
  expect(JSON.stringify(platform.requests[0]?.body)).toBe(text);
  expect(JSON.stringify(seen)).toBe(`[${awkwardNames}]`);
  const { body } = platform.webhooks.find(({ kind }) => kind === 'human-input') ?? {};
  expect(JSON.stringify((body as { meta: unknown }).meta)).toBe(awkwardNames);
});

test('POST /kickoff fails with plain text at a body that is not JSON', async () => {
  const { api } = await startLivePress();
  const answer = await postText(api, '/kickoff', '{');
  expect([answer.status, answer.data]).toEqual([500, 'Internal Server Error']);
  expect(answer.headers['content-type']).toContain('text/plain');
});

test.each([
  ['an empty URL', { taskWebhookUrl: '' }, 'url_parsing', ['taskWebhookUrl']],
  ['a null URL', { crewWebhookUrl: null }, 'string_type', ['crewWebhookUrl']],
  ['inputs as a list', { inputs: [] }, 'dict_type', ['inputs']],
  ['meta as text', { meta: 'x' }, 'dict_type', ['meta']],
  ['an unknown field', { webhook: 'https://example.com' }, 'extra_forbidden', ['webhook']],
  ['webhooks without a URL', { webhooks: { events: [] } }, 'missing', ['webhooks', 'url']],
  [
    'webhooks without a list of events',
    { webhooks: { url: 'https://example.com' } },
    'missing',
    ['webhooks', 'events'],
  ],
])('POST /kickoff refuses %s', async (_what, body, type, path) => {
  const { api } = await startLivePress();
  const { status, data } = await api.post('/kickoff', body);
  expect(status).toBe(422);
  expect(data.detail).toMatchObject([{ type, loc: ['body', ...path] }]);
});

test('every path needs the token', async () => {
  const { api } = await startLivePress();
  for (const path of ['/inputs', '/status/made-up']) {
    const { status, data } = await api.get(path, { headers: { authorization: '' } });
    expect([status, data]).toEqual([401, { detail: 'Not authenticated' }]);
  }
  const { status, data } = await api.post('/kickoff', {}, { headers: { authorization: 'Bearer other' } });
  expect([status, data]).toEqual([401, { detail: 'Invalid or missing authentication credentials' }]);
  const elsewhere = await api.get('/elsewhere');
  expect([elsewhere.status, elsewhere.data]).toEqual([404, { detail: 'Not Found' }]);
});

test('a planned failure has the form of the live platform', async () => {
  const { platform, api } = await startLivePress();
  platform.failures.plan({ on: 'inputs', failure: { status: 503 } });
  platform.failures.plan({ on: 'inputs', failure: { error: 'Bad' } });
  expect((await api.get('/inputs')).data).toEqual({ detail: 'Planned failure' });
  const { status, data } = await api.get('/inputs');
  expect([status, data]).toEqual([400, { detail: 'Bad' }]);
});

test('GET /status of an id that never existed is 200 NOT FOUND', async () => {
  const { api } = await startLivePress();
  const { status, data } = await api.get('/status/made-up');
  expect([status, data]).toEqual([200, NOT_FOUND]);
});

test('GET /status of a run that waits for a person is NOT FOUND too', async () => {
  const { platform, api } = await startLivePress();
  const id = platform.kickoff();
  await waitForPause(platform, id);
  const { status, data } = await api.get(`/status/${id}`);
  expect([status, data]).toEqual([200, NOT_FOUND]);
});

test('GET /status of a running run has a sentence as its status, and the progress', async () => {
  const { platform, api } = await startLivePress();
  platform.hold();
  const id = platform.kickoff();
  expect((await api.get(`/status/${id}`)).data).toEqual({
    state: 'RUNNING',
    status: 'Task is Running',
    result: null,
    result_json: null,
    progress: {
      unit: 'task',
      completed: 0,
      total: 2,
      remaining: 2,
      current: 'research',
      current_agent: 'Researcher',
    },
    last_executed_task: null,
    execution_origin: null,
    flow_id: null,
  });
});

test('GET /status after a /resume knows the continuation, and its last task with meta', async () => {
  const { platform, api } = await startLivePress({ tasks: [draft, research] });
  const meta = { requestId: 'r-1' };
  const id = platform.kickoff({ meta });
  const { taskId } = await waitForPause(platform, id);
  platform.hold();
  const continuation = await decideLive(api, { executionId: id, taskId });
  expect((await api.get(`/status/${continuation}`)).data).toMatchObject({
    state: 'RUNNING',
    progress: { completed: 1, total: 2, remaining: 1, current: 'research' },
    last_executed_task: { name: 'draft_press_release', output: '# Spring', meta },
    execution_origin: 'hitl-resume',
  });
  expect((await api.get(`/status/${id}`)).data).toEqual(NOT_FOUND);
});

test('GET /status of a run that succeeded has a null status and the result', async () => {
  const { platform, api } = await startLivePress({ tasks: [research] });
  const id = platform.kickoff();
  await waitForEnd(platform, id);
  expect((await api.get(`/status/${id}`)).data).toMatchObject({
    state: 'SUCCESS',
    status: null,
    result: 'S 120, M 340',
    result_json: null,
    usage_metrics: { total_tokens: expect.any(Number) },
  });
});

test('GET /status of a run that failed has the text of the exception as its status', async () => {
  const { platform, api } = await startLivePress({ tasks: [broken] });
  const id = platform.kickoff();
  await waitForEnd(platform, id);
  expect((await api.get(`/status/${id}`)).data).toMatchObject({
    state: 'FAILED',
    status: 'ValueError: boom',
    result: null,
    progress: null,
  });
});
