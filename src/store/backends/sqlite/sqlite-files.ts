import { lstatSync, readlinkSync, realpathSync, statfsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** With less free space small records are stored and large ones fail, in bytes. */
const MIN_SPACE = 32 * 1024 ** 2;

/** The file that a path leads to through symbolic links, whether or not it exists yet: all bots lock that file. */
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

/** Why the disk of a file cannot take records; undefined when it has room. */
export function findDiskFault(file: string): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < MIN_SPACE ? 'the disk of the database is nearly full' : undefined;
  } catch {
    return undefined;
  }
}
