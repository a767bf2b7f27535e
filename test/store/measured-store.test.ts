import { expect, test } from 'vitest';
import { newExecution } from '../../src/approval/model/run/execution.ts';
import type { Meter } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { measureStore } from '../../src/store/measured-store.ts';
import { aKickoff } from '../approval/kickoffs/records.ts';
import { createMemoryRecords } from '../support/memory-records.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

test('operations of the store keep their names in metrics, which dashboards rely on', async () => {
  const operations: string[] = [];
  const meter = { store: (operation: string) => void operations.push(operation), saved() {} };
  const { records } = createMemoryRecords();
  const store = measureStore(createApprovalStore(records, SILENT), meter as unknown as Meter);
  const run = (executionId: string) => ({
    previous: undefined,
    next: newExecution({ name: 'press' }, executionId),
  });

  await store.save({});
  await store.save({ execution: run('e1'), kickoff: { previous: undefined, next: aKickoff() } });
  await store.save({ kickoff: { previous: undefined, next: aKickoff({ id: '2' }) } });
  await store.save({ alias: { crew: 'press', id: 'e2', executionId: 'e1' } });
  await store.save({ alias: { crew: 'press', id: 'e4', executionId: 'e3' }, execution: run('e3') });
  await store.list('waiting', ['press'], { limit: 1 });
  await store.list('decidedBy', ['UANA'], { limit: 1 });
  await store.list('runsToCheck', 'all', { limit: 1 });
  await store.originalId('press', 'e2');
  expect(operations).toEqual([
    'saveApproval',
    'saveExecution',
    'saveKickoff',
    'saveAlias',
    'mergeExecution',
    'waiting',
    'decidedBy',
    'runsToCheck',
    'originalId',
  ]);
});
