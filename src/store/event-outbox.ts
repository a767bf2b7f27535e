import { leasedUntil } from '../approval/lifecycle/lanes.ts';
import { leaseSchema } from '../approval/model/approval.ts';
import type { EventOutbox, Log } from '../approval/ports.ts';
import type { SignedEvent } from '../approval/signed-events.ts';
import { buildKey, readKey } from './keys.ts';
import { createRecordReader, serializeRecord } from './read-record.ts';
import type { RawRecord, RecordStore } from './record-store.ts';

/** Serializes an event under a key that sorts by run and time. At equal times, a run's start sorts first and its end last. */
export function serializeEvent(crew: string, executionId: string, event: SignedEvent): RawRecord {
  const { approval = event.type === 'run.started' ? '' : '~', seq = 0 } = event.data;
  const key = buildKey('event', crew, executionId, event.at, String(approval), String(seq).padStart(6, '0'));
  return serializeRecord(`${key}/${event.type}`, event);
}

/** Creates the outbox of the events that receivers have not accepted yet. */
export function createEventOutbox(records: RecordStore, log: Log): EventOutbox {
  const { readRecord } = createRecordReader(records, log);
  return {
    async pending(crew, { after, limit }) {
      const page = await records.range(buildKey('event', crew), { after, limit });
      return page.map(({ key, raw }) => ({
        place: key,
        run: readKey(key)[1] ?? '',
        event: (JSON.parse(raw) as { value: SignedEvent }).value,
      }));
    },

    async remove(places) {
      await records.commit({ compare: [], puts: [], deletes: places });
    },

    async claim(crew, { owner, now, duration, soleWorkerId }) {
      const key = buildKey('sender', crew);
      const lease = await readRecord(key, leaseSchema);
      const isHeld = leasedUntil(lease?.record, now, soleWorkerId, duration) > now;
      if (isHeld && lease?.record.owner !== owner) return false;
      const puts = [serializeRecord(key, { owner, until: now + duration })];
      return records.commit({ compare: [{ key, previousRaw: lease?.raw }], puts, deletes: [] });
    },

    async release(crew, owner) {
      const key = buildKey('sender', crew);
      const lease = await readRecord(key, leaseSchema);
      if (lease?.record.owner !== owner) return;
      await records.commit({ compare: [{ key, previousRaw: lease.raw }], puts: [], deletes: [key] });
    },
  };
}
