import { expect, test } from 'vitest';
import { en } from '../../src/slack/texts/texts.ts';
import { until } from '../support/until.ts';
import { startEndpoint } from './endpoint.ts';

const TASK = '/webhooks/press/task';
const MINUTE = 60_000;

/** The endpoint, and what is logged of the webhooks that it rejects. */
async function start() {
  const { ask, lines, ...endpoint } = await startEndpoint();
  const send = async (status: number, path: string, body: object | string = {}, token?: string) => {
    const answer = await ask(path, body, token === undefined ? {} : { params: { token } });
    expect(answer.status).toBe(status);
  };
  const logged = () => lines.filter(({ fact }) => fact === 'webhook rejected').map(({ fields }) => fields);
  return { ...endpoint, send, logged };
}

test('a 422 with the right secret is reported to the log and the operators, by crew, kind and reason', async () => {
  const { send, logged, alarms, announced } = await start();
  await send(422, TASK, { kickoff_id: 'run-1' });
  await until(() => expect(alarms).toHaveLength(1));
  expect(logged()).toEqual([
    { crew: 'press', kind: 'task', status: 422, reason: 'invalid_fields', address: '127.0.0.1', count: 1 },
  ]);
  const answer = 'name is missing; output is missing.';
  expect(alarms).toEqual([
    { kind: 'webhooks_rejected', crew: 'press', webhook: 'task', status: 422, answer, count: 1 },
  ]);
  // Another kind, another crew and another reason are reported as well.
  await send(422, '/webhooks/press/human-input');
  await send(422, '/webhooks/budget/task');
  await send(422, TASK, '['.repeat(100) + ']'.repeat(100));
  await until(() => expect(alarms).toHaveLength(4));
  expect(announced).toEqual([]);
});

test('a 413 is reported in the channel of its crew as well', async () => {
  const { send, logged, alarms, announced } = await start();
  await send(413, TASK, 'x'.repeat(8 * 1_048_576 + 1));
  await until(() => expect(announced).toHaveLength(1));
  const announcement = { kind: 'webhook_too_large', crew: 'press', webhook: 'task' };
  expect(announced).toEqual([{ channel: 'C-press', ...announcement }]);
  expect(alarms).toMatchObject([{ status: 413, answer: 'The body is larger than 8 MiB.' }]);
  expect(logged()).toMatchObject([{ status: 413, reason: 'too_large', count: 1 }]);
});

test('the same rejection is reported once in ten minutes, then with a count', async () => {
  const { send, logged, alarms, clock } = await start();
  for (let number = 0; number < 30; number += 1) await send(422, TASK);
  // Once this one is reported, all before it have been counted.
  await send(422, '/webhooks/budget/task');
  await until(() => expect(alarms).toHaveLength(2));
  await clock.advance(10 * MINUTE - 1);
  expect(alarms).toHaveLength(2);
  await clock.advance(1);
  const reports = [1, 1, 29].map((count, at) => ({ crew: at === 1 ? 'budget' : 'press', count }));
  expect(alarms).toMatchObject(reports);
  expect(logged()).toMatchObject(reports);
});

test('a wrong secret is one log line per address and minute, and an alert each time', async () => {
  const { send, logged, alarms, clock } = await start();
  for (let number = 0; number < 20; number += 1) await send(401, TASK, {}, 'wrong-secret');
  await until(() => expect(alarms).toHaveLength(20));
  expect(logged()).toEqual([
    { crew: 'press', kind: 'task', status: 401, reason: 'unauthorized', address: '127.0.0.1', count: 1 },
  ]);
  const alert = { kind: 'webhook_url_wrong', crew: 'press', wrong: 'secret', address: '127.0.0.1' };
  expect(alarms).toEqual(Array.from({ length: 20 }, () => alert));
  await clock.advance(MINUTE);
  expect(logged()).toHaveLength(2);
  expect(logged()[1]).toMatchObject({ status: 401, count: 19 });
});

test('a scanner of unknown crews, kinds and pages is one log line per minute, and no alert', async () => {
  const { send, logged, alarms, clock } = await start();
  for (let number = 0; number < 50; number += 1) {
    await send(404, `/webhooks/crew-${number}/task`, {}, 'wrong');
    await send(404, `/wp-login-${number}.php`, {}, 'wrong');
    await send(404, `/webhooks/other/${encodeURIComponent(`"kind-${number}\n`)}`, {}, 'wrong');
  }
  await until(() => expect(logged()).toHaveLength(1));
  await clock.advance(MINUTE);
  expect(logged()).toMatchObject([{ count: 1 }, { count: 149 }]);
  expect(JSON.stringify(logged())).not.toMatch(/crew-\d|kind-\d|wp-login|wrong/);
  expect(alarms).toEqual([]);
});

test.each([
  ['/webhooks/press/tasks', 'kind'],
  ['/webhooks/press', 'path'],
  ['/webhooks/press/flow', 'flow'],
])('a webhook of a configured crew at the wrong URL %s is reported by its %s', async (path, wrong) => {
  const { send, alarms } = await start();
  await send(404, '/webhooks/unknown/flow');
  await send(404, path);
  await until(() => expect(alarms).toMatchObject([{ kind: 'webhook_url_wrong', crew: 'press', wrong }]));
  const sentence = en.alerts.webhook_url_wrong(alarms[0] as never);
  expect(sentence.includes('FLOW_WEBHOOK_SECRETS is not set')).toBe(wrong === 'flow');
});

test('an accepted webhook and other rejections are not reported', async () => {
  const { send, logged, alarms } = await start();
  await send(202, '/webhooks/press/step', { kickoff_id: 'run-1' });
  await send(400, TASK, '{broken');
  await send(422, TASK);
  await until(() => expect(alarms).toHaveLength(1));
  expect(logged()).toMatchObject([{ status: 422 }]);
});
