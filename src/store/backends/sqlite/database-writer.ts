import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Commit } from '../../record-store.ts';
import { FileWatch } from './file-watch.ts';
import { openBeside, openForBot, wrapOpenError } from './open-database.ts';
import { isBusy, isOverwritten, isUnsure, summarizeSqliteError } from './sqlite-error.ts';
import { monotonicNow, prepareWrites, type WriteFailure, type WriterSettings } from './statements.ts';

/** Interval between two comparisons of the open files with those on disk, in milliseconds. */
const WATCH_INTERVAL = 500;
/** Pages in the `-wal` file at which they are copied into the database: 4 MB. */
const CHECKPOINT_AFTER = 1_000;
/** A reader at each checkpoint would let the `-wal` grow. At this many pages, SQLite restarts the file from its beginning. */
const LONGEST_LOG = 4_000;
/** Another process may hold the file for a moment. A longer time is a failure, in milliseconds. */
const BUSY_TIMEOUT = 2_000;
const BUSY_PAUSE = 20;

/** SQLite would write a `-wal` file that is left beside another database into that database at the next start. */
const RESTORE =
  'stop the bot, restore its files (if you replace the database, delete the -wal and -shm files beside it) and start it again';
const CHECK_DISK = 'check the disk, then start the bot again';

/** `result`: false if a compared key had another value. */
export type CommitOutcome = { result: boolean } | { failure: WriteFailure };

interface Waiting {
  since: number;
  commit: Commit;
  resolve: (outcome: CommitOutcome) => void;
}

/**
 * The only connection that writes: WAL, synchronous=FULL, with a lock that the kernel frees even after a crash. All waiting
 * commits are made in one transaction and share its fsync. `onFault`: called once, with what is wrong and what to do, if the
 * files were deleted, replaced or truncated or the disk rejected a write; from then on nothing is written.
 */
export class DatabaseWriter {
  private readonly onFault: (fault: string) => void;
  private readonly lock: DatabaseSyncInstance | undefined;
  private readonly db: DatabaseSyncInstance;
  private readonly statements: ReturnType<typeof prepareWrites>;
  private readonly watch: FileWatch;
  private readonly watchTimer: NodeJS.Timeout;
  private waiting: Waiting[] = [];
  private fault: { what: string; remedy: string } | undefined;

  /** Rejects with an AppError that names the file if it cannot be opened or is in use. */
  static async open(settings: WriterSettings, onFault: (fault: string) => void): Promise<DatabaseWriter> {
    const { file, besideBot } = settings;
    const opened = besideBot ? { db: await openBeside(file), lock: undefined } : await openForBot(file);
    return new DatabaseWriter(settings, opened, onFault);
  }

  private constructor(
    { file, besideBot }: WriterSettings,
    { db, lock }: { db: DatabaseSyncInstance; lock: DatabaseSyncInstance | undefined },
    onFault: (fault: string) => void,
  ) {
    this.onFault = onFault;
    this.lock = lock;
    this.db = db;
    try {
      this.statements = prepareWrites(this.db);
      const { dataVersion, logState } = this.statements;
      this.watch = new FileWatch({
        files: besideBot ? [] : [file, `${file}-wal`, `${file}.lock`],
        state: () => JSON.stringify([dataVersion(), logState()]),
      });
    } catch (error) {
      this.db.close();
      this.lock?.close();
      throw wrapOpenError(file, error);
    }
    this.watchTimer = setInterval(() => this.check(), WATCH_INTERVAL).unref();
  }

  /** Resolves once the commit is on disk, or its whole transaction has failed. The commit's deadline is by `monotonicNow`. */
  write(commit: Commit): Promise<CommitOutcome> {
    return new Promise((resolve) => {
      if (this.waiting.length === 0) setImmediate(() => this.writeAll());
      this.waiting.push({ since: monotonicNow(), commit, resolve });
    });
  }

  /** Returns what is wrong, in half a sentence. */
  check(): string | undefined {
    const fault = this.fault ? undefined : this.watch.check();
    if (fault !== undefined) this.report(fault, RESTORE);
    return this.fault?.what;
  }

  /**
   * Makes the waiting commits; a commit that would have to wait for another process fails. Without a fault, a bot's database file
   * then has all records.
   */
  close(): void {
    clearInterval(this.watchTimer);
    this.writeAll();
    const failure = { summary: 'database is locked', unsure: false };
    for (const { resolve } of this.waiting.splice(0)) resolve({ failure });
    if (this.lock && !this.fault) this.copyLog('TRUNCATE');
    this.db.close();
    this.lock?.close();
  }

  private writeAll(): void {
    const batch = this.takeBatch();
    if (batch.length === 0) return;
    try {
      this.requireSameFiles();
      const results = this.commitAll(batch);
      this.afterWrite();
      for (const [index, result] of results.entries()) batch[index]?.resolve({ result });
    } catch (error) {
      this.retryOrReject(batch, error);
    }
  }

  /** Takes all waiting commits. A commit past its deadline fails. */
  private takeBatch(): Waiting[] {
    const now = monotonicNow();
    const batch = this.waiting.filter(({ commit: { deadline }, resolve }) => {
      const isLate = deadline !== undefined && now > deadline;
      if (isLate) resolve({ failure: 'late' });
      return !isLate;
    });
    this.waiting = [];
    return batch;
  }

  private commitAll(batch: readonly Waiting[]): boolean[] {
    // A transaction that could not be rolled back would block every later one.
    if (this.db.isTransaction) this.db.exec('ROLLBACK');
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const results = batch.map(({ commit }) => this.apply(commit));
      this.db.exec('COMMIT');
      return results;
    } catch (error) {
      this.reportFatal(error);
      this.endFailed();
      throw error;
    }
  }

  private apply({ compare, deletes, puts }: Commit): boolean {
    const { select, remove, upsert } = this.statements;
    if (compare.some(({ key, previousRaw }) => select(key) !== previousRaw)) return false;
    deletes.forEach(remove);
    puts.forEach(upsert);
    return true;
  }

  /** SQLite has already rolled back after some errors, such as a full disk. Pages written before the error stay in the -wal. */
  private endFailed(): void {
    try {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      this.afterWrite();
    } catch {
      // The error of the transaction itself is reported.
    }
  }

  private retryOrReject(batch: readonly Waiting[], error: unknown): void {
    const now = monotonicNow();
    const retriedCommits = isBusy(error) ? batch.filter(({ since }) => now - since < BUSY_TIMEOUT) : [];
    const failure = { summary: summarizeSqliteError(error), unsure: isUnsure(error) };
    for (const entry of batch) if (!retriedCommits.includes(entry)) entry.resolve({ failure });
    if (retriedCommits.length === 0) return;
    this.waiting = [...retriedCommits, ...this.waiting];
    setTimeout(() => this.writeAll(), BUSY_PAUSE);
  }

  private requireSameFiles(): void {
    this.check();
    if (this.fault) throw new Error(`it ${this.fault.what}: ${this.fault.remedy}`);
  }

  private afterWrite(): void {
    this.watch.accept();
    const { log = 0, checkpointed = 0 } = this.statements.logState() ?? {};
    // While a bot has the database open, only the bot writes the database file.
    if (!this.lock || log - checkpointed < CHECKPOINT_AFTER) return;
    // After the replies, so that no commit waits for the checkpoint.
    setImmediate(() => this.checkpoint(log < LONGEST_LOG ? 'PASSIVE' : 'RESTART'));
  }

  private checkpoint(mode: 'PASSIVE' | 'RESTART'): void {
    if (!this.db.isOpen || this.check() !== undefined) return;
    this.copyLog(mode);
    this.watch.accept();
  }

  private copyLog(mode: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): void {
    try {
      this.db.exec(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      // Pages that are not copied now stay in the -wal, and are copied after a later write or at the next start.
      this.reportFatal(error);
    }
  }

  /** After a failed fsync, a second one can succeed although the data is lost: https://wiki.postgresql.org/wiki/Fsync_Errors */
  private reportFatal(error: unknown): void {
    if (isOverwritten(error)) this.report('is not a database any more', RESTORE);
    if (isUnsure(error))
      this.report(`could not be synced to disk (${summarizeSqliteError(error)})`, CHECK_DISK);
  }

  private report(what: string, remedy: string): void {
    if (this.fault) return;
    this.fault = { what, remedy };
    this.onFault(`${what}: ${remedy}`);
  }
}
