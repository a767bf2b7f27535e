import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Compared } from '../../record-store.ts';

type Row = { key: string; raw: string };
const SELECT = 'SELECT raw FROM records WHERE key = ?';

/** All SQL that reads the store, as functions. */
export function prepareReads(db: DatabaseSyncInstance) {
  const select = prepareGet<{ raw: string }>(db, SELECT);
  const between = 'FROM records WHERE key > ? AND key < ? ORDER BY key';
  return {
    select: (key: string) => select(key)?.raw,
    forward: prepareAll<{ key: string }>(db, `SELECT key ${between} LIMIT ?`),
    backward: prepareAll<{ key: string }>(db, `SELECT key ${between} DESC LIMIT ?`),
    entries: prepareAll<Row>(db, `SELECT key, raw ${between} LIMIT ?`),
    page: prepareAll<Row>(
      db,
      'SELECT key, raw FROM records WHERE key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT 100',
    ),
  };
}

/** All SQL that writes the store, as functions; a write returns how many rows it changed. */
export function prepareWrites(db: DatabaseSyncInstance) {
  const select = prepareGet<{ raw: string }>(db, SELECT);
  const removePrefix = prepareRun(db, 'DELETE FROM records WHERE substr(key, 1, ?) = ?');
  return {
    select: (key: string) => select(key)?.raw,
    upsert: prepareRun(
      db,
      'INSERT INTO records (key, raw) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET raw = excluded.raw',
    ),
    remove: prepareRun(db, 'DELETE FROM records WHERE key = ?'),
    removePrefix: (prefix: string) => removePrefix(countCharacters(prefix), prefix),
    dataVersion: prepareGet(db, 'PRAGMA data_version'),
    /** In pages of the -wal. */
    logState: prepareGet<{ log: number; checkpointed: number }>(db, 'PRAGMA wal_checkpoint(NOOP)'),
  };
}

/** SQLite counts characters, not UTF-16 units. */
export function countCharacters(text: string): number {
  return [...text].length;
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

function prepareRun(db: DatabaseSyncInstance, sql: string) {
  const statement = db.prepare(sql);
  return (...values: (string | number)[]) => Number(statement.run(...values).changes);
}

/** What is written in one piece, if each compared key still holds what was read. Plain data: it goes to another thread. */
export interface Write {
  compared: readonly Compared[];
  deletes: readonly string[];
  /** After the deletions. */
  puts: readonly { key: string; raw: string }[];
  /** Also delete the records whose keys begin so. */
  clear?: string;
  /** By `monotonicNow`: a write that begins later is not made. */
  deadline?: number;
}

/** `applied`: false if a compared key held something else. `deleted`: how many records there were to delete. */
export interface Written {
  applied: boolean;
  deleted: number;
}

/** Why nothing was written; unsure: it may have been. */
export type WriteFailure = 'late' | { summary: string; unsure: boolean };

export type Task = { write: Write } | 'check' | 'close';

/** What the store sends to its writer; each is replied to once, under its id. */
export interface Request {
  id: number;
  task: Task;
}

export type Reply = { id: number } & ({ result: Written | string | undefined } | { failure: WriteFailure });

/** What the writer sends to the store. `fault`: nothing is written from now on, and nothing may be read. */
export type WriterMessage =
  | { opened: true }
  | { refused: { code: 'store_locked' | 'store_unavailable'; message: string } }
  | { replies: Reply[] }
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
