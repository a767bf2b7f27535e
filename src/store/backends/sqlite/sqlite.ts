import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { DeadlineError, StoreError } from '../../../lib/errors.ts';
import { withTimeout } from '../../../lib/time.ts';
import type { Commit, RangeOptions, RecordStore } from '../../record-store.ts';
import { buildRangeBounds } from '../range-bounds.ts';
import { wrapOpenError } from './open-database.ts';
import { summarizeSqliteError } from './sqlite-error.ts';
import { findDiskFault, resolveRealFile } from './sqlite-files.ts';
import { monotonicNow, prepareReads } from './statements.ts';
import { Writer } from './writer.ts';

/** Longest time for a check of the files, after the write before it, in milliseconds. Longer means that the disk does not respond. */
const CHECK_TIMEOUT = 2_000;

interface Options {
  besideBot: boolean;
  now: () => number;
  onFault: (fault: string) => void;
}

/**
 * Opens a store in one SQLite file, for one bot. A thread writes the file (WAL, synchronous=FULL), and all records that are read
 * are committed and on disk. Waits up to 5 s for the lock, which the kernel frees even after a crash. `besideBot`: opens
 * without the lock, while a bot holds it. `now`: the clock of the deadlines. `onFault`: called once if the files were deleted,
 * replaced or truncated, or not synced; from then on nothing is written or read. Rejects with an AppError that names the file if
 * it cannot be opened or is in use.
 */
export async function openSqlite(
  path: string,
  { besideBot = false, now = Date.now, onFault = () => {} }: Partial<Options> = {},
): Promise<RecordStore> {
  const file = resolveRealFile(path);
  let store: SqliteRecords | undefined;
  const writer = await Writer.open({ file, besideBot }, (fault) => {
    store?.stop(fault);
    onFault(`${file} ${fault}`);
  });
  try {
    store = new SqliteRecords(file, writer, now);
    return store;
  } catch (error) {
    await writer.close();
    throw wrapOpenError(file, error);
  }
}

class SqliteRecords implements RecordStore {
  private readonly file: string;
  private readonly writer: Writer;
  private readonly now: () => number;
  private readonly db: DatabaseSyncInstance;
  private readonly statements: ReturnType<typeof prepareReads>;
  private stopReason: string | undefined;

  constructor(file: string, writer: Writer, now: () => number) {
    this.file = file;
    this.writer = writer;
    this.now = now;
    this.db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    this.db.exec('PRAGMA cache_size = -8192');
    this.statements = prepareReads(this.db);
  }

  get(key: string) {
    return this.read(({ select }) => select(key));
  }

  getMany(keys: readonly string[]) {
    return this.read(({ select }) => keys.map(select));
  }

  commit({ compare, puts, deletes, deadline }: Commit) {
    const until = deadline === undefined ? undefined : monotonicNow() + deadline - this.now();
    return this.writer.ask<boolean>({ commit: { compare, puts, deletes, deadline: until } });
  }

  range(index: string, { after, limit, reverse }: RangeOptions) {
    const { low, high } = buildRangeBounds(index, after, reverse);
    return this.read(({ forward, backward }) => (reverse ? backward : forward)(low, high, limit));
  }

  async fault() {
    const check = () => this.writer.ask<string | undefined>('check');
    const fault = await withTimeout(CHECK_TIMEOUT, check).catch((error: unknown) => {
      if (error instanceof DeadlineError) return 'the disk of the database does not respond';
      throw error;
    });
    return fault ?? findDiskFault(this.file);
  }

  async disconnect() {
    if (this.db.isOpen) this.db.close();
    await this.writer.close();
  }

  /** Ends all reading. */
  stop(fault: string): void {
    this.stopReason = `it ${fault}`;
  }

  private async read<T>(work: (statements: ReturnType<typeof prepareReads>) => T): Promise<T> {
    if (this.stopReason !== undefined) throw this.wrapError(new Error(this.stopReason));
    try {
      return work(this.statements);
    } catch (error) {
      throw this.wrapError(error);
    }
  }

  private wrapError(error: unknown): StoreError {
    return new StoreError(`The database ${this.file} failed (${summarizeSqliteError(error)}).`, error);
  }
}
