import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { DeadlineError, StoreError } from '../../../lib/errors.ts';
import { withTimeout } from '../../../lib/time.ts';
import {
  buildNamespacePrefix,
  type Commit,
  listCompared,
  type RangeOptions,
  type RecordStore,
} from '../../record-store.ts';
import { iterateRecords } from '../iterate-records.ts';
import { buildRangeBounds } from '../range-bounds.ts';
import { wrapOpenError } from './open-database.ts';
import { summarizeSqliteError } from './sqlite-error.ts';
import { findDiskFault, resolveRealFile } from './sqlite-files.ts';
import { countCharacters, monotonicNow, prepareReads, type Write, type WriteFailure } from './statements.ts';
import { Writer } from './writer.ts';

/** Checking the files waits for the write before it, so longer than this is a fault, in milliseconds. */
const CHECKED_WITHIN = 2_000;

interface Options {
  beside: boolean;
  now: () => number;
  onFault: (fault: string) => void;
}

/**
 * A store in one SQLite file, for one bot: a thread writes it (WAL, synchronous=FULL), and what is read is committed and
 * on disk. It waits up to 5 s for the lock, which the kernel frees when the process ends in any way. `beside`: without the
 * lock, while a bot holds it. `now`: the clock of the deadlines. `onFault`: called once when the files were deleted,
 * replaced or overwritten, or not synced; from then on nothing is written or read. Rejects with an AppError that names the
 * file when it cannot be opened or is in use.
 */
export async function openSqlite(
  path: string,
  { beside = false, now = Date.now, onFault = () => {} }: Partial<Options> = {},
): Promise<RecordStore> {
  const file = resolveRealFile(path);
  let store: SqliteRecords | undefined;
  const writer = await Writer.open({ file, beside }, (fault) => {
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
  readonly opts: RecordStore['opts'];
  namespace?: string | undefined;
  private readonly file: string;
  private readonly writer: Writer;
  private readonly now: () => number;
  private readonly db: DatabaseSyncInstance;
  private readonly statements: ReturnType<typeof prepareReads>;
  private stopped: string | undefined;

  constructor(file: string, writer: Writer, now: () => number) {
    this.opts = { dialect: 'sqlite', url: file };
    this.file = file;
    this.writer = writer;
    this.now = now;
    this.db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    this.db.exec('PRAGMA cache_size = -8192');
    this.statements = prepareReads(this.db);
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
    await this.write({ compared: [], deletes: [], puts: [{ key, raw }] });
  }

  delete(key: string) {
    return this.deleteMany([key]);
  }

  async deleteMany(keys: readonly string[]) {
    this.requireWhole(keys);
    return (await this.write({ compared: [], deletes: keys, puts: [] })).deleted > 0;
  }

  async clear() {
    await this.write({ compared: [], deletes: [], puts: [], clear: buildNamespacePrefix(this.namespace) });
  }

  iterator(namespace?: string) {
    const prefix = buildNamespacePrefix(namespace);
    return iterateRecords((after) => this.read(({ page }) => page(after, countCharacters(prefix), prefix)));
  }

  async commit({ puts, deletes, deadline, ...compared }: Commit) {
    this.requireWhole(puts.flatMap(({ key, raw }) => [key, raw]));
    const { applied } = await this.write({
      compared: listCompared(compared),
      deletes,
      puts,
      ...(deadline === undefined ? {} : { deadline: monotonicNow() + deadline - this.now() }),
    });
    return applied;
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
    const fault = await withTimeout(CHECKED_WITHIN, () => this.writer.check()).catch((failure) => {
      if (failure instanceof DeadlineError) return 'the disk of the database does not respond';
      throw this.wrapFailure(failure);
    });
    return fault ?? findDiskFault(this.file);
  }

  async disconnect() {
    if (this.db.isOpen) this.db.close();
    await this.writer.close();
  }

  /** Nothing is read any more. */
  stop(fault: string): void {
    this.stopped = `it ${fault}`;
  }

  private async read<T>(
    work: (statements: ReturnType<typeof prepareReads>) => T,
    keys: readonly string[] = [],
  ): Promise<T> {
    this.requireWhole(keys);
    if (this.stopped !== undefined) throw this.wrapError(new Error(this.stopped));
    try {
      return work(this.statements);
    } catch (error) {
      throw this.wrapError(error);
    }
  }

  private write(write: Write) {
    return this.writer.write(write).catch((failure: WriteFailure) => {
      throw this.wrapFailure(failure);
    });
  }

  /** The driver takes a text only up to its first NUL. */
  private requireWhole(texts: readonly string[]): void {
    if (texts.some((text) => text.includes('\0')))
      throw this.wrapError(new Error('it takes no text with a NUL character'));
  }

  private wrapFailure(failure: WriteFailure): DeadlineError | StoreError {
    if (failure === 'late') return new DeadlineError();
    const { summary, unsure } = failure;
    return new StoreError(`The database ${this.file} failed (${summary}).`, undefined, { unsure });
  }

  private wrapError(error: unknown): StoreError {
    return new StoreError(`The database ${this.file} failed (${summarizeSqliteError(error)}).`, error);
  }
}
