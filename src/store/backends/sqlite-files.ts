import { lstatSync, readlinkSync, realpathSync, type Stats, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * A change that nobody explains counts after this time, in milliseconds: another process may be at a checkpoint, which
 * SQLite tells of at its end. Nothing is committed meanwhile.
 */
const CONFIRMED_AFTER = 1_400;
/** Others commit less often than this between two looks at the files. */
const MOST_LOOKS = 10;
/** Less free space stores small records and fails for large ones, in bytes. */
const LEAST_SPACE = 32 * 1024 ** 2;

/** The file that a path leads to through symbolic links, whether or not it exists yet: all bots lock that one. */
export function resolveRealFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // Links that lead nowhere: the opening tells of them.
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return path;
    const parent = dirname(path);
    const link = readLink(path);
    if (link !== undefined) return resolveRealFile(resolve(resolveRealFile(parent), link));
    return parent === path ? path : join(resolveRealFile(parent), basename(path));
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

interface Look {
  marks: readonly (Mark | undefined)[];
  state: string;
}

/**
 * Compares the files that are open with those on the disk. A file that was deleted or replaced goes on taking writes that
 * nobody will ever read; a file that was overwritten in place is not the database that was opened. Files are looked at by
 * stat only: opening and closing one here would drop SQLite's locks on it.
 */
export function createFileWatch({
  files,
  state,
  othersWrite,
  now,
}: {
  /** The database, its -wal and its lock file, as far as they exist. */
  files: readonly string[];
  /** What SQLite knows of these files: another text after each commit and checkpoint, whichever process made it. */
  state: () => string;
  /** Whether another process is in the middle of a write through SQLite. */
  othersWrite: () => boolean;
  /** Monotonic, in milliseconds. */
  now: () => number;
}) {
  let known = look();
  let suspectSince: number | undefined;
  let fault = known.marks.some((mark) => !mark) ? 'is not there' : undefined;

  /** Looks at the files now; gives what is wrong with them, for good. */
  function check(): string | undefined {
    if (fault !== undefined) return fault;
    const seen = files.map(readMark);
    fault = replaced(seen);
    if (fault !== undefined) return fault;
    if (!seen.some((mark, index) => differs(mark, known.marks[index]))) {
      suspectSince = undefined;
      return undefined;
    }
    if (state() !== known.state || othersWrite()) {
      // Another process writes through SQLite: the doctor, or an operator.
      known = look();
      suspectSince = undefined;
      return undefined;
    }
    fault = truncated(seen);
    if (fault !== undefined) return fault;
    suspectSince ??= now();
    if (now() - suspectSince >= CONFIRMED_AFTER) fault = 'was overwritten while the bot was running';
    return fault;
  }

  /** Takes the files as they are after a commit of ours. */
  function accept(): void {
    if (fault !== undefined) return;
    const after = look();
    // A checkpoint makes the database shorter after a VACUUM; a commit makes no other file so.
    fault = replaced(after.marks) ?? truncated(after.marks.slice(1), 1);
    if (fault === undefined) known = after;
  }

  /** The files and what SQLite knows of them at one moment: others may commit in between. */
  function look(): Look {
    for (let tries = 1; ; tries += 1) {
      const before = state();
      const marks = files.map(readMark);
      if (tries === MOST_LOOKS || state() === before) return { marks, state: before };
    }
  }

  function replaced(seen: Look['marks']): string | undefined {
    for (const [index, mark] of seen.entries()) {
      const before = known.marks[index];
      const name = basename(files[index] ?? '');
      if (!mark) return `was deleted while the bot was running (${name})`;
      if (before && (mark.dev !== before.dev || mark.ino !== before.ino))
        return `was replaced while the bot was running (${name})`;
    }
    return undefined;
  }

  /** `first`: which of the files the first one seen is. */
  function truncated(seen: Look['marks'], first = 0): string | undefined {
    const index = seen.findIndex((mark, at) => (mark?.size ?? 0) < (known.marks[first + at]?.size ?? 0));
    if (index < 0) return undefined;
    return `was truncated while the bot was running (${basename(files[first + index] ?? '')})`;
  }

  /** The files have changed and it is not known yet who did it. */
  const suspect = () => fault === undefined && suspectSince !== undefined;

  return { check, accept, suspect };
}

/** What is wrong with the disk of a file; undefined: it has room. */
export function findDiskFault(file: string): string | undefined {
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

function readMark(file: string): Mark | undefined {
  return statSync(file, { throwIfNoEntry: false });
}
