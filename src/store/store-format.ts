import { RECORD_VERSION } from '../approval/model/approval.ts';
import { StoreError } from '../lib/errors.ts';
import type { Commit, RecordStore } from './record-store.ts';

/** Key of the store's format. */
export const FORMAT_KEY = 'format';

/** Parses the value of the format key; undefined: the key is damaged. */
export function parseFormat(raw: string): number | undefined {
  return /^\d{1,9}$/.test(raw) ? Number(raw) : undefined;
}

/** The format of an open store. Each commit compares it. */
export class StoreFormat {
  readonly #records: RecordStore;
  readonly #onFault: (fault: string) => void;
  #format: number;
  #fault: string | undefined;

  /**
   * `records`: the store without this comparison. `onFault`: called once, if another version raised the format beyond this
   * build's or the format key is damaged.
   */
  constructor(records: RecordStore, format: number, onFault: (fault: string) => void) {
    this.#records = records;
    this.#format = format;
    this.#onFault = onFault;
  }

  /** Format of the records. */
  get number(): number {
    return this.#format;
  }

  isRaised(): boolean {
    return this.#format === RECORD_VERSION;
  }

  /** Raises the format: from now on builds of earlier formats cannot write. Rejects with a StoreError. */
  async raise(): Promise<void> {
    const compare = [{ key: FORMAT_KEY, previousRaw: String(this.#format) }];
    const puts = [{ key: FORMAT_KEY, raw: String(RECORD_VERSION) }];
    if (await this.#records.commit({ compare, puts, deletes: [] })) this.#format = RECORD_VERSION;
    else await this.#readAgain();
  }

  /** Returns the store with the format compared in each commit. */
  keep(): RecordStore {
    const records = this.#records;
    return {
      get: (key) => records.get(key),
      getMany: (keys) => records.getMany(keys),
      range: (index, options) => records.range(index, options),
      fault: async () => this.#fault ?? (await records.fault()),
      disconnect: () => records.disconnect(),
      commit: (commit) => this.#commit(commit),
    };
  }

  async #commit({ compare, ...rest }: Commit): Promise<boolean> {
    const isDone = await this.#records.commit({
      ...rest,
      compare: [...compare, { key: FORMAT_KEY, previousRaw: String(this.#format) }],
    });
    if (!isDone) await this.#readAgain();
    return isDone;
  }

  async #readAgain(): Promise<void> {
    const raw = await this.#records.get(FORMAT_KEY);
    if (raw === undefined) {
      // The store was emptied while the bot ran. Records written from now on must be readable at its next start.
      const puts = [{ key: FORMAT_KEY, raw: String(this.#format) }];
      const compare = [{ key: FORMAT_KEY, previousRaw: undefined }];
      await this.#records.commit({ compare, puts, deletes: [] });
      return;
    }
    const format = parseFormat(raw);
    if (format === undefined) this.#stop('its format key is damaged');
    else if (format > RECORD_VERSION)
      this.#stop(
        `its records are of format ${format} now, and this version of the bot writes ${RECORD_VERSION}`,
      );
    else this.#format = format;
  }

  #stop(fault: string): never {
    if (this.#fault === undefined) this.#onFault(fault);
    this.#fault = fault;
    throw new StoreError(`Nothing was stored: ${fault}.`);
  }
}
