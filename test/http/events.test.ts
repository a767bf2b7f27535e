import axios, { type AxiosRequestConfig } from 'axios';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn } from '../support/process-steps.ts';
import { SECRET, sees, startBot, startWorld } from '../support/world.ts';

const any: AxiosRequestConfig = { validateStatus: () => true };
const bearer = (token: string) => ({ ...any, headers: { authorization: `Bearer ${token}` } });
const event = (over: object = {}) => ({
  id: 'event-1',
  execution_id: 'run-1',
  timestamp: new Date().toISOString(),
  type: 'task_started',
  data: { task_name: 'draft', emission_sequence: 1 },
  ...over,
});

async function start() {
  const world = await startWorld();
  const bot = await startBot(world);
  const url = `${bot.url}/webhooks/press/events`;
  const send = (body: unknown, config = bearer(SECRET)) => axios.post(url, body, config);
  return { world, bot, url, send };
}

test('events are taken with the bearer token of the webhook', async () => {
  const { send, url } = await start();
  expect(await send({ events: [event()] })).toMatchObject({ status: 202, data: { status: 'noted' } });
  expect(await send({ events: [event()] })).toMatchObject({ status: 202, data: { status: 'duplicate' } });
  expect(await send({ events: [] })).toMatchObject({ status: 202, data: { status: 'noted' } });
  expect(await send({ events: [event({ type: 'llm_call_started' })] })).toMatchObject({
    status: 202,
    data: { status: 'noted' },
  });
  const byUrl = await axios.post(`${url}?token=${SECRET}`, { events: [event({ id: 'event-2' })] }, any);
  expect(byUrl).toMatchObject({ status: 202, data: { status: 'noted' } });
});

test.each([
  ['a list alone', [event()]],
  ['one event by itself', event()],
])('events that are %s are taken', async (_, body) => {
  const { url } = await start();
  const { status, data } = await axios.post(url, body, bearer(SECRET));
  expect([status, data]).toEqual([202, { status: 'noted' }]);
});

test.each<[string, (url: string) => Promise<{ status: number; data: unknown }>, number, object]>([
  ['without a secret', (url) => axios.post(url, { events: [] }, any), 401, {}],
  ['with another secret', (url) => axios.post(url, { events: [] }, bearer('x'.repeat(30))), 401, {}],
  [
    'of an unknown crew',
    (url) => axios.post(url.replace('press', 'sales'), { events: [] }, bearer(SECRET)),
    404,
    {},
  ],
  [
    'that are no JSON',
    (url) =>
      axios.post(url, Buffer.from('{broken'), {
        ...any,
        headers: { ...bearer(SECRET).headers, 'content-type': 'application/json' },
      }),
    400,
    {},
  ],
  [
    'without the list',
    (url) => axios.post(url, { event: event() }, bearer(SECRET)),
    422,
    { message: 'events must be a list.' },
  ],
])('events %s are refused', async (_, ask, status, said) => {
  const { url } = await start();
  const answer = await ask(url);
  expect(answer.status).toBe(status);
  expect(answer.data).toMatchObject({ error: expect.any(String), message: expect.any(String), ...said });
});

test('a batch of 10,000 with a broken entry, some twice and in no order is taken whole', async () => {
  const { bot, world, send } = await start();
  const pause = {
    execution_id: 'run-1',
    task_id: '00000000-0000-4000-8000-000000000001',
    task_output: 'A release',
  };
  await axios.post(bot.webhook('human-input'), pause);
  await sees(world.workspace, 'the card', ({ all }) => all.includes('A release'));
  const many = Array.from({ length: 9_990 }, (_, n) => ({
    id: n % 5_000,
    execution_id: `run-${2 + (n % 7)}`,
    type: n % 3 ? 'llm_call_started' : 'task_completed',
  }));
  const failed = event({ id: 'last', type: 'crew_kickoff_failed', data: { error: 'out of tokens' } });
  const events = [failed, ...many, null, event({ id: 'early' }), failed];
  // Those of types that do not matter, and the one that is broken, are counted.
  const ignored = many.filter(({ type }) => type === 'llm_call_started').length + 1;
  const answer = await send({ events });
  expect([answer.status, answer.data.ignored]).toEqual([202, ignored]);
  await sees(world.workspace, 'the end', ({ all }) => all.includes('The run failed: out of tokens.'));
});

test('a failed run closes its card with the reason and tells whoever decided last', async () => {
  const { bot, world, send } = await start();
  world.platform.failures.plan({
    on: 'resume',
    failure: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"kickoff_id":"run-2"}' },
  });
  const pause = {
    execution_id: 'run-1',
    task_id: '00000000-0000-4000-8000-000000000001',
    task_output: 'A release',
  };
  await axios.post(bot.webhook('human-input'), pause);
  const card = await sees(world.workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
  await clickOn(world, card.ts, 'approve');
  await sees(world.workspace, 'the answer', ({ all }) => all.includes(texts.card.sent));
  const later = new Date(Date.now() + 5_000).toISOString();
  const failure = {
    type: 'crew_kickoff_failed',
    execution_id: 'run-2',
    timestamp: later,
    data: { error: 'boom' },
  };
  expect((await send({ events: [event(failure)] })).status).toBe(202);
  await sees(
    world.workspace,
    'the card',
    ({ ts, all }) => ts === card.ts && all.includes('The run failed: boom.'),
  );
  await sees(
    world.workspace,
    'who is told',
    ({ thread_ts, all }) => thread_ts === card.ts && all.includes('<@UANA>, the run failed: boom.'),
  );
});
