import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';

type Mark = Pick<Stats, 'dev' | 'ino' | 'size'>;

interface Look {
  state: string;
  marks: readonly (Mark | undefined)[];
}

export interface FileWatchOptions {
  /** The database, its -wal and its lock file, as far as they exist. */
  files: readonly string[];
  /** What SQLite knows of these files: a different text after each commit and checkpoint of any process. */
  state: () => string;
}

/**
 * Compares the open files with those on disk. A file that was deleted or replaced keeps taking writes that nobody will
 * ever read; a file that was shortened is not the database that was opened. Opening and closing a file here would drop
 * SQLite's locks on it, so only stat is used.
 */
export class FileWatch {
  private readonly options: FileWatchOptions;
  private known: Look;
  private fault: string | undefined;

  constructor(options: FileWatchOptions) {
    this.options = options;
    this.known = this.look();
    this.fault = this.known.marks.some((mark) => !mark) ? 'is not there' : undefined;
  }

  /** Looks at the files now; returns what is wrong with them. A fault stays. */
  check(): string | undefined {
    this.takeLook((marks) => {
      // Another process writes through SQLite: the doctor, or an operator.
      const othersWrite = this.options.state() !== this.known.state;
      return othersWrite ? undefined : this.findTruncated(marks);
    });
    return this.fault;
  }

  /** Takes the files as they are after one of our own transactions, also a failed one. */
  accept(): void {
    // A checkpoint makes the database shorter after a VACUUM; a commit shortens no other file.
    this.takeLook((marks) => this.findTruncated(marks, 1));
  }

  private takeLook(findOther: (marks: Look['marks']) => string | undefined): void {
    if (this.fault !== undefined) return;
    const seen = this.look();
    this.fault = this.findReplaced(seen.marks) ?? findOther(seen.marks);
    if (this.fault === undefined) this.known = seen;
  }

  private look(): Look {
    // Before the files: what another process does to them meanwhile shows in the state later.
    const state = this.options.state();
    return { state, marks: this.options.files.map((file) => statSync(file, { throwIfNoEntry: false })) };
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

  /** `from`: the index of the first file that counts. */
  private findTruncated(seen: Look['marks'], from = 0): string | undefined {
    const isShorter = (mark: Mark | undefined, at: number) =>
      at >= from && (mark?.size ?? 0) < (this.known.marks[at]?.size ?? 0);
    const index = seen.findIndex(isShorter);
    if (index < 0) return undefined;
    return `was truncated while the bot was running (${basename(this.options.files[index] ?? '')})`;
  }
}
