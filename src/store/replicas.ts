import { RECORD_VERSION } from '../approval/model/approval.ts';
import type { Clock, Log } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { eachRecord, type RecordStore } from './record-store.ts';
import type { StoreFormat } from './store-format.ts';

const BEATS_EVERY = 15_000;
/** A replica that has not beaten for so long does not run, in milliseconds. */
const GONE_AFTER = 60_000;

interface Beat {
  format: number;
  at: number;
}

/**
 * Says that this replica runs, and of which format its build is. Once no replica of an earlier format has beaten for a minute,
 * the store's format is raised. Returns what ends it.
 */
export function startBeating(
  records: RecordStore,
  {
    name,
    clock,
    log,
    format,
    onRaised,
  }: { name: string; clock: Clock; log: Log; format: StoreFormat; onRaised: () => void },
): () => Promise<void> {
  const key = `replica/${name}`;
  const began = clock.now();
  const stop = repeat(clock, BEATS_EVERY, async () => {
    try {
      const now = clock.now();
      const beat: Beat = { format: RECORD_VERSION, at: now };
      await records.commit({ compare: [], puts: [{ key, raw: JSON.stringify(beat) }], deletes: [] });
      if (format.isRaised()) return;
      // A replica that runs has beaten meanwhile.
      if (now - began < GONE_AFTER || (await hasOlder(records, now))) return;
      await format.raise();
      log.info(
        { format: RECORD_VERSION },
        'no replica of an earlier format runs: the format of the store was raised',
      );
      onRaised();
    } catch (error) {
      log.error({ error }, 'replica not announced, tried again');
    }
  });
  return async () => {
    stop();
    await records.commit({ compare: [], puts: [], deletes: [key] }).catch(() => {});
  };
}

/** Whether a replica of an earlier format runs. Those that ended without a word go after a while. */
async function hasOlder(records: RecordStore, now: number): Promise<boolean> {
  let isOlder = false;
  const gone: string[] = [];
  for await (const { key, raw } of eachRecord(records, 'replica')) {
    const { format, at } = JSON.parse(raw) as Beat;
    if (now - at >= GONE_AFTER) gone.push(key);
    else if (format < RECORD_VERSION) isOlder = true;
  }
  if (gone.length > 0) await records.commit({ compare: [], puts: [], deletes: gone });
  return isOlder;
}
