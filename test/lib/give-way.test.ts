import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGiveWay } from '../../src/lib/time.ts';

test('one piece runs per turn of the event loop, in the order of the calls of all callers', async () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(pieces, async (people) => {
      const giveWay = createGiveWay();
      let turn = 0;
      let next = setImmediate(function count() {
        turn += 1;
        next = setImmediate(count);
      });
      const ran: { person: number; turn: number }[] = [];
      const reads = async (pieces: number, person: number) => {
        for (let piece = 0; piece < pieces; piece += 1) await giveWay(() => ran.push({ person, turn }));
      };
      await Promise.all(people.map(reads));
      clearImmediate(next);
      expect(ran).toHaveLength(people.reduce((sum, pieces) => sum + pieces, 0));
      expect(new Set(ran.map((one) => one.turn)).size).toBe(ran.length);
      // Each person's first piece comes before anyone's second.
      const first = ran.slice(0, people.length).map(({ person }) => person);
      expect(first).toEqual(people.map((_, person) => person));
    }),
    { numRuns: 50 },
  );
});

test('other work of the process runs between two pieces', async () => {
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

test('a piece that fails rejects for its caller, and the others run', async () => {
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
