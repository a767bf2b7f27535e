import { expect, test } from 'vitest';
import { createWorld, SECOND, type World } from './world.ts';

const runsOf = (world: World) => world.records.all().filter(({ key }) => key.startsWith('execution/'));

test('the record of a run stays small whatever comes in: a thousand events, each twice, and ten decisions', async () => {
  const world = await createWorld({ dialect: 'live' });
  const run = await world.shown();
  let under = run;
  for (let decision = 0; decision < 10; decision += 1) {
    for (let at = 0; at < 10; at += 1) {
      const events = Array.from({ length: 10 }, (_, n) => ({
        id: `event ${decision} ${at} ${n}`,
        execution_id: under,
        timestamp: new Date(world.stage.now()).toISOString(),
        type: n % 2 === 0 ? 'task_started' : 'task_completed',
        data: { task_name: `task_${(at * 10 + n) % 12}`, emission_sequence: at * 10 + n },
      }));
      for (const expected of ['noted', 'duplicate'])
        expect((await world.hook('events', { events })).data.status).toBe(expected);
    }
    await world.revise('UANA', `Revision ${decision}`);
    await world.pass(5 * SECOND);
    under = String(JSON.parse(runsOf(world)[0]?.raw ?? '').value.continuedAs);
  }
  const [record, ...others] = runsOf(world);
  expect(others).toEqual([]);
  expect(record?.raw.length).toBeLessThanOrEqual(8 * 1024);
  expect(under).not.toBe(run);
});

test('all ids of a run are forgotten with it, and none before', async () => {
  const world = await createWorld({ dialect: 'live', settings: { RETENTION: '1d' } });
  const run = await world.shown();
  const aliases = () => world.records.all().filter(({ key }) => /^alias(?:of)?\//.test(key));
  for (let decision = 0; decision < 3; decision += 1) {
    await world.revise('UANA', `Revision ${decision}`);
    await world.pass(5 * SECOND);
  }
  expect(aliases()).toHaveLength(6);
  await world.click('UANA', 'approve');
  await world.pass(5 * SECOND);
  await world.hook('crew', { kickoff_id: run, result: 'done' });
  await world.pass(3 * 24 * 60 * 60 * SECOND);
  expect(runsOf(world)).toEqual([]);
  expect(aliases()).toEqual([]);
});
