import { summarizeError } from '../../../lib/errors.ts';

const SQLITE_BUSY = 5;
/** SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC: https://sqlite.org/rescode.html */
const FSYNC_FAILED = [1034, 1290];
const SQLITE_NOTADB = 26;

/** True if another connection holds the database, so that the same work can succeed later. */
export function isBusy(error: unknown): boolean {
  // The low byte of an extended code is the primary code.
  return (readCode(error) & 0xff) === SQLITE_BUSY;
}

/** True if the write may or may not have reached the disk. */
export function isUnsure(error: unknown): boolean {
  return FSYNC_FAILED.includes(readCode(error));
}

/** True if the file is no longer a database, because someone overwrote it. */
export function isOverwritten(error: unknown): boolean {
  return readCode(error) === SQLITE_NOTADB;
}

/** Describes an SQLite error in a few words for people, with SQLite's own name of the error: "SQLITE_FULL: disk is full". */
export function summarizeSqliteError(error: unknown): string {
  const name = error instanceof Error && 'sqliteCodeName' in error ? error.sqliteCodeName : undefined;
  return typeof name === 'string' ? `${name}: ${(error as Error).message}` : summarizeError(error);
}

function readCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
}
