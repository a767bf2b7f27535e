import type { Clock } from '../approval/ports.ts';
import { AppError } from '../lib/errors.ts';
import type { RecordStore } from './record-store.ts';

/** When a bot last used the store, in milliseconds since 1970. Our own backups do not have this record. */
export const USAGE_KEY = 'usage/last';
const RESTORED_KEY = 'usage/restored';
const LANGUAGES_KEY = 'usage/languages';
const WRITTEN_EVERY = 60_000;
/** A store that was used within this time is in use or was just stopped, in milliseconds. */
const IN_USE_FOR = 5 * 60_000;

/** Records that the store is in use, so that a restored copy can be distinguished from the store itself. */
export class Usage {
  private readonly records: RecordStore;
  private readonly clock: Clock;
  private cancel = () => {};
  private closed = false;

  constructor(records: RecordStore, clock: Clock) {
    this.records = records;
    this.clock = clock;
  }

  /** By the clock of that time; undefined when the store was never used or the time is not known. */
  async lastUsedAt(): Promise<number | undefined> {
    const raw = await this.records.get(USAGE_KEY);
    const at = Number(raw);
    return raw === undefined || Number.isNaN(at) ? undefined : at;
  }

  /** Rejects with an AppError when the store was in use recently, so that it is not a restored one. */
  async requireRestored(): Promise<void> {
    const at = await this.lastUsedAt();
    const now = this.clock.now();
    if (at === undefined || now - at >= IN_USE_FOR) return;
    const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1_000);
    // A copy that was made and restored just now, as by pg_dump, cannot be distinguished from the store itself.
    throw new AppError(
      'store_in_use',
      `A bot used this store ${seconds(Math.max(0, now - at))} s ago. If it was restored from a backup, keep every bot stopped and start with --restored again in ${seconds(at + IN_USE_FOR - now)} s: without it, decisions may be sent twice. Only if it was not restored, start without --restored.`,
    );
  }

  /** The store is a copy of an earlier time from now on. Rejects with a StoreError. */
  async noteRestored(): Promise<void> {
    const puts = [{ key: RESTORED_KEY, raw: String(this.clock.now()) }];
    await this.records.commit({ compare: [], puts, deletes: [] });
  }

  /** When the store was restored last; undefined: never. Rejects with a StoreError. */
  async restoredAt(): Promise<number | undefined> {
    const raw = await this.records.get(RESTORED_KEY);
    return raw === undefined ? undefined : Number(raw);
  }

  /** The language that the cards of each crew are in; none before they were first written. Rejects with a StoreError. */
  readonly languages = {
    read: async (): Promise<Record<string, string>> =>
      JSON.parse((await this.records.get(LANGUAGES_KEY)) ?? '{}') as Record<string, string>,
    write: async (languages: Readonly<Record<string, string>>): Promise<void> => {
      const puts = [{ key: LANGUAGES_KEY, raw: JSON.stringify(languages) }];
      await this.records.commit({ compare: [], puts, deletes: [] });
    },
  };

  /** Writes the time now and then each minute, until closed. Never rejects: /readyz reports a store that takes no writes. */
  async start(): Promise<void> {
    const puts = [{ key: USAGE_KEY, raw: String(this.clock.now()) }];
    await this.records.commit({ compare: [], puts, deletes: [] }).catch(() => {});
    if (!this.closed) this.cancel = this.clock.after(WRITTEN_EVERY, () => void this.start());
  }

  close(): void {
    this.closed = true;
    this.cancel();
  }
}
