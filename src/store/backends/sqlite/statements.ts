import type { DatabaseSyncInstance } from '@photostructure/sqlite';

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
