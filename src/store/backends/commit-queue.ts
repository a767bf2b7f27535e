import type Database from 'better-sqlite3';
import { DeadlineError } from '../../lib/errors.ts';

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

/** Carries out the writes of one turn of the event loop in one transaction, so that they share its fsync. */
export function createCommitQueue(
  db: Database.Database,
  failed: (error: unknown) => Error,
  now: () => number,
  /** Called around each transaction; `before` throws when nothing may be written. */
  { before, after }: { before: () => void; after: () => void } = { before() {}, after() {} },
) {
  let entries: Entry[] = [];

  const runAll = db.transaction((batch: readonly Entry[]) => batch.map((entry) => entry.work()));

  function flush(): void {
    const batch = entries.filter(({ deadline, reject }) => {
      const late = deadline !== undefined && now() > deadline;
      if (late) reject(new DeadlineError());
      return !late;
    });
    entries = [];
    if (batch.length === 0) return;
    try {
      before();
      const results = runAll.immediate(batch);
      after();
      batch.forEach((entry, index) => {
        entry.resolve(results[index]);
      });
    } catch (error) {
      const patient = isBusy(error) ? batch.filter(({ since }) => now() - since < BUSY_FOR) : [];
      for (const entry of batch) if (!patient.includes(entry)) entry.reject(failed(error));
      if (patient.length === 0) return;
      entries = [...patient, ...entries];
      setTimeout(flush, BUSY_PAUSE);
    }
  }

  /** Resolves with what `work` returned, once it is on disk. A failure fails all of its turn: none was written. */
  function add<T>(work: () => T, deadline?: number): Promise<T> {
    return new Promise((resolve, reject) => {
      if (entries.length === 0) setImmediate(flush);
      entries.push({ since: now(), work, deadline, resolve: (value) => resolve(value as T), reject });
    });
  }

  return { add, flush };
}

/** The transaction cannot begin yet. */
export class BusyError extends Error {
  readonly code = 'SQLITE_BUSY';
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
