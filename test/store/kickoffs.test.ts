import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openPostgres } from '../../src/store/backends/postgres.ts';
import { openRedis } from '../../src/store/backends/redis.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { kickoffsContract } from './kickoffs-contract.ts';

describe('in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-kickoffs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  kickoffsContract(async () => openSqlite(join(folder, 'kickoffs.db')));
});

describeRedis('in Redis', () => {
  kickoffsContract(async () => (await openRedis(newRedisUrl(), () => {})).records);
});

describePostgres('in Postgres', () => {
  kickoffsContract(async () => (await openPostgres(await newPostgresUrl(), () => {})).records);
});
