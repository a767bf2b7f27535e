import { summarizeError } from '../../lib/errors.ts';

const SQLITE_BUSY = 5;

/** The transaction cannot begin yet. */
export class BusyError extends Error {}

/** Whether another connection holds the database, so that the same work can succeed later. */
export function isBusy(error: unknown): boolean {
  // The low byte of an extended code is the primary one.
  return error instanceof BusyError || (readNumber(error, 'errcode') & 0xff) === SQLITE_BUSY;
}

/** Describes an error of SQLite in a few words for people, with SQLite's own name of it: "SQLITE_FULL: disk is full". */
export function summarizeSqliteError(error: unknown): string {
  const name = error instanceof Error && 'sqliteCodeName' in error ? error.sqliteCodeName : undefined;
  return typeof name === 'string' ? `${name}: ${(error as Error).message}` : summarizeError(error);
}

function readNumber(error: unknown, field: string): number {
  const value = error instanceof Error ? (error as unknown as Record<string, unknown>)[field] : undefined;
  return typeof value === 'number' ? value : 0;
}
