import { randomUUID } from 'node:crypto';
import type { Clock } from '../approval/ports.ts';
import type { RecordStore } from './record-store.ts';

/** However often it is asked, the store is written to once in this time, in milliseconds. */
const EVERY = 2_000;
/** A full disk takes small records for a while, so this record is as large as a long output, in characters. */
const SIZE = 64 * 1024;

/** Checks that the store takes writes. */
export class WriteCheck {
  private readonly records: RecordStore;
  private readonly clock: Clock;
  private readonly key = `ready/${randomUUID()}`;
  private last: { at: number; result: Promise<string | undefined> } | undefined;

  constructor(records: RecordStore, clock: Clock) {
    this.records = records;
    this.clock = clock;
  }

  /** The result of the latest check: undefined, or why the store cannot be trusted. Rejects with a StoreError. */
  check(): Promise<string | undefined> {
    if (!this.last || this.clock.now() - this.last.at >= EVERY) {
      this.last = { at: this.clock.now(), result: this.writeAndDelete() };
      this.last.result.catch(() => {});
    }
    return this.last.result;
  }

  private async writeAndDelete(): Promise<string | undefined> {
    const { key, records } = this;
    const fault = await records.fault();
    if (fault !== undefined) return fault;
    const deadline = this.clock.now() + EVERY;
    const puts = [{ key, raw: key.padEnd(SIZE, '.') }];
    await records.commit({ compare: [], puts, deletes: [], deadline });
    await records.commit({ compare: [], puts: [], deletes: [key] });
    return undefined;
  }
}
