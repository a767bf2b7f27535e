import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, onTestFinished } from 'vitest';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { openPostgres } from '../../src/store/backends/postgres.ts';
import { openRedis } from '../../src/store/backends/redis.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import type { RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';

export const SILENT = { info() {}, warn() {}, error() {} };
/** When the records of these tests begin. */
export const T0 = 1_790_000_000_000;

/** A folder that is removed after the test, or with `atEnd`; the links of the machine itself are resolved. */
export function newFolder(atEnd: (remove: () => void) => void = onTestFinished): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crew-approvals-store-')));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that the tests of a file share; each test has a crew, and a time, of its own. */
export interface EachStore {
  records: RecordStore;
  store: ApprovalStore;
  /** Of this test. */
  number: number;
  press: string;
  begun: number;
}

/** The same tests on each kind of store that is there. */
export function describeEachStore(tests: (of: EachStore) => void): void {
  const on = (open: () => Promise<RecordStore>) => {
    const each = { number: 0 } as EachStore;
    beforeAll(async () => {
      each.records = await open();
      each.store = createApprovalStore(each.records, SILENT);
      return () => each.records.disconnect();
    });
    beforeEach(() => {
      const number = each.number + 1;
      Object.assign(each, { number, press: `press-${number}`, begun: T0 + number * 1_000_000_000 });
    });
    tests(each);
  };
  describe('in SQLite', () => {
    const folder = newFolder(afterAll);
    on(() => openSqlite(join(folder, 'records.db')));
  });
  describeRedis('in Redis', () => on(async () => (await openRedis(newRedisUrl(), () => {})).records));
  describePostgres('in Postgres', () =>
    on(async () => (await openPostgres(await newPostgresUrl(), () => {})).records),
  );
}

type Held = Readonly<Record<string, string | undefined>>;

/** What a key and a value are when only the key matters. */
export const put = (key: string, raw = `raw of ${key}`): RawRecord => ({ key, raw });

/** A commit, by keys: what they have to hold (undefined: to be absent) and what they hold afterwards. */
export const commitOf = (compare: Held, puts: Held = {}, deletes: readonly string[] = []) => ({
  compare: Object.entries(compare).map(([key, previousRaw]) => ({ key, previousRaw })),
  puts: Object.entries(puts).map(([key, raw]) => put(key, raw)),
  deletes,
});

/** A commit that creates these records, if the first of them is not there. */
export const creationOf = (...keys: string[]) =>
  commitOf({ [keys[0] ?? '']: undefined }, Object.fromEntries(keys.map((key) => [key, undefined])));
