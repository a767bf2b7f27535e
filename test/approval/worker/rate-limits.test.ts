import { expect, test } from 'vitest';
import { RateLimits, type Turn } from '../../../src/approval/worker/rate-limits.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

/** As many as come, one after the other. */
const ONE = { atOnce: 1 };
/** One per second, as messages in a channel. */
const SPACED = { atOnce: 1, perMinute: 60 };

function setUp() {
  const clock = createFakeClock(0);
  const turns = new RateLimits(clock);
  /** What has started so far and when. */
  const started: string[] = [];
  const running = new Map<string, () => void>();

  /** Takes a turn that lasts until it is ended, or no time at all. */
  function take(name: string, over: Partial<Turn> & { lasts?: boolean } = {}) {
    const { lasts = false, ...turn } = over;
    turns.enqueue({
      target: 'channel',
      limit: ONE,
      priority: 'new',
      work: async () => {
        started.push(`${name} ${clock.now()}`);
        if (lasts) await new Promise<void>((resolve) => running.set(name, resolve));
        return true;
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

test('runs turns of one target one after the other, in order', async () => {
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

test('runs as many turns of a target at once as its limit allows', async () => {
  const { started, take, end } = setUp();
  for (let index = 0; index < 12; index += 1) take(`${index}`, { limit: { atOnce: 8 }, lasts: true });
  expect(started).toHaveLength(8);
  await end('3');
  await end('5');
  expect(started.slice(8)).toEqual(['8 0', '9 0']);
});

test('does not let targets wait for each other', async () => {
  const { started, take } = setUp();
  take('a', { target: 'one', lasts: true });
  take('b', { target: 'two' });
  expect(started).toEqual(['a 0', 'b 0']);
});

test('spaces turns that are limited per minute', async () => {
  const { clock, started, take } = setUp();
  for (const name of ['a', 'b', 'c']) take(name, { limit: SPACED });
  await clock.advance(5_000);
  expect(started).toEqual(['a 0', 'b 1000', 'c 2000']);
  take('d', { limit: SPACED });
  await settled();
  expect(started.at(-1)).toBe('d 5000');
});

test('spaces from the start of the last turn, also when nothing waited since', async () => {
  const { clock, started, take } = setUp();
  take('a', { limit: SPACED });
  await clock.advance(999);
  take('b', { limit: SPACED });
  await clock.advance(1);
  expect(started).toEqual(['a 0', 'b 1000']);
});

test('starts clicked turns first, then new ones, then background ones', async () => {
  const { clock, started, take, end } = setUp();
  take('first', { lasts: true });
  take('old card', { priority: 'background' });
  take('card');
  take('ana', { priority: 'clicked' });
  take('ben', { priority: 'clicked' });
  take('another card');
  await end('first');
  await clock.advance(1_000);
  expect(started.map((line) => line.replace(/ \d+$/, ''))).toEqual([
    'first',
    'ana',
    'ben',
    'card',
    'another card',
    'old card',
  ]);
});

const MINUTE = 60_000;
const BURST = { atOnce: 8, perMinute: 30, burst: 10, reserved: 4 };

test('allows a burst after a rest, and reserves a part of it for clicks', async () => {
  const { clock, started, take } = setUp();
  for (let n = 0; n < 20; n += 1) take(`background ${n}`, { limit: BURST, priority: 'background' });
  await settled();
  expect(started).toHaveLength(6);
  for (const who of ['ana', 'ben', 'cat', 'dan', 'eve']) take(who, { limit: BURST, priority: 'clicked' });
  await settled();
  expect(started.slice(6)).toEqual(['ana 0', 'ben 0', 'cat 0', 'dan 0']);
  await clock.advance(2_000);
  expect(started.at(-1)).toBe('eve 2000');
});

test('starts at most the burst and the limit of a minute in any minute', async () => {
  const { clock, started, take } = setUp();
  for (let n = 0; n < 200; n += 1)
    take(`${n}`, { limit: BURST, priority: n % 3 === 0 ? 'clicked' : 'background' });
  await clock.advance(8 * MINUTE);
  const times = started.map((line) => Number(line.split(' ')[1]));
  for (const from of times)
    expect(times.filter((at) => at >= from && at < from + MINUTE).length).toBeLessThanOrEqual(40);
  expect(started).toHaveLength(200);
});

test('does not count a turn that found nothing to do', async () => {
  const { started, take } = setUp();
  take('nothing', { limit: SPACED, work: async () => false });
  await settled();
  take('a', { limit: SPACED });
  await settled();
  expect(started).toEqual(['a 0']);
});

test('starts nothing for a paused target; others continue', async () => {
  const { clock, turns, started, take } = setUp();
  turns.pause('channel', SPACED, 3_000);
  take('a', { limit: SPACED });
  take('elsewhere', { target: 'other' });
  await clock.advance(2_999);
  expect(started).toEqual(['elsewhere 0']);
  await clock.advance(1);
  expect(started).toEqual(['elsewhere 0', 'a 3000']);
});

test('halves the pace after a pause, and recovers slowly', async () => {
  const { clock, turns, started, take } = setUp();
  take('first', { limit: SPACED });
  turns.pause('channel', SPACED, 10_000);
  for (let n = 0; n < 5; n += 1) take(`${n}`, { limit: SPACED });
  await clock.advance(20_000);
  const times = started.slice(1).map((line) => Number(line.split(' ')[1]));
  expect(times[0]).toBe(10_000);
  const apart = times.slice(1).map((at, n) => at - (times[n] ?? 0));
  for (const one of apart) expect(one).toBeGreaterThan(1_800);
  await clock.advance(6 * MINUTE);
  const before = started.length;
  for (let n = 0; n < 3; n += 1) take(`later ${n}`, { limit: SPACED });
  await clock.advance(2_000);
  expect(started.length - before).toBe(3);
});

test('has no burst after a pause, then half of it', async () => {
  const { clock, turns, started, take } = setUp();
  const limit = { atOnce: 20, perMinute: 60, burst: 10 };
  turns.pause('channel', limit, 2_000);
  turns.pause('other', limit, 30_000);
  for (let n = 0; n < 12; n += 1) take('channel', { limit });
  await clock.advance(2_000);
  expect(started).toEqual(['channel 2000']);
  await clock.advance(28_000);
  for (let n = 0; n < 12; n += 1) take('other', { limit, target: 'other' });
  await settled();
  expect(started.filter((line) => line === 'other 30000')).toHaveLength(5);
});

test('keeps a longer pause when a shorter one follows', async () => {
  const { clock, turns, started, take } = setUp();
  turns.pause('channel', ONE, 3_000);
  turns.pause('channel', ONE, 10);
  take('a');
  await clock.advance(5_000);
  expect(started).toEqual(['a 3000']);
});

test('keeps a pause of the last turn for turns that come later', async () => {
  const { clock, turns, started, take } = setUp();
  const work = async () => {
    turns.pause('channel', ONE, 30_000);
    return true;
  };
  take('rejected', { work });
  await clock.advance(1_000);
  take('a');
  await clock.advance(60_000);
  expect(started).toEqual(['a 30000']);
});

test('waits at a stop for turns under way and starts nothing more', async () => {
  const { clock, turns, started, take, end } = setUp();
  take('a', { lasts: true });
  take('b');
  take('later', { target: 'paced', limit: SPACED });
  take('never', { target: 'paced', limit: SPACED });
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

test('stops at once with nothing under way', async () => {
  const { turns } = setUp();
  await expect(turns.stop()).resolves.toBeUndefined();
});
