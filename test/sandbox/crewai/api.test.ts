import { expect, test } from 'vitest';
import { DEFAULT_DIALECT } from '../../../src/sandbox/crewai/dialect.ts';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { awkwardNames } from '../../crewai/records.ts';
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

test('inputs and meta are used and returned as they arrived, also under names such as __proto__', async () => {
  const seen: unknown[] = [];
  const output = ({ inputs }: { inputs: object }) => {
    seen.push(inputs);
    return 'x';
  };
  const inputs = ['__proto__', 'constructor'];
  const { post, platform, pause } = await startLivePress({ inputs, tasks: [{ ...draft, output }] });
  const url = `${platform.baseUrl}/elsewhere`;
  const text = `{"inputs":${awkwardNames},"meta":${awkwardNames},"humanInputWebhookUrl":"${url}"}`;
  const [, { kickoff_id }] = await post('/kickoff', text);
  await pause(kickoff_id);
  expect(JSON.stringify(platform.requests[0]?.body)).toBe(text);
  expect(JSON.stringify(seen)).toBe(`[${awkwardNames}]`);
  const { body } = platform.webhooks.find(({ kind }) => kind === 'human-input') ?? {};
  expect(JSON.stringify((body as { meta: unknown }).meta)).toBe(awkwardNames);
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

test('the live GET /status has a sentence as the status of a running run, and its progress', async () => {
  const { platform, get } = await startLivePress();
  platform.hold();
  const progress = { unit: 'task', completed: 0, total: 2, remaining: 2 };
  expect((await get(`/status/${platform.kickoff()}`))[1]).toEqual({
    state: 'RUNNING',
    status: 'Task is Running',
    result: null,
    result_json: null,
    progress: { ...progress, current: 'research', current_agent: 'Researcher' },
    last_executed_task: null,
    execution_origin: null,
    flow_id: null,
  });
});

test('the live GET /status does not find a run that waits for a person, afterwards it knows the continuation', async () => {
  const { platform, get, startPaused, decide } = await startLivePress({ tasks: [draft, research] });
  const meta = { requestId: 'r-1' };
  const { id, ids } = await startPaused({ meta });
  expect(await get(`/status/${id}`)).toEqual([200, NOT_FOUND]);
  platform.hold();
  const continuation = await decide(ids);
  expect((await get(`/status/${continuation}`))[1]).toMatchObject({
    state: 'RUNNING',
    progress: { completed: 1, total: 2, remaining: 1, current: 'research' },
    last_executed_task: { name: 'draft_press_release', output: '# Spring', meta },
    execution_origin: 'hitl-resume',
  });
  expect((await get(`/status/${id}`))[1]).toEqual(NOT_FOUND);
});

test('the live GET /status of a run that succeeded has a null status and the result', async () => {
  const { platform, get, ended } = await startLivePress({ tasks: [research] });
  const id = platform.kickoff();
  await ended(id);
  const result = {
    result: 'S 120, M 340',
    result_json: null,
    usage_metrics: { total_tokens: expect.any(Number) },
  };
  expect((await get(`/status/${id}`))[1]).toMatchObject({ state: 'SUCCESS', status: null, ...result });
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

test('a run that is made to fail while it waits can no longer be answered', async () => {
  const { platform, get, urls, startPaused, decide } = await startLivePress({ tasks: [draft] });
  const { id, ids } = await startPaused({ crewWebhookUrl: urls.crewWebhookUrl });
  platform.fail(id, 'RateLimitError: the model refused');
  expect((await get(`/status/${id}`))[1]).toMatchObject({
    state: 'FAILED',
    status: 'RateLimitError: the model refused',
  });
  await decide(ids);
  expect(platform.execution(id)).toMatchObject({ status: 'error', feedback: [] });
  expect(platform.execution(id).pendingTask).toBeUndefined();
  expect(platform.webhooks).toEqual([]);
  expect(() => platform.fail(id, 'again')).toThrow('has already ended');
});

test('a continuation that is made to fail does not move on', async () => {
  const { platform, get, startPaused, decide } = await startLivePress({ tasks: [draft] });
  const { id, ids } = await startPaused();
  platform.hold();
  const continuation = await decide(ids);
  platform.fail(id, "TypeError: 'NoneType' object is not subscriptable");
  platform.release();
  expect((await get(`/status/${continuation}`))[1].state).toBe('FAILED');
  // Runs take their steps in order: the next run waits only after the failed one was to move on.
  await startPaused();
  expect(platform.execution(id).status).toBe('error');
});

test.each([
  ['live', { detail: 'Planned failure' }, { detail: 'Bad' }],
  [
    'documented',
    { error: 'Service Unavailable', message: 'Planned failure' },
    expect.objectContaining({ message: 'Bad' }),
  ],
] as const)('a planned failure has the form of the %s dialect', async (dialect, unavailable, bad) => {
  const { platform, get } = await startPress({ dialect });
  platform.failures.plan({ on: 'inputs', failure: { status: 503 } });
  platform.failures.plan({ on: 'inputs', failure: { error: 'Bad' } });
  expect([await get('/inputs'), await get('/inputs')]).toEqual([
    [503, unavailable],
    [400, bad],
  ]);
});

test('a planned failure happens instead of the work', async () => {
  const { platform, api, startPaused } = await startPress();
  const { id, taskId } = await startPaused();
  const resume = async (failure: Parameters<typeof platform.failures.plan>[0]['failure']) => {
    platform.failures.plan({ on: 'resume', failure });
    return api.post('/resume', buildApproval(id, taskId), { timeout: 1_000 });
  };
  const html = { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } };
  expect(await resume(html)).toMatchObject({ status: 200, data: '<html>' });
  const limited = await resume({ rateLimited: { retryAfter: 3 } });
  expect(limited).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  await expect(resume({ reset: true })).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect(resume({ noAnswer: true })).rejects.toMatchObject({ code: 'ECONNABORTED' });
  expect(platform.execution(id).pendingTask?.taskId).toBe(taskId);
  expect(platform.resumes.map(({ fate }) => fate).slice(-2)).toEqual(['reset', 'no answer']);
});

test('an answer is lost after the work was done', async () => {
  const { platform, post, startPaused, ended } = await startPress();
  const { id, taskId } = await startPaused();
  platform.failures.plan({ on: 'resume', failure: { answerLost: true } });
  await expect(post('/resume', buildApproval(id, taskId))).rejects.toMatchObject({ code: 'ECONNRESET' });
  await ended(id);
  expect(platform.resumes).toMatchObject([{ status: 200, fate: 'answer lost' }]);
});

test('the platform does not start on a taken port or with two tasks of one name', async () => {
  const { platform } = await startPress();
  const port = Number(new URL(platform.baseUrl).port);
  await expect(startPlatform({ token, tasks: [draft], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(startPlatform({ token, tasks: [draft, draft] })).rejects.toThrow('share a name');
});
