import { expect, test } from 'vitest';
import { doubled } from '../../../src/sandbox/crewai/webhooks.ts';
import { draft, research, startPress, waitForDeliveries, waitForEnd } from './press-crew.ts';

test('a webhook that is refused is not sent again, and the run continues', async () => {
  const { platform, receiver } = await startPress({ tasks: [research] }, 503);
  const id = platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await waitForEnd(platform, id);
  await waitForDeliveries(platform, 1);
  expect(platform.webhooks).toMatchObject([{ kind: 'task', status: 503 }]);
  expect(receiver.received).toHaveLength(1);
});

test('a webhook that is not answered in time fails with a timeout', async () => {
  const { platform, receiver } = await startPress({ tasks: [research], webhookTimeoutMs: 30 }, 0);
  platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await waitForDeliveries(platform, 1);
  expect(platform.webhooks).toMatchObject([{ kind: 'task', error: 'no answer within 30 ms' }]);
});

test('a webhook that no server takes is recorded with the reason', async () => {
  const { platform, receiver } = await startPress({ tasks: [research] });
  await receiver.close();
  platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await waitForDeliveries(platform, 1);
  expect(platform.webhooks).toMatchObject([{ error: 'ECONNREFUSED' }]);
});

test('a webhook can be lost, delivered twice, and sent again', async () => {
  const { platform, receiver } = await startPress({ tasks: [draft] });
  const { taskWebhookUrl, stepWebhookUrl } = receiver;
  const ofKind = (kind: string) => (webhook: unknown) => (webhook as { kind: string }).kind === kind;
  platform.failures.plan({ on: 'webhook', failure: { reset: true }, when: ofKind('step') });
  platform.failures.plan({ on: 'webhook', failure: doubled, when: ofKind('task') });
  platform.kickoff({ taskWebhookUrl, stepWebhookUrl });
  await waitForDeliveries(platform, 3);
  expect(platform.webhooks.map(({ kind, status, error }) => [kind, status ?? error])).toEqual([
    ['step', 'ECONNRESET'],
    ['task', 202],
    ['task', 202],
  ]);
  expect(receiver.paths()).toEqual(['/task?token=abc', '/task?token=abc']);
  expect(receiver.received[1]?.body).toEqual(receiver.received[0]?.body);

  expect(await platform.redeliver(0)).toMatchObject({ kind: 'step', status: 202 });
  expect(receiver.paths().at(-1)).toBe('/step');
  await expect(platform.redeliver(9)).rejects.toThrow('No webhook 9');
});

test('a webhook whose answer is lost was received', async () => {
  const { platform, receiver } = await startPress({ tasks: [research] });
  platform.failures.plan({ on: 'webhook', failure: { answerLost: true } });
  platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await waitForDeliveries(platform, 1);
  expect(platform.webhooks).toMatchObject([{ error: 'the answer was lost' }]);
  expect(receiver.received).toHaveLength(1);
});
