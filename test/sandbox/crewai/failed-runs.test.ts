import { expect, test } from 'vitest';
import {
  broken,
  decideLive,
  draft,
  research,
  startLivePress,
  startPress,
  waitForDeliveries,
  waitForEnd,
  waitForPause,
} from './press-crew.ts';

test.each(['live', 'documented'] as const)('a failed run sends no crew webhook (%s)', async (dialect) => {
  const { platform, receiver } = await startPress({ dialect, tasks: [research, broken] });
  const { taskWebhookUrl, crewWebhookUrl } = receiver;
  const id = platform.kickoff({ taskWebhookUrl, crewWebhookUrl });
  await waitForEnd(platform, id);
  expect(platform.execution(id)).toMatchObject({ status: 'error', error: 'ValueError: boom' });
  expect(platform.webhooks.map(({ kind }) => kind)).toEqual(['task']);
});

test('a failed task sends a task webhook with status error and no output if the platform is told so', async () => {
  const { platform, receiver } = await startLivePress({ tasks: [broken], failedTaskWebhook: true });
  const { taskWebhookUrl, crewWebhookUrl } = receiver;
  const meta = { requestId: 'r-1' };
  const id = platform.kickoff({ meta, taskWebhookUrl, crewWebhookUrl });
  await waitForEnd(platform, id);
  await waitForDeliveries(platform, 1);
  expect(receiver.received.map(({ body }) => body)).toEqual([
    {
      name: 'broken',
      description: 'Find the stock figures',
      expected_output: 'Figures',
      summary: expect.any(String),
      agent: 'Researcher',
      status: 'error',
      kickoff_id: id,
      meta,
    },
  ]);
});

test('a test can let a run fail while it waits, and its pause cannot be answered any more', async () => {
  const { platform, api, receiver } = await startLivePress({ tasks: [draft] });
  const { crewWebhookUrl } = receiver;
  const id = platform.kickoff({ crewWebhookUrl });
  const { taskId } = await waitForPause(platform, id);
  platform.fail(id, 'RateLimitError: the model refused');
  expect((await api.get(`/status/${id}`)).data).toMatchObject({
    state: 'FAILED',
    status: 'RateLimitError: the model refused',
  });
  await decideLive(api, { executionId: id, taskId });
  expect(platform.execution(id)).toMatchObject({ status: 'error', feedback: [] });
  expect(platform.execution(id).pendingTask).toBeUndefined();
  expect(platform.webhooks).toEqual([]);
  expect(() => platform.fail(id, 'again')).toThrow('has already ended');
});

test('a test can let a continuation fail before it moves on', async () => {
  const { platform, api } = await startLivePress({ tasks: [draft] });
  const id = platform.kickoff();
  const { taskId } = await waitForPause(platform, id);
  platform.hold();
  const continuation = await decideLive(api, { executionId: id, taskId });
  platform.fail(id, "TypeError: 'NoneType' object is not subscriptable");
  platform.release();
  expect((await api.get(`/status/${continuation}`)).data.state).toBe('FAILED');
  // Runs take their steps in order: the next run waits only after the failed one was to move on.
  await waitForPause(platform, platform.kickoff());
  expect(platform.execution(id).status).toBe('error');
});
