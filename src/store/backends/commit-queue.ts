import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { DeadlineError } from '../../lib/errors.ts';
import { isBusy } from './sqlite-error.ts';

/** Another process may hold the file for a moment; longer than this is a failure, in milliseconds. */
const BUSY_FOR = 2_000;
const BUSY_PAUSE = 20;

interface Entry {
  since: number;
  work: () => unknown;
  deadline: number | undefined;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export interface CommitQueueOptions {
  db: DatabaseSyncInstance;
  /** Turns an error of SQLite into the one that callers get. */
  wrapError: (error: unknown) => Error;
  now: () => number;
  /** Called before each transaction; throws when nothing may be written. */
  beforeCommit?: () => void;
  /** Called after a transaction, also one that failed: it may have changed the files. */
  afterWrite?: () => void;
}

/** Runs the writes of one turn of the event loop in one transaction, so that they share its fsync. */
export class CommitQueue {
  private readonly options: CommitQueueOptions;
  private entries: Entry[] = [];

  constructor(options: CommitQueueOptions) {
    this.options = options;
  }

  /** Resolves with what `work` returned, once it is on disk. If one write fails, none of its turn is made. */
  add<T>(work: () => T, deadline?: number): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.entries.length === 0) setImmediate(() => this.flush());
      this.entries.push({
        since: this.options.now(),
        work,
        deadline,
        resolve: (value) => resolve(value as T),
        reject,
      });
    });
  }

  flush(): void {
    const batch = this.takeBatch();
    if (batch.length === 0) return;
    try {
      this.options.beforeCommit?.();
      const results = this.runAll(batch);
      this.options.afterWrite?.();
      batch.forEach((entry, index) => {
        entry.resolve(results[index]);
      });
    } catch (error) {
      this.retryOrReject(batch, error);
    }
  }

  /** Takes all entries; rejects those that are past their deadline. */
  private takeBatch(): Entry[] {
    const batch = this.entries.filter(({ deadline, reject }) => {
      const late = deadline !== undefined && this.options.now() > deadline;
      if (late) reject(new DeadlineError());
      return !late;
    });
    this.entries = [];
    return batch;
  }

  private runAll(batch: readonly Entry[]): unknown[] {
    const { db } = this.options;
    // One that could not be rolled back would block every later one.
    if (db.isTransaction) db.exec('ROLLBACK');
    db.exec('BEGIN IMMEDIATE');
    try {
      const results = batch.map((entry) => entry.work());
      db.exec('COMMIT');
      return results;
    } catch (error) {
      this.endFailed();
      throw error;
    }
  }

  /** Some errors, such as a full disk, have rolled back already; what was written until then stays in the -wal. */
  private endFailed(): void {
    const { db, afterWrite } = this.options;
    try {
      if (db.isTransaction) db.exec('ROLLBACK');
      afterWrite?.();
    } catch {
      // The error of the transaction itself is the one to report.
    }
  }

  private retryOrReject(batch: readonly Entry[], error: unknown): void {
    const { now, wrapError } = this.options;
    const retried = isBusy(error) ? batch.filter(({ since }) => now() - since < BUSY_FOR) : [];
    for (const entry of batch) if (!retried.includes(entry)) entry.reject(wrapError(error));
    if (retried.length === 0) return;
    this.entries = [...retried, ...this.entries];
    setTimeout(() => this.flush(), BUSY_PAUSE);
  }
}
