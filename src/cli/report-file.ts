import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../lib/errors.ts';

/** The file of a report. It gets its name once it is whole. Throws an AppError for a name that no file can have. */
export class ReportFile {
  readonly #out: string;
  readonly #part: string;
  #open: number | undefined;

  constructor(out: string) {
    if (!existsSync(dirname(out)))
      throw new AppError('settings_invalid', `The folder ${dirname(out)} does not exist.`);
    // It takes the place of what has its name: of a folder, a link or a device such as /dev/stdout, too.
    if (lstatSync(out, { throwIfNoEntry: false })?.isFile() === false)
      throw new AppError('settings_invalid', `${out} is not a file: name another one.`);
    this.#out = out;
    // Not by the process: in a container each has the same id, and a killed one leaves its part.
    this.#part = `${out}.${randomUUID()}.part`;
  }

  /** Each piece is written at once: a stream would say only later, to nobody, that the disk is full. */
  write(text: string): void {
    this.#open ??= openSync(this.#part, 'wx', 0o600);
    appendFileSync(this.#open, text);
  }

  finish(): void {
    this.#close();
    renameSync(this.#part, this.#out);
  }

  /** Deletes what is not whole. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // A disk of the network can say only now that it is full; what is not whole goes all the same.
    }
    // A name that is too long never became a file, and rmSync throws for it.
    if (existsSync(this.#part)) rmSync(this.#part);
  }

  #close(): void {
    const open = this.#open;
    // Also where closing fails, it is closed.
    this.#open = undefined;
    if (open !== undefined) closeSync(open);
  }
}
