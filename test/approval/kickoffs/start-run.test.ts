import { describe, expect, test } from 'vitest';
import { collectInputs } from '../../../src/approval/kickoffs/start-run.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { bindStarts, buildTestApp } from '../../support/app.ts';
import { nobodyKnown, noStarts } from '../worker/worker-world.ts';
import { createKickoffWorld, ID } from './kickoff-world.ts';
import { aKickoff, startable } from './records.ts';

const crewOf = (name: string, more: Partial<Crew> = {}): Crew => ({ ...startable, name, ...more });

/** What people can start of these crews; Ana is in each channel, nobody else is. */
function startsOf(...crews: Crew[]) {
  const { store, clock, log } = createKickoffWorld();
  return bindStarts(
    buildTestApp({
      store,
      clock,
      log,
      crews: new Map(crews.map((crew) => [crew.name, crew])),
      people: { ...nobodyKnown, inChannel: (person) => person === 'UANA' },
      crewAI: {
        ...noStarts,
        inputs: async () => ({ names: ['topic', 'api_key'], required: ['topic', 'api_key'] }),
      },
    }),
  );
}

describe('the crew of a form', () => {
  const press = crewOf('press');
  const sales = crewOf('sales');
  const legal = crewOf('legal', { starters: ['UBEN'] });

  test('is the only one that the person may start, or chosen among those', async () => {
    expect(await startsOf(press, legal).choose('UANA', undefined)).toEqual({ crew: press });
    expect(await startsOf(press, legal).choose('UBEN', undefined)).toEqual({ crew: legal });
    expect(await startsOf(press, sales, legal).choose('UANA', undefined)).toEqual({ crews: [press, sales] });
  });

  test('is found by its name in any case, the exact one first; another name is that of none', async () => {
    expect(await startsOf(press, sales).choose('UANA', 'PRESS')).toEqual({ crew: press });
    const upper = { ...press, name: 'PRESS' };
    expect(await startsOf(press, upper).choose('UANA', 'PRESS')).toEqual({ crew: upper });
    expect(await startsOf(press, sales).choose('UANA', 'pres')).toEqual({
      refusal: { code: 'unknown_crew', crew: 'pres' },
    });
  });

  test('is none where no crew has a URL, or the person may start none', async () => {
    const { starts: _, ...reviews } = press;
    expect(await startsOf(reviews).choose('UANA', 'press')).toEqual({
      refusal: { code: 'nothing_to_start' },
    });
    expect(await startsOf(press, legal).choose('UZOE', undefined)).toEqual({
      refusal: { code: 'not_member' },
    });
  });
});

test('hidden inputs are not asked for, and are sent whatever the person gave', async () => {
  const press = crewOf('press', { inputs: { api_key: { hidden: 'a-constant' }, count: { hidden: 3 } } });
  expect(await startsOf(press).inputs(press)).toMatchObject({ names: ['topic'] });
  const given = aKickoff({ inputs: { topic: 'rain', api_key: 'mine' } });
  expect(collectInputs(press, given)).toEqual({ topic: 'rain', api_key: 'a-constant', count: 3 });
  const world = createKickoffWorld({ crew: press });
  await world.submit(ID, { topic: 'rain', api_key: 'mine' });
  expect(await world.kickoff()).toMatchObject({ inputs: { topic: 'rain' }, hidden: ['api_key', 'count'] });
  expect(JSON.stringify(await world.kickoff())).not.toContain('mine');
});

describe('a form that is submitted', () => {
  test('twenty times at once starts one run, which each submission gets', async () => {
    const world = createKickoffWorld();
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => world.submit(ID, { n })));
    const inputs = all.map((result) => ('kickoff' in result ? result.kickoff.inputs : undefined));
    expect(new Set(inputs.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await world.kickoff()).toMatchObject({ inputs: inputs[0] });
  });

  test('by a person who is not a starter anymore starts nothing', async () => {
    const world = createKickoffWorld({ crew: { starters: ['UBEN'] } });
    expect(await world.submit()).toEqual({ refusal: { code: 'not_starter' } });
    expect(await world.starts.find(ID)).toBeUndefined();
  });

  test('goes to the channel where it was asked for if the crew has it, else to its own', async () => {
    const world = createKickoffWorld({ crew: { channels: ['CAPPROVALS', 'CPRESS'] } });
    const submit = (id: string, channel: string | undefined) =>
      world.starts.start({ id, crew: 'press', by: 'UANA', inputs: {}, channel });
    for (const [id, channel, goesTo] of [
      ['1', 'CPRESS', 'CPRESS'],
      ['2', 'CRANDOM', 'CAPPROVALS'],
      ['3', undefined, 'CAPPROVALS'],
    ] as const) {
      await submit(id, channel);
      expect((await world.kickoff(id)).channel).toBe(goesTo);
    }
  });

  test('while the store is down starts nothing', async () => {
    const world = createKickoffWorld();
    world.memory.fails('all');
    await expect(world.submit()).rejects.toMatchObject({ name: 'StoreError' });
    world.memory.works();
    expect(await world.starts.find(ID)).toBeUndefined();
  });
});
