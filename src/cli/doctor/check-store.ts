import { randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { summarizeError } from '../../lib/errors.ts';
import { openStore, readSqlitePath } from '../../store/open-store.ts';
import { failed, note, ok, type Result } from './result.ts';

const LITTLE_SPACE = 1024 ** 3;
const NO_SPACE = 100 * 1024 ** 2;

/** Opens the store, also while the bot runs, and writes, reads and deletes a record. */
export async function* checkStore(url: string): AsyncGenerator<Result> {
  const about = `store ${hidePassword(url)}`;
  const warnings: string[] = [];
  const log = { info() {}, warn: (_: object, says: string) => void warnings.push(says), error() {} };
  try {
    const { records, close } = await openStore(url, log, { beside: true });
    await writeAndReadBack(records).finally(close);
    const durable = warnings.length === 0 ? ', and commits are on disk' : '';
    yield ok(about, `reads, writes and compares${durable}`);
  } catch (error) {
    yield failed(about, summarizeError(error));
  }
  yield* warnings.map((says) => note(about, says));
  const file = readSqlitePath(url);
  if (file !== undefined) yield checkDisk(dirname(file));
}

async function writeAndReadBack(records: Awaited<ReturnType<typeof openStore>>['records']): Promise<void> {
  const key = `doctor/${randomUUID()}`;
  const put = (previousRaw: string | undefined, raw: string) =>
    records.commit({ compare: [{ key, previousRaw }], puts: [{ key, raw }], deletes: [] });
  try {
    const good = (await put(undefined, 'first')) && !(await put(undefined, 'again'));
    const read = await records.get(key);
    const listed = await records.range('doctor', { limit: 1_000 });
    if (!good || read !== 'first' || !listed.some((record) => record.key === key))
      throw new Error('the store does not keep what was written');
  } finally {
    await records.commit({ compare: [], puts: [], deletes: [key] });
  }
}

function checkDisk(folder: string): Result {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const says = `${(free / 1024 ** 3).toFixed(1)} GB free in ${folder}`;
  if (free < NO_SPACE) return failed('disk', says, 'Free some space, or approvals cannot be stored');
  return free < LITTLE_SPACE ? note('disk', says, 'Free some space') : ok('disk', says);
}

function hidePassword(url: string): string {
  if (readSqlitePath(url) !== undefined) return url;
  // A password with a slash or a # makes a URL that cannot be read.
  if (!URL.canParse(url)) return 'of STORE_URL';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
