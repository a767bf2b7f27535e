import { lstatSync, readlinkSync, realpathSync, type Stats, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** A change is looked at again after this time before it counts, in milliseconds: another process may be committing. */
const CONFIRMED_AFTER = 500;
/** Less free space stores small records and fails for large ones, in bytes. */
const LEAST_SPACE = 32 * 1024 ** 2;

/** The file that a path leads to through symbolic links, whether or not it exists yet: all bots lock that one. */
export function realFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const link = readLink(path);
    if (link !== undefined) return realFile(resolve(dirname(path), link));
    const parent = dirname(path);
    return parent === path ? path : join(realFile(parent), basename(path));
  }
}

function readLink(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

type Mark = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

/**
 * Compares the files that are open with those on the disk. A file that was deleted or replaced goes on taking writes that
 * nobody will ever read; a file that was overwritten in place is not the database that was opened. Files are looked at by
 * stat only: opening and closing one here would drop SQLite's locks on it.
 */
export function createFileWatch({
  files,
  dataVersion,
  now,
}: {
  /** The database, its -wal and its lock file, as far as they exist. */
  files: readonly string[];
  /** Changes when another process committed through SQLite (PRAGMA data_version). */
  dataVersion: () => number;
  /** Monotonic, in milliseconds. */
  now: () => number;
}) {
  let known = files.map(statOf);
  let version = dataVersion();
  let suspectSince: number | undefined;
  let fault = known.some((mark) => !mark) ? 'is not there' : undefined;

  /** Looks at the files now; gives what is wrong with them, for good. */
  function check(): string | undefined {
    if (fault !== undefined) return fault;
    const seen = files.map(statOf);
    fault = replaced(seen);
    if (fault !== undefined) return fault;
    if (!seen.some((mark, index) => differs(mark, known[index]))) {
      suspectSince = undefined;
      return undefined;
    }
    const current = dataVersion();
    if (current !== version) {
      // Another process wrote through SQLite: the doctor, or an operator.
      version = current;
      known = seen;
      suspectSince = undefined;
    } else if (suspectSince === undefined) suspectSince = now();
    else if (now() - suspectSince >= CONFIRMED_AFTER) fault = 'was overwritten while the bot was running';
    return fault;
  }

  /** Takes the files as they are after a commit of ours, unless something else has changed them before. */
  function accept(): void {
    if (fault !== undefined || suspectSince !== undefined) return;
    const seen = files.map(statOf);
    fault = replaced(seen);
    if (fault === undefined) known = seen;
  }

  function replaced(seen: readonly (Mark | undefined)[]): string | undefined {
    for (const [index, mark] of seen.entries()) {
      const before = known[index];
      const name = basename(files[index] ?? '');
      if (!mark) return `was deleted while the bot was running (${name})`;
      if (before && (mark.dev !== before.dev || mark.ino !== before.ino))
        return `was replaced while the bot was running (${name})`;
      if (before && mark.size < before.size) return `was truncated while the bot was running (${name})`;
    }
    return undefined;
  }

  return { check, accept };
}

/** What is wrong with the disk of a file; undefined: it has room. */
export function diskFault(file: string): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < LEAST_SPACE ? 'the disk of the database is nearly full' : undefined;
  } catch {
    return undefined;
  }
}

function differs(seen: Mark | undefined, known: Mark | undefined): boolean {
  return seen?.size !== known?.size || seen?.mtimeMs !== known?.mtimeMs;
}

function statOf(file: string): Mark | undefined {
  return statSync(file, { throwIfNoEntry: false });
}
