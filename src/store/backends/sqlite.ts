import { performance } from 'node:perf_hooks';
import type Database from 'better-sqlite3';
import { StoreError, summarizeError } from '../../lib/errors.ts';
import {
  buildNamespacePrefix,
  type Commit,
  listCompared,
  type RangeOptions,
  type RecordStore,
} from '../record-store.ts';
import { BusyError, CommitQueue } from './commit-queue.ts';
import { FileWatch } from './file-watch.ts';
import { iterateRecords } from './iterate-records.ts';
import { isLocked, keep, openDatabase, takeLock } from './open-database.ts';
import { buildRangeBounds } from './range-bounds.ts';
import { findDiskFault, resolveRealFile } from './sqlite-files.ts';

/** How often the open files are compared with those on disk, in milliseconds. */
const WATCHED_EVERY = 500;

/** A `-wal` file that is left beside another database is written into that database at the next start. */
const REMEDY =
  'stop the bot, restore its files (if you replace the database, delete the -wal and -shm files beside it) and start it again';

interface Options {
  beside: boolean;
  now: () => number;
  onFault: (fault: string) => void;
}

/**
 * A store in one SQLite file, for one bot: WAL, synchronous=FULL. It takes a lock that the kernel frees when the
 * process ends in any way, and waits up to 5 s for the lock. `beside`: without the lock, while a bot holds it. `now`: the
 * clock of the deadlines. `onFault`: called once when the files were deleted, replaced or overwritten; from then on
 * nothing is written or read. Throws an AppError that names the file when it cannot be opened or is in use.
 */
export function openSqlite(
  path: string,
  { beside = false, now = Date.now, onFault = () => {} }: Partial<Options> = {},
): RecordStore {
  return new SqliteRecords(resolveRealFile(path), { beside, now, onFault });
}

class SqliteRecords implements RecordStore {
  readonly opts: RecordStore['opts'];
  namespace?: string | undefined;
  private readonly file: string;
  private readonly lock: Database.Database | undefined;
  private readonly db: Database.Database;
  private readonly statements: ReturnType<typeof prepareStatements>;
  private readonly watch: FileWatch;
  private readonly watchTimer: NodeJS.Timeout;
  private readonly queue: CommitQueue;
  private readonly onFault: (fault: string) => void;
  private faultReported = false;

  constructor(file: string, { beside, now, onFault }: Options) {
    this.opts = { dialect: 'sqlite', url: file };
    this.file = file;
    this.onFault = onFault;
    this.lock = beside ? undefined : takeLock(file);
    try {
      this.db = openDatabase(file, beside);
    } catch (error) {
      this.lock?.close();
      throw error;
    }
    this.statements = prepareStatements(this.db);
    const { dataVersion, checkpoint } = this.statements;
    this.watch = new FileWatch({
      files: beside ? [] : [file, `${file}-wal`, `${file}.lock`],
      state: () => JSON.stringify([dataVersion.get(), checkpoint.get()]),
      othersWrite: () => isLocked(this.db),
      now: () => performance.now(),
    });
    this.watchTimer = setInterval(() => this.reportFault(), WATCHED_EVERY).unref();
    this.queue = new CommitQueue({
      db: this.db,
      wrapError: (error) => this.wrapError(error),
      now,
      beforeCommit: () => this.requireSameFiles(),
      afterCommit: () => this.watch.accept(),
    });
  }

  get(key: string) {
    return this.read(({ select }) => select.get(key)?.raw);
  }

  getMany(keys: readonly string[]) {
    return this.read(({ select }) => keys.map((key) => select.get(key)?.raw));
  }

  has(key: string) {
    return this.read(({ select }) => select.get(key) !== undefined);
  }

  async set(key: string, raw: string) {
    await this.queue.add(() => this.statements.upsert.run(key, raw));
  }

  delete(key: string) {
    return this.deleteMany([key]);
  }

  async deleteMany(keys: readonly string[]) {
    const { remove } = this.statements;
    return (await this.queue.add(() => keys.reduce((sum, key) => sum + remove.run(key).changes, 0))) > 0;
  }

  async clear() {
    const prefix = buildNamespacePrefix(this.namespace);
    await this.queue.add(() => this.statements.clear.run(countCharacters(prefix), prefix));
  }

  iterator(namespace?: string) {
    const prefix = buildNamespacePrefix(namespace);
    return iterateRecords(async (after) => this.statements.page.all(after, countCharacters(prefix), prefix));
  }

  commit({ puts, deletes, deadline, ...compared }: Commit) {
    const { select, upsert, remove } = this.statements;
    return this.queue.add(() => {
      for (const { key, previousRaw } of listCompared(compared))
        if (select.get(key)?.raw !== previousRaw) return false;
      for (const key of deletes) remove.run(key);
      for (const { key, raw } of puts) upsert.run(key, raw);
      return true;
    }, deadline);
  }

  range(index: string, { after, limit, reverse }: RangeOptions) {
    const { low, high } = buildRangeBounds(index, after, reverse);
    return this.read(({ forward, backward }) =>
      (reverse ? backward : forward).all(low, high, limit).map((row) => row.key),
    );
  }

  entries(index: string, limit: number) {
    const { low, high } = buildRangeBounds(index);
    return this.read(({ entries }) => entries.all(low, high, limit));
  }

  async fault() {
    return this.reportFault() ?? findDiskFault(this.file);
  }

  async disconnect() {
    clearInterval(this.watchTimer);
    this.queue.flush();
    this.db.close();
    this.lock?.close();
  }

  private async read<T>(work: (statements: ReturnType<typeof prepareStatements>) => T): Promise<T> {
    try {
      if (this.faultReported) this.requireSameFiles();
      return work(this.statements);
    } catch (error) {
      throw this.wrapError(error);
    }
  }

  /** What is wrong with the files; reported once. */
  private reportFault(): string | undefined {
    const fault = this.watch.check();
    if (fault === undefined) return undefined;
    if (!this.faultReported) this.onFault(`${this.file} ${fault}: ${REMEDY}`);
    this.faultReported = true;
    return fault;
  }

  private requireSameFiles(): void {
    const fault = this.reportFault();
    if (fault !== undefined) throw new Error(`it ${fault}: ${REMEDY}`);
    // Nothing is committed to files that may not be those that were opened: the queue tries again.
    if (this.watch.isSuspect()) throw new BusyError('its files have changed');
  }

  private wrapError(error: unknown): StoreError {
    return new StoreError(`The database ${this.file} failed (${summarizeError(error)}).`, error);
  }
}

function prepareStatements(db: Database.Database) {
  const between = 'FROM records WHERE key > ? AND key < ? ORDER BY key';
  return {
    dataVersion: keep(db.prepare<[], number>('PRAGMA data_version').pluck()),
    checkpoint: keep(db.prepare('PRAGMA wal_checkpoint(NOOP)')),
    select: keep(db.prepare<[string], { raw: string }>('SELECT raw FROM records WHERE key = ?')),
    upsert: keep(
      db.prepare(
        'INSERT INTO records (key, raw) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET raw = excluded.raw',
      ),
    ),
    remove: keep(db.prepare('DELETE FROM records WHERE key = ?')),
    forward: keep(db.prepare<[string, string, number], { key: string }>(`SELECT key ${between} LIMIT ?`)),
    backward: keep(
      db.prepare<[string, string, number], { key: string }>(`SELECT key ${between} DESC LIMIT ?`),
    ),
    entries: keep(
      db.prepare<[string, string, number], { key: string; raw: string }>(
        `SELECT key, raw ${between} LIMIT ?`,
      ),
    ),
    clear: keep(db.prepare('DELETE FROM records WHERE substr(key, 1, ?) = ?')),
    page: keep(
      db.prepare<[string, number, string], { key: string; raw: string }>(
        'SELECT key, raw FROM records WHERE key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT 100',
      ),
    ),
  };
}

/** SQLite counts characters, not UTF-16 units. */
function countCharacters(text: string): number {
  return [...text].length;
}
