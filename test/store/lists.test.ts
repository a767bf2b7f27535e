import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { RecordError, StoreError } from '../../src/lib/errors.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { openPostgres } from '../../src/store/backends/postgres.ts';
import { openRedis } from '../../src/store/backends/redis.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { putRecord } from '../support/records.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { approvalListsContract } from './lists-contract.ts';

describe('in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-lists-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  approvalListsContract(async () => openSqlite(join(folder, 'lists.db')));
});

describeRedis('in Redis', () => {
  approvalListsContract(async () => (await openRedis(newRedisUrl(), () => {})).records);
});

describePostgres('in Postgres', () => {
  approvalListsContract(async () => (await openPostgres(await newPostgresUrl(), () => {})).records);
});

describe('an audit', () => {
  const fact = {
    seq: 1,
    at: 5,
    what: 'decided',
    round: 1,
    by: 'UANA',
    approval: 'A',
    crew: 'c',
    execution: 'e',
  };
  const period = { since: 0, until: 10 };

  async function trailOf(approvals: Pick<ApprovalStore, 'approval'>) {
    const store = { kickoff: async () => undefined, ...approvals };
    const { records } = createMemoryRecords();
    await putRecord(records, 'fact/000000000000005/A/000001', JSON.stringify({ value: fact }));
    await putRecord(records, 'fact/000000000000006/A/000002', '{"value":{"seq":"two"}}');
    await putRecord(records, 'fact/000000000000007/A/000003', 'broken');
    const unreadable: string[] = [];
    const lines = [];
    for await (const line of readAuditTrail(records, store, period, (key) => unreadable.push(key)))
      lines.push(line);
    return { lines, unreadable };
  }

  test('names each fact that cannot be read and goes on', async () => {
    const { lines, unreadable } = await trailOf({ approval: async () => undefined });
    expect(lines).toEqual([{ ...fact, text: undefined }]);
    expect(unreadable).toEqual(['fact/000000000000006/A/000002', 'fact/000000000000007/A/000003']);
  });

  test('leaves out the text of an approval that a newer version wrote, and ends when the store fails', async () => {
    const newer = async () => Promise.reject(new RecordError('approval/A', new Error('newer')));
    expect((await trailOf({ approval: newer })).lines).toHaveLength(1);
    const failing = async () => Promise.reject(new StoreError('gone', undefined));
    await expect(trailOf({ approval: failing })).rejects.toThrow('gone');
  });
});
