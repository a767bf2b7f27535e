import { expect, test } from 'vitest';
import { createRunRecord } from '../../src/approval/model/run/run-record.ts';
import type { Start } from '../../src/approval/model/run/start.ts';
import type { Meter, Stored } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { createMeasuredStore } from '../../src/store/measured-store.ts';
import { aStart } from '../approval/starts/records.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SILENT } from './support.ts';

test('reports the starts of runs that were stored, as they were before', async () => {
  const reported: [string | undefined, string][] = [];
  const meter = {
    store() {},
    saved() {},
    startSaved: (before: Start | undefined, next: Start) => void reported.push([before?.status, next.status]),
  };
  const { records } = createMemoryRecords();
  const store = createMeasuredStore(createApprovalStore(records, SILENT), meter as unknown as Meter);
  const starting = aStart();
  expect(await store.save({ start: { previous: undefined, next: starting } })).toBe(true);
  // Another process stored it first.
  expect(await store.save({ start: { previous: undefined, next: starting } })).toBe(false);
  const next: Start = { ...starting, status: 'running' };
  expect(await store.save({ start: { previous: await store.start(starting.id), next } })).toBe(true);
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
  const store = createMeasuredStore(createApprovalStore(records, SILENT), meter as unknown as Meter);
  const run = (id: string) => ({ previous: undefined, next: createRunRecord({ name: 'press' }, id) });
  const start = (id: string) => ({ previous: undefined, next: aStart({ id }) });
  const alias = (id: string, executionId: string) => ({ crew: 'press', id, executionId });
  const calls: [string, () => Promise<unknown>][] = [
    ['saveApproval', () => store.save({})],
    ['saveExecution', () => store.save({ run: run('e1'), start: start('1') })],
    ['saveKickoff', () => store.save({ start: start('2') })],
    ['saveAlias', () => store.save({ alias: alias('e2', 'e1') })],
    ['mergeExecution', () => store.save({ alias: alias('e4', 'e3'), run: run('e3') })],
    ['waiting', () => store.list('waiting', ['press'], { limit: 1 })],
    ['decidedBy', () => store.list('decidedBy', ['UANA'], { limit: 1 })],
    ['runsToCheck', () => store.list('runsToCheck', 'all', { limit: 1 })],
    ['originalId', () => store.originalId('press', 'e2')],
    ['execution', () => store.run('press', 'e1')],
    ['executionsBeginning', () => store.runsBeginning('e1', 1)],
    ['kickoff', () => store.start('1')],
    ['forgetKickoff', () => store.forgetStart(kept)],
    ['kickoffs', () => store.list('starts', ['press'], { limit: 1 })],
    ['dueKickoffs', () => store.list('dueStarts', 'all', { limit: 1 })],
  ];
  const kept: Stored<Start> = { record: aStart(), raw: '' };
  for (const [, call] of calls) await call();
  expect(operations).toEqual(calls.map(([name]) => name));
});
