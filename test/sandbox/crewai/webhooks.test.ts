import { expect, test } from 'vitest';
import {
  broken,
  budget,
  buildApproval,
  draft,
  readFixture,
  research,
  startLivePress,
  startPress,
  UUID,
} from './press-crew.ts';

const meta = { requestId: 'r-1', source: 'web-app' };
const bearer = { strategy: 'bearer' as const, token: 'secret' };
const basic = { strategy: 'basic' as const, username: 'crew', password: 'pass' };
const text = expect.any(String);

test('every documented webhook has its body, the meta of the kickoff and no header of the caller', async () => {
  const press = await startPress({ tasks: [research, budget] });
  const { post, urls, received, paths, startPaused, delivered } = press;
  const { crewWebhookUrl, ...others } = urls;
  const humanInputWebhook = { url: press.humanInputWebhookUrl, authentication: basic };
  const { id, taskId } = await startPaused({ meta, ...others, humanInputWebhook });
  await post('/resume', { ...buildApproval(id, taskId), crewWebhookUrl });
  await delivered(6);

  expect(paths()).toEqual(['/step', '/task?token=abc', '/step', '/task?token=abc', '/human', '/crew']);
  const [step, task, , pausedTask, human, crew] = received();
  for (const [sent, name] of [
    [step, 'step'],
    [task, 'task'],
    [crew, 'crew'],
  ] as const) {
    expect(Object.keys(sent?.body ?? {}).sort()).toEqual(Object.keys(readFixture(`${name}-webhook`)).sort());
    expect(sent?.body).toMatchObject({ kickoff_id: id, meta });
  }
  expect(task?.headers.authorization).toBeUndefined();
  expect(task?.body).toMatchObject({ name: 'research', agent: 'Researcher', output: 'S 120, M 340' });
  const output = { total_eur: 18500 };
  expect(pausedTask?.body).toMatchObject({ output: JSON.stringify(output), output_json: output });
  expect(human?.headers.authorization).toBe(`Basic ${btoa('crew:pass')}`);
  const documented = { ...readFixture('human-input-webhook'), agent: 'Accountant', meta };
  const paused = { execution_id: id, task_id: taskId, task_output: output };
  expect(human?.body).toEqual({ ...documented, ...paused });
  expect(crew?.body).toMatchObject({ result: JSON.stringify(output), result_json: output });
  const kinds = ['step', 'task', 'step', 'task', 'human-input', 'crew'];
  expect(press.platform.webhooks).toMatchObject(kinds.map((kind) => ({ kind, status: 202 })));
});

test.each([
  [draft, meta, { task_output: '# Spring', meta }],
  [budget, undefined, { task_output: '{"total_eur":18500}', meta: null }],
])(
  'a live human-input webhook has the ids and the output as text, no name and no agent',
  async (task, meta, rest) => {
    const { received, delivered, startPaused, humanInputWebhookUrl } = await startLivePress({
      tasks: [task],
    });
    const { id, taskId } = await startPaused({ ...(meta && { meta }), humanInputWebhookUrl });
    await delivered(1);
    expect(taskId).toMatch(UUID);
    expect(received()[0]?.body).toEqual({ kickoff_id: id, execution_id: id, task_id: taskId, ...rest });
  },
);

test.each(['live', 'documented'] as const)(
  'the object form of the human-input webhook is called with its authentication, the string form without (%s)',
  async (dialect) => {
    const press = await startPress({ dialect, tasks: [draft] });
    const { platform, received, delivered, humanInputWebhookUrl: url } = press;
    for (const [index, humanInputWebhook] of [
      { url, authentication: bearer },
      { url, authentication: basic },
      { url },
    ].entries()) {
      platform.kickoff({ humanInputWebhook });
      await delivered(index + 1);
    }
    platform.kickoff({ humanInputWebhookUrl: url });
    await delivered(4);
    const authorizations = ['Bearer secret', `Basic ${btoa('crew:pass')}`, undefined, undefined];
    expect(received().map(({ headers }) => headers.authorization)).toEqual(authorizations);
  },
);

test('live task, step and crew webhooks carry the kickoff id and meta, no execution id and no header', async () => {
  const { platform, urls, received, paths, delivered } = await startLivePress({ tasks: [research] });
  const id = platform.kickoff({ meta, ...urls });
  await delivered(3);
  expect(paths()).toEqual(['/step', '/task?token=abc', '/crew']);
  for (const { body, headers } of received()) {
    expect(body).toMatchObject({ kickoff_id: id, meta });
    expect(body).not.toHaveProperty('execution_id');
    expect(headers.authorization).toBeUndefined();
  }
});

test('a failed task sends a task webhook with status error and no output if the platform is set so', async () => {
  const { platform, urls, received, delivered } = await startLivePress({
    tasks: [broken],
    failedTaskWebhook: true,
  });
  const { stepWebhookUrl: _, ...others } = urls;
  const id = platform.kickoff({ meta, ...others });
  await delivered(1);
  const task = { name: 'broken', description: 'Find the stock figures', expected_output: 'Figures' };
  const failed = { ...task, summary: text, agent: 'Researcher', status: 'error', kickoff_id: id, meta };
  expect(received().map(({ body }) => body)).toEqual([failed]);
});

test('after a live /resume a human-input webhook ties the continuation to the original execution', async () => {
  const press = await startLivePress({ tasks: [draft, budget] });
  const { received, delivered, startPaused, decide, round, humanInputWebhookUrl } = press;
  const { id, ids } = await startPaused({ humanInputWebhookUrl });
  const first = await decide({ ...ids, humanInputWebhookUrl });
  const { taskId } = await round(id, 2);
  const third = await decide({ executionId: id, taskId, humanFeedback: 'Cheaper', humanInputWebhookUrl });
  await delivered(3);
  const tied = received().map(({ body }) => [body.execution_id, body.kickoff_id]);
  expect(tied).toEqual([id, first, third].map((kickoffId) => [id, kickoffId]));
});

test('after a live /resume the other webhooks carry only the id of the continuation', async () => {
  const press = await startLivePress({ tasks: [draft, research] });
  const { platform, urls, received, paths, delivered, startPaused, decide } = press;
  const { id, ids } = await startPaused();
  const continuation = await decide({ ...ids, ...urls });
  await delivered(3);
  expect(paths()).toEqual(['/step', '/task?token=abc', '/crew']);
  expect(received().map(({ body }) => body.kickoff_id)).toEqual(Array(3).fill(continuation));
  expect(JSON.stringify(received().map(({ body }) => body))).not.toContain(id);
  expect(platform.execution(id).kickoffId).toBe(continuation);
});

test.each(['live', 'documented'] as const)(
  'after a /resume only the URLs of its body are used (%s)',
  async (dialect) => {
    const press = await startPress({
      dialect,
      tasks: [draft, draft, budget].map((task, n) => ({ ...task, name: `${n}` })),
    });
    const { platform, post, urls, received, paths, delivered, startPaused, round, ended } = press;
    const { humanInputWebhookUrl: url } = press;
    const { id } = await startPaused({ ...urls, humanInputWebhookUrl: `${url}/old` });
    await delivered(3);
    const approve = async (number: number, named: object) => {
      const { taskId } = await round(id, number);
      const both = { ...buildApproval(id, taskId), executionId: id, taskId, humanFeedback: 'Approved.' };
      expect((await post('/resume', { ...both, ...named }))[0]).toBe(200);
      expect(platform.execution(id).urls).toEqual(named);
    };
    await approve(1, { humanInputWebhook: { url, authentication: bearer } });
    await round(id, 2);
    await delivered(4);
    await approve(2, urls);
    await round(id, 3);
    await delivered(6);
    await approve(3, {});
    await ended(id);
    expect(paths()).toEqual(['/step', '/task?token=abc', '/human/old', '/human', '/step', '/task?token=abc']);
    expect(received()[3]?.headers.authorization).toBe('Bearer secret');
  },
);

test.each([
  [true, [meta, meta, meta]],
  [false, [meta, null, null]],
])('meta survives a /resume as the platform is set: %s', async (metaSurvivesResume, expected) => {
  const press = await startLivePress({ tasks: [draft], metaSurvivesResume });
  const { urls, received, delivered, startPaused, decide, round, humanInputWebhookUrl } = press;
  const { id, ids } = await startPaused({ meta, humanInputWebhookUrl });
  await decide({ ...ids, humanFeedback: 'Shorter', humanInputWebhookUrl });
  const { taskId } = await round(id, 2);
  await decide({ executionId: id, taskId, crewWebhookUrl: urls.crewWebhookUrl });
  await delivered(3);
  expect(received().map(({ body }) => body.meta ?? null)).toEqual(expected);
});

test.each([
  ['is refused', { receiverStatus: 503 }, { status: 503 }],
  ['gets a redirect', { receiverStatus: 302 }, { status: 302 }],
  [
    'is not answered in time',
    { receiverStatus: 0, webhookTimeoutMs: 30 },
    { error: 'no answer within 30 ms' },
  ],
  ['cannot be sent', {}, { error: 'ECONNREFUSED' }, 'http://127.0.0.1:1/'],
])(
  'a webhook that %s is not sent again, and the run continues',
  async (_what, options, outcome, url?: string) => {
    const { platform, urls, received, delivered, ended } = await startPress({
      tasks: [research],
      ...options,
    });
    await ended(platform.kickoff({ taskWebhookUrl: url ?? urls.taskWebhookUrl }));
    await delivered(1);
    expect(platform.webhooks).toMatchObject([{ kind: 'task', ...outcome }]);
    expect(received().length).toBeLessThanOrEqual(1);
  },
);
