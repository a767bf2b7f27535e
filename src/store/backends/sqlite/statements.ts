import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Commit, RawRecord } from '../../record-store.ts';

const SELECT = 'SELECT raw FROM records WHERE key = ?';

/** Prepares the SQL that reads records, as functions. */
export function prepareReads(db: DatabaseSyncInstance) {
  const select = prepareGet<{ raw: string }>(db, SELECT);
  const rangeQuery = 'SELECT key, raw FROM records WHERE key > ? AND key < ? ORDER BY key';
  return {
    select: (key: string) => select(key)?.raw,
    forward: prepareAll<RawRecord>(db, `${rangeQuery} LIMIT ?`),
    backward: prepareAll<RawRecord>(db, `${rangeQuery} DESC LIMIT ?`),
  };
}

/** Prepares the SQL that writes records, as functions. */
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
    /** Counts in pages of the -wal. */
    logState: prepareGet<{ log: number; checkpointed: number }>(db, 'PRAGMA wal_checkpoint(NOOP)'),
  };
}

// The driver's statements do not keep their connection alive: code that holds the statements must also hold the connection.

function prepareGet<T>(db: DatabaseSyncInstance, sql: string) {
  const statement = db.prepare(sql);
  return (...values: string[]) => statement.get(...values) as T | undefined;
}

function prepareAll<T>(db: DatabaseSyncInstance, sql: string) {
  const statement = db.prepare(sql);
  return (...values: (string | number)[]) => statement.all(...values) as T[];
}

/** Why nothing was written. `unsure`: something may have been. */
export type WriteFailure = 'late' | { summary: string; unsure: boolean };

/** The commit's deadline is by `monotonicNow`. */
export type ThreadTask = { commit: Commit } | 'check' | 'close';

/** A message from the Writer to its thread, which sends one reply with the same id. */
export interface Request {
  id: number;
  task: ThreadTask;
}

export type ThreadReply = { id: number } & (
  | { result: boolean | string | undefined }
  | { failure: WriteFailure }
);

/** A message from the thread to its Writer. `fault`: from now on nothing is written, and nothing may be read. */
export type WriterMessage =
  | { opened: true }
  | { refused: { code: 'store_locked' | 'store_unavailable'; message: string } }
  | { replies: ThreadReply[] }
  | { fault: string };

export interface WriterSettings {
  file: string;
  /** The database is opened without the lock, while a bot holds it. */
  besideBot: boolean;
}

/** Returns the same time in all threads of a process, in milliseconds. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
