import { expect, test } from 'vitest';
import { buildReport } from '../../../src/features/report/build-report.ts';
import { createHistoryReader } from '../../../src/store/history-reader.ts';
import { crew, nobodyKnown } from '../../approval/worker/worker-world.ts';
import { buildTestApp } from '../../support/app.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';

test('a report that is not built in its time is too much, so that no file follows that refusal', async () => {
  const clock = createFakeClock();
  const history = createHistoryReader(createMemoryRecords(clock.now).records);
  const app = buildTestApp({
    clock,
    crews: new Map([[crew.name, crew]]),
    people: nobodyKnown,
    history: {
      ...history,
      async *readPeriod() {
        for (const place of ['fact/1', 'fact/2']) {
          await clock.advance(20_000);
          yield { place, subject: 'A', wrong: 'unreadable' as const };
        }
      },
    },
  });
  const build = (within: number) =>
    buildReport(Object.assign(app, { giveWay: async <T>(run?: () => T) => run?.() as T }), 'UANA', {
      since: 0,
      endsAt: clock.now() + within,
    });
  expect(await build(45_000)).toMatchObject({ approvals: 0 });
  expect(await build(30_000)).toBe('too_much');
});

test('a period with more than 100,000 entries is too much for a file in Slack', async () => {
  const clock = createFakeClock();
  const entry = { place: 'fact/1', subject: 'A', wrong: 'unreadable' as const };
  const build = (entries: number) => {
    const history = createHistoryReader(createMemoryRecords(clock.now).records);
    const app = buildTestApp({
      clock,
      crews: new Map([[crew.name, crew]]),
      people: nobodyKnown,
      history: {
        ...history,
        async *readPeriod() {
          for (let read = 0; read < entries; read += 1) yield entry;
        },
      },
    });
    return buildReport(app, 'UANA', { since: 0, endsAt: clock.now() + 45_000 });
  };
  expect(await build(100_000)).toMatchObject({ approvals: 0 });
  expect(await build(100_001)).toBe('too_much');
});
