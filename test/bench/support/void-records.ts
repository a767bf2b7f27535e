import type { Commit, RecordStore } from '../../../src/store/record-store.ts';

/** A record store that keeps nothing and does nothing; what would be committed is handed on. */
export function voidRecords(committed: (commit: Commit) => void = () => {}): RecordStore {
  const operations = {
    opts: {},
    on() {},
    get: async () => undefined,
    has: async () => false,
    set: async () => {},
    delete: async () => false,
    clear: async () => {},
    range: async () => [],
    entries: async () => [],
    commit: async (commit: Commit) => {
      committed(commit);
      return true;
    },
    fault: async () => undefined,
    disconnect: async () => {},
  };
  return operations as unknown as RecordStore;
}
