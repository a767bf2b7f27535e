import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';

const log = { info() {}, warn() {}, error() {} };
const OLDER = JSON.stringify({ value: { v: 3, id: 'A000000001' } });

/** Leaves a store behind that holds these records. */
async function leave(url: string, records: Record<string, string>): Promise<void> {
  const { records: store, close } = await openStore(url, log);
  const puts = Object.entries(records).map(([key, raw]) => ({ key, raw }));
  const key = puts[0]?.key as string;
  await store.commit({ compare: [{ key, previousRaw: await store.get(key) }], puts, deletes: [] });
  await close();
}

async function expectRefusals(url: string): Promise<void> {
  await leave(url, { 'approval/A000000001': OLDER });
  // It was made by this version, and is opened again.
  await (await openStore(url, log)).close();
  await leave(url, { format: '3' });
  for (const options of [{}, { beside: true }])
    await expect(openStore(url, log, options)).rejects.toThrow(
      /^The store of STORE_URL holds records of an earlier version/,
    );
}

test('a SQLite store of an earlier version is refused in one sentence, and nothing in it is changed', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'crew-approvals-')), 'approvals.db');
  await expectRefusals(`sqlite://${file}`);
  const database = new DatabaseSync(file);
  onTestFinished(() => database.close());
  const records = database.prepare('SELECT key, raw FROM records ORDER BY key').all();
  expect(records).toEqual([
    { key: 'approval/A000000001', raw: OLDER },
    { key: 'format', raw: '3' },
  ]);
});

test('a store that has records and does not say of which version is one of an earlier version', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'crew-approvals-')), 'approvals.db');
  await leave(`sqlite://${file}`, { 'approval/A000000001': OLDER });
  const database = new DatabaseSync(file);
  database.exec("DELETE FROM records WHERE key = 'format'");
  database.close();
  await expect(openStore(`sqlite://${file}`, log)).rejects.toThrow('an earlier version');
});

test('a store of a newer version is refused', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'crew-approvals-')), 'approvals.db');
  await leave(`sqlite://${file}`, { format: '1000' });
  await expect(openStore(`sqlite://${file}`, log)).rejects.toThrow('a newer version');
});

describeRedis('on Redis', () => {
  test('a store of an earlier version is refused', () => expectRefusals(newRedisUrl()));
});

describePostgres('on Postgres', () => {
  test('a store of an earlier version is refused', async () => expectRefusals(await newPostgresUrl()));
});
