import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/app/ids.ts';
import { createWorld, type Process, SECOND, type World } from './world.ts';

const slowly = ({ network }: World) => {
  network.delays = ({ url }) => (url.endsWith('/resume') ? 7 * SECOND : 0);
};

test('settles a revision whose acceptance could be recorded only after the store was down', async () => {
  const world = await createWorld({ replicas: 2 });
  await world.shown();
  slowly(world);
  await world.revise('UANA', 'Shorter');
  await world.pass(SECOND);
  world.records.failing = 'all';
  await world.pass(70 * SECOND);
  world.records.failing = undefined;
  await world.pass(100 * SECOND);
  expect(world.resumes()).toHaveLength(1);
  expect(world.cards().map(({ state }) => state)).toEqual(['continued', 'waiting']);
});

test('settles an approval that was refused meanwhile, because the process that heard of its acceptance stood still', async () => {
  const world = await createWorld({ dialect: 'documented', replicas: 2 });
  await world.shown();
  slowly(world);
  world.network.holds = ({ url }) => url.includes('/webhooks/');
  await world.click('UANA', 'approve');
  world.freeze(world.living(0) as Process, 30 * SECOND);
  world.platform.failures.plan({ on: 'resume', failure: { status: 401 } });
  await world.pass(20 * SECOND);
  expect(world.card()).toMatchObject({ state: 'refused' });
  await world.pass(60 * SECOND);
  expect(world.card()).toMatchObject({ state: 'sent' });
});

test.each([
  [
    'the answer to its update was lost',
    ({ workspace }: World) => workspace.failures.plan({ on: 'response_url', failure: { answerLost: true } }),
  ],
  ['its process died after the update', (world: World) => world.strike(0, { at: 4, when: 'after' })],
])('puts a card right when %s, and it should look as before meanwhile', async (_, happens) => {
  const world = await createWorld({ replicas: 2, settings: { UNDO_WINDOW: '10 min' } });
  await world.shown();
  const { text, approval } = world.card();
  happens(world);
  await world.click('UANA', ACTIONS.approve);
  expect(world.card().text).not.toBe(text);
  await world.click('UANA', ACTIONS.undo);
  await world.pass(60 * SECOND);
  expect(world.card()).toMatchObject({ approval, text });
  expect([world.workspace.failures.left(), world.processes[0]?.actor.fate]).toEqual([0, undefined]);
});
