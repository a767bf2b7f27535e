import { randomUUID } from 'node:crypto';
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { TICKET_SOURCES } from '../../approval/model/round.ts';
import type { ApprovalStore } from '../../approval/ports.ts';
import { summarizeError } from '../../lib/errors.ts';
import { parseUrl } from '../../lib/parse-url.ts';
import type { PublicReceiptKey } from '../../lib/receipt-key.ts';
import { createApprovalStore } from '../../store/approval-store.ts';
import { describeUpgrade, openStore, readSqlitePath } from '../../store/open-store.ts';
import { FORMAT_KEY } from '../../store/store-format.ts';
import { USAGE_KEY } from '../../store/usage.ts';
import { checkReceiptKeys } from './check-receipt-keys.ts';
import { failed, note, ok, type Result } from './result.ts';

const LITTLE_SPACE = 1024 ** 3;
const NO_SPACE = 100 * 1024 ** 2;

const START_RESTORED =
  'Start the bot once with --restored: without it, decisions that were being sent can be sent twice';

/** Opens the store, even while the bot runs, and writes, reads and deletes a record. */
export async function* checkStore(
  url: string,
  crews: readonly string[],
  receiptKey?: PublicReceiptKey,
): AsyncGenerator<Result> {
  const about = `store ${hidePassword(url)}`;
  const warnings: string[] = [];
  const log = { info() {}, warn: (_: object, message: string) => void warnings.push(message), error() {} };
  try {
    const { records, sole, format, close } = await openStore(url, log, { besideBot: true });
    try {
      await writeAndReadBack(records);
      const durable = warnings.length === 0 ? ', and commits are on disk' : '';
      yield ok(about, `reads, writes and compares${durable}; its records are of format ${format.number}`);
      if (!format.isRaised())
        yield note(about, sole ? describeRaise(format.number) : describeUpgrade(format.number));
      // A bot writes both at its first start.
      const [storedFormat, usage] = await records.getMany([FORMAT_KEY, USAGE_KEY]);
      if (storedFormat !== undefined && usage === undefined)
        yield failed(about, 'is a backup that no bot has used yet', START_RESTORED);
      yield* await checkReceiptKeys(records, receiptKey);
      for (const crew of crews) yield* countPauses(createApprovalStore(records, log), crew);
    } finally {
      await close();
    }
  } catch (error) {
    yield failed(about, summarizeError(error));
  }
  yield* warnings.map((message) => note(about, message));
  const file = readSqlitePath(url);
  // A folder that could not be created already has a result.
  if (file !== undefined && existsSync(dirname(file))) yield checkDisk(dirname(file));
}

function describeRaise(format: number): string {
  return `this version migrates a store of format ${format} automatically: see docs/upgrade.md, The format of the store`;
}

/** Number of approvals to examine per crew, newest first. */
const APPROVALS_CHECKED = 500;
const BROUGHT_WORDS = {
  ticket: 'the ticket of the decision before',
  older: 'an older ticket',
  start: 'the ticket of the start',
  none: 'none',
} as const;

/** Counts the tickets in webhooks that followed a decision: they show which webhook URLs CrewAI calls. */
async function* countPauses(store: ApprovalStore, crew: string): AsyncGenerator<Result> {
  const listed = await store.list('created', [crew], { limit: APPROVALS_CHECKED, reverse: true });
  const approvals = await store.approvals(listed.map(({ id }) => id));
  const counts = { ticket: 0, older: 0, start: 0, none: 0 };
  for (const { record } of approvals)
    for (const { after } of record.rounds) if (after) counts[after.brought] += 1;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return;
  const parts = TICKET_SOURCES.map((kind) => `${counts[kind]} ${BROUGHT_WORDS[kind]}`).join(', ');
  yield note(`pauses of ${crew}`, `${total} came after a decision. Tickets in their webhooks: ${parts}`);
}

async function writeAndReadBack(records: Awaited<ReturnType<typeof openStore>>['records']): Promise<void> {
  const key = `doctor/${randomUUID()}`;
  const put = (previousRaw: string | undefined, raw: string) =>
    records.commit({ compare: [{ key, previousRaw }], puts: [{ key, raw }], deletes: [] });
  try {
    const comparesRight = (await put(undefined, 'first')) && !(await put(undefined, 'again'));
    const storedValue = await records.get(key);
    const listed = await records.range('doctor', { limit: 1_000 });
    if (!comparesRight || storedValue !== 'first' || !listed.some((record) => record.key === key))
      throw new Error('the store does not keep what was written');
  } finally {
    await records.commit({ compare: [], puts: [], deletes: [key] });
  }
}

function checkDisk(folder: string): Result {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const says = `${(freeBytes / 1024 ** 3).toFixed(1)} GB free in ${folder}`;
  if (freeBytes < NO_SPACE) return failed('disk', says, 'Free some space, or approvals cannot be stored');
  return freeBytes < LITTLE_SPACE ? note('disk', says, 'Free some space') : ok('disk', says);
}

function hidePassword(url: string): string {
  if (readSqlitePath(url) !== undefined) return url;
  // A password with a slash or a # makes the URL invalid.
  if (!parseUrl(url)) return 'of STORE_URL';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
