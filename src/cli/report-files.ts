import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../lib/errors.ts';

/** The files of a report. They get their names once all are whole. Throws an AppError for a name that no file can have. */
export class ReportFiles {
  readonly #out: string;
  readonly #written = new Map<string, string>();
  #current: { path: string; open: number } | undefined;

  constructor(out: string) {
    if (!existsSync(dirname(out)))
      throw new AppError('settings_invalid', `The folder ${dirname(out)} does not exist.`);
    requireFileName(out);
    this.#out = out;
  }

  /** Each piece is written at once: a stream would say only later, to nobody, that the disk is full. */
  write(name: string | undefined, text: string): void {
    const path = name === undefined ? this.#out : join(dirname(this.#out), name);
    if (this.#current?.path !== path) {
      this.#close();
      requireFileName(path);
      // Not by the process: in a container each has the same id, and a killed one leaves its parts.
      const part = `${path}.${randomUUID()}.part`;
      this.#current = { path, open: openSync(part, 'wx', 0o600) };
      this.#written.set(path, part);
    }
    appendFileSync(this.#current.open, text);
  }

  /** The names of the files. */
  finish(): string[] {
    this.#close();
    const paths = [...this.#written.keys()];
    for (const [path, part] of this.#written) {
      renameSync(part, path);
    }
    this.#written.clear();
    return paths;
  }

  /** Deletes what is not whole. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // A disk of the network can say only now that it is full; what is not whole goes all the same.
    }
    for (const part of this.#written.values()) rmSync(part, { force: true });
  }

  #close(): void {
    const { open } = this.#current ?? {};
    // Also where closing fails, it is closed.
    this.#current = undefined;
    if (open !== undefined) closeSync(open);
  }
}

/** A file takes the place of what has its name: of a folder, a link or a device such as /dev/stdout, too. */
function requireFileName(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new AppError('settings_invalid', `${path} is not a file: name another one.`);
}
