import { expect, test } from 'vitest';
import { doubled } from '../../../src/sandbox/crewai/webhooks.ts';
import { approval, budget, delivered, draft, finished, pending, research, startPress } from './press-crew.ts';

test('every webhook has the documented body and the meta of the kickoff', async () => {
  const { platform, api, receiver } = await startPress({ tasks: [research, budget] });
  const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanUrl } = receiver;
  const humanInputWebhook = {
    url: humanUrl,
    authentication: { strategy: 'basic' as const, username: 'crew', password: 'pass' },
  };
  const meta = { requestId: 'press-2026-03' };
  const id = platform.kickoff({ meta, taskWebhookUrl, stepWebhookUrl, humanInputWebhook });
  const { taskId } = await pending(platform, id);
  await api.post('/resume', { ...approval(id, taskId), crewWebhookUrl });
  await finished(platform, id);
  await delivered(platform, 6);

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

test('a webhook that is refused is not sent again, and the run does not mind', async () => {
  const { platform, receiver } = await startPress({ tasks: [research] }, 503);
  const id = platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await finished(platform, id);
  await delivered(platform, 1);
  expect(platform.webhooks).toMatchObject([{ kind: 'task', status: 503 }]);
  expect(receiver.received).toHaveLength(1);
});

test('a webhook that is not answered in time is given up', async () => {
  const { platform, receiver } = await startPress({ tasks: [research], webhookTimeoutMs: 30 }, 0);
  platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await delivered(platform, 1);
  expect(platform.webhooks).toMatchObject([{ kind: 'task', error: 'no answer within 30 ms' }]);
});

test('a webhook to nowhere is recorded with the reason', async () => {
  const { platform, receiver } = await startPress({ tasks: [research] });
  await receiver.close();
  platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await delivered(platform, 1);
  expect(platform.webhooks).toMatchObject([{ error: 'ECONNREFUSED' }]);
});

test('webhooks can be lost, doubled, and sent again', async () => {
  const { platform, receiver } = await startPress({ tasks: [draft] });
  const { taskWebhookUrl, stepWebhookUrl } = receiver;
  const ofKind = (kind: string) => (webhook: unknown) => (webhook as { kind: string }).kind === kind;
  platform.failures.plan({ on: 'webhook', failure: { reset: true }, when: ofKind('step') });
  platform.failures.plan({ on: 'webhook', failure: doubled, when: ofKind('task') });
  platform.kickoff({ taskWebhookUrl, stepWebhookUrl });
  await delivered(platform, 3);
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

test('a webhook whose answer is lost has arrived', async () => {
  const { platform, receiver } = await startPress({ tasks: [research] });
  platform.failures.plan({ on: 'webhook', failure: { answerLost: true } });
  platform.kickoff({ taskWebhookUrl: receiver.taskWebhookUrl });
  await delivered(platform, 1);
  expect(platform.webhooks).toMatchObject([{ error: 'the answer was lost' }]);
  expect(receiver.received).toHaveLength(1);
});
