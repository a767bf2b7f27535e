import { randomUUID } from 'node:crypto';
import type { Clock } from '../approval/ports.ts';
import type { RecordStore } from './record-store.ts';

/** Shortest time between two writes, in milliseconds, however often the check is called. */
const CHECKED_EVERY = 2_000;
/** Size of the test record, in characters: as a long output, since a full disk still accepts small records for a while. */
const SIZE = 64 * 1024;

/** Checks that the store accepts writes. */
export class WriteCheck {
  private readonly records: RecordStore;
  private readonly clock: Clock;
  private readonly key = `ready/${randomUUID()}`;
  private last: { at: number; result: Promise<string | undefined> } | undefined;

  constructor(records: RecordStore, clock: Clock) {
    this.records = records;
    this.clock = clock;
  }

  /** Returns the result of the latest check: why the store cannot be trusted; undefined: no fault. Rejects with a StoreError. */
  check(): Promise<string | undefined> {
    if (!this.last || this.clock.now() - this.last.at >= CHECKED_EVERY) {
      this.last = { at: this.clock.now(), result: this.writeAndDelete() };
      this.last.result.catch(() => {});
    }
    return this.last.result;
  }

  private async writeAndDelete(): Promise<string | undefined> {
    const { key, records } = this;
    const fault = await records.fault();
    if (fault !== undefined) return fault;
    const deadline = this.clock.now() + CHECKED_EVERY;
    const puts = [{ key, raw: key.padEnd(SIZE, '.') }];
    await records.commit({ compare: [], puts, deletes: [], deadline });
    await records.commit({ compare: [], puts: [], deletes: [key] });
    return undefined;
  }
}
