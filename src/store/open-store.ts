import { resolve } from 'node:path';
import type { Clock, Log } from '../approval/ports.ts';
import { AppError } from '../lib/errors.ts';
import { createServerClock } from './backends/server-clock.ts';
import { openSqlite } from './backends/sqlite.ts';
import type { RecordStore } from './record-store.ts';
import { createSystemClock } from './system-clock.ts';

/** More is worth a warning, in milliseconds: Slack's signatures are refused after 5 minutes. */
const CLOCKS_APART = 60_000;

export interface OpenStore {
  records: RecordStore;
  /** It serves one process only. */
  sole: boolean;
  /** What leases and times are measured by. */
  clock: Clock;
  close(): Promise<void>;
}

/**
 * Opens the store that a STORE_URL names; `beside`: while a bot has it open; `onFault`: called when the files of a SQLite
 * store were deleted, replaced or overwritten. Rejects with an AppError in one sentence
 * when it cannot be opened.
 */
export async function openStore(
  url: string,
  log: Log,
  { beside = false, onFault }: { beside?: boolean; onFault?: (fault: string) => void } = {},
): Promise<OpenStore> {
  const path = readSqlitePath(url);
  if (path !== undefined) {
    const clock = createSystemClock();
    const records = openSqlite(path, { beside, now: clock.now, ...(onFault ? { onFault } : {}) });
    return { records, sole: true, clock, close: () => records.disconnect() };
  }
  const onError = (error: unknown) => log.error({ error }, 'the store cannot be reached');
  const { records, serverTime, warnings } = await openServer(url, onError);
  for (const warning of warnings) log.warn({}, warning);
  const { clock, ahead, stop } = await createServerClock(serverTime);
  if (Math.abs(ahead) > CLOCKS_APART) {
    const far = `${Math.round(Math.abs(ahead) / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'}`;
    log.warn(
      {},
      `this machine's clock is ${far} the store's; in HTTP mode Slack's requests may be refused for it`,
    );
  }
  return {
    records,
    sole: false,
    clock,
    close: () => {
      stop();
      return records.disconnect();
    },
  };
}

/** The file that a STORE_URL names; undefined for another kind of store. */
export function readSqlitePath(url: string): string | undefined {
  const path = /^sqlite:\/\/(.+)$/.exec(url)?.[1];
  return path === undefined ? undefined : resolve(path);
}

/** Loaded when it is used: each takes megabytes. */
async function openServer(url: string, onError: (error: unknown) => void) {
  if (/^rediss?:\/\//.test(url)) return (await import('./backends/redis.ts')).openRedis(url, onError);
  if (/^postgres(ql)?:\/\//.test(url))
    return (await import('./backends/postgres.ts')).openPostgres(url, onError);
  throw new AppError('store_unavailable', 'STORE_URL has to begin with sqlite://, redis:// or postgres://');
}
