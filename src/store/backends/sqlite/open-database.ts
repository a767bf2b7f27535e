import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { AppError } from '../../../lib/errors.ts';
import type { RecordStore } from '../../record-store.ts';
import { buildRangeBounds } from '../range-bounds.ts';
import { isBusy, summarizeSqliteError } from './sqlite-error.ts';
import { createPrivateFile } from './sqlite-files.ts';
import { monotonicNow, prepareReads } from './statements.ts';

/** A process that ends frees its lock within this time, in milliseconds. */
const LOCK_WAIT = 5_000;
const LOCK_PAUSE = 20;

/** Opens a database beside a bot, and creates it if it does not exist. Rejects with an AppError that names the file. */
export function openBeside(file: string): Promise<DatabaseSyncInstance> {
  return retryWhileBusy(file, monotonicNow() + LOCK_WAIT, () => openDatabase(file));
}

/**
 * Opens a database for the one bot that writes it. A lock file stays locked until it is closed or the process ends. Waits up to 5
 * s for the lock and the database together. Rejects with an AppError that names the file.
 */
export async function openForBot(file: string) {
  const until = monotonicNow() + LOCK_WAIT;
  const lock = await retryWhileBusy(file, until, () => takeLock(file));
  try {
    const claim = (db: DatabaseSyncInstance) => claimDatabase(db, file);
    return { lock, db: await retryWhileBusy(file, until, () => openDatabase(file, claim)) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Opens a database and creates its table. `claim`: called for a bot, before it reads or writes a record. */
function openDatabase(file: string, claim?: (db: DatabaseSyncInstance) => void): DatabaseSyncInstance {
  createPrivateFile(file);
  // No timeout: the writer itself waits for other processes and limits the wait.
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192');
    // SQLite overwrites deleted content, such as the callback URL of a review.
    db.exec('PRAGMA secure_delete = ON');
    // The bot's writer copies the -wal when no commit waits. It treats any other change of the database file as a fault.
    db.exec('PRAGMA wal_autocheckpoint = 0');
    // With rowids, SQLite appends new records of a few KB.
    db.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT');
    // Opens the -wal too.
    db.exec('SELECT 1 FROM records LIMIT 1');
    if (claim) claim(db);
    else requireWriteAheadLog(file);
    // Records that a killed process left in the -wal may not be on disk yet, and will be read from now on.
    if (claim) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Reads a database file without a -wal: nothing is locked, created or written. Undefined if there is a -wal, since the file alone
 * may be between two states; if there is no table of records; or if the file is not a database.
 */
export async function peekIntoFile<T>(
  file: string,
  read: (records: Pick<RecordStore, 'get' | 'range'>) => Promise<T>,
): Promise<T | undefined> {
  if (hasContent(`${file}-wal`)) return undefined;
  let db: DatabaseSyncInstance | undefined;
  try {
    db = new DatabaseSync(`${pathToFileURL(file)}?immutable=1`, { readOnly: true });
    const { select, forward } = prepareReads(db);
    return await read({
      get: async (key) => select(key),
      range: async (index, { limit }) => {
        const { low, high } = buildRangeBounds(index);
        return forward(low, high, limit);
      },
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    return undefined;
  } finally {
    db?.close();
  }
}

async function retryWhileBusy<T>(file: string, until: number, work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw wrapOpenError(file, error);
      if (monotonicNow() >= until)
        throw new AppError('store_locked', `The database ${file} is in use by another process.`, {
          cause: error,
        });
    }
    // SQLite itself would wait in native code, and the process could not end meanwhile.
    await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE));
  }
}

/** Begins an exclusive transaction on a file beside the database. */
function takeLock(file: string): DatabaseSyncInstance {
  createPrivateFile(`${file}.lock`);
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

/**
 * Claims the database for a bot. A hard link or a bind mount gives the database another name with another lock file. The database
 * therefore stores the lock file of its last bot. A new lock file is stored only while no other process has the database open:
 * SQLite's locks belong to the file, whatever its name, and an open connection keeps a shared lock.
 */
function claimDatabase(db: DatabaseSyncInstance, file: string): void {
  const { dev, ino } = statSync(`${file}.lock`, { bigint: true });
  const lock = `${dev}:${ino}`;
  const lastOpening = readOpening(file);
  if (lastOpening?.path === file && lastOpening.lock === lock) return;
  db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE');
  requireWriteAheadLog(file);
  db.exec(
    'DROP TABLE IF EXISTS opening; CREATE TABLE opening (path TEXT NOT NULL, lock TEXT NOT NULL) STRICT',
  );
  db.prepare('INSERT INTO opening VALUES (?, ?)').run(file, lock);
  // The next bot reads the claim in the database file, since a database has a separate -wal for each of its names.
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA locking_mode = NORMAL');
  // The exclusive lock becomes a shared one at the end of the next transaction.
  db.exec('BEGIN IMMEDIATE; COMMIT');
}

/** Returns how the last bot opened a database; undefined for a new database and for a backup. Does not read the -wal. */
function readOpening(file: string): { path: string; lock: string } | undefined {
  const db = new DatabaseSync(`${pathToFileURL(file)}?immutable=1`, { readOnly: true });
  try {
    return db.prepare('SELECT path, lock FROM opening').get() as ReturnType<typeof readOpening>;
  } catch {
    return undefined;
  } finally {
    db.close();
  }
}

/** Throws an AppError if the last records of a database are in a -wal with another name or in another place. */
export function requireWriteAheadLog(file: string): void {
  const path = readOpening(file)?.path;
  if (path === undefined || path === file || !hasContent(`${path}-wal`)) return;
  const remedy = isCopy(file, path)
    ? 'use a copy made with `npm run backup`'
    : `stop every bot that uses it, then move that file to ${file}-wal`;
  throw new AppError(
    'store_unavailable',
    `The database ${file} was last opened as ${path}, and its last records are still in ${path}-wal: ${remedy}.`,
  );
}

function hasContent(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return size > 0;
}

function isCopy(file: string, original: string): boolean {
  const [copyStats, originalStats] = [file, original].map((path) =>
    statSync(path, { throwIfNoEntry: false }),
  );
  return (
    originalStats !== undefined &&
    (copyStats?.dev !== originalStats.dev || copyStats.ino !== originalStats.ino)
  );
}

/** Wraps the error of a database that cannot be opened in an AppError that names the file. An AppError stays as it is. */
export function wrapOpenError(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError(
    'store_unavailable',
    `The database ${file} (STORE_URL) cannot be opened: ${summarizeSqliteError(error)}.`,
    { cause: error },
  );
}
