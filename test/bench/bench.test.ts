import { expect, test } from 'vitest';
import { figure, measuredText, row, table } from './support/report.ts';
import { tallyOf } from './support/slack-calls.ts';
import { median, percentile, slope, spread } from './support/statistics.ts';

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

test('a figure keeps three digits that count', () => {
  const figures = [12_345.6, 12.345, 0.456, 3, Number.NaN].map(figure);
  expect(figures).toEqual(['12,346', '12.3', '0.46', '3', '–']);
});

test('a line of the table has the median, the spread, and whether the budget is met', () => {
  const measured = spread([3_100, 2_900, 3_300]);
  expect(measuredText(measured, '/s')).toBe('3,100 /s (2,900 to 3,300, 3 runs)');
  expect(measuredText(measured, '/s', 'channels')).toContain('3 channels');
  const budgetOf = (limit: object) => row('', [25], 'ms', limit).budget;
  expect(budgetOf({ atLeast: 25 })).toEqual({ words: '≥ 25 ms', met: true });
  expect(budgetOf({ atMost: 25 })).toEqual({ words: '≤ 25 ms', met: true });
  expect(budgetOf({ below: 25 })).toEqual({ words: '< 25 ms', met: false });
  expect(budgetOf({})).toBeUndefined();

  const lines = table([
    row('webhooks', [3_100, 2_900, 3_300], '/s', { atLeast: 4_000, reference: '0.9 of it' }),
    row('fsyncs', [900], '/s'),
  ]).split('\n');
  expect(lines).toHaveLength(4);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]).toContain('| NO  | 0.9 of it');
  expect(lines[3]).toContain('| 900 /s ');
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
