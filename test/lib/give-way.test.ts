import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGiveWay } from '../../src/lib/give-way.ts';

/** Counts the turns of the event loop from now on. */
function countTurns(): { turn: () => number; stop: () => void } {
  let turn = 0;
  let next = setImmediate(function count() {
    turn += 1;
    next = setImmediate(count);
  });
  return { turn: () => turn, stop: () => clearImmediate(next) };
}

test('however many people ask at once, one piece runs per turn of the event loop, in the order they asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 }),
      async (people) => {
        const giveWay = createGiveWay();
        const { turn, stop } = countTurns();
        const ran: { person: number; turn: number }[] = [];
        const reads = async (pieces: number, person: number) => {
          for (let piece = 0; piece < pieces; piece += 1) {
            await giveWay(() => ran.push({ person, turn: turn() }));
          }
        };
        await Promise.all(people.map(reads));
        stop();
        expect(ran).toHaveLength(people.reduce((sum, pieces) => sum + pieces, 0));
        expect(new Set(ran.map((one) => one.turn)).size).toBe(ran.length);
        // Whoever has the longest page holds nobody up: each person's first piece is among the first.
        expect(ran.slice(0, people.length).map(({ person }) => person)).toEqual(
          people.map((_, person) => person),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('what else the process has to do comes between two pieces', async () => {
  const giveWay = createGiveWay();
  const order: string[] = [];
  const pieces = ['one', 'two', 'three'].map((name) => giveWay(() => order.push(name)));
  const clicks = (async () => {
    for (let click = 0; click < 3; click += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      order.push('click');
    }
  })();
  await Promise.all([...pieces, clicks]);
  expect(order.join(' ')).toMatch(/one click.* two click.* three/);
});

test('a piece that fails fails for whoever asked for it, and the others run', async () => {
  const giveWay = createGiveWay();
  const outcomes = await Promise.allSettled([
    giveWay(() => 'before'),
    giveWay(() => {
      throw new Error('not to be converted');
    }),
    giveWay(() => 'after'),
  ]);
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: 'before' },
    { status: 'rejected', reason: new Error('not to be converted') },
    { status: 'fulfilled', value: 'after' },
  ]);
  expect(await giveWay(() => 'later')).toBe('later');
});
