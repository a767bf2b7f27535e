import { expect, test } from 'vitest';
import { DEFAULT_DIALECT, startPlatform } from './platform.ts';
import {
  broken,
  buildApproval,
  draft,
  research,
  startLivePress,
  startPress,
  token,
  UUID,
} from './press-crew.ts';

const NOT_FOUND = { state: 'NOT FOUND', status: 'Task not found or Invalid kickoff id', result: null };

test.each([
  ['live', { detail: 'Missing inputs: topic, year' }],
  ['documented', expect.objectContaining({ details: { missing_inputs: ['topic', 'year'] } })],
] as const)('POST /kickoff requires the inputs that GET /inputs names (%s)', async (dialect, missing) => {
  const inputs = ['topic', 'city', 'year'];
  const { platform, get, post } = await startPress({ dialect, inputs });
  expect(await get('/inputs')).toEqual([200, { inputs }]);
  expect(await post('/kickoff', { inputs: { city: 'Porto' } })).toEqual([422, missing]);
  expect((await post('/kickoff', {}))[0]).toBe(422);
  expect(() => platform.kickoff()).toThrow('422');
  const started = await post('/kickoff', { inputs: { topic: 'linen', city: 'Porto', year: 2026 } });
  expect(started).toEqual([200, { kickoff_id: expect.stringMatching(UUID) }]);
  const { kickoff_id: kickoffId } = started[1];
  expect(platform.execution(kickoffId)).toMatchObject({ status: 'running', kickoffId });

  const some = await startPress({ dialect, inputs, requiredInputs: ['topic', 'year'] });
  expect(await some.get('/inputs')).toEqual([200, { inputs, required_inputs: ['topic', 'year'] }]);
  expect(await some.post('/kickoff', { inputs: { city: 'Porto' } })).toEqual([422, missing]);
  expect((await some.post('/kickoff', { inputs: { topic: 'linen', year: 2026 } }))[0]).toBe(200);
});

test.each([
  ['live', { detail: { code: 'apps_not_connected', apps: ['Gmail'] } }],
  ['documented', { error: 'apps_not_connected', details: { apps: ['Gmail'] } }],
] as const)('POST /kickoff is refused while apps are not connected (%s)', async (dialect, refusal) => {
  const { post } = await startPress({ dialect, inputs: ['topic'], appsNotConnected: ['Gmail'] });
  expect((await post('/kickoff', {}))[0]).toBe(422);
  expect(await post('/kickoff', { inputs: { topic: 'linen' } })).toMatchObject([424, refusal]);
});

test.each([
  ['an empty URL', { taskWebhookUrl: '' }, 'url_parsing', ['taskWebhookUrl']],
  ['a null URL', { crewWebhookUrl: null }, 'string_type', ['crewWebhookUrl']],
  ['inputs as a list', { inputs: [] }, 'dict_type', ['inputs']],
  ['meta as text', { meta: 'x' }, 'dict_type', ['meta']],
  ['an unknown field', { webhook: 'https://example.com' }, 'extra_forbidden', ['webhook']],
  ['webhooks without a URL', { webhooks: { events: [] } }, 'missing', ['webhooks', 'url']],
  ['webhooks without events', { webhooks: { url: 'https://a.example' } }, 'missing', ['webhooks', 'events']],
])('POST /kickoff refuses %s', async (_what, body, type, path) => {
  const [live, documented] = [await startLivePress(), await startPress()];
  expect(await live.post('/kickoff', body)).toMatchObject([
    422,
    { detail: [{ type, loc: ['body', ...path] }] },
  ]);
  expect((await documented.post('/kickoff', body))[0]).toBe(400);
});

test('the live POST /kickoff fails with plain text at a body that is not JSON', async () => {
  const { api } = await startLivePress();
  const { status, data, headers } = await api.post('/kickoff', '{');
  expect([status, data]).toEqual([500, 'Internal Server Error']);
  expect(headers['content-type']).toContain('text/plain');
});

test('every path needs the token, and an unknown path is 404', async () => {
  const live = await startLivePress();
  for (const path of ['/inputs', '/status/made-up'])
    expect(await live.get(path, { authorization: '' })).toEqual([401, { detail: 'Not authenticated' }]);
  const other = { authorization: 'Bearer other' };
  const invalid = { detail: 'Invalid or missing authentication credentials' };
  expect(await live.post('/kickoff', {}, other)).toEqual([401, invalid]);
  expect(await live.get('/elsewhere')).toEqual([404, { detail: 'Not Found' }]);
  const documented = await startPress();
  expect((await documented.get('/inputs', { authorization: '' }))[0]).toBe(401);
  expect((await documented.get('/elsewhere'))[0]).toBe(404);
});

test('GET /status knows no id that never existed: 200 NOT FOUND on the live platform, else 404', async () => {
  expect(await (await startLivePress()).get('/status/made-up')).toEqual([200, NOT_FOUND]);
  const unknown = { error: 'Not Found', message: 'Execution not found' };
  expect(await (await startPress()).get('/status/made-up')).toEqual([404, unknown]);
  const byDefault = await startPlatform({ token, tasks: [draft] });
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`${byDefault.baseUrl}/status/made-up`, { headers });
  expect(status).toBe(DEFAULT_DIALECT === 'live' ? 200 : 404);
  await byDefault.close();
});

test('the documented GET /status gives the progress of a run, then its result', async () => {
  const { get, post, startPaused, ended } = await startPress();
  const { id, taskId } = await startPaused();
  const progress = { completed_tasks: 1, total_tasks: 2 };
  const running = { status: 'running', current_task: 'draft_press_release', progress };
  expect(await get(`/status/${id}`)).toEqual([200, running]);
  await post('/resume', buildApproval(id, taskId));
  await ended(id);
  const execution_time = expect.any(Number);
  const tasks = [
    { task_id: 'research', output: 'S 120, M 340', agent: 'Researcher', execution_time },
    { task_id: 'draft_press_release', output: '# Spring', agent: 'Copywriter', execution_time },
  ];
  const result = { output: '# Spring', tasks };
  expect(await get(`/status/${id}`)).toEqual([200, { status: 'completed', result, execution_time }]);
});

test('the live GET /status gives the progress and the result of a run, and does not find it while it waits', async () => {
  const { platform, get, pause, decide, ended } = await startLivePress({ tasks: [draft, research] });
  const status = async (id: string) => (await get(`/status/${id}`))[1];
  const meta = { requestId: 'r-1' };
  platform.hold();
  const id = platform.kickoff({ meta });
  const progress = { unit: 'task', completed: 0, total: 2, remaining: 2, current: draft.name };
  expect(await status(id)).toEqual({
    state: 'RUNNING',
    status: 'Task is Running',
    result: null,
    result_json: null,
    progress: { ...progress, current_agent: 'Copywriter' },
    last_executed_task: null,
    execution_origin: null,
    flow_id: null,
  });
  platform.release();
  const { taskId } = await pause(id);
  expect(await get(`/status/${id}`)).toEqual([200, NOT_FOUND]);
  platform.hold();
  const continuation = await decide({ executionId: id, taskId });
  expect(await status(continuation)).toMatchObject({
    state: 'RUNNING',
    progress: { completed: 1, total: 2, remaining: 1, current: 'research' },
    last_executed_task: { name: draft.name, output: '# Spring', meta },
    execution_origin: 'hitl-resume',
  });
  expect(await status(id)).toEqual(NOT_FOUND);
  platform.release();
  await ended(id);
  const usage_metrics = { total_tokens: expect.any(Number) };
  const result = { result: 'S 120, M 340', result_json: null, usage_metrics };
  expect(await status(continuation)).toMatchObject({ state: 'SUCCESS', status: null, ...result });
});

test.each([
  ['live', { state: 'FAILED', status: 'ValueError: boom', result: null, progress: null }],
  ['documented', { status: 'error', error: 'ValueError: boom' }],
] as const)(
  'a run that fails sends no crew webhook, GET /status has its error (%s)',
  async (dialect, expected) => {
    const { platform, get, urls, ended } = await startPress({ dialect, tasks: [research, broken] });
    const id = platform.kickoff(urls);
    await ended(id);
    expect(platform.execution(id)).toMatchObject({ status: 'error', error: 'ValueError: boom' });
    expect((await get(`/status/${id}`))[1]).toMatchObject(expected);
    expect(platform.webhooks.map(({ kind }) => kind)).toEqual(['step', 'task', 'step']);
  },
);
