import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseSync } from '@photostructure/sqlite';
import { openPostgres } from '../../../src/store/backends/postgres.ts';
import { openRedis } from '../../../src/store/backends/redis.ts';
import { listKeys } from '../records.ts';

const LOOK_EVERY = 100;

/** The work that the bot still has to do, read from its store by a separate connection. */
export interface Due {
  /** Resolves once nothing is left to do. Rejects after `patience` milliseconds. */
  nothing(patience: number): Promise<void>;
  close(): Promise<void>;
}

export async function lookAtDue(storeUrl: string): Promise<Due> {
  const { keys, close } = await open(storeUrl);
  return {
    async nothing(patience) {
      // No store reports changes, so this polls.
      for (const end = performance.now() + patience; ; await pause(LOOK_EVERY)) {
        const left = await keys();
        if (left.length === 0) return;
        if (performance.now() > end) throw new Error(`still due after ${patience} ms: ${left.join(', ')}`);
      }
    },
    close,
  };
}

async function open(storeUrl: string): Promise<{ keys(): Promise<string[]>; close(): Promise<void> }> {
  if (storeUrl.startsWith('sqlite://')) {
    const db = new DatabaseSync(storeUrl.replace('sqlite://', ''), { readOnly: true });
    const sql = "SELECT key FROM records WHERE key > 'open/' AND key < 'open0'";
    const select = db.prepare(sql);
    return {
      keys: async () => (select.all() as { key: string }[]).map(({ key }) => key),
      close: async () => void db.close(),
    };
  }
  const openServer = storeUrl.startsWith('redis://') ? openRedis : openPostgres;
  const { records } = await openServer(storeUrl, () => {});
  return { keys: () => listKeys(records, 'open', { limit: 10 }), close: () => records.disconnect() };
}
