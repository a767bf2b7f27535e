import { expect, test } from 'vitest';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { WriteCheck } from '../../src/store/write-check.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { listKeys } from '../support/records.ts';

/** A record is written and deleted. */
const ONE_CHECK = 2;

test('a store that reads but does not write is not ready, and is again when it writes', async () => {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  const writeCheck = new WriteCheck(memory.records, clock);
  const check = () => writeCheck.check();
  expect(await check()).toBeUndefined();
  memory.fails('writes');
  await clock.advance(2_000);
  await expect(check()).rejects.toThrow('told to fail');
  memory.works();
  await clock.advance(2_000);
  expect(await check()).toBeUndefined();
  expect(await listKeys(memory.records, 'ready', { limit: 10 })).toEqual([]);
});

test('however often it is asked, it writes once in two seconds', async () => {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  const writeCheck = new WriteCheck(memory.records, clock);
  const check = () => writeCheck.check();
  await Promise.all(Array.from({ length: 50 }, check));
  expect(memory.commits()).toBe(ONE_CHECK);
});

test('a store that answers and cannot be trusted is told with the reason, and nothing is written to it', async () => {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  let fault: string | undefined = 'was deleted while the bot was running';
  const writeCheck = new WriteCheck(Object.assign(memory.records, { fault: async () => fault }), clock);
  const check = () => writeCheck.check();
  expect(await check()).toBe('was deleted while the bot was running');
  expect(memory.commits()).toBe(0);
  fault = undefined;
  await clock.advance(2_000);
  expect(await check()).toBeUndefined();
  expect(memory.commits()).toBe(ONE_CHECK);
});

test('what is written is as large as a long output: a disk that is nearly full takes small records', async () => {
  const clock = createFakeClock();
  const { records } = createMemoryRecords(clock.now);
  const written: number[] = [];
  const { commit } = records;
  records.commit = (one) => {
    written.push(...one.puts.map(({ raw }) => raw.length));
    return commit(one);
  };
  await new WriteCheck(records, clock).check();
  expect(written).toEqual([64 * 1024]);
});

test('a clock that is set back goes on; one that is set forward is followed', () => {
  let wall = 1_000_000;
  let elapsed = 0;
  const time = createSystemClock(
    () => wall,
    () => elapsed,
  );
  const now = () => time.now();
  const pass = (milliseconds: number) => {
    wall += milliseconds;
    elapsed += milliseconds;
  };
  pass(5_000);
  expect(now()).toBe(1_005_000);
  wall -= 600_000;
  pass(1_000);
  expect(now()).toBe(1_006_000);
  wall += 1_200_000;
  expect(now()).toBe(1_606_000);
  pass(10);
  expect(now()).toBe(1_606_010);
});

test('a fault that is certain only once a write has failed is told, too', async () => {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  memory.fails('writes');
  const fault = async () => (memory.commits() > 0 ? 'was overwritten while the bot was running' : undefined);
  const writeCheck = new WriteCheck(Object.assign(memory.records, { fault }), clock);
  expect(await writeCheck.check()).toBe('was overwritten while the bot was running');
});
