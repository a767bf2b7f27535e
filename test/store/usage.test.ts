import { expect, test } from 'vitest';
import { USAGE_KEY, Usage } from '../../src/store/usage.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { putRecord } from '../support/records.ts';

const MINUTE = 60_000;

function aStore() {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  return { clock, ...memory, usage: new Usage(memory.records, clock) };
}

test('a store that a bot used within the last five minutes is not a restored one, in one sentence', async () => {
  const { clock, usage } = aStore();
  await usage.start();
  usage.close();
  await clock.advance(90_000);
  await expect(usage.requireRestored()).rejects.toMatchObject({
    code: 'store_in_use',
    message:
      'A bot used this store 90 s ago. If it was restored from a backup, keep every bot stopped and start with --restored again in 210 s: without it, decisions may be sent twice. Only if it was not restored, start without --restored.',
  });
  await clock.advance(5 * MINUTE - 90_000 - 1);
  await expect(usage.requireRestored()).rejects.toMatchObject({ code: 'store_in_use' });
  await clock.advance(1);
  await usage.requireRestored();
});

test('a store that nobody ever used, or whose last use cannot be read, counts as a restored one', async () => {
  const { records, usage } = aStore();
  await usage.requireRestored();
  await putRecord(records, USAGE_KEY, 'no number');
  await usage.requireRestored();
  expect(await usage.lastUsedAt()).toBeUndefined();
});

test('a running bot records at its start and each minute that it uses the store, until it stops', async () => {
  const { clock, usage } = aStore();
  const began = clock.now();
  const expectUsed = async (minutes: number) =>
    expect(await usage.lastUsedAt()).toBe(began + minutes * MINUTE);
  expect(await usage.lastUsedAt()).toBeUndefined();
  await usage.start();
  await expectUsed(0);
  await clock.advance(MINUTE - 1);
  await expectUsed(0);
  await clock.advance(1);
  await expectUsed(1);
  await clock.advance(10 * MINUTE);
  await expectUsed(11);
  usage.close();
  await clock.advance(10 * MINUTE);
  await expectUsed(11);
});

test('a store that takes no writes ends neither the start nor what is recorded each minute', async () => {
  const { clock, usage, fails, works } = aStore();
  fails('writes');
  await usage.start();
  await clock.advance(MINUTE);
  works();
  await clock.advance(MINUTE);
  expect(await usage.lastUsedAt()).toBe(clock.now());
  usage.close();
});

test('a store knows when it was restored last', async () => {
  const { clock, usage } = aStore();
  expect(await usage.restoredAt()).toBeUndefined();
  await usage.recordRestore();
  expect(await usage.restoredAt()).toBe(clock.now());
});
