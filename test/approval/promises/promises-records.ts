import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import type { RecordStore } from '../../../src/store/record-store.ts';
import type { Watch } from './promises-invariants.ts';
import type { Actor, Stage } from './promises-stage.ts';

/** Records in memory that several processes share; each write of an approval is watched. */
export function createRecords(stage: Stage, watch: Watch) {
  const held = new Map<string, string>();
  let failing: 'writes' | 'all' | undefined;

  const openKeys = () => [...held.keys()].filter((key) => key.startsWith('open/'));
  /** When the first of the open approvals is due. */
  function dueAt(): number | undefined {
    const times = openKeys().map((key) => Number(key.split('/')[1]));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The store as one process sees it. */
  function recordsOf(actor: Actor): RecordStore {
    function operation<T>(kind: 'read' | 'write', work: () => T): Promise<T> {
      return stage.operation(actor, kind, () => {
        if (failing === 'all' || failing === `${kind}s`) throw new StoreError('It was told to fail.');
        return work();
      });
    }
    return {
      get: (key) => operation('read', () => held.get(key)),
      getMany: (keys) => operation('read', () => keys.map((key) => held.get(key))),
      fault: async () => undefined,
      disconnect: async () => {},
      commit: ({ compare, puts, deletes, deadline }) =>
        operation('write', () => {
          if (deadline !== undefined && stage.now() > deadline) throw new DeadlineError();
          if (compare.some(({ key, previousRaw }) => held.get(key) !== previousRaw)) return false;
          for (const gone of deletes) held.delete(gone);
          for (const put of puts) held.set(put.key, put.raw);
          for (const put of puts) {
            const [kind, id] = put.key.split('/');
            const indexed = openKeys().filter((open) => open.endsWith(`/${id}`));
            if (kind === 'approval') watch.committed(actor.name, put.raw, indexed);
          }
          return true;
        }),
      range: (index, { after = '', limit, reverse }) =>
        operation('read', () => {
          const keys = [...held.keys()].filter((key) => key.startsWith(`${index}/`)).sort();
          const listed = reverse ? keys.reverse() : keys.filter((key) => key > after);
          return listed.slice(0, limit).map((key) => ({ key, raw: held.get(key) as string }));
        }),
    };
  }

  return {
    recordsOf,
    dueAt,
    fails(what: 'writes' | 'all') {
      failing = what;
      // Who holds a lane now may not get its outcome stored in time.
      watch.disturb(() => true);
    },
    works() {
      failing = undefined;
    },
  };
}
