import { expect, test } from 'vitest';
import type { Start } from '../../../src/approval/model/run/start.ts';
import { listStartedRuns } from '../../../src/approval/queries/find-runs.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { collectingLog } from '../../slack/stage.ts';
import { buildTestApp } from '../../support/app.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { aStart, startable } from '../starts/records.ts';
import { nobodyKnown } from '../worker/worker-world.ts';

/** Look-ups of two crews: Ana is in the channel of each, Ben in that of sales. */
function createLists() {
  const [clock, memory, { log, lines }] = [createFakeClock(), createMemoryRecords(), collectingLog()];
  const store = createApprovalStore(memory.records, log);
  const sales = { ...startable, name: 'sales', channel: 'CSALES', channels: ['CSALES'] };
  const crews = [startable, sales].map((crew) => ({ ...crew, lookUps: 'members' as const }));
  const inChannel = (person: string, channel: string) =>
    person === 'UANA' || (person === 'UBEN' && channel === 'CSALES');
  const people = { ...nobodyKnown, inChannel };
  const byName = new Map(crews.map((crew) => [crew.name, crew]));
  const app = buildTestApp({ store, people, clock, log, crews: byName });
  const list = async (person: string, { crew, mine = false }: { crew?: string; mine?: boolean } = {}) => {
    const found = await listStartedRuns(app, person, { crew, mine });
    return Array.isArray(found) ? found.map(({ id }) => id) : found.code;
  };
  const stored = (id: string, more: Partial<Start> = {}) =>
    store.save({ start: { previous: undefined, next: aStart({ id, createdAt: Number(id), ...more }) } });
  return { list, stored, memory, lines };
}

test('lists the twenty newest runs of the crews that a person may look up', async () => {
  const { list, stored } = createLists();
  for (let n = 100; n < 130; n += 1) await stored(String(n), { crew: n % 2 ? 'sales' : 'press' });
  expect(await list('UANA')).toEqual(Array.from({ length: 20 }, (_, n) => String(129 - n)));
  expect(await list('UBEN')).toEqual(Array.from({ length: 15 }, (_, n) => String(129 - 2 * n)));
  expect(await list('UANA', { crew: 'PRESS' })).toEqual(
    Array.from({ length: 15 }, (_, n) => String(128 - 2 * n)),
  );
  expect(await list('UBEN', { crew: 'press' })).toBe('unknown_crew');
  expect(await list('UZOE')).toBe('may_not_look');
});

test('finds the runs of one person among those of others', async () => {
  const { list, stored } = createLists();
  for (let n = 100; n < 160; n += 1) await stored(String(n), { by: n % 30 ? 'UBEN' : 'UANA' });
  expect(await list('UANA', { mine: true })).toEqual(['150', '120']);
});

test('lists only their own runs to people who may not look up a crew', async () => {
  const { list, stored } = createLists();
  await stored('101', { by: 'UZOE' });
  await stored('102');
  expect(await list('UZOE', { mine: true })).toEqual(['101']);
  expect(await list('UZOE', { mine: true, crew: 'Press' })).toEqual(['101']);
  expect(await list('UZOE', { mine: true, crew: 'sales' })).toEqual([]);
  expect(await list('UZOE', { mine: true, crew: 'nothing' })).toBe('may_not_look');
});
