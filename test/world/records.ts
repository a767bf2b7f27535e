import { StoreError } from '../../src/lib/errors.ts';
import type { Commit, RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { holdRecords } from '../support/memory-records.ts';
import type { Write } from './counts.ts';
import type { Actor, Stage } from './stage.ts';

/** The store of a world: records in memory that several processes share. */
export class WorldRecords {
  /** Reads or writes fail until this is undefined again. */
  failing: 'writes' | 'all' | undefined;
  /** Writes so far. */
  commits = 0;
  /** Is told of each write that was carried out. */
  onWrite: ((write: Write) => void) | undefined;
  readonly #stage: Stage;
  readonly #held: ReturnType<typeof holdRecords>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#held = holdRecords(stage.now);
  }

  /** When the store next has work: only for skipping scans that would find nothing. */
  dueAt = (): number | undefined => {
    let due = Number.POSITIVE_INFINITY;
    for (const index of ['open', 'kickoffdue', 'runcheck'])
      for (const key of this.#held.keysOf(index)) {
        const [, at] = /^\w+\/(\d+)\//.exec(key) ?? [];
        if (at !== undefined) due = Math.min(due, Number(at));
      }
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  };

  /** All that it holds, in the order of the keys. */
  all(): RawRecord[] {
    return [...this.#held.keys()].sort().map((key) => ({ key, raw: this.#held.get(key) as string }));
  }

  /** The store is as it was when it held these: it was restored from a copy. */
  restore(copy: readonly RawRecord[]): void {
    const deletes = [...this.#held.keys()];
    this.#held.commit({ compare: [], puts: [...copy], deletes });
  }

  #commit(commit: Commit): boolean {
    const keys = [...commit.puts.map(({ key }) => key), ...commit.deletes];
    const read = () => new Map(keys.map((key) => [key, this.#held.get(key)]));
    const before = this.onWrite && read();
    const isDone = this.#held.commit(commit);
    if (isDone && before) this.onWrite?.({ before, after: read() });
    return isDone;
  }

  /** The store as one process sees it. */
  of(actor: Actor): RecordStore {
    const held = this.#held;
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
      get: (key) => operation('read', () => held.get(key)),
      getMany: (keys) => operation('read', () => keys.map(held.get)),
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
      range: (index, options) => operation('read', () => held.range(index, options)),
    };
  }
}
