import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RECORD_VERSION } from '../approval/model/approval.ts';
import type { Clock, Log } from '../approval/ports.ts';
import { AppError } from '../lib/errors.ts';
import { ServerClock } from './backends/server-clock.ts';
import { peekIntoFile } from './backends/sqlite/open-database.ts';
import { openSqlite } from './backends/sqlite/sqlite.ts';
import { resolveRealFile, restrictDatabase } from './backends/sqlite/sqlite-files.ts';
import type { RecordStore } from './record-store.ts';
import { createSystemClock } from './system-clock.ts';

/** A larger difference is worth a warning, in milliseconds: Slack's signatures expire after 5 minutes. */
const MAX_SKEW = 60_000;

export interface OpenStore {
  records: RecordStore;
  /** Whether it serves one process only. */
  sole: boolean;
  /** Measures leases and due times. */
  clock: Clock;
  close(): Promise<void>;
}

/**
 * Opens the store of a STORE_URL. `beside`: while a bot has it open. `onFault`: called when the files of a SQLite store
 * were deleted, replaced or truncated. Rejects with an AppError in one sentence when the store cannot be opened.
 */
export async function openStore(
  url: string,
  log: Log,
  options: { beside?: boolean; onFault?: (fault: string) => void } = {},
): Promise<OpenStore> {
  const path = readSqlitePath(url);
  if (path === undefined) return openServerStore(url, log, options);
  const clock = createSystemClock();
  // A bot writes into a file that it opens, so the format is looked at first.
  if (existsSync(path)) await peekIntoFile(resolveRealFile(path), readFormat);
  const records = await openSqlite(path, { ...options, now: clock.now });
  await requireFormat(records, options);
  // Not before: a path that was mistyped can name a file that is not a database.
  if (!options.beside) restrictDatabase(resolveRealFile(path), log);
  return { records, sole: true, clock, close: () => records.disconnect() };
}

/** Says which records the store holds. */
const FORMAT_KEY = 'format';
const RECORDS = ['approval', 'execution', 'kickoff', 'fact'];

/** Rejects with an AppError, and closes the store, where its records are those of another version: nothing of it is touched. */
async function requireFormat(records: RecordStore, { beside }: { beside?: boolean }): Promise<void> {
  try {
    for (;;) {
      if ((await readFormat(records)) === 'known') return;
      const puts = [{ key: FORMAT_KEY, raw: String(RECORD_VERSION) }];
      const compare = [{ key: FORMAT_KEY, previousRaw: undefined }];
      // Where two replicas begin at once, one of them writes it, and the other may be of another version.
      if (beside || (await records.commit({ compare, puts, deletes: [] }))) return;
    }
  } catch (error) {
    await records.disconnect();
    throw error;
  }
}

/** Rejects with an AppError where the records are those of another version. */
async function readFormat(records: Pick<RecordStore, 'get' | 'range'>): Promise<'known' | 'new'> {
  const format = await records.get(FORMAT_KEY);
  if (format === String(RECORD_VERSION)) return 'known';
  if (format === undefined && (await isEmpty(records))) return 'new';
  throw new AppError('store_unavailable', describeFormat(Number(format ?? 0)));
}

async function isEmpty(records: Pick<RecordStore, 'range'>): Promise<boolean> {
  const found = await Promise.all(RECORDS.map((kind) => records.range(kind, { limit: 1 })));
  return found.every((keys) => keys.length === 0);
}

function describeFormat(format: number): string {
  const other = format > RECORD_VERSION ? 'a newer' : 'an earlier';
  return `The store of STORE_URL holds records of ${other} version of the bot, which this one cannot read. Nothing was changed: start that version, or name an empty store.`;
}

/** The file that a STORE_URL names; undefined for another kind of store. */
export function readSqlitePath(url: string): string | undefined {
  const path = /^sqlite:\/\/(.+)$/.exec(url)?.[1];
  return path === undefined ? undefined : resolve(path);
}

/** The same for what only reads. Throws an AppError where the file does not exist: opening it would make an empty database. */
export function requireDatabase(url: string): string | undefined {
  const file = readSqlitePath(url);
  if (file === undefined || existsSync(file)) return file;
  const why = `The database ${file} does not exist: check STORE_URL and the working directory.`;
  throw new AppError('store_unavailable', why);
}

async function openServerStore(url: string, log: Log, options: { beside?: boolean }): Promise<OpenStore> {
  const onError = (error: unknown) => log.error({ error }, 'store connection failed');
  const { records, serverTime, warnings } = await openServer(url, onError);
  for (const warning of warnings) log.warn({}, warning);
  await requireFormat(records, options);
  const clock = new ServerClock(serverTime);
  await clock.start();
  warnOfSkew(clock.readSkew(), log);
  return {
    records,
    sole: false,
    clock,
    close: () => {
      clock.stop();
      return records.disconnect();
    },
  };
}

/** `ahead`: how far this machine's clock is ahead of the store's, in milliseconds. */
function warnOfSkew(ahead: number, log: Log): void {
  if (Math.abs(ahead) <= MAX_SKEW) return;
  const far = `${Math.round(Math.abs(ahead) / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'}`;
  log.warn({}, `host clock is ${far} the store's: in HTTP mode Slack's requests may be rejected`);
}

/** Imports one backend only: each takes megabytes. */
async function openServer(url: string, onError: (error: unknown) => void) {
  if (/^rediss?:\/\//.test(url)) return (await import('./backends/redis.ts')).openRedis(url, onError);
  if (/^postgres(ql)?:\/\//.test(url))
    return (await import('./backends/postgres.ts')).openPostgres(url, onError);
  throw new AppError('store_unavailable', 'STORE_URL must begin with sqlite://, redis:// or postgres://.');
}
