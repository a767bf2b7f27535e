import { resolve } from 'node:path';
import type { Clock } from '../approval/ports.ts';
import { AppError } from '../errors.ts';
import type { RecordStore } from './record-store.ts';
import { openSqlite } from './sqlite.ts';
import { systemClock } from './system-clock.ts';

export interface OpenStore {
  records: RecordStore;
  /** It serves one process only. */
  sole: boolean;
  /** What leases and times are measured by. */
  clock: Clock;
}

/** Opens the store that a STORE_URL names. Throws an AppError in one sentence when it cannot be opened. */
export function openStore(url: string): OpenStore {
  const path = /^sqlite:\/\/(.+)$/.exec(url)?.[1];
  if (path === undefined) throw new AppError('store_unavailable', 'STORE_URL has to begin with sqlite://');
  return { records: openSqlite(resolve(path)), sole: true, clock: systemClock };
}
