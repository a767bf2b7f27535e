import { expect, test } from 'vitest';
import { computeStats, type Made, periodStart } from '../../src/approval/queries/stats.ts';
import { chartWords, decisionsChart } from '../../src/slack/chart.ts';

const DAY = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 5, 15, 12);

function statsOfDays(days: number, perDay: (day: number) => number) {
  const since = periodStart(NOW, days);
  const made = Array.from({ length: days }, (_, day) =>
    Array.from(
      { length: perDay(day) },
      (): Made => ({
        crew: 'press',
        approval: 'A',
        by: 'UANA',
        action: 'approve',
        at: since + day * DAY,
        took: 1,
      }),
    ),
  ).flat();
  return computeStats(made, since, NOW);
}

test('decisions a day are a picture of a fixed size, and the same in words', async () => {
  const stats = statsOfDays(7, (day) => [3, 0, 12, 5, 1, 0, 8][day] ?? 0);
  const png = await decisionsChart(stats);
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([720, 420]);
  expect(chartWords(stats)).toBe(
    'Decisions per day (UTC), 29 in 7 days, the most on 11 Jun (12). 9 Jun: 3, 10 Jun: 0, 11 Jun: 12, 12 Jun: 5, 13 Jun: 1, 14 Jun: 0, 15 Jun: 8',
  );
});

test('another number of decisions is another picture, and 90 days have one too, with words that Slack takes', async () => {
  const [one, other] = await Promise.all([
    decisionsChart(statsOfDays(7, () => 1)),
    decisionsChart(statsOfDays(7, (day) => day)),
  ]);
  expect(one.equals(other)).toBe(false);
  const quarter = statsOfDays(90, () => 1);
  expect((await decisionsChart(quarter)).length).toBeGreaterThan(1_000);
  expect(chartWords(quarter).length).toBeLessThan(2_000);
});
