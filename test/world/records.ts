import { DeadlineError, StoreError } from '../../src/lib/errors.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import type { Actor, Stage } from './stage.ts';

/** The store of a world: records in memory, or a real store, that several processes share. */
export class WorldRecords {
  /** Reads or writes fail until this is undefined again. */
  failing: 'writes' | 'all' | undefined;
  /** Writes so far. */
  commits = 0;
  readonly #stage: Stage;
  readonly #real: RecordStore | undefined;
  readonly #held = new Map<string, string>();

  constructor(stage: Stage, real?: RecordStore) {
    this.#stage = stage;
    this.#real = real;
  }

  /** When the store next has work: only for skipping scans that would find nothing. */
  dueAt = (): number | undefined => {
    if (this.#real) return this.#stage.now();
    let due = Number.POSITIVE_INFINITY;
    for (const key of this.#held.keys()) {
      const [, at] = /^(?:open|kickoffdue|runcheck)\/(\d+)\//.exec(key) ?? [];
      if (at !== undefined) due = Math.min(due, Number(at));
    }
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  };

  /** The store as one process sees it. */
  of(actor: Actor): RecordStore {
    const operation = <T>(
      kind: 'read' | 'write',
      work: (real?: RecordStore) => T | Promise<T>,
      name: string = kind,
    ): Promise<T> =>
      this.#stage.operation(
        kind,
        () => {
          if (this.failing === 'all' || this.failing === `${kind}s`)
            throw new StoreError('It was told to fail.');
          return work(this.#real);
        },
        { actor, name },
      );
    const held = this.#held;
    return {
      get: (key) => operation('read', (real) => (real ? real.get(key) : held.get(key))),
      getMany: (keys) =>
        operation('read', (real) => (real ? real.getMany(keys) : keys.map((key) => held.get(key)))),
      fault: async () => undefined,
      disconnect: async () => {},
      commit: (commit) =>
        operation(
          'write',
          (real) => {
            this.commits += 1;
            if (real) return real.commit(commit);
            const { compare, puts, deletes, deadline } = commit;
            if (deadline !== undefined && this.#stage.now() > deadline) throw new DeadlineError();
            if (compare.some(({ key, previousRaw }) => held.get(key) !== previousRaw)) return false;
            for (const gone of deletes) held.delete(gone);
            for (const put of puts) held.set(put.key, put.raw);
            return true;
          },
          `commit of ${commit.puts[0]?.key.split('/')[0] ?? 'deletes'}`,
        ),
      range: (index, options) =>
        operation('read', (real) => {
          if (real) return real.range(index, options);
          const { after, limit, reverse } = options;
          const keys = [...held.keys()].filter((key) => key.startsWith(`${index}/`)).sort(byBytes);
          if (reverse) keys.reverse();
          const isBeyond = (key: string) =>
            after === undefined || (reverse ? byBytes(key, after) < 0 : byBytes(key, after) > 0);
          const listed = keys.filter(isBeyond).slice(0, limit);
          return listed.map((key) => ({ key, raw: held.get(key) as string }));
        }),
    };
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
