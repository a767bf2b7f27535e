import type { Stored } from '../approval/ports.ts';
import { createCache } from '../lib/cache.ts';

/** Approvals and runs that are being worked on. */
const MOST = 256;
/** Longer records are parsed each time, in characters. */
const LONGEST = 32 * 1024;

/**
 * The records that were read last, parsed: one is read several times between two changes, and parsing takes longer than
 * reading. A record counts only while the store holds the same text, and nobody can change it.
 */
export class ParsedRecords {
  private readonly records = createCache<Stored<unknown>>({ max: MOST });

  /** What was kept of a key, if it was parsed from this text. */
  find(key: string, raw: string): Stored<unknown> | undefined {
    const known = this.records.get(key);
    return known?.raw === raw ? known : undefined;
  }

  keep<T>(key: string, stored: Stored<T>): Stored<T> {
    if (stored.raw.length <= LONGEST) this.records.set(key, deepFreeze(stored));
    return stored;
  }
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
