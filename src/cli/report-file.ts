import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../lib/errors.ts';

/**
 * File for a report. It gets its name once it is complete. The constructor throws an AppError if the folder does not exist, or if
 * the name belongs to something other than a file.
 */
export class ReportFile {
  readonly #out: string;
  readonly #part: string;
  #descriptor: number | undefined;

  constructor(out: string) {
    if (!existsSync(dirname(out)))
      throw new AppError('settings_invalid', `The folder ${dirname(out)} does not exist.`);
    // The rename in `finish` fails for a folder, and would replace a link or a device such as /dev/stdout.
    if (lstatSync(out, { throwIfNoEntry: false })?.isFile() === false)
      throw new AppError('settings_invalid', `${out} is not a file: name another one.`);
    this.#out = out;
    // A random name, not the process id: in containers, all processes have the same id, and a killed one can leave its part.
    this.#part = `${out}.${randomUUID()}.part`;
  }

  /** Writes each piece at once: a stream would report a full disk only later, when nobody handles the error. */
  write(text: string): void {
    this.#descriptor ??= openSync(this.#part, 'wx', 0o600);
    appendFileSync(this.#descriptor, text);
  }

  finish(): void {
    this.#close();
    renameSync(this.#part, this.#out);
  }

  /** Deletes the part if the report is not complete. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // A network disk can report only now that it is full. Delete the part anyway.
    }
    // Not rmSync with `force`, which throws if the name is too long: then no file was created.
    if (existsSync(this.#part)) rmSync(this.#part);
  }

  #close(): void {
    const descriptor = this.#descriptor;
    // A failed close also closes the file: do not try again.
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
