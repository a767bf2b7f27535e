import { randomUUID } from 'node:crypto';
import type { Clock } from '../approval/ports.ts';
import type { RecordStore } from './record-store.ts';

/** However often it is asked, the store is written to once in this time, in milliseconds. */
const EVERY = 2_000;

/** Writes a record of its own and deletes it: undefined when that worked. Rejects with a StoreError when it did not. */
export function createWriteCheck(records: RecordStore, clock: Clock): () => Promise<undefined> {
  const key = `ready/${randomUUID()}`;
  let last: { at: number; result: Promise<undefined> } | undefined;

  async function write(): Promise<undefined> {
    const deadline = clock.now() + EVERY;
    await records.commit({ key, previousRaw: undefined, puts: [{ key, raw: key }], deletes: [], deadline });
    await records.delete(key);
  }

  return () => {
    if (!last || clock.now() - last.at >= EVERY) {
      last = { at: clock.now(), result: write() };
      last.result.catch(() => {});
    }
    return last.result;
  };
}
