import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';

type Mark = Pick<Stats, 'dev' | 'ino' | 'size'>;

interface Look {
  state: string;
  marks: readonly (Mark | undefined)[];
}

export interface FileWatchOptions {
  /** Paths of the database, its -wal and its lock file; empty while another process is the bot. */
  files: readonly string[];
  /** Returns SQLite's state of these files: a different text after each commit and checkpoint of any process. */
  state: () => string;
}

/**
 * Compares the open files with those on disk. A deleted or replaced file still accepts writes, but no process will ever read
 * them; a truncated file is not the database that was opened. Opening and closing a file here would drop SQLite's locks on it, so
 * the watch uses only stat.
 */
export class FileWatch {
  private readonly options: FileWatchOptions;
  private lastLook: Look;
  private fault: string | undefined;

  constructor(options: FileWatchOptions) {
    this.options = options;
    this.lastLook = this.look();
    this.fault = this.lastLook.marks.some((mark) => !mark) ? 'is not there' : undefined;
  }

  /** Looks at the files now. Returns what is wrong with them; a fault stays. */
  check(): string | undefined {
    this.takeLook((marks) => {
      // Another process wrote through SQLite: the doctor, or an operator.
      const hasOtherWriter = this.options.state() !== this.lastLook.state;
      return hasOtherWriter ? undefined : this.findTruncated(marks);
    });
    return this.fault;
  }

  /** Accepts the files as they are after one of the bot's own transactions, even a failed one. */
  accept(): void {
    // A checkpoint may shorten the database after a VACUUM. A commit does not shorten the other files.
    this.takeLook((marks) => this.findTruncated(marks, 1));
  }

  private takeLook(findOtherFault: (marks: Look['marks']) => string | undefined): void {
    if (this.fault !== undefined) return;
    const currentLook = this.look();
    this.fault = this.findReplaced(currentLook.marks) ?? findOtherFault(currentLook.marks);
    if (this.fault === undefined) this.lastLook = currentLook;
  }

  private look(): Look {
    // Read before the files: what another process does to them in between changes the next state.
    const state = this.options.state();
    return { state, marks: this.options.files.map((file) => statSync(file, { throwIfNoEntry: false })) };
  }

  private findReplaced(marks: Look['marks']): string | undefined {
    for (const [index, mark] of marks.entries()) {
      const previousMark = this.lastLook.marks[index];
      const name = basename(this.options.files[index] ?? '');
      if (!mark) return `was deleted while the bot was running (${name})`;
      if (previousMark && (mark.dev !== previousMark.dev || mark.ino !== previousMark.ino))
        return `was replaced while the bot was running (${name})`;
    }
    return undefined;
  }

  /** `from`: index of the first file to check. */
  private findTruncated(marks: Look['marks'], from = 0): string | undefined {
    const isShorter = (mark: Mark | undefined, at: number) =>
      at >= from && (mark?.size ?? 0) < (this.lastLook.marks[at]?.size ?? 0);
    const index = marks.findIndex(isShorter);
    if (index < 0) return undefined;
    return `was truncated while the bot was running (${basename(this.options.files[index] ?? '')})`;
  }
}
