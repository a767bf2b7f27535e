import axios from 'axios';
import { expect, test } from 'vitest';
import { ready } from '../support/process-steps.ts';
import { SECRET, sees, startBot, startWorld } from '../support/world.ts';

const event = (over: object = {}) => ({
  id: 'event-1',
  execution_id: 'run-1',
  timestamp: new Date().toISOString(),
  type: 'task_started',
  ...over,
});

/** A bot of a crew whose run `run-1` waits, with its card. */
async function start() {
  const world = await startWorld();
  const bot = await startBot(world);
  const task_id = '00000000-0000-4000-8000-000000000001';
  const pause = { execution_id: 'run-1', task_id, task_output: 'A release' };
  await axios.post(bot.webhook('human-input'), pause);
  const card = await sees(world.workspace, 'the card', (one) => one.all.includes('A release') && ready(one));
  const headers = { authorization: `Bearer ${SECRET}` };
  const send = (events: unknown[]) =>
    axios.post(`${bot.url}/webhooks/press/events`, { events }, { headers, validateStatus: () => true });
  return { world, card, send };
}

test('a batch of 10,000 with a broken entry, some twice and in no order is read whole', async () => {
  const { world, send } = await start();
  const many = Array.from({ length: 9_990 }, (_, n) => ({
    id: n % 5_000,
    execution_id: `run-${2 + (n % 7)}`,
    type: n % 3 ? 'llm_call_started' : 'task_completed',
  }));
  const failed = event({ id: 'last', type: 'crew_kickoff_failed', data: { error: 'out of tokens' } });
  const answer = await send([failed, ...many, null, event({ id: 'early' }), failed]);
  // Those of types that do not matter, and the broken one.
  const ignored = many.filter(({ type }) => type === 'llm_call_started').length + 1;
  expect([answer.status, answer.data.ignored]).toEqual([202, ignored]);
  await sees(world.workspace, 'the end', ({ all }) => all.includes('The run failed: out of tokens.'));
});
