import type { Clock } from '../approval/ports.ts';
import type { Drawn, DrawnCards, DrawnCrews } from '../approval/worker/redraw.ts';
import { AppError } from '../lib/errors.ts';
import type { Commit, RecordStore } from './record-store.ts';

/** Key of the time when a bot last used the store, in milliseconds since 1970. The bot's own backups omit this record. */
export const USAGE_KEY = 'usage/last';
const RESTORED_KEY = 'usage/restored';
const LANGUAGES_KEY = 'usage/languages';
/** Key of the card designs. Not part of the languages: an older build would read the number of a design as a language. */
const DRAWINGS_KEY = 'usage/drawings';
const WRITE_INTERVAL = 60_000;
/** A store used within this time is in use or was just stopped, in milliseconds. */
const IN_USE_PERIOD = 5 * 60_000;

/** Records that the store is in use, to distinguish a restored copy from the store itself. */
export class Usage {
  private readonly records: RecordStore;
  private readonly clock: Clock;
  private cancelWrite = () => {};
  private closed = false;

  constructor(records: RecordStore, clock: Clock) {
    this.records = records;
    this.clock = clock;
  }

  /** Returns when a bot last used the store, by the clock at that time; undefined: never, or the time cannot be read. */
  async lastUsedAt(): Promise<number | undefined> {
    const raw = await this.records.get(USAGE_KEY);
    const at = Number(raw);
    return raw === undefined || Number.isNaN(at) ? undefined : at;
  }

  /** Rejects with an AppError if the store was in use recently and so is not a restored copy. */
  async requireRestored(): Promise<void> {
    const at = await this.lastUsedAt();
    const now = this.clock.now();
    if (at === undefined || now - at >= IN_USE_PERIOD) return;
    const toSeconds = (milliseconds: number) => Math.ceil(milliseconds / 1_000);
    // A copy that was made and restored just now, for example by pg_dump, looks like the store itself.
    throw new AppError(
      'store_in_use',
      `A bot used this store ${toSeconds(Math.max(0, now - at))} s ago. If it was restored from a backup, keep every bot stopped and start with --restored again in ${toSeconds(at + IN_USE_PERIOD - now)} s: without it, decisions may be sent twice. Only if it was not restored, start without --restored.`,
    );
  }

  /** Records that the store is now a copy from an earlier time. Rejects with a StoreError. */
  async recordRestore(): Promise<void> {
    const puts = [{ key: RESTORED_KEY, raw: String(this.clock.now()) }];
    await this.records.commit({ compare: [], puts, deletes: [] });
  }

  /** Returns when the store was last restored; undefined: never. Rejects with a StoreError. */
  async restoredAt(): Promise<number | undefined> {
    const raw = await this.records.get(RESTORED_KEY);
    return raw === undefined ? undefined : Number(raw);
  }

  /** Language and design in which each crew's cards were last drawn; empty until the first update. */
  readonly drawn: DrawnCards = {
    read: async () => (await this.#readDrawn()).crews,
    update: async (change) => {
      for (;;) {
        const { crews, compare } = await this.#readDrawn();
        const puts = buildDrawnPuts(change(crews)).filter(
          ({ key, raw }) => !compare.some((compared) => compared.key === key && compared.previousRaw === raw),
        );
        if (puts.length === 0 || (await this.records.commit({ compare, puts, deletes: [] }))) return;
      }
    },
  };

  async #readDrawn(): Promise<{ crews: DrawnCrews; compare: Commit['compare'] }> {
    const raws = await this.records.getMany([LANGUAGES_KEY, DRAWINGS_KEY]);
    const languages = JSON.parse(raws[0] ?? '{}') as Record<string, string>;
    const drawings = JSON.parse(raws[1] ?? '{}') as Record<string, number>;
    const crews = Object.entries(languages).map(([name, language]) => [
      name,
      { language, drawing: drawings[name] ?? 0 },
    ]);
    return {
      crews: Object.fromEntries(crews),
      compare: [LANGUAGES_KEY, DRAWINGS_KEY].map((key, at) => ({ key, previousRaw: raws[at] })),
    };
  }

  /** Writes the time now and then each minute, until closed. Never rejects: /readyz reports a store that rejects writes. */
  async start(): Promise<void> {
    const puts = [{ key: USAGE_KEY, raw: String(this.clock.now()) }];
    await this.records.commit({ compare: [], puts, deletes: [] }).catch(() => {});
    if (!this.closed) this.cancelWrite = this.clock.after(WRITE_INTERVAL, () => void this.start());
  }

  close(): void {
    this.closed = true;
    this.cancelWrite();
  }
}

function buildDrawnPuts(crews: DrawnCrews): Commit['puts'] {
  const list = (field: keyof Drawn) =>
    Object.fromEntries(Object.entries(crews).map(([name, drawn]) => [name, drawn[field]]));
  return [
    { key: LANGUAGES_KEY, raw: JSON.stringify(list('language')) },
    { key: DRAWINGS_KEY, raw: JSON.stringify(list('drawing')) },
  ];
}
