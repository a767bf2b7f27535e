import { expect, it } from 'vitest';
import { CALLS_PER_MINUTE, createRates } from '../../../src/sandbox/slack/web-api/rates.ts';

/** Rates on a clock that a test moves; `call` returns Retry-After, undefined for a call that was taken. */
function ratesAt(start: number) {
  let now = start;
  const retryAfter = createRates(() => now);
  return {
    call: (method: string, channel = '') => retryAfter(method, channel),
    taken: (method: string, count: number) => {
      const answers = Array.from({ length: count }, () => retryAfter(method, ''));
      return answers.filter((answer) => answer === undefined).length;
    },
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}

it('takes as many calls of a method in a minute as its tier allows', () => {
  const { taken } = ratesAt(0);
  expect(taken('chat.update', 60)).toBe(50);
  expect(taken('views.publish', 120)).toBe(100);
  expect(taken('users.list', 30)).toBe(20);
  expect(Object.values(CALLS_PER_MINUTE).every((most) => [20, 50, 100].includes(most))).toBe(true);
});

it('says in Retry-After when the next call is taken, and not a second later', () => {
  const { call, taken, pass } = ratesAt(1_000_000);
  expect(taken('chat.update', 1)).toBe(1);
  pass(10_500);
  expect(taken('chat.update', 49)).toBe(49);
  expect(call('chat.update')).toBe(50);
  pass(48_500);
  expect(call('chat.update')).toBe(1);
  pass(999);
  expect(call('chat.update')).toBe(1);
  pass(1);
  expect(call('chat.update')).toBeUndefined();
  // The other 49 calls came 10.5 s after the first one.
  expect(call('chat.update')).toBe(11);
});

it('does not count refused calls, nor those of another method', () => {
  const { taken, pass } = ratesAt(0);
  expect(taken('chat.update', 500)).toBe(50);
  expect(taken('chat.postEphemeral', 1)).toBe(1);
  pass(30_000);
  expect(taken('chat.update', 500)).toBe(0);
  pass(30_000);
  expect(taken('chat.update', 500)).toBe(50);
});

it('takes a short burst of posts per channel, then one per second', () => {
  const { call, pass } = ratesAt(5_000);
  const posts = (channel: string, count: number) =>
    Array.from({ length: count }, () => call('chat.postMessage', channel));
  expect(posts('C1', 5)).toEqual([undefined, undefined, undefined, 1, 1]);
  expect(posts('C2', 1)).toEqual([undefined]);
  pass(999);
  expect(posts('C1', 1)).toEqual([1]);
  pass(1);
  expect(posts('C1', 2)).toEqual([undefined, 1]);
  pass(60_000);
  expect(posts('C1', 4)).toEqual([undefined, undefined, undefined, 1]);
});

it('limits posts alone where no limits per method are given', () => {
  const retryAfter = createRates(() => 0, {});
  const calls = (method: string) => Array.from({ length: 200 }, () => retryAfter(method, 'C1'));
  expect(calls('chat.update').filter((answer) => answer !== undefined)).toEqual([]);
  expect(calls('chat.postMessage').filter((answer) => answer === undefined)).toHaveLength(3);
});

it('leaves methods alone that Slack allows hundreds of', () => {
  const { taken } = ratesAt(0);
  expect(taken('auth.test', 300)).toBe(300);
});
