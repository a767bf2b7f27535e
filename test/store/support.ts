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
/** Time of the first records in these tests. */
export const T0 = 1_790_000_000_000;

/**
 * Makes a folder that is removed after the test or, with `atEnd`, later. Symbolic links of the machine are resolved.
 */
export function newFolder(atEnd: (remove: () => void) => void = onTestFinished): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crew-approvals-store-')));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that the tests of a file share. Each test has its own crew and time. */
export interface EachStore {
  records: RecordStore;
  store: ApprovalStore;
  /** Number of the test. */
  number: number;
  press: string;
  begun: number;
}

/** Runs the same tests on each kind of store that is available. */
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

/** Builds a record. Tests that only care about the key omit the value. */
export const put = (key: string, raw = `raw of ${key}`): RawRecord => ({ key, raw });

/** Builds a commit from the values that keys must have before (undefined: absent) and after. */
export const commitOf = (compare: Held, puts: Held = {}, deletes: readonly string[] = []) => ({
  compare: Object.entries(compare).map(([key, previousRaw]) => ({ key, previousRaw })),
  puts: Object.entries(puts).map(([key, raw]) => put(key, raw)),
  deletes,
});

/** Builds a commit that creates these records if the first one does not exist. */
export const creationOf = (...keys: string[]) =>
  commitOf({ [keys[0] ?? '']: undefined }, Object.fromEntries(keys.map((key) => [key, undefined])));
