import { randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { summarizeError } from '../../lib/errors.ts';
import { openStore, readSqlitePath } from '../../store/open-store.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const LITTLE_SPACE = 1024 ** 3;
const NO_SPACE = 100 * 1024 ** 2;

/** Opens the store, also while the bot runs, and writes, reads and deletes a record. Never rejects. */
export async function diagnoseStore(url: string): Promise<Finding[]> {
  const about = `store ${hidePassword(url)}`;
  const findings: Finding[] = [];
  const warn = (_: object, says: string) => findings.push(warning(about, `${says}.`));
  try {
    const store = await openStore(url, { info() {}, warn, error() {} }, { beside: true });
    try {
      await writeAndReadBack(store.records);
    } finally {
      await store.close();
    }
    const durable = findings.length === 0 ? ', and commits are on disk' : '';
    findings.unshift(ok(about, `reads, writes and compares${durable}.`));
  } catch (error) {
    findings.unshift(failed(about, summarizeError(error)));
  }
  const file = readSqlitePath(url);
  return file === undefined ? findings : [...findings, diagnoseDisk(dirname(file))];
}

async function writeAndReadBack(records: Awaited<ReturnType<typeof openStore>>['records']): Promise<void> {
  const key = `doctor/${randomUUID()}`;
  const put = (previousRaw: string | undefined, raw: string) =>
    records.commit({ key, previousRaw, puts: [{ key, raw }], deletes: [] });
  try {
    const good = (await put(undefined, 'first')) && !(await put(undefined, 'again'));
    const read = (await records.get(key)) as unknown;
    const listed = await records.range('doctor', { limit: 1_000 });
    if (!good || read !== 'first' || !listed.includes(key))
      throw new Error('the store does not keep what was written');
  } finally {
    await records.delete(key);
  }
}

function diagnoseDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const says = `${(free / 1024 ** 3).toFixed(1)} GB free in ${folder}`;
  if (free < NO_SPACE) return failed('disk', `${says}: free some space, or approvals cannot be stored.`);
  return free < LITTLE_SPACE ? warning('disk', `${says}: free some space.`) : ok('disk', `${says}.`);
}

function hidePassword(url: string): string {
  if (readSqlitePath(url) !== undefined || !URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
