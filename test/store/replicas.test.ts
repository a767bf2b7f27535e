import { expect, onTestFinished, test } from 'vitest';
import { startHeartbeats } from '../../src/store/replicas.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SILENT } from './support.ts';

const SECOND = 1_000;
const [FORMER, DRAWING] = [1, 2];

/** Replicas of this build and of one that draws cards with a lower number; the clock of each is its own. */
async function createReplicas() {
  const { records } = createMemoryRecords();
  const put = (key: string, raw: string) =>
    records.commit({ compare: [], puts: [{ key, raw }], deletes: [] });
  const start = (name: string, clock: FakeClock) => {
    const redraws: number[] = [];
    const onNewestDesign = () => void redraws.push(clock.now());
    onTestFinished(startHeartbeats(records, { name, clock, log: SILENT, drawing: DRAWING, onNewestDesign }));
    return redraws;
  };
  const beatOfFormer = (at: number) => put('replica/former', JSON.stringify({ drawing: FORMER, at }));
  const endFormer = () => records.commit({ compare: [], puts: [], deletes: ['replica/former'] });
  return { records, put, start, beatOfFormer, endFormer };
}

test('cards are drawn anew once, when no replica runs that draws them as an earlier build does', async () => {
  const { start, beatOfFormer, endFormer } = await createReplicas();
  const clock = createFakeClock();
  await beatOfFormer(clock.now());
  const redraws = start('new', clock);
  await clock.advance(30 * SECOND);
  expect(redraws).toHaveLength(0);
  await endFormer();
  await clock.advance(15 * SECOND);
  expect(redraws).toHaveLength(1);
  await beatOfFormer(clock.now());
  await clock.advance(10 * 60 * SECOND);
  expect(redraws).toHaveLength(1);
});

test('a replica that finds none of an earlier build draws cards anew at once', async () => {
  const { start } = await createReplicas();
  const clock = createFakeClock();
  const redraws = start('new', clock);
  await clock.advance(SECOND);
  expect(redraws).toHaveLength(1);
});

test('a replica that was killed counts for a minute, and leaves nothing for long', async () => {
  const { records, start, beatOfFormer } = await createReplicas();
  const clock = createFakeClock();
  await beatOfFormer(clock.now());
  const redraws = start('new', clock);
  await clock.advance(45 * SECOND);
  expect(redraws).toHaveLength(0);
  await clock.advance(30 * SECOND);
  expect(redraws).toHaveLength(1);
  const beating = await records.range('replica', { limit: 10 });
  expect(beating.map(({ key }) => key)).toEqual(['replica/new']);
});

test('a clock that jumps an hour ahead, or a machine that stood still, makes no replica old that runs', async () => {
  const { start, beatOfFormer } = await createReplicas();
  let jumped = 0;
  const clock = createFakeClock();
  await beatOfFormer(clock.now());
  const redraws = start('new', { ...clock, now: () => clock.now() + jumped });
  for (let beats = 0; beats < 20; beats += 1) {
    if (beats === 7) jumped = 3_600 * SECOND;
    if (beats === 14) jumped = -3_600 * SECOND;
    // By its own clock, which is another one.
    await beatOfFormer(clock.now() - 500 * SECOND);
    await clock.advance(1);
    await beatOfFormer(clock.now());
    await clock.advance(15 * SECOND);
  }
  expect(redraws).toEqual([]);
});
