import { expect, it } from 'vitest';
import { CALLS_PER_MINUTE, createRates } from './rates.ts';

/** Rates on a clock that a test moves; `call` returns Retry-After, undefined for a call that was taken. */
function ratesAt(start: number, perMinute = CALLS_PER_MINUTE) {
  let now = start;
  const call = createRates(() => now, perMinute);
  const calls = (method: string, count: number, channel = '') =>
    Array.from({ length: count }, () => call(method, channel));
  return {
    calls,
    taken: (method: string, count: number) =>
      calls(method, count).filter((wait) => wait === undefined).length,
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}

it('takes as many calls of a method in a minute as its tier allows', () => {
  const { taken } = ratesAt(0);
  const max = ['chat.update', 'views.publish', 'users.list', 'auth.test'].map((method) => taken(method, 300));
  expect(max).toEqual([50, 100, 20, 300]);
  expect(Object.values(CALLS_PER_MINUTE).every((each) => [20, 50, 100].includes(each))).toBe(true);
});

it('says in Retry-After when the next call is taken, and not a second later', () => {
  const { calls, taken, pass } = ratesAt(1_000_000);
  expect(taken('chat.update', 1)).toBe(1);
  pass(10_500);
  expect(taken('chat.update', 49)).toBe(49);
  expect(calls('chat.update', 1)).toEqual([50]);
  pass(48_500);
  expect(calls('chat.update', 1)).toEqual([1]);
  pass(999);
  expect(calls('chat.update', 1)).toEqual([1]);
  pass(1);
  // The other 49 calls came 10.5 s after the first one.
  expect(calls('chat.update', 2)).toEqual([undefined, 11]);
});

it('does not count refused calls, nor those of another method', () => {
  const { taken, pass } = ratesAt(0);
  expect([taken('chat.update', 500), taken('chat.postEphemeral', 1)]).toEqual([50, 1]);
  pass(30_000);
  expect(taken('chat.update', 500)).toBe(0);
  pass(30_000);
  expect(taken('chat.update', 500)).toBe(50);
});

it('takes a short burst of posts per channel, then one per second, also without limits per method', () => {
  for (const { calls, pass } of [ratesAt(5_000), ratesAt(5_000, {})]) {
    const posts = (channel: string, count: number) => calls('chat.postMessage', count, channel);
    expect(posts('C1', 5)).toEqual([undefined, undefined, undefined, 1, 1]);
    expect(posts('C2', 1)).toEqual([undefined]);
    pass(999);
    expect(posts('C1', 1)).toEqual([1]);
    pass(1);
    expect(posts('C1', 2)).toEqual([undefined, 1]);
    pass(60_000);
    expect(posts('C1', 4)).toEqual([undefined, undefined, undefined, 1]);
  }
  expect(ratesAt(0, {}).taken('chat.update', 200)).toBe(200);
});
