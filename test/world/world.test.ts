import { expect, test } from 'vitest';
import { createWorld, SECOND } from './world.ts';

test.each(['live', 'documented'] as const)(
  'carries an approval from the webhook through a revision to the result (%s)',
  async (dialect) => {
    const world = await createWorld({ dialect });
    await world.shown();
    expect(world.card()).toMatchObject({ state: 'waiting', round: 1 });
    expect(await world.revise('UANA', 'Shorter')).toBe(true);
    await world.pass(3 * SECOND);
    expect(world.cards().map(({ state }) => state)).toEqual(['continued', 'waiting']);
    await world.click('UBEN', 'approve');
    await world.pass(3 * SECOND);
    expect(world.cards().map(({ state }) => state)).toEqual(['continued', 'continued']);
    expect(world.resumes()).toHaveLength(2);
    expect(world.notes()).toEqual(['The run of press has finished.']);
  },
);
