import { EventEmitter } from 'node:events';
import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import { listCompared, type RecordStore } from '../../../src/store/record-store.ts';
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
    const operations = {
      opts: {},
      set: (key: string, raw: string) => operation('write', () => void held.set(key, raw)),
      delete: (key: string) => operation('write', () => held.delete(key)),
      clear: () => operation('write', () => held.clear()),
      get: (key: string) => operation('read', () => held.get(key)),
      has: (key: string) => operation('read', () => held.has(key)),
      commit: ({ puts, deletes, deadline, ...compared }: Parameters<RecordStore['commit']>[0]) =>
        operation('write', () => {
          if (deadline !== undefined && stage.now() > deadline) throw new DeadlineError();
          if (listCompared(compared).some(({ key, previousRaw }) => held.get(key) !== previousRaw))
            return false;
          for (const gone of deletes) held.delete(gone);
          for (const put of puts) held.set(put.key, put.raw);
          for (const put of puts) {
            const [kind, id] = put.key.split('/');
            const indexed = openKeys().filter((open) => open.endsWith(`/${id}`));
            if (kind === 'approval') watch.committed(actor.name, put.raw, indexed);
          }
          return true;
        }),
      range: (index: string, { after = '', limit, reverse }: Parameters<RecordStore['range']>[1]) =>
        operation('read', () => {
          const keys = [...held.keys()].filter((key) => key.startsWith(`${index}/`)).sort();
          if (reverse) return keys.reverse().slice(0, limit);
          return keys.filter((key) => key > after).slice(0, limit);
        }),
    };
    return Object.assign(new EventEmitter(), operations) as unknown as RecordStore;
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
