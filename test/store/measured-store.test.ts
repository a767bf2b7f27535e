import { expect, test } from 'vitest';
import { newExecution } from '../../src/approval/model/run/execution.ts';
import type { Kickoff } from '../../src/approval/model/run/kickoff.ts';
import type { Meter } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { measureStore } from '../../src/store/measured-store.ts';
import { aKickoff } from '../approval/kickoffs/records.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SILENT } from './support.ts';

test('reports the starts of runs that were stored, as they were before', async () => {
  const reported: [string | undefined, string][] = [];
  const meter = {
    store() {},
    saved() {},
    startSaved: (before: Kickoff | undefined, next: Kickoff) =>
      void reported.push([before?.status, next.status]),
  };
  const { records } = createMemoryRecords();
  const store = measureStore(createApprovalStore(records, SILENT), meter as unknown as Meter);
  const starting = aKickoff();
  expect(await store.save({ kickoff: { previous: undefined, next: starting } })).toBe(true);
  // Another process stored it first.
  expect(await store.save({ kickoff: { previous: undefined, next: starting } })).toBe(false);
  const next: Kickoff = { ...starting, status: 'running' };
  expect(await store.save({ kickoff: { previous: await store.kickoff(starting.id), next } })).toBe(true);
  expect(reported).toEqual([
    [undefined, 'starting'],
    ['starting', 'running'],
  ]);
});

test('operations of the store keep their names in metrics, which dashboards rely on', async () => {
  const operations: string[] = [];
  const meter = {
    store: (operation: string) => void operations.push(operation),
    saved() {},
    startSaved() {},
  };
  const { records } = createMemoryRecords();
  const store = measureStore(createApprovalStore(records, SILENT), meter as unknown as Meter);
  const run = (id: string) => ({ previous: undefined, next: newExecution({ name: 'press' }, id) });
  const kickoff = (id: string) => ({ previous: undefined, next: aKickoff({ id }) });
  const alias = (id: string, executionId: string) => ({ crew: 'press', id, executionId });
  const calls: [string, () => Promise<unknown>][] = [
    ['saveApproval', () => store.save({})],
    ['saveExecution', () => store.save({ execution: run('e1'), kickoff: kickoff('1') })],
    ['saveKickoff', () => store.save({ kickoff: kickoff('2') })],
    ['saveAlias', () => store.save({ alias: alias('e2', 'e1') })],
    ['mergeExecution', () => store.save({ alias: alias('e4', 'e3'), execution: run('e3') })],
    ['waiting', () => store.list('waiting', ['press'], { limit: 1 })],
    ['decidedBy', () => store.list('decidedBy', ['UANA'], { limit: 1 })],
    ['runsToCheck', () => store.list('runsToCheck', 'all', { limit: 1 })],
    ['originalId', () => store.originalId('press', 'e2')],
  ];
  for (const [, call] of calls) await call();
  expect(operations).toEqual(calls.map(([name]) => name));
});
