import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { AppError } from '../../../lib/errors.ts';
import { isBusy, summarizeSqliteError } from './sqlite-error.ts';
import { monotonicNow } from './write.ts';

/** A process that ends frees its lock within this time, in milliseconds. */
const LOCK_WAIT = 5_000;
const LOCK_PAUSE = 20;

/** Opens a database and creates its table. `beside`: while a bot has it open. Throws an AppError that names the file. */
export function openDatabase(file: string, beside: boolean): DatabaseSyncInstance {
  try {
    if (beside) mkdirSync(dirname(file), { recursive: true });
    // The commit queue waits for another process, and knows for how long.
    const db = new DatabaseSync(file, { timeout: 0 });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192');
    // What is deleted, such as the callback of a review, is overwritten.
    db.exec('PRAGMA secure_delete = ON');
    // The writer of a bot copies the -wal when nobody waits; it takes every other change of the database for a fault.
    db.exec('PRAGMA wal_autocheckpoint = 0');
    // With rowids: new records of a few KB are appended, and listing reads the index of the keys only.
    db.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT');
    // Opens the -wal too.
    db.exec('SELECT 1 FROM records LIMIT 1');
    // What a killed process left in the -wal may not be on disk yet, and is read from now on.
    if (!beside) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return db;
  } catch (error) {
    throw wrapOpenError(file, error);
  }
}

/** Begins an exclusive transaction on a file beside the database, held until the process ends. Waits for it up to 5 s. */
export async function takeLock(file: string): Promise<DatabaseSyncInstance> {
  const until = monotonicNow() + LOCK_WAIT;
  for (;;) {
    try {
      return tryLock(file);
    } catch (error) {
      if (!isBusy(error)) throw wrapOpenError(file, error);
      if (monotonicNow() >= until)
        throw new AppError('store_locked', `The database ${file} is in use by another process.`, {
          cause: error,
        });
    }
    // Not by SQLite, which would wait in native code: the process could not end meanwhile.
    await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE));
  }
}

function tryLock(file: string): DatabaseSyncInstance {
  mkdirSync(dirname(file), { recursive: true });
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Whether another process is in a write transaction. */
export function isLocked(db: DatabaseSyncInstance): boolean {
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    return isBusy(error);
  }
}

/** The error of a database that cannot be opened, with its file; an AppError stays as it is. */
export function wrapOpenError(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError(
    'store_unavailable',
    `The database ${file} (STORE_URL) cannot be opened: ${summarizeSqliteError(error)}.`,
    { cause: error },
  );
}
