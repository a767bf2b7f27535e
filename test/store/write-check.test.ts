import { expect, onTestFinished, test, vi } from 'vitest';
import type { Commit } from '../../src/store/record-store.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { WriteCheck } from '../../src/store/write-check.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { listKeys } from '../support/records.ts';

/** A record is written and deleted. */
const ONE_CHECK = 2;

/** `faultAfter`: what is wrong with a store after so many commits. */
function aStore(faultAfter: (commits: number) => string | undefined = () => undefined) {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  const records = Object.assign(memory.records, { fault: async () => faultAfter(memory.commits()) });
  const writeCheck = new WriteCheck(records, clock);
  return { clock, ...memory, check: () => writeCheck.check() };
}

test('a store that reads but does not write is not ready, and is again when it writes', async () => {
  const { clock, records, fails, works, check } = aStore();
  expect(await check()).toBeUndefined();
  fails('writes');
  await clock.advance(2_000);
  await expect(check()).rejects.toThrow('told to fail');
  works();
  await clock.advance(2_000);
  expect(await check()).toBeUndefined();
  expect(await listKeys(records, 'ready', { limit: 10 })).toEqual([]);
});

test('however often it is asked, it writes once in two seconds', async () => {
  const { commits, check } = aStore();
  await Promise.all(Array.from({ length: 50 }, check));
  expect(commits()).toBe(ONE_CHECK);
});

test('a store that answers and cannot be trusted fails with the reason, and nothing is written to it', async () => {
  let fault: string | undefined = 'was deleted while the bot was running';
  const { clock, commits, check } = aStore(() => fault);
  expect(await check()).toBe('was deleted while the bot was running');
  expect(commits()).toBe(0);
  fault = undefined;
  await clock.advance(2_000);
  expect(await check()).toBeUndefined();
  expect(commits()).toBe(ONE_CHECK);
});

test('what is written is as large as a long output: a disk that is nearly full takes small records', async () => {
  const { records, check } = aStore();
  const sizes: number[] = [];
  const { commit } = records;
  records.commit = (one: Commit) => {
    sizes.push(...one.puts.map(({ raw }) => raw.length));
    return commit(one);
  };
  await check();
  expect(sizes).toEqual([64 * 1024]);
});

test('a clock that is set back goes on; one that is set forward is followed', () => {
  let [wall, elapsed] = [1_000_000, 0];
  vi.spyOn(Date, 'now').mockImplementation(() => wall);
  vi.spyOn(performance, 'now').mockImplementation(() => elapsed);
  onTestFinished(() => void vi.restoreAllMocks());
  const time = createSystemClock();
  const expectAfter = (milliseconds: number, now: number) => {
    wall += milliseconds;
    elapsed += milliseconds;
    expect(time.now()).toBe(now);
  };
  expectAfter(5_000, 1_005_000);
  wall -= 600_000;
  expectAfter(1_000, 1_006_000);
  wall += 1_200_000;
  expectAfter(0, 1_606_000);
  expectAfter(10, 1_606_010);
});
