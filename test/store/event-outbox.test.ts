import { expect, test } from 'vitest';
import { createEventOutbox } from '../../src/store/event-outbox.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SILENT } from './support.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 2);

const open = () => {
  const outbox = createEventOutbox(createMemoryRecords().records, SILENT);
  const claimAs = (owner: string, now: number, soleWorkerId?: string) =>
    outbox.claim('press', { owner, now, duration: MINUTE, soleWorkerId });
  return { outbox, claimAs };
};

test('one process sends the events of a crew, until its lease is over', async () => {
  const { claimAs } = open();
  expect(await claimAs('a', NOW)).toBe(true);
  expect(await claimAs('b', NOW + MINUTE - 1)).toBe(false);
  expect(await claimAs('b', NOW + MINUTE)).toBe(true);
});

test('a lease of a clock that was a year ahead holds nobody up', async () => {
  const { claimAs } = open();
  const ahead = NOW + 365 * 24 * 60 * MINUTE;
  expect(await claimAs('a', ahead)).toBe(true);
  expect(await claimAs('b', NOW)).toBe(true);
});

test('on a store for one process, the lease of a process that no longer runs holds nobody up', async () => {
  const { claimAs } = open();
  expect(await claimAs('a', NOW, 'a')).toBe(true);
  expect(await claimAs('b', NOW + 1, 'b')).toBe(true);
});

test('a process gives its own lease back, and not one that another process has taken over', async () => {
  const { outbox, claimAs } = open();
  expect(await claimAs('a', NOW)).toBe(true);
  await outbox.release('press', 'b');
  expect(await claimAs('b', NOW + 1)).toBe(false);
  await outbox.release('press', 'a');
  expect(await claimAs('b', NOW + 1)).toBe(true);
});
