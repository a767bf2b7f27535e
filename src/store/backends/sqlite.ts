import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { AppError, StoreError, summarizeError } from '../../lib/errors.ts';
import { listCompared, type RecordStore } from '../record-store.ts';
import { BusyError, createCommitQueue, isBusy } from './commit-queue.ts';
import { buildRangeBounds } from './range-bounds.ts';
import { createFileWatch, findDiskFault, resolveRealFile } from './sqlite-files.ts';

const LOCK_WAIT = 5_000;
/** How often the files are compared with those that are open, in milliseconds. */
const WATCHED_EVERY = 500;

/** A `-wal` file that is left beside another database is written into it at the next start. */
const MENDED_BY =
  'stop the bot, put its files right (a database that was put in needs the -wal and -shm files beside it deleted) and start it again';

/**
 * A store in one SQLite file, for one bot: WAL, synchronous=FULL. It takes a lock that the kernel frees when the
 * process ends in any way, and waits up to 5 s for it; `beside`: without the lock, beside the bot that holds it; `now`:
 * the clock of its deadlines; `onFault`: called once when its files were deleted, replaced or overwritten: from then on
 * nothing is written or read. Throws an AppError that names the file when it cannot be opened or is in use.
 */
export function openSqlite(
  path: string,
  {
    beside = false,
    now = Date.now,
    onFault = () => {},
  }: { beside?: boolean; now?: () => number; onFault?: (fault: string) => void } = {},
): RecordStore {
  const file = resolveRealFile(path);
  const lock = beside ? undefined : takeLock(file);
  const db = openDatabase(file, beside, () => lock?.close());
  const failed = (error: unknown) =>
    new StoreError(`The database ${file} failed (${summarizeError(error)}).`, error);

  const dataVersion = keep(db.prepare<[], number>('PRAGMA data_version').pluck());
  const checkpoint = keep(db.prepare('PRAGMA wal_checkpoint(NOOP)'));
  const files = createFileWatch({
    files: beside ? [] : [file, `${file}-wal`, `${file}.lock`],
    state: () => JSON.stringify([dataVersion.get(), checkpoint.get()]),
    othersWrite: () => isLocked(db),
    now: () => performance.now(),
  });
  let told = false;
  /** What is wrong with the files, told once. */
  const fileFault = () => {
    const fault = files.check();
    if (fault === undefined) return undefined;
    if (!told) onFault(`${file} ${fault}: ${MENDED_BY}`);
    told = true;
    return fault;
  };
  const watching = setInterval(fileFault, WATCHED_EVERY).unref();
  const guard = () => {
    const fault = fileFault();
    if (fault !== undefined) throw new Error(`it ${fault}: ${MENDED_BY}`);
    // Nothing is committed to files that may be others than those that were opened: the queue tries again.
    if (files.suspect()) throw new BusyError('its files have changed');
  };
  const queue = createCommitQueue(db, failed, now, { before: guard, after: files.accept });

  const select = keep(db.prepare<[string], { raw: string }>('SELECT raw FROM records WHERE key = ?'));
  const upsert = keep(
    db.prepare(
      'INSERT INTO records (key, raw) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET raw = excluded.raw',
    ),
  );
  const remove = keep(db.prepare('DELETE FROM records WHERE key = ?'));
  const forward = keep(
    db.prepare<[string, string, number], { key: string }>(
      'SELECT key FROM records WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
    ),
  );
  const backward = keep(
    db.prepare<[string, string, number], { key: string }>(
      'SELECT key FROM records WHERE key > ? AND key < ? ORDER BY key DESC LIMIT ?',
    ),
  );

  const first = keep(
    db.prepare<[string, string, number], { key: string; raw: string }>(
      'SELECT key, raw FROM records WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
    ),
  );

  const clear = keep(db.prepare('DELETE FROM records WHERE substr(key, 1, ?) = ?'));
  const page = keep(
    db.prepare<[string, number, string], { key: string; raw: string }>(
      'SELECT key, raw FROM records WHERE key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT 100',
    ),
  );

  const attempt = async <T>(work: () => T): Promise<T> => {
    try {
      if (told) guard();
      return work();
    } catch (error) {
      throw failed(error);
    }
  };

  const operations = {
    opts: { dialect: 'sqlite', url: file },
    async get(key: string) {
      return attempt(() => select.get(key)?.raw);
    },
    async getMany(keys: string[]) {
      return attempt(() => keys.map((key) => select.get(key)?.raw));
    },
    async has(key: string) {
      return attempt(() => select.get(key) !== undefined);
    },
    async set(key: string, value: string) {
      await queue.add(() => upsert.run(key, value));
    },
    async delete(key: string) {
      return (await queue.add(() => remove.run(key).changes)) > 0;
    },
    async deleteMany(keys: string[]) {
      return (await queue.add(() => keys.reduce((sum, key) => sum + remove.run(key).changes, 0))) > 0;
    },
    async clear() {
      const { namespace } = store as { namespace?: string };
      const prefix = namespace === undefined ? '' : `${namespace}:`;
      await queue.add(() => clear.run(lengthOf(prefix), prefix));
    },
    async *iterator(namespace?: string): AsyncGenerator<[string, string]> {
      const prefix = namespace === undefined ? '' : `${namespace}:`;
      for (let after = ''; ; ) {
        const rows = page.all(after, lengthOf(prefix), prefix);
        for (const row of rows) yield [row.key, row.raw];
        const last = rows.at(-1);
        if (!last) return;
        after = last.key;
      }
    },
    commit({ puts, deletes, deadline, ...compared }: Parameters<RecordStore['commit']>[0]) {
      return queue.add(() => {
        for (const { key, previousRaw } of listCompared(compared))
          if (select.get(key)?.raw !== previousRaw) return false;
        for (const gone of deletes) remove.run(gone);
        for (const put of puts) upsert.run(put.key, put.raw);
        return true;
      }, deadline);
    },
    async range(index: string, { after, limit, reverse }: Parameters<RecordStore['range']>[1]) {
      const { low, high } = buildRangeBounds(index, after, reverse);
      return attempt(() => (reverse ? backward : forward).all(low, high, limit).map((row) => row.key));
    },
    async entries(index: string, limit: number) {
      const { low, high } = buildRangeBounds(index, undefined, false);
      return attempt(() => first.all(low, high, limit));
    },
    async fault() {
      return fileFault() ?? findDiskFault(file);
    },
    async disconnect() {
      clearInterval(watching);
      queue.flush();
      db.close();
      lock?.close();
    },
  };

  const store: RecordStore = Object.assign(new EventEmitter(), operations) as unknown as RecordStore;
  return store;
}

const kept: unknown[] = [];

/**
 * Held until the process ends: better-sqlite3 12, built on Node 24.19 or later, ends the process when one of its
 * objects is collected (https://github.com/nodejs/node/issues/65446). There are a handful of them.
 */
function keep<T>(object: T): T {
  kept.push(object);
  return object;
}

/** SQLite counts characters, not UTF-16 units. */
function lengthOf(text: string): number {
  return [...text].length;
}

function openDatabase(file: string, beside: boolean, onFailure: () => void): Database.Database {
  try {
    if (beside) mkdirSync(dirname(file), { recursive: true });
    // Waiting for another process would hold up everything else in this one: the queue waits instead.
    const db = keep(new Database(file, { timeout: 0 }));
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384');
    // The bot that holds the lock writes the database file itself: it takes every other change for a fault.
    if (beside) db.exec('PRAGMA wal_autocheckpoint = 0');
    // With rowids: new records of a few KB are appended, and listing reads the keys' own index only.
    db.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT');
    // Opens the -wal too.
    db.exec('SELECT 1 FROM records LIMIT 1');
    return db;
  } catch (error) {
    onFailure();
    throw new AppError(
      'store_unavailable',
      `The database ${file} (STORE_URL) cannot be opened: ${summarizeError(error)}.`,
      {
        cause: error,
      },
    );
  }
}

/** Whether another process is in a write transaction. */
function isLocked(db: Database.Database): boolean {
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    return isBusy(error);
  }
}

/** An exclusive transaction on a file beside the database, held until the process ends. */
function takeLock(file: string): Database.Database {
  const path = `${file}.lock`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const lock = keep(new Database(path, { timeout: LOCK_WAIT }));
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new AppError('store_locked', `The database ${file} is in use by another process.`, {
        cause: error,
      });
    }
    throw new AppError(
      'store_unavailable',
      `The database ${file} (STORE_URL) cannot be opened: ${summarizeError(error)}.`,
      {
        cause: error,
      },
    );
  }
}
