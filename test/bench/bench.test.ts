import { expect, test } from 'vitest';
import { tallyOf } from './support/slack-calls.ts';
import { median, percentile, slope } from './support/statistics.ts';

test('a median is the middle of the values, in whatever order they came', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
});

test('a percentile is a value that was measured, by the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile(hundred, 0)).toBe(1);
});

test('a slope is 0 for what stays flat, and tells growth for each step', () => {
  const at = (ys: number[]) => ys.map((y, x) => ({ x, y }));
  expect(slope(at([5, 5, 5, 5]))).toBe(0);
  expect(slope(at([1, 3, 5, 7]))).toBeCloseTo(2);
  expect(slope([{ x: 1, y: 1 }])).toBe(0);
});

test('a tally counts the calls of each method, and those that were refused for their rate', () => {
  const call = (method: string, error?: string) => {
    const answer = error === undefined ? { ok: true } : { ok: false, error };
    return { method, args: {}, at: 0, answer };
  };
  const tally = tallyOf([
    call('views.publish'),
    call('chat.update', 'ratelimited'),
    call('chat.update', 'message_not_found'),
    call('chat.update'),
    { method: 'chat.update', args: {}, at: 0 },
  ]);
  expect(tally).toEqual({
    total: 5,
    refused: 1,
    share: 20,
    text: '4 chat.update (1 refused), 1 views.publish (0 refused)',
  });
  expect(tallyOf([]).share).toBe(0);
});
