import { expect, test } from 'vitest';
import { createTurns, type Turn } from '../../src/approval/turns.ts';
import { createFakeClock, settled } from '../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock(0);
  const turns = createTurns(clock);
  /** What has started so far and when. */
  const started: string[] = [];
  const running = new Map<string, () => void>();

  /** Takes a turn that lasts until it is ended, or no time at all. */
  function take(name: string, over: Partial<Turn> & { lasts?: boolean } = {}) {
    const { lasts = false, ...turn } = over;
    turns.take({
      target: 'channel',
      most: 1,
      spacing: 0,
      work: async () => {
        started.push(`${name} ${clock.now()}`);
        if (lasts) await new Promise<void>((resolve) => running.set(name, resolve));
      },
      ...turn,
    });
  }
  async function end(name: string) {
    running.get(name)?.();
    await settled();
  }
  return { clock, turns, started, take, end };
}

test('turns for one target come one after the other, in order', async () => {
  const { started, take, end } = setUp();
  take('a', { lasts: true });
  take('b', { lasts: true });
  take('c');
  await settled();
  expect(started).toEqual(['a 0']);
  await end('a');
  expect(started).toEqual(['a 0', 'b 0']);
  await end('b');
  expect(started).toEqual(['a 0', 'b 0', 'c 0']);
});

test('as many turns as a target may have are under way at once, and no more', async () => {
  const { started, take, end } = setUp();
  for (let index = 0; index < 12; index += 1) take(`${index}`, { most: 8, lasts: true });
  expect(started).toHaveLength(8);
  await end('3');
  await end('5');
  expect(started.slice(8)).toEqual(['8 0', '9 0']);
});

test('a target does not wait for another', async () => {
  const { started, take } = setUp();
  take('a', { target: 'one', lasts: true });
  take('b', { target: 'two' });
  expect(started).toEqual(['a 0', 'b 0']);
});

test('spaced turns start so far apart, and one that is not spaced goes between them', async () => {
  const { clock, started, take } = setUp();
  for (const name of ['a', 'b', 'c']) take(name, { spacing: 1_000 });
  await clock.advance(400);
  take('update');
  await clock.advance(5_000);
  expect(started).toEqual(['a 0', 'update 400', 'b 1000', 'c 2000']);
  take('d', { spacing: 1_000 });
  await settled();
  expect(started.at(-1)).toBe('d 5400');
});

test('spacing counts from the start of the last one, also when nothing waited since', async () => {
  const { clock, started, take } = setUp();
  take('a', { spacing: 1_000 });
  await clock.advance(999);
  take('b', { spacing: 1_000 });
  await clock.advance(1);
  expect(started).toEqual(['a 0', 'b 1000']);
});

test('a turn that a person waits for goes before the others, after those of other people', async () => {
  const { clock, started, take, end } = setUp();
  take('first', { lasts: true });
  take('card', { spacing: 1_000 });
  take('ana');
  take('ben');
  take('another card', { spacing: 1_000 });
  await end('first');
  await clock.advance(1_000);
  expect(started.map((line) => line.replace(/ \d+$/, ''))).toEqual([
    'first',
    'ana',
    'ben',
    'card',
    'another card',
  ]);
});

test('nothing starts for a target while it is paused; others go on', async () => {
  const { clock, turns, started, take } = setUp();
  turns.pause('channel', 3_000);
  take('a', { spacing: 1_000 });
  take('b');
  take('elsewhere', { target: 'other' });
  await clock.advance(2_999);
  expect(started).toEqual(['elsewhere 0']);
  await clock.advance(1);
  expect(started).toEqual(['elsewhere 0', 'b 3000', 'a 3000']);
});

test('a shorter pause does not end a longer one', async () => {
  const { clock, turns, started, take } = setUp();
  turns.pause('channel', 3_000);
  turns.pause('channel', 10);
  take('a');
  await clock.advance(5_000);
  expect(started).toEqual(['a 3000']);
});

test('a pause that a turn asks for as the last of its target holds for those that come later', async () => {
  const { clock, turns, started, take } = setUp();
  turns.take({
    target: 'channel',
    most: 1,
    spacing: 0,
    work: async () => turns.pause('channel', 30_000),
  });
  await clock.advance(1_000);
  take('a');
  await clock.advance(60_000);
  expect(started).toEqual(['a 30000']);
});

test('after a pause each turn starts as soon as it may', async () => {
  const { clock, turns, started, take } = setUp();
  take('a', { spacing: 10_000 });
  await settled();
  turns.pause('channel', 2_000);
  take('b', { spacing: 10_000 });
  take('update');
  await clock.advance(20_000);
  expect(started).toEqual(['a 0', 'update 2000', 'b 10000']);
});

test('a stop waits for what is under way and starts nothing more', async () => {
  const { clock, turns, started, take, end } = setUp();
  take('a', { lasts: true });
  take('b');
  take('later', { target: 'paced', spacing: 1_000 });
  take('never', { target: 'paced', spacing: 1_000 });
  let stopped = false;
  const stop = turns.stop().then(() => {
    stopped = true;
  });
  take('c');
  await clock.advance(10_000);
  expect(stopped).toBe(false);
  await end('a');
  await stop;
  await clock.advance(10_000);
  expect(started).toEqual(['a 0', 'later 0']);
});

test('a stop with nothing under way ends at once', async () => {
  const { turns } = setUp();
  await expect(turns.stop()).resolves.toBeUndefined();
});
