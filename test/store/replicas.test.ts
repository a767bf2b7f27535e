import { expect, onTestFinished, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { startBeating } from '../../src/store/replicas.ts';
import { FORMAT_KEY, StoreFormat } from '../../src/store/store-format.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SILENT } from './support.ts';

const SECOND = 1_000;
const FORMER = RECORD_VERSION - 1;

/** A store of the format before, and replicas of it; the clock of each is its own. */
async function createReplicas() {
  const { records } = createMemoryRecords();
  const put = (key: string, raw: string) =>
    records.commit({ compare: [], puts: [{ key, raw }], deletes: [] });
  await put(FORMAT_KEY, String(FORMER));
  /** One of this build. */
  const start = (name: string, clock: FakeClock) => {
    const told: string[] = [];
    const redraws: number[] = [];
    const format = new StoreFormat(records, FORMER, () => {});
    const onRaised = () => void told.push(`${name} migrates`);
    const log = { ...SILENT, error: (_: object, fact: string) => void told.push(fact) };
    const stop = startBeating(format.keep(), {
      ...{ name, clock, log, format, onRaised },
      drawing: 1,
      onNewestDrawing: () => void redraws.push(clock.now()),
    });
    onTestFinished(() => void stop());
    return { told, redraws, format, stop };
  };
  const beatOfFormer = (at: number) => put('replica/former', JSON.stringify({ format: FORMER, at }));
  return { records, start, beatOfFormer, format: () => records.get(FORMAT_KEY) };
}

test('the format is raised a minute after the last replica of the format before has beaten, and not earlier', async () => {
  const { start, beatOfFormer, format, records } = await createReplicas();
  const clock = createFakeClock();
  start('new', clock);
  for (let beats = 0; beats < 20; beats += 1) {
    await beatOfFormer(clock.now());
    await clock.advance(15 * SECOND);
  }
  expect(await format()).toBe(String(FORMER));
  await clock.advance(45 * SECOND);
  expect(await format()).toBe(String(FORMER));
  await clock.advance(15 * SECOND);
  expect(await format()).toBe(String(RECORD_VERSION));
  expect(await records.get('replica/former')).toBeUndefined();
});

test('a replica that starts alone raises it after a minute, since another one may be about to beat', async () => {
  const { start, format } = await createReplicas();
  const clock = createFakeClock();
  start('new', clock);
  await clock.advance(59 * SECOND);
  expect(await format()).toBe(String(FORMER));
  await clock.advance(SECOND);
  expect(await format()).toBe(String(RECORD_VERSION));
});

test('whichever replica raises it, each of them migrates from then on, once', async () => {
  const { start } = await createReplicas();
  const [first, second] = [createFakeClock(), createFakeClock()];
  const replicas = [start('first', first), start('second', second)];
  // They do not beat at the same moments.
  for (let seconds = 0; seconds < 120; seconds += 5) {
    await first.advance(5 * SECOND);
    if (seconds >= 10) await second.advance(5 * SECOND);
  }
  expect(replicas.map(({ told }) => told)).toEqual([['first migrates'], ['second migrates']]);
});

test('a clock that jumps an hour ahead, or a machine that stood still, makes no replica old that runs', async () => {
  const { start, beatOfFormer, format } = await createReplicas();
  let jumped = 0;
  const clock = createFakeClock();
  start('new', { ...clock, now: () => clock.now() + jumped });
  for (let beats = 0; beats < 20; beats += 1) {
    if (beats === 7) jumped = 3_600 * SECOND;
    if (beats === 14) jumped = -3_600 * SECOND;
    // By its own clock, which is another one.
    await beatOfFormer(clock.now() - 500 * SECOND);
    await clock.advance(1);
    await beatOfFormer(clock.now());
    await clock.advance(15 * SECOND);
  }
  expect(await format()).toBe(String(FORMER));
});

test('replicas that were killed leave nothing for long', async () => {
  const { start, records } = await createReplicas();
  const clock = createFakeClock();
  start('new', clock);
  await clock.advance(120 * SECOND);
  const raw = JSON.stringify({ format: RECORD_VERSION, at: clock.now() });
  await records.commit({ compare: [], puts: [{ key: 'replica/killed', raw }], deletes: [] });
  await clock.advance(90 * SECOND);
  const beating = await records.range('replica', { limit: 10 });
  expect(beating.map(({ key }) => key)).toEqual(['replica/new']);
});

test('a replica that finds the format raised by another one, but not to its own, migrates nothing yet', async () => {
  const { records } = createMemoryRecords();
  const put = (raw: string) => records.commit({ compare: [], puts: [{ key: FORMAT_KEY, raw }], deletes: [] });
  const format = new StoreFormat(records, FORMER - 1, () => {});
  await put(String(FORMER - 1));
  const clock = createFakeClock();
  let migrations = 0;
  const onRaised = () => {
    migrations += 1;
  };
  onTestFinished(
    startBeating(records, {
      ...{ name: 'new', clock, log: SILENT, format, onRaised },
      drawing: 1,
      onNewestDrawing: () => {},
    }),
  );
  await clock.advance(45 * SECOND);
  await put(String(FORMER));
  await clock.advance(15 * SECOND);
  expect([migrations, format.number]).toEqual([0, FORMER]);
  await clock.advance(15 * SECOND);
  expect([migrations, format.number]).toEqual([1, RECORD_VERSION]);
});

test('cards are drawn anew once no replica runs that draws them as an earlier build does', async () => {
  const { start, beatOfFormer, records } = await createReplicas();
  const clock = createFakeClock();
  await beatOfFormer(clock.now());
  const { redraws } = start('new', clock);
  await clock.advance(30 * SECOND);
  expect(redraws).toHaveLength(0);
  await records.commit({ compare: [], puts: [], deletes: ['replica/former'] });
  await clock.advance(15 * SECOND);
  expect(redraws).toHaveLength(1);
  await beatOfFormer(clock.now());
  await clock.advance(10 * 60 * SECOND);
  expect(redraws).toHaveLength(1);
});

test('a replica that finds none of an earlier build draws cards anew at once', async () => {
  const { start } = await createReplicas();
  const clock = createFakeClock();
  const { redraws } = start('new', clock);
  await clock.advance(SECOND);
  expect(redraws).toHaveLength(1);
});
