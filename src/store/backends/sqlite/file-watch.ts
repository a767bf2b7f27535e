import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Another process may be at a checkpoint, which SQLite reports only at its end. So a change that nobody explains counts
 * after this time, in milliseconds; nothing is committed meanwhile.
 */
const CONFIRMED_AFTER = 1_400;
/** Other processes commit less often than this between two looks at the files. */
const MAX_LOOKS = 10;

type Mark = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

interface Look {
  marks: readonly (Mark | undefined)[];
  state: string;
}

export interface FileWatchOptions {
  /** The database, its -wal and its lock file, as far as they exist. */
  files: readonly string[];
  /** What SQLite knows of these files: a different text after each commit and checkpoint of any process. */
  state: () => string;
  /** Whether another process is in the middle of a write through SQLite. */
  othersWrite: () => boolean;
  /** Monotonic, in milliseconds. */
  now: () => number;
}

/**
 * Compares the open files with those on disk. A file that was deleted or replaced keeps taking writes that nobody will
 * ever read; a file that was overwritten in place is not the database that was opened. Opening and closing a file here
 * would drop SQLite's locks on it, so only stat is used.
 */
export class FileWatch {
  private readonly options: FileWatchOptions;
  private known: Look;
  private suspectSince: number | undefined;
  private fault: string | undefined;

  constructor(options: FileWatchOptions) {
    this.options = options;
    this.known = this.look();
    this.fault = this.known.marks.some((mark) => !mark) ? 'is not there' : undefined;
  }

  /** Looks at the files now; returns what is wrong with them. A fault stays. */
  check(): string | undefined {
    this.fault ??= this.findFault();
    return this.fault;
  }

  /** Takes the files as they are after one of our own transactions, also a failed one. */
  accept(): void {
    if (this.fault !== undefined) return;
    const after = this.look();
    // A checkpoint makes the database shorter after a VACUUM; a commit shortens no other file.
    this.fault = this.findReplaced(after.marks) ?? this.findTruncated(after.marks.slice(1), 1);
    if (this.fault === undefined) this.known = after;
  }

  /** Whether the files have changed and it is not known yet who changed them. */
  isSuspect(): boolean {
    return this.fault === undefined && this.suspectSince !== undefined;
  }

  private findFault(): string | undefined {
    const { files, state, othersWrite, now } = this.options;
    const seen = files.map(readMark);
    const replaced = this.findReplaced(seen);
    if (replaced !== undefined) return replaced;
    if (!seen.some((mark, index) => isDifferent(mark, this.known.marks[index]))) {
      this.suspectSince = undefined;
      return undefined;
    }
    if (state() !== this.known.state || othersWrite()) {
      // Another process writes through SQLite: the doctor, or an operator.
      this.known = this.look();
      this.suspectSince = undefined;
      return undefined;
    }
    const truncated = this.findTruncated(seen);
    if (truncated !== undefined) return truncated;
    this.suspectSince ??= now();
    return now() - this.suspectSince >= CONFIRMED_AFTER
      ? 'was overwritten while the bot was running'
      : undefined;
  }

  /** Other processes may commit between the two readings, so both are taken again until they belong together. */
  private look(): Look {
    const { files, state } = this.options;
    for (let tries = 1; ; tries += 1) {
      const before = state();
      const marks = files.map(readMark);
      if (tries === MAX_LOOKS || state() === before) return { marks, state: before };
    }
  }

  private findReplaced(seen: Look['marks']): string | undefined {
    for (const [index, mark] of seen.entries()) {
      const before = this.known.marks[index];
      const name = basename(this.options.files[index] ?? '');
      if (!mark) return `was deleted while the bot was running (${name})`;
      if (before && (mark.dev !== before.dev || mark.ino !== before.ino))
        return `was replaced while the bot was running (${name})`;
    }
    return undefined;
  }

  /** `first`: the index of the file that `seen` begins with. */
  private findTruncated(seen: Look['marks'], first = 0): string | undefined {
    const index = seen.findIndex((mark, at) => (mark?.size ?? 0) < (this.known.marks[first + at]?.size ?? 0));
    if (index < 0) return undefined;
    return `was truncated while the bot was running (${basename(this.options.files[first + index] ?? '')})`;
  }
}

function isDifferent(seen: Mark | undefined, known: Mark | undefined): boolean {
  return seen?.size !== known?.size || seen?.mtimeMs !== known?.mtimeMs;
}

function readMark(file: string): Mark | undefined {
  return statSync(file, { throwIfNoEntry: false });
}
