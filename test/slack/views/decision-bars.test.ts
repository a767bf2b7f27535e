import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawDecisionBars } from '../../../src/slack/views/lists/stats.ts';

const DAY = 24 * 60 * 60_000;
/** A Monday. */
const MONDAY = Date.UTC(2026, 10, 23);

function makeDays(since: number, decisions: readonly number[]) {
  return decisions.map((number, day) => ({ from: since + day * DAY, decisions: number }));
}

describe('the bars of decisions', () => {
  test('are one line per day for a week, with aligned numbers', () => {
    expect(drawDecisionBars(makeDays(MONDAY + 4 * DAY, [3, 0, 12, 5, 1, 0, 8]))).toEqual({
      per: 'day',
      lines: [
        'Fri Nov 27  3 ████▌',
        'Sat Nov 28  0',
        'Sun Nov 29 12 ██████████████████',
        'Mon Nov 30  5 ███████▌',
        'Tue Dec 1   1 █▌',
        'Wed Dec 2   0',
        'Thu Dec 3   8 ████████████',
      ],
    });
  });

  test.each([
    ['empty lines of zeros where nothing was decided', [0, 0], ['Mon Nov 23 0', 'Tue Nov 24 0']],
    ['one line for one day', [1], [`Mon Nov 23 1 ${'█'.repeat(19)}`]],
    [
      'a number of any size in full, and one decision beside it',
      [1, 12_345_678],
      ['Mon Nov 23          1 ▏', 'Tue Nov 24 12,345,678 ██████████'],
    ],
  ])('are %s', (_, decisions, lines) => {
    expect(drawDecisionBars(makeDays(MONDAY, decisions))).toEqual({ per: 'day', lines });
  });

  test('are one line per calendar week for 90 days, at most 14 of them', () => {
    const { per, lines } = drawDecisionBars(makeDays(MONDAY - DAY, Array(90).fill(1)));
    expect(per).toBe('week');
    expect(lines).toHaveLength(14);
    const first = [`week of Nov 16 1 ${'█'.repeat(2)}▎`, `week of Nov 23 7 ${'█'.repeat(15)}`];
    expect(lines.slice(0, 2)).toEqual(first);
    expect(lines.at(-1)).toMatch(/^week of Feb 15 5 █+/);
  });

  test('fit into 14 lines of 32 characters, and their numbers add up', () => {
    const decisions = fc.array(fc.oneof(fc.nat(20), fc.nat(100_000_000)), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), decisions, (day, numbers) => {
        const { lines } = drawDecisionBars(makeDays(day * DAY, numbers));
        expect(lines.length).toBeLessThanOrEqual(14);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(32);
        const shown = lines.map((line) =>
          Number(/ [A-Z][a-z]{2} \d+ +([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '')),
        );
        const add = (all: readonly number[]) => all.reduce((sum, number) => sum + number, 0);
        expect(add(shown)).toBe(add(numbers));
        // A bar is shown exactly for what is not zero.
        expect(lines.map((line) => /[█-▏]$/.test(line))).toEqual(shown.map((number) => number > 0));
      }),
    );
  });
});
