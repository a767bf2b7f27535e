import { expect, test } from 'vitest';
import { LogDigest } from '../../src/http/log-digest.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const MINUTE = 60_000;

function startDigest(maxCauses = 10) {
  const clock = createFakeClock();
  const reports: string[] = [];
  const digest = new LogDigest<string>({
    window: MINUTE,
    maxCauses,
    clock,
    report: (last, count) => reports.push(`${count} ${last}`),
  });
  return { clock, reports, digest };
}

test('the first event of a cause is reported at once, those that follow as one a window later', async () => {
  const { clock, reports, digest } = startDigest();
  digest.add('a', 'first');
  expect(reports).toEqual(['1 first']);
  digest.add('a', 'second');
  await clock.advance(MINUTE - 1);
  digest.add('a', 'third');
  expect(reports).toEqual(['1 first']);
  await clock.advance(1);
  expect(reports).toEqual(['1 first', '2 third']);
  // The next window passes without an event.
  await clock.advance(MINUTE);
  digest.add('a', 'fourth');
  expect(reports).toEqual(['1 first', '2 third', '1 fourth']);
});

test('a cause is reported at most once per window, and every event is counted', async () => {
  const { clock, reports, digest } = startDigest();
  for (let second = 0; second < 600; second += 1) {
    digest.add('a', 'event');
    await clock.advance(1_000);
  }
  await clock.advance(2 * MINUTE);
  expect(reports).toHaveLength(11);
  expect(reports.reduce((sum, report) => sum + Number(report.split(' ')[0]), 0)).toBe(600);
});

test('causes do not delay each other, and those beyond the limit are counted as one', async () => {
  const { clock, reports, digest } = startDigest(2);
  for (const cause of ['a', 'b', 'c', 'd', 'e', 'a']) digest.add(cause, cause);
  expect(reports).toEqual(['1 a', '1 b', '1 c']);
  await clock.advance(MINUTE);
  expect(reports).toEqual(['1 a', '1 b', '1 c', '1 a', '2 e']);
});

test('nothing is reported after the close', async () => {
  const { clock, reports, digest } = startDigest();
  digest.add('a', 'first');
  digest.add('a', 'second');
  digest.close();
  await clock.advance(2 * MINUTE);
  expect(reports).toEqual(['1 first']);
});
