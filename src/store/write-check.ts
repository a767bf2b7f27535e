import { randomUUID } from 'node:crypto';
import type { Clock } from '../approval/ports.ts';
import type { RecordStore } from './record-store.ts';

/** Shortest time between two writes, in milliseconds, however often the check is called. */
const CHECK_INTERVAL = 2_000;
/** Size of the test record, in characters: as large as a long output, because a full disk accepts small records for a while. */
const TEST_RECORD_SIZE = 64 * 1024;

/** Checks that the store accepts writes. */
export class WriteCheck {
  private readonly records: RecordStore;
  private readonly clock: Clock;
  private readonly key = `ready/${randomUUID()}`;
  private lastCheck: { at: number; result: Promise<string | undefined> } | undefined;

  constructor(records: RecordStore, clock: Clock) {
    this.records = records;
    this.clock = clock;
  }

  /** Returns the result of the latest check: why the store cannot be trusted; undefined: no fault. Rejects with a StoreError. */
  check(): Promise<string | undefined> {
    if (!this.lastCheck || this.clock.now() - this.lastCheck.at >= CHECK_INTERVAL) {
      this.lastCheck = { at: this.clock.now(), result: this.writeAndDelete() };
      this.lastCheck.result.catch(() => {});
    }
    return this.lastCheck.result;
  }

  private async writeAndDelete(): Promise<string | undefined> {
    const { key, records } = this;
    const fault = await records.fault();
    if (fault !== undefined) return fault;
    const deadline = this.clock.now() + CHECK_INTERVAL;
    const puts = [{ key, raw: key.padEnd(TEST_RECORD_SIZE, '.') }];
    await records.commit({ compare: [], puts, deletes: [], deadline });
    await records.commit({ compare: [], puts: [], deletes: [key] });
    return undefined;
  }
}
