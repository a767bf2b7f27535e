import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { CommitQueue, type Outcome } from './commit-queue.ts';
import { FileWatch } from './file-watch.ts';
import { isLocked, openBeside, openForBot, wrapOpenError } from './open-database.ts';
import { BusyError, isOverwritten, isUnsure, summarizeSqliteError } from './sqlite-error.ts';
import { monotonicNow, prepareWrites, type Write, type WriterSettings, type Written } from './statements.ts';

/** How often the open files are compared with those on disk, in milliseconds. */
const WATCHED_EVERY = 500;
/** Pages in the `-wal` file after which they are copied into the database: 4 MB. */
const CHECKPOINT_AFTER = 1_000;
/** A reader at each checkpoint would let the `-wal` grow: from here on it is written from its beginning again. */
const LONGEST_LOG = 4_000;

/** A `-wal` file that is left beside another database is written into that database at the next start. */
const RESTORE =
  'stop the bot, restore its files (if you replace the database, delete the -wal and -shm files beside it) and start it again';
const CHECK_DISK = 'check the disk, then start the bot again';

/**
 * The one connection that writes: WAL, synchronous=FULL, with a lock that the kernel frees when the process ends in any
 * way. `onFault`: called once, with what is wrong and what to do, when the files were deleted, replaced or overwritten or
 * the disk did not take what was written; from then on nothing is written.
 */
export class DatabaseWriter {
  private readonly onFault: (fault: string) => void;
  private readonly lock: DatabaseSyncInstance | undefined;
  private readonly db: DatabaseSyncInstance;
  private readonly statements: ReturnType<typeof prepareWrites>;
  private readonly watch: FileWatch;
  private readonly watchTimer: NodeJS.Timeout;
  private readonly queue: CommitQueue;
  private fault: { what: string; remedy: string } | undefined;

  /** Rejects with an AppError that names the file when it cannot be opened or is in use. */
  static async open(settings: WriterSettings, onFault: (fault: string) => void): Promise<DatabaseWriter> {
    const { file, beside } = settings;
    const opened = beside ? { db: await openBeside(file), lock: undefined } : await openForBot(file);
    return new DatabaseWriter(settings, opened, onFault);
  }

  private constructor(
    { file, beside }: WriterSettings,
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
        files: beside ? [] : [file, `${file}-wal`, `${file}.lock`],
        state: () => JSON.stringify([dataVersion(), logState()]),
        othersWrite: () => isLocked(this.db),
        now: monotonicNow,
      });
    } catch (error) {
      this.db.close();
      this.lock?.close();
      throw wrapOpenError(file, error);
    }
    this.watchTimer = setInterval(() => this.check(), WATCHED_EVERY).unref();
    this.queue = new CommitQueue({
      db: this.db,
      apply: (write) => this.apply(write),
      beforeCommit: () => this.requireSameFiles(),
      afterWrite: () => this.afterWrite(),
      onError: (error) => this.reportFatal(error),
    });
  }

  /** Resolves once it is on disk or has failed. */
  write(write: Write): Promise<Outcome> {
    return this.queue.add(write);
  }

  /** What is wrong, in half a sentence. */
  check(): string | undefined {
    const fault = this.fault ? undefined : this.watch.check();
    if (fault !== undefined) this.report(fault, RESTORE);
    return this.fault?.what;
  }

  /** Makes the writes that wait; then the database file holds everything. */
  close(): void {
    clearInterval(this.watchTimer);
    this.queue.close();
    if (this.lock && !this.fault) this.copyLog('TRUNCATE');
    this.db.close();
    this.lock?.close();
  }

  private apply({ compared, deletes, puts, clear }: Write): Written {
    const { select, remove, upsert, removePrefix } = this.statements;
    if (compared.some(({ key, previousRaw }) => select(key) !== previousRaw))
      return { applied: false, deleted: 0 };
    let deleted = clear === undefined ? 0 : removePrefix(clear);
    for (const key of deletes) deleted += remove(key);
    for (const { key, raw } of puts) upsert(key, raw);
    return { applied: true, deleted };
  }

  private requireSameFiles(): void {
    this.check();
    if (this.fault) throw new Error(`it ${this.fault.what}: ${this.fault.remedy}`);
    // Nothing is committed to files that may not be those that were opened: the queue tries again.
    if (this.watch.isSuspect()) throw new BusyError('its files have changed');
  }

  private afterWrite(): void {
    this.watch.accept();
    const { log = 0, checkpointed = 0 } = this.statements.logState() ?? {};
    // Beside a bot only the bot writes the database file.
    if (!this.lock || log - checkpointed < CHECKPOINT_AFTER) return;
    // After the replies, so that nobody waits for it.
    setImmediate(() => this.checkpoint(log < LONGEST_LOG ? 'PASSIVE' : 'RESTART'));
  }

  private checkpoint(mode: 'PASSIVE' | 'RESTART'): void {
    if (!this.db.isOpen || this.check() !== undefined || this.watch.isSuspect()) return;
    this.copyLog(mode);
    this.watch.accept();
  }

  private copyLog(mode: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): void {
    try {
      this.db.exec(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      // What is not copied now stays in the -wal, and is copied after a later write or at the next start.
      this.reportFatal(error);
    }
  }

  /** A second fsync after a failed one can succeed without what the first one lost: https://wiki.postgresql.org/wiki/Fsync_Errors */
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
