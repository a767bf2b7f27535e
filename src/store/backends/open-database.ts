import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { AppError, summarizeError } from '../../lib/errors.ts';
import { isBusy } from './commit-queue.ts';

const LOCK_WAIT = 5_000;

const kept: unknown[] = [];

/**
 * Keeps an object until the process ends: better-sqlite3 12, built on Node 24.19 or later, ends the process when one of
 * its objects is collected (https://github.com/nodejs/node/issues/65446). There are a handful of them.
 */
export function keep<T>(object: T): T {
  kept.push(object);
  return object;
}

/** Opens a database and creates its table. `beside`: while a bot has it open. Throws an AppError that names the file. */
export function openDatabase(file: string, beside: boolean): Database.Database {
  try {
    if (beside) mkdirSync(dirname(file), { recursive: true });
    // Waiting for another process would block the event loop: the commit queue waits instead.
    const db = keep(new Database(file, { timeout: 0 }));
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384');
    // The bot that holds the lock writes the database file itself: it takes every other change for a fault.
    if (beside) db.exec('PRAGMA wal_autocheckpoint = 0');
    // With rowids: new records of a few KB are appended, and listing reads the index of the keys only.
    db.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT');
    // Opens the -wal too.
    db.exec('SELECT 1 FROM records LIMIT 1');
    return db;
  } catch (error) {
    throw wrapOpenError(file, error);
  }
}

/** Begins an exclusive transaction on a file beside the database, held until the process ends. */
export function takeLock(file: string): Database.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const lock = keep(new Database(`${file}.lock`, { timeout: LOCK_WAIT }));
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    if (error instanceof Database.SqliteError && isBusy(error)) {
      throw new AppError('store_locked', `The database ${file} is in use by another process.`, {
        cause: error,
      });
    }
    throw wrapOpenError(file, error);
  }
}

/** Whether another process is in a write transaction. */
export function isLocked(db: Database.Database): boolean {
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    return isBusy(error);
  }
}

function wrapOpenError(file: string, error: unknown): AppError {
  return new AppError(
    'store_unavailable',
    `The database ${file} (STORE_URL) cannot be opened: ${summarizeError(error)}.`,
    { cause: error },
  );
}
