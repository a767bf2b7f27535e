import { performance } from 'node:perf_hooks';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreError } from '../../lib/errors.ts';
import {
  buildNamespacePrefix,
  type Commit,
  listCompared,
  type RangeOptions,
  type RecordStore,
} from '../record-store.ts';
import { CommitQueue } from './commit-queue.ts';
import { FileWatch } from './file-watch.ts';
import { iterateRecords } from './iterate-records.ts';
import { isLocked, openDatabase, takeLock, wrapOpenError } from './open-database.ts';
import { buildRangeBounds } from './range-bounds.ts';
import { BusyError, summarizeSqliteError } from './sqlite-error.ts';
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
  private readonly lock: DatabaseSyncInstance | undefined;
  private readonly db: DatabaseSyncInstance;
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
      this.statements = prepareStatements(this.db);
      const { dataVersion, checkpoint } = this.statements;
      this.watch = new FileWatch({
        files: beside ? [] : [file, `${file}-wal`, `${file}.lock`],
        state: () => JSON.stringify([dataVersion(), checkpoint()]),
        othersWrite: () => isLocked(this.db),
        now: () => performance.now(),
      });
    } catch (error) {
      this.lock?.close();
      throw wrapOpenError(file, error);
    }
    this.watchTimer = setInterval(() => this.reportFault(), WATCHED_EVERY).unref();
    this.queue = new CommitQueue({
      db: this.db,
      wrapError: (error) => this.wrapError(error),
      now,
      beforeCommit: () => this.requireSameFiles(),
      afterWrite: () => this.watch.accept(),
    });
  }

  get(key: string) {
    return this.read(({ select }) => select(key), [key]);
  }

  getMany(keys: readonly string[]) {
    return this.read(({ select }) => keys.map(select), keys);
  }

  has(key: string) {
    return this.read(({ select }) => select(key) !== undefined, [key]);
  }

  async set(key: string, raw: string) {
    this.requireWhole([key, raw]);
    await this.queue.add(() => this.statements.upsert(key, raw));
  }

  delete(key: string) {
    return this.deleteMany([key]);
  }

  async deleteMany(keys: readonly string[]) {
    this.requireWhole(keys);
    const { remove } = this.statements;
    return (await this.queue.add(() => keys.reduce((sum, key) => sum + remove(key), 0))) > 0;
  }

  async clear() {
    const prefix = buildNamespacePrefix(this.namespace);
    await this.queue.add(() => this.statements.clear(countCharacters(prefix), prefix));
  }

  iterator(namespace?: string) {
    const prefix = buildNamespacePrefix(namespace);
    return iterateRecords((after) => this.read(({ page }) => page(after, countCharacters(prefix), prefix)));
  }

  async commit({ puts, deletes, deadline, ...compared }: Commit) {
    this.requireWhole(puts.flatMap(({ key, raw }) => [key, raw]));
    const { select, upsert, remove } = this.statements;
    return this.queue.add(() => {
      for (const { key, previousRaw } of listCompared(compared))
        if (select(key) !== previousRaw) return false;
      for (const key of deletes) remove(key);
      for (const { key, raw } of puts) upsert(key, raw);
      return true;
    }, deadline);
  }

  range(index: string, { after, limit, reverse }: RangeOptions) {
    const { low, high } = buildRangeBounds(index, after, reverse);
    return this.read(({ forward, backward }) =>
      (reverse ? backward : forward)(low, high, limit).map(({ key }) => key),
    );
  }

  entries(index: string, limit: number) {
    const { low, high } = buildRangeBounds(index);
    return this.read(({ entries }) => entries(low, high, limit));
  }

  async fault() {
    return this.reportFault() ?? findDiskFault(this.file);
  }

  async disconnect() {
    clearInterval(this.watchTimer);
    this.queue.flush();
    if (this.lock && !this.faultReported) emptyWal(this.db);
    this.db.close();
    this.lock?.close();
  }

  private async read<T>(
    work: (statements: ReturnType<typeof prepareStatements>) => T,
    keys: readonly string[] = [],
  ): Promise<T> {
    this.requireWhole(keys);
    try {
      if (this.faultReported) this.requireSameFiles();
      return work(this.statements);
    } catch (error) {
      throw this.wrapError(error);
    }
  }

  /** The driver takes a text only up to its first NUL. */
  private requireWhole(texts: readonly string[]): void {
    if (texts.some((text) => text.includes('\0')))
      throw this.wrapError(new Error('it takes no text with a NUL character'));
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
    return new StoreError(`The database ${this.file} failed (${summarizeSqliteError(error)}).`, error);
  }
}

type Row = { key: string; raw: string };

/** The database file holds everything after a stop: SQLite does it by itself only once no statement is left. */
function emptyWal(db: DatabaseSyncInstance): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Another process reads it: the next start finds the rest in the -wal.
  }
}

/** All SQL of the store, as functions; a write returns how many rows it changed. */
function prepareStatements(db: DatabaseSyncInstance) {
  const get = <T>(sql: string) => {
    const statement = db.prepare(sql);
    return (...values: string[]) => statement.get(...values) as T | undefined;
  };
  const all = <T>(sql: string) => {
    const statement = db.prepare(sql);
    return (...values: (string | number)[]) => statement.all(...values) as T[];
  };
  const run = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: (string | number)[]) => Number(statement.run(...values).changes);
  };
  const select = get<{ raw: string }>('SELECT raw FROM records WHERE key = ?');
  const between = 'FROM records WHERE key > ? AND key < ? ORDER BY key';
  return {
    dataVersion: get('PRAGMA data_version'),
    checkpoint: get('PRAGMA wal_checkpoint(NOOP)'),
    select: (key: string) => select(key)?.raw,
    upsert: run(
      'INSERT INTO records (key, raw) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET raw = excluded.raw',
    ),
    remove: run('DELETE FROM records WHERE key = ?'),
    forward: all<{ key: string }>(`SELECT key ${between} LIMIT ?`),
    backward: all<{ key: string }>(`SELECT key ${between} DESC LIMIT ?`),
    entries: all<Row>(`SELECT key, raw ${between} LIMIT ?`),
    clear: run('DELETE FROM records WHERE substr(key, 1, ?) = ?'),
    page: all<Row>(
      'SELECT key, raw FROM records WHERE key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT 100',
    ),
  };
}

/** SQLite counts characters, not UTF-16 units. */
function countCharacters(text: string): number {
  return [...text].length;
}
