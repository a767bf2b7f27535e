import { expect, test } from 'vitest';
import {
  budget,
  decideLive,
  draft,
  research,
  startLivePress,
  UUID,
  waitForDeliveries,
  waitForEnd,
  waitForPause,
  waitForRound,
} from './press-crew.ts';

const meta = { requestId: 'r-1', source: 'web-app' };

test('a human-input webhook names the run, the pause and the output, and neither the task nor the agent', async () => {
  const { platform, receiver } = await startLivePress({ tasks: [draft] });
  const id = platform.kickoff({ meta, humanInputWebhookUrl: receiver.humanUrl });
  const { taskId } = await waitForPause(platform, id);
  await waitForDeliveries(platform, 1);
  expect(taskId).toMatch(UUID);
  expect(receiver.received[0]?.body).toEqual({
    kickoff_id: id,
    execution_id: id,
    task_id: taskId,
    task_output: '# Spring',
    meta,
  });
});

test('an output that is an object is JSON text in the human-input webhook', async () => {
  const { platform, receiver } = await startLivePress({ tasks: [budget] });
  platform.kickoff({ humanInputWebhookUrl: receiver.humanUrl });
  await waitForDeliveries(platform, 1);
  expect(receiver.received[0]?.body).toMatchObject({ task_output: '{"total_eur":18500}', meta: null });
});

test('the object form of the human-input webhook is called with its authentication, the string form without a header', async () => {
  const { platform, receiver } = await startLivePress({ tasks: [draft] });
  const { humanUrl: url } = receiver;
  const bearer = { strategy: 'bearer' as const, token: 'secret' };
  const basic = { strategy: 'basic' as const, username: 'crew', password: 'pass' };
  platform.kickoff({ humanInputWebhook: { url, authentication: bearer } });
  await waitForDeliveries(platform, 1);
  platform.kickoff({ humanInputWebhook: { url, authentication: basic } });
  await waitForDeliveries(platform, 2);
  platform.kickoff({ humanInputWebhook: { url } });
  await waitForDeliveries(platform, 3);
  platform.kickoff({ humanInputWebhookUrl: url });
  await waitForDeliveries(platform, 4);
  expect(receiver.received.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer secret',
    `Basic ${btoa('crew:pass')}`,
    undefined,
    undefined,
  ]);
});

test('task, step and crew webhooks carry the kickoff id and meta, no execution_id, and no header of the caller', async () => {
  const { platform, receiver } = await startLivePress({ tasks: [research] });
  const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl } = receiver;
  const id = platform.kickoff({ meta, taskWebhookUrl, stepWebhookUrl, crewWebhookUrl });
  await waitForDeliveries(platform, 3);
  expect(receiver.paths()).toEqual(['/step', '/task?token=abc', '/crew']);
  for (const { body, headers } of receiver.received) {
    expect(body).toMatchObject({ kickoff_id: id, meta });
    expect(body).not.toHaveProperty('execution_id');
    expect(headers.authorization).toBeUndefined();
  }
});

test('after a /resume a human-input webhook ties the continuation to the original execution', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft, budget] });
  const { humanUrl: humanInputWebhookUrl } = receiver;
  const id = platform.kickoff({ humanInputWebhookUrl });
  const { taskId } = await waitForPause(platform, id);
  const first = await decideLive(api, { executionId: id, taskId, humanInputWebhookUrl });
  const second = await waitForRound(platform, id, 2);
  const again = { executionId: id, taskId: second.taskId, humanFeedback: 'Cheaper', humanInputWebhookUrl };
  const third = await decideLive(api, again);
  await waitForDeliveries(platform, 3);
  expect(receiver.received.map(({ body }) => [body.execution_id, body.kickoff_id])).toEqual([
    [id, id],
    [id, first],
    [id, third],
  ]);
});

test('after a /resume task, step and crew webhooks carry only the id of the continuation', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft, research] });
  const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl } = receiver;
  const id = platform.kickoff();
  const { taskId } = await waitForPause(platform, id);
  const urls = { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl };
  const continuation = await decideLive(api, { executionId: id, taskId, ...urls });
  await waitForDeliveries(platform, 3);
  expect(receiver.paths()).toEqual(['/step', '/task?token=abc', '/crew']);
  expect(receiver.received.map(({ body }) => body.kickoff_id)).toEqual(Array(3).fill(continuation));
  expect(JSON.stringify(receiver.received.map(({ body }) => body))).not.toContain(id);
  expect(platform.execution(id).kickoffId).toBe(continuation);
});

test('a /resume without URLs ends all webhooks of the run, human input included', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft, budget] });
  const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanUrl } = receiver;
  const humanInputWebhook = { url: humanUrl };
  const id = platform.kickoff({ taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanInputWebhook });
  const { taskId } = await waitForPause(platform, id);
  await waitForDeliveries(platform, 3);
  await decideLive(api, { executionId: id, taskId });
  const second = await waitForRound(platform, id, 2);
  await decideLive(api, { executionId: id, taskId: second.taskId });
  await waitForEnd(platform, id);
  expect(platform.webhooks).toHaveLength(3);
  expect(platform.execution(id).urls).toEqual({});
});

test('only the URLs of the /resume body are used afterwards, both forms of human input among them', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft] });
  const { humanUrl: url, crewWebhookUrl } = receiver;
  const authentication = { strategy: 'bearer', token: 'other-secret' };
  const id = platform.kickoff({ humanInputWebhookUrl: `${url}/old` });
  const { taskId } = await waitForPause(platform, id);
  const urls = { humanInputWebhook: { url, authentication } };
  await decideLive(api, { executionId: id, taskId, humanFeedback: 'Shorter', ...urls });
  const second = await waitForRound(platform, id, 2);
  await decideLive(api, { executionId: id, taskId: second.taskId, crewWebhookUrl });
  await waitForDeliveries(platform, 3);
  expect(receiver.paths()).toEqual(['/human/old', '/human', '/crew']);
  expect(receiver.received[1]?.headers.authorization).toBe('Bearer other-secret');
});

test('meta survives a /resume', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft] });
  const { humanUrl: humanInputWebhookUrl, crewWebhookUrl } = receiver;
  const id = platform.kickoff({ meta });
  const { taskId } = await waitForPause(platform, id);
  const revision = { executionId: id, taskId, humanFeedback: 'Shorter', humanInputWebhookUrl };
  await decideLive(api, revision);
  const second = await waitForRound(platform, id, 2);
  await decideLive(api, { executionId: id, taskId: second.taskId, crewWebhookUrl });
  await waitForDeliveries(platform, 2);
  expect(receiver.received.map(({ body }) => body.meta)).toEqual([meta, meta]);
});

test('meta is dropped at a /resume if the platform is told so', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft], metaSurvivesResume: false });
  const { humanUrl: humanInputWebhookUrl, crewWebhookUrl } = receiver;
  const id = platform.kickoff({ meta, humanInputWebhookUrl });
  const { taskId } = await waitForPause(platform, id);
  const revision = { executionId: id, taskId, humanFeedback: 'Shorter', humanInputWebhookUrl };
  await decideLive(api, revision);
  const second = await waitForRound(platform, id, 2);
  await decideLive(api, { executionId: id, taskId: second.taskId, crewWebhookUrl });
  await waitForDeliveries(platform, 3);
  expect(receiver.received.map(({ body }) => body.meta ?? null)).toEqual([meta, null, null]);
});
