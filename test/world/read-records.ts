import type { Approval } from '../../src/approval/model/approval.ts';
import { outputSchema } from '../../src/approval/model/output.ts';
import { parseRecordValue } from '../../src/store/check-history.ts';
import type { World } from './world.ts';

/** Reads the newest approval of a world, and all stored texts by their keys. */
export async function readRecords(world: World) {
  const records = world.records.of(world.stage.outside);
  const list = (kind: 'approval' | 'output') => world.settle(records.range(kind, { limit: 100 }));
  const approvals = (await list('approval')).map(({ raw }) => parseRecordValue(raw) as Approval);
  const outputs = (await list('output')).map(
    ({ key, raw }) => [key.split('/').at(-1) ?? '', outputSchema.parse(parseRecordValue(raw)).text] as const,
  );
  return { approval: approvals.at(-1) as Approval, outputs: new Map(outputs) };
}
