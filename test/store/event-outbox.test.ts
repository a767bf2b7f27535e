import { expect, test } from 'vitest';
import { createEventOutbox } from '../../src/store/event-outbox.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SILENT } from './support.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 2);

test('one process sends the events of a crew, until its lease is over', async () => {
  const outbox = createEventOutbox(createMemoryRecords().records, SILENT);
  expect(await outbox.claim('press', 'a', NOW, NOW + MINUTE)).toBe(true);
  expect(await outbox.claim('press', 'b', NOW + MINUTE - 1, NOW + 2 * MINUTE)).toBe(false);
  expect(await outbox.claim('press', 'b', NOW + MINUTE, NOW + 2 * MINUTE)).toBe(true);
});

test('a lease of a clock that was a year ahead holds nobody up', async () => {
  const outbox = createEventOutbox(createMemoryRecords().records, SILENT);
  const ahead = NOW + 365 * 24 * 60 * MINUTE;
  expect(await outbox.claim('press', 'a', ahead, ahead + MINUTE)).toBe(true);
  expect(await outbox.claim('press', 'b', NOW, NOW + MINUTE)).toBe(true);
});
