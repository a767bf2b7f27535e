import { summarizeError } from '../../../lib/errors.ts';

const SQLITE_BUSY = 5;
/** SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC: https://sqlite.org/rescode.html */
const FSYNC_FAILED = [1034, 1290];
const SQLITE_NOTADB = 26;

/** Whether another connection holds the database, so that the same work can succeed later. */
export function isBusy(error: unknown): boolean {
  // The low byte of an extended code is the primary one.
  return (readCode(error) & 0xff) === SQLITE_BUSY;
}

/** Whether what was written may have reached the disk, or may not. */
export function isUnsure(error: unknown): boolean {
  return FSYNC_FAILED.includes(readCode(error));
}

/** Whether the file is not a database any more, because somebody has written over it. */
export function isOverwritten(error: unknown): boolean {
  return readCode(error) === SQLITE_NOTADB;
}

/** Describes an error of SQLite in a few words for people, with SQLite's own name of it: "SQLITE_FULL: disk is full". */
export function summarizeSqliteError(error: unknown): string {
  const name = error instanceof Error && 'sqliteCodeName' in error ? error.sqliteCodeName : undefined;
  return typeof name === 'string' ? `${name}: ${(error as Error).message}` : summarizeError(error);
}

function readCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
}
