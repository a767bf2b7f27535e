import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { DatabaseSync } from '@photostructure/sqlite';
import { figure } from './report.ts';
import { postgresVersion, redisVersion } from './stores.ts';

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  16914836: 'tmpfs: an fsync costs nothing there, so figures of durability mean nothing',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlay',
};

/** Describes the machine on which the figures were measured, by name. */
export async function machine(): Promise<Record<string, string>> {
  const [processor] = cpus();
  const db = new DatabaseSync(':memory:');
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  db.close();
  const fileSystem = statfsSync(tmpdir()).type;
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: `${processor?.model ?? 'unknown'}, ${availableParallelism()} cores, ${figure(totalmem() / 1024 ** 3)} GB, ${type()} ${release()}`,
    folder: `${tmpdir()} (${FILE_SYSTEMS[fileSystem] ?? `file system ${fileSystem}`})`,
    'load average': `${loads()} before the run`,
    node: process.version,
    sqlite: version,
    redis: (await redisVersion()) ?? 'not running: left out',
    postgres: (await postgresVersion()) ?? 'not running: left out',
  };
}

/** Describes the load averages over the last 1, 5 and 15 minutes. */
export function loads(): string {
  const averages = loadavg().map((load) => load.toFixed(1));
  return averages.join(', ');
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const isChanged = git('status', '--porcelain') !== '';
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? ', changed since' : '');
  } catch {
    return 'unknown';
  }
}
