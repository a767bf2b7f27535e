import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { isBusy, isUnsure, summarizeSqliteError } from './sqlite-error.ts';
import { monotonicNow, type Write, type WriteFailure, type Written } from './statements.ts';

/** Another process may hold the file for a moment; longer than this is a failure, in milliseconds. */
const BUSY_FOR = 2_000;
const BUSY_PAUSE = 20;

export type Outcome = { result: Written } | { failure: WriteFailure };

interface Entry {
  since: number;
  write: Write;
  resolve: (outcome: Outcome) => void;
}

export interface CommitQueueOptions {
  db: DatabaseSyncInstance;
  /** Makes one write within a transaction. */
  apply: (write: Write) => Written;
  /** Called before each transaction; throws when nothing may be written. */
  beforeCommit: () => void;
  /** Called after a transaction, also one that failed: it may have changed the files. */
  afterWrite: () => void;
  /** Called with the error of a transaction that failed, before anything else is done. */
  onError: (error: unknown) => void;
}

/** Makes all writes that wait in one transaction, so that they share its fsync. */
export class CommitQueue {
  private readonly options: CommitQueueOptions;
  private entries: Entry[] = [];

  constructor(options: CommitQueueOptions) {
    this.options = options;
  }

  /** Resolves once the write is on disk, or has failed: then none of its transaction is made. */
  add(write: Write): Promise<Outcome> {
    return new Promise((resolve) => {
      if (this.entries.length === 0) setImmediate(() => this.flush());
      this.entries.push({ since: monotonicNow(), write, resolve });
    });
  }

  flush(): void {
    const batch = this.takeBatch();
    if (batch.length === 0) return;
    try {
      this.options.beforeCommit();
      const results = this.runAll(batch);
      this.options.afterWrite();
      for (const [index, result] of results.entries()) batch[index]?.resolve({ result });
    } catch (error) {
      this.retryOrReject(batch, error);
    }
  }

  /** Makes what waits; what has to wait for another process fails. */
  close(): void {
    this.flush();
    const failure = { summary: 'database is locked', unsure: false };
    for (const entry of this.entries.splice(0)) entry.resolve({ failure });
  }

  /** Takes all entries; those that are past their deadline fail. */
  private takeBatch(): Entry[] {
    const now = monotonicNow();
    const batch = this.entries.filter(({ write: { deadline }, resolve }) => {
      const late = deadline !== undefined && now > deadline;
      if (late) resolve({ failure: 'late' });
      return !late;
    });
    this.entries = [];
    return batch;
  }

  private runAll(batch: readonly Entry[]): Written[] {
    const { db, apply } = this.options;
    // One that could not be rolled back would block every later one.
    if (db.isTransaction) db.exec('ROLLBACK');
    db.exec('BEGIN IMMEDIATE');
    try {
      const results = batch.map(({ write }) => apply(write));
      db.exec('COMMIT');
      return results;
    } catch (error) {
      this.options.onError(error);
      this.endFailed();
      throw error;
    }
  }

  /** Some errors, such as a full disk, have rolled back already; what was written until then stays in the -wal. */
  private endFailed(): void {
    const { db, afterWrite } = this.options;
    try {
      if (db.isTransaction) db.exec('ROLLBACK');
      afterWrite();
    } catch {
      // The error of the transaction itself is the one to report.
    }
  }

  private retryOrReject(batch: readonly Entry[], error: unknown): void {
    const now = monotonicNow();
    const retried = isBusy(error) ? batch.filter(({ since }) => now - since < BUSY_FOR) : [];
    const failure = { summary: summarizeSqliteError(error), unsure: isUnsure(error) };
    for (const entry of batch) if (!retried.includes(entry)) entry.resolve({ failure });
    if (retried.length === 0) return;
    this.entries = [...retried, ...this.entries];
    setTimeout(() => this.flush(), BUSY_PAUSE);
  }
}
