import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Log } from '../../../approval/ports.ts';

/** With less free space, in bytes, small records are stored and large ones fail. */
const MIN_SPACE = 32 * 1024 ** 2;

/** Follows the symbolic links of a path to the file, whether or not it exists yet. All bots lock that file. */
export function resolveRealFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // A loop of links: opening the file will report it.
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

/** Creates an empty file and its folder, for their owner only, if they do not exist. SQLite gives -wal and -shm the same mode. */
export function createPrivateFile(path: string): void {
  createPrivateFolder(dirname(path));
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    // Closing a database file that is open elsewhere in the process would drop SQLite's locks on it. Here the open failed.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Node's recursive mkdir never returns below /proc: folders cannot be created there, and the kernel reports a missing parent. */
function createPrivateFolder(path: string): void {
  if (existsSync(path)) return;
  createPrivateFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process created the folder in between.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Lets only the owner read and write an existing file. Its folder is the operator's responsibility. */
export function restrictFile(path: string, log: Pick<Log, 'warn'>): void {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file?.isFile() || (file.mode & 0o077) === 0) return;
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    log.warn({ path, error }, `file permissions not changed, so other users may have access: ${path}`);
  }
}

/** Corrects the permissions of a database's files. Logs a warning if other users can open its folder. */
export function restrictDatabase(file: string, log: Pick<Log, 'warn'>): void {
  for (const end of ['', '-wal', '-shm', '.lock']) restrictFile(`${file}${end}`, log);
  const folder = dirname(file);
  if ((statSync(folder).mode & 0o007) !== 0) log.warn({ folder }, 'database folder open to other users');
}

/** Explains why the disk of a file cannot take records; undefined: there is enough space, or the space is unknown. */
export function findDiskFault(file: string): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < MIN_SPACE ? 'the disk of the database is nearly full' : undefined;
  } catch {
    return undefined;
  }
}
