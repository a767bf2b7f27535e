import { randomUUID } from 'node:crypto';
import type { Clock } from '../approval/ports.ts';
import type { RecordStore } from './record-store.ts';

/** However often it is asked, the store is written to once in this time, in milliseconds. */
const EVERY = 2_000;
/** A disk that is full takes small records for a while: this one is as large as a long output, in characters. */
const SIZE = 64 * 1024;

/**
 * Writes a record of its own and deletes it: undefined when that worked, or what keeps the store from being trusted.
 * Rejects with a StoreError when it did not work.
 */
export function createWriteCheck(records: RecordStore, clock: Clock): () => Promise<string | undefined> {
  const key = `ready/${randomUUID()}`;
  let last: { at: number; result: Promise<string | undefined> } | undefined;

  async function check(): Promise<string | undefined> {
    const fault = await records.fault();
    if (fault !== undefined) return fault;
    const deadline = clock.now() + EVERY;
    const raw = key.padEnd(SIZE, '.');
    await records.commit({ key, previousRaw: undefined, puts: [{ key, raw }], deletes: [], deadline });
    await records.delete(key);
    return undefined;
  }

  return () => {
    if (!last || clock.now() - last.at >= EVERY) {
      last = { at: clock.now(), result: check() };
      last.result.catch(() => {});
    }
    return last.result;
  };
}
