import { expect, test } from 'vitest';
import { Digest } from '../../src/http/digest.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const MINUTE = 60_000;

function startDigest(maxCauses = 10) {
  const clock = createFakeClock();
  const reports: string[] = [];
  const digest = new Digest<string>({
    window: MINUTE,
    maxCauses,
    clock,
    report: (last, count) => reports.push(`${count} ${last}`),
  });
  return {
    clock,
    reports,
    add: (cause: string, event: string) => digest.add(cause, event),
    close: () => digest.close(),
  };
}

test('the first event of a cause is reported at once, those that follow as one a window later', async () => {
  const { clock, reports, add } = startDigest();
  add('a', 'first');
  expect(reports).toEqual(['1 first']);
  add('a', 'second');
  await clock.advance(MINUTE - 1);
  add('a', 'third');
  expect(reports).toEqual(['1 first']);
  await clock.advance(1);
  expect(reports).toEqual(['1 first', '2 third']);
});

test('a cause is reported at most once per window, and every event is counted', async () => {
  const { clock, reports, add } = startDigest();
  for (let second = 0; second < 600; second += 1) {
    add('a', 'event');
    await clock.advance(1_000);
  }
  await clock.advance(2 * MINUTE);
  expect(reports).toHaveLength(11);
  expect(reports.reduce((sum, report) => sum + Number(report.split(' ')[0]), 0)).toBe(600);
});

test('after a quiet window the next event is reported at once', async () => {
  const { clock, reports, add } = startDigest();
  add('a', 'first');
  await clock.advance(MINUTE);
  add('a', 'second');
  expect(reports).toEqual(['1 first', '1 second']);
});

test('causes do not delay each other, and those beyond the limit are counted as one', async () => {
  const { clock, reports, add } = startDigest(2);
  for (const cause of ['a', 'b', 'c', 'd', 'e', 'a']) add(cause, cause);
  expect(reports).toEqual(['1 a', '1 b', '1 c']);
  await clock.advance(MINUTE);
  expect(reports).toEqual(['1 a', '1 b', '1 c', '1 a', '2 e']);
});

test('nothing is reported after the close', async () => {
  const { clock, reports, add, close } = startDigest();
  add('a', 'first');
  add('a', 'second');
  close();
  await clock.advance(2 * MINUTE);
  expect(reports).toEqual(['1 first']);
});
