import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RECORD_VERSION } from '../approval/model/approval.ts';
import type { Clock, Log } from '../approval/ports.ts';
import { AppError } from '../lib/errors.ts';
import { ServerClock } from './backends/server-clock.ts';
import { backUpDatabase } from './backends/sqlite/copy-database.ts';
import { peekIntoFile } from './backends/sqlite/open-database.ts';
import { openSqlite } from './backends/sqlite/sqlite.ts';
import { resolveRealFile, restrictDatabase } from './backends/sqlite/sqlite-files.ts';
import { describeNewerFormat, OLDEST_FORMAT } from './formats/formats.ts';
import { FORMATTED_KINDS } from './formats/step.ts';
import type { RecordStore } from './record-store.ts';
import { FORMAT_KEY, parseFormat, StoreFormat } from './store-format.ts';
import { SWEPT_KEY } from './sweep.ts';
import { createSystemClock } from './system-clock.ts';

/** A larger difference between the clocks causes a warning: Slack's signatures expire after 5 minutes. In milliseconds. */
const MAX_SKEW = 60_000;

export interface OpenStore {
  records: RecordStore;
  /** The store serves only one process. */
  sole: boolean;
  /** The clock for leases and due times. */
  clock: Clock;
  format: StoreFormat;
  close(): Promise<void>;
}

interface OpenOptions {
  /** A bot has the store open. */
  besideBot?: boolean;
  /** The store was restored from a backup, so it must have records. */
  restored?: boolean;
  /** All bots of earlier versions are stopped: a store on a server is raised to this build's format at once. */
  upgrade?: boolean;
  /**
   * Called if the store can no longer be trusted: SQLite's files were deleted, replaced, truncated or not synced, its writer
   * ended, the format key is damaged, or a newer version raised the format.
   */
  onFault?: (fault: string) => void;
}

/** Opens the store of a STORE_URL. Rejects with an AppError in one sentence if the store cannot be opened. */
export async function openStore(url: string, log: Log, options: OpenOptions = {}): Promise<OpenStore> {
  const path = readSqlitePath(url);
  if (path === undefined) return openServerStore(url, log, options);
  if (options.restored) requireDatabase(url);
  const clock = createSystemClock();
  // The format first: opening the file for a bot writes into it.
  if (existsSync(path)) await peekIntoFile(resolveRealFile(path), readFormat);
  const database = await openSqlite(path, { ...options, now: clock.now });
  const { format, records } = await keepFormat(database, log, {
    ...options,
    // No other bot has the file open.
    upgrade: true,
    backUp: (former) => backUpDatabase(resolveRealFile(path), former),
  });
  // Not earlier: a mistyped path may name a file that is not a database.
  if (!options.besideBot) restrictDatabase(resolveRealFile(path), log);
  return { records, sole: true, clock, format, close: () => database.disconnect() };
}

/** Number of records of each kind to look at on start. */
const RECORDS_CHECKED = 200;
const RECORD_KINDS = ['approval', 'execution', 'kickoff', 'fact'];

/**
 * Returns the store's format, and its records with that format compared in each commit. Raises an older format to this build's if
 * no other build can be using the store. If this build cannot serve the store, changes nothing, closes the store and rejects with
 * an AppError.
 */
async function keepFormat(
  records: RecordStore,
  log: Log,
  {
    besideBot,
    restored,
    upgrade,
    backUp,
    onFault = () => {},
  }: OpenOptions & { backUp?: (format: number) => string },
): Promise<{ format: StoreFormat; records: RecordStore }> {
  try {
    if (restored && (await isEmpty(records))) throw new AppError('store_unavailable', NOTHING_RESTORED);
    for (;;) {
      const foundFormat = await readFormat(records);
      if (foundFormat === 'new') {
        const raw = String(RECORD_VERSION);
        const puts = [FORMAT_KEY, SWEPT_KEY].map((key) => ({ key, raw }));
        const compare = [{ key: FORMAT_KEY, previousRaw: undefined }];
        // If two replicas start at once, one of them writes the format, and the other may be of another version.
        const newFormat = new StoreFormat(records, RECORD_VERSION, onFault);
        if (besideBot) return { format: newFormat, records };
        if (await records.commit({ compare, puts, deletes: [] }))
          return { format: newFormat, records: newFormat.keep() };
        continue;
      }
      const format = new StoreFormat(records, foundFormat, onFault);
      const formattedStore = { format, records: format.keep() };
      if (besideBot || format.isRaised()) return formattedStore;
      if (!upgrade) throw new AppError('store_unavailable', describeUpgrade(foundFormat));
      const backup = backUp?.(foundFormat);
      await format.raise();
      const logFields = {
        from: foundFormat,
        to: RECORD_VERSION,
        ...(backup === undefined ? {} : { backup }),
      };
      log.info(logFields, 'format of the store raised');
      return formattedStore;
    }
  } catch (error) {
    await records.disconnect();
    throw error;
  }
}

/** Rejects with an AppError if this build cannot read the records. */
async function readFormat(records: Pick<RecordStore, 'get' | 'range'>): Promise<number | 'new'> {
  const raw = await records.get(FORMAT_KEY);
  if (raw === undefined && (await isEmpty(records))) return 'new';
  const format = parseFormat(raw ?? '0');
  if (format === undefined) throw new AppError('store_unavailable', describeDamage(raw ?? ''));
  if (format < OLDEST_FORMAT || format > RECORD_VERSION)
    throw new AppError('store_unavailable', describeFormat(format));
  await refuseNewerRecords(records);
  return format;
}

/** Checks the first records of each kind: the sweep of a newer version rewrites all records from the first one on. */
async function refuseNewerRecords(records: Pick<RecordStore, 'range'>): Promise<void> {
  for (const kind of FORMATTED_KINDS)
    for (const { key, raw } of await records.range(kind, { limit: RECORDS_CHECKED })) {
      const [, format = '0'] = /^\{"value":\{"v":(\d+)\b/.exec(raw) ?? [];
      if (Number(format) > RECORD_VERSION)
        throw new AppError(
          'store_unavailable',
          `${describeNewerFormat(`The record ${key} in the store of STORE_URL`, Number(format))} ${GO_BACK}`,
        );
    }
}

async function isEmpty(records: Pick<RecordStore, 'range'>): Promise<boolean> {
  const pages = await Promise.all(RECORD_KINDS.map((kind) => records.range(kind, { limit: 1 })));
  return pages.every((keys) => keys.length === 0);
}

const NOTHING_RESTORED =
  'The store of STORE_URL is empty, so nothing was restored: check STORE_URL, or start without --restored.';
const GO_BACK =
  'Nothing was changed: start the newer version, or restore the backup from before its upgrade and start with --restored.';

function describeDamage(raw: string): string {
  return `The database's format key is damaged: it holds ${JSON.stringify(raw.slice(0, 24))} instead of a number. Nothing was changed: restore a backup of STORE_URL and start with --restored.`;
}

function describeFormat(format: number): string {
  if (format > RECORD_VERSION) return `${describeNewerFormat('The store of STORE_URL', format)} ${GO_BACK}`;
  return `The store of STORE_URL is of format ${format}, which an earlier version of the bot wrote; this one reads ${OLDEST_FORMAT} to ${RECORD_VERSION}. Nothing was changed: start that version, or set STORE_URL to an empty store.`;
}

export function describeUpgrade(format: number): string {
  return `The store of STORE_URL is of format ${format}, and this version writes ${RECORD_VERSION}, which the version before cannot read. Nothing was changed: stop every bot of the earlier version, make a backup, and start once with: npm start -- --upgrade`;
}

/** Returns the file that a STORE_URL names; undefined: another kind of store. */
export function readSqlitePath(url: string): string | undefined {
  const path = /^sqlite:\/\/(.+)$/.exec(url)?.[1];
  return path === undefined ? undefined : resolve(path);
}

/** Returns the same file for commands that only read. Throws an AppError if it is missing: opening would create a database. */
export function requireDatabase(url: string): string | undefined {
  const file = readSqlitePath(url);
  if (file === undefined || existsSync(file)) return file;
  const why = `The database ${file} does not exist: check STORE_URL and the working directory.`;
  throw new AppError('store_unavailable', why);
}

async function openServerStore(url: string, log: Log, options: OpenOptions): Promise<OpenStore> {
  const onError = (error: unknown) => log.error({ error }, 'store connection failed');
  const { records: serverRecords, serverTime, warnings } = await openServer(url, onError);
  for (const warning of warnings) log.warn({}, warning);
  const { format, records } = await keepFormat(serverRecords, log, options);
  const clock = new ServerClock(serverTime);
  await clock.start();
  warnOfSkew(clock.readSkew(), log);
  return {
    records,
    sole: false,
    clock,
    format,
    close: () => {
      clock.stop();
      return serverRecords.disconnect();
    },
  };
}

/** `ahead`: how far this machine's clock is ahead of the store's, in milliseconds. */
function warnOfSkew(ahead: number, log: Log): void {
  if (Math.abs(ahead) <= MAX_SKEW) return;
  const difference = `${Math.round(Math.abs(ahead) / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'}`;
  log.warn({}, `host clock is ${difference} the store's: in HTTP mode Slack's requests may be rejected`);
}

/** Imports only the backend in use: each takes megabytes. */
async function openServer(url: string, onError: (error: unknown) => void) {
  if (/^rediss?:\/\//.test(url)) return (await import('./backends/redis.ts')).openRedis(url, onError);
  if (/^postgres(ql)?:\/\//.test(url))
    return (await import('./backends/postgres.ts')).openPostgres(url, onError);
  throw new AppError('store_unavailable', 'STORE_URL must begin with sqlite://, redis:// or postgres://.');
}
