import { StoreError } from '../../src/lib/errors.ts';
import type { Commit, RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { holdRecords } from '../support/memory-records.ts';
import type { Write } from './counts.ts';
import type { Actor, Stage } from './stage.ts';

/** The store of a world: records in memory that several processes share. */
export class WorldRecords {
  /** Reads or writes fail until this is undefined again. */
  failing: 'writes' | 'all' | undefined;
  /** Number of writes so far. */
  commits = 0;
  /** Called with each write that was carried out. */
  onWrite: ((write: Write) => void) | undefined;
  readonly #stage: Stage;
  readonly #memory: ReturnType<typeof holdRecords>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#memory = holdRecords(stage.now);
  }

  /** Finds the time of the store's next work, only to skip scans that would find nothing. */
  dueAt = (): number | undefined => {
    let due = Number.POSITIVE_INFINITY;
    for (const index of ['open', 'kickoffdue', 'runcheck'])
      for (const key of this.#memory.keysOf(index)) {
        const [, at] = /^\w+\/(\d+)\//.exec(key) ?? [];
        if (at !== undefined) due = Math.min(due, Number(at));
      }
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  };

  /** Lists all records, sorted by key. */
  all(): RawRecord[] {
    return [...this.#memory.keys()].sort().map((key) => ({ key, raw: this.#memory.get(key) as string }));
  }

  /** Replaces the content of the store, like a restored backup. */
  restore(copy: readonly RawRecord[]): void {
    const deletes = [...this.#memory.keys()];
    this.#memory.commit({ compare: [], puts: [...copy], deletes });
  }

  #commit(commit: Commit): boolean {
    const keys = [...commit.puts.map(({ key }) => key), ...commit.deletes];
    const read = () => new Map(keys.map((key) => [key, this.#memory.get(key)]));
    const before = this.onWrite && read();
    const isDone = this.#memory.commit(commit);
    if (isDone && before) this.onWrite?.({ before, after: read() });
    return isDone;
  }

  /** Builds the store as one process sees it. */
  of(actor: Actor): RecordStore {
    const memory = this.#memory;
    const operation = <T>(kind: 'read' | 'write', work: () => T, name: string = kind): Promise<T> =>
      this.#stage.operation(
        kind,
        () => {
          if (this.failing === 'all' || this.failing === `${kind}s`)
            throw new StoreError('It was told to fail.');
          return work();
        },
        { actor, name },
      );
    return {
      get: (key) => operation('read', () => memory.get(key)),
      getMany: (keys) => operation('read', () => keys.map(memory.get)),
      fault: async () => undefined,
      disconnect: async () => {},
      commit: (commit) =>
        operation(
          'write',
          () => {
            this.commits += 1;
            return this.#commit(commit);
          },
          `commit of ${commit.puts[0]?.key.split('/')[0] ?? 'deletes'}`,
        ),
      range: (index, options) => operation('read', () => memory.range(index, options)),
    };
  }
}
