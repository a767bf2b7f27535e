import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, lstatSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { AppError } from '../lib/errors.ts';

/** The files of a report. They get their names once all are whole. Throws an AppError for a name that no file can have. */
export class ReportFiles {
  readonly #out: string;
  readonly #written = new Map<string, string>();
  #current: { path: string; stream: WriteStream } | undefined;

  constructor(out: string) {
    if (!existsSync(dirname(out)))
      throw new AppError('settings_invalid', `The folder ${dirname(out)} does not exist.`);
    requireFileName(out);
    this.#out = out;
  }

  async write(name: string | undefined, text: string): Promise<void> {
    const path = name === undefined ? this.#out : join(dirname(this.#out), name);
    if (this.#current?.path !== path) {
      await this.#close();
      requireFileName(path);
      // Not by the process: in a container each has the same id, and a killed one leaves its parts.
      const part = `${path}.${randomUUID()}.part`;
      const stream = createWriteStream(part, { mode: 0o600, flags: 'wx' });
      await once(stream, 'open');
      this.#written.set(path, part);
      this.#current = { path, stream };
    }
    const { stream } = this.#current;
    if (!stream.write(text)) await once(stream, 'drain');
  }

  /** The names of the files. */
  async finish(): Promise<string[]> {
    await this.#close();
    const paths = [...this.#written.keys()];
    for (const [path, part] of this.#written) {
      renameSync(part, path);
    }
    this.#written.clear();
    return paths;
  }

  /** Deletes what is not whole. */
  discard(): void {
    this.#current?.stream.destroy();
    for (const part of this.#written.values()) rmSync(part, { force: true });
  }

  async #close(): Promise<void> {
    const { stream } = this.#current ?? {};
    this.#current = undefined;
    if (!stream) return;
    stream.end();
    await finished(stream);
  }
}

/** A file takes the place of what has its name: of a folder, a link or a device such as /dev/stdout, too. */
function requireFileName(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new AppError('settings_invalid', `${path} is not a file: name another one.`);
}
