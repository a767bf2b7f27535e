import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Commit, RawRecord } from '../../record-store.ts';

const SELECT = 'SELECT raw FROM records WHERE key = ?';

/** All SQL that reads the store, as functions. */
export function prepareReads(db: DatabaseSyncInstance) {
  const select = prepareGet<{ raw: string }>(db, SELECT);
  const between = 'SELECT key, raw FROM records WHERE key > ? AND key < ? ORDER BY key';
  return {
    select: (key: string) => select(key)?.raw,
    forward: prepareAll<RawRecord>(db, `${between} LIMIT ?`),
    backward: prepareAll<RawRecord>(db, `${between} DESC LIMIT ?`),
  };
}

/** All SQL that writes the store, as functions. */
export function prepareWrites(db: DatabaseSyncInstance) {
  const select = prepareGet<{ raw: string }>(db, SELECT);
  const upsert = db.prepare(
    'INSERT INTO records (key, raw) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET raw = excluded.raw',
  );
  const remove = db.prepare('DELETE FROM records WHERE key = ?');
  return {
    select: (key: string) => select(key)?.raw,
    upsert: ({ key, raw }: RawRecord) => upsert.run(key, raw),
    remove: (key: string) => remove.run(key),
    dataVersion: prepareGet(db, 'PRAGMA data_version'),
    /** In pages of the -wal. */
    logState: prepareGet<{ log: number; checkpointed: number }>(db, 'PRAGMA wal_checkpoint(NOOP)'),
  };
}

// The driver's statements do not keep their connection alive: whoever holds them has to hold it, too.

function prepareGet<T>(db: DatabaseSyncInstance, sql: string) {
  const statement = db.prepare(sql);
  return (...values: string[]) => statement.get(...values) as T | undefined;
}

function prepareAll<T>(db: DatabaseSyncInstance, sql: string) {
  const statement = db.prepare(sql);
  return (...values: (string | number)[]) => statement.all(...values) as T[];
}

/** Why nothing was written; unsure: it may have been. */
export type WriteFailure = 'late' | { summary: string; unsure: boolean };

/** The deadline of the commit is by `monotonicNow`. */
export type ThreadTask = { commit: Commit } | 'check' | 'close';

/** What the store sends to its writer; each is replied to once, under its id. */
export interface Request {
  id: number;
  task: ThreadTask;
}

export type ThreadReply = { id: number } & (
  | { result: boolean | string | undefined }
  | { failure: WriteFailure }
);

/** What the writer sends to the store. `fault`: nothing is written from now on, and nothing may be read. */
export type WriterMessage =
  | { opened: true }
  | { refused: { code: 'store_locked' | 'store_unavailable'; message: string } }
  | { replies: ThreadReply[] }
  | { fault: string };

export interface WriterSettings {
  file: string;
  /** Without the lock, while a bot holds it. */
  beside: boolean;
}

/** In milliseconds, the same in all threads of a process. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
