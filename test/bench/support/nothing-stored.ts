import type { Commit, RecordStore } from '../../../src/store/record-store.ts';

export const SILENT = { info() {}, warn() {}, error() {} };

/** Creates a record store that keeps nothing. `committed`: called with each commit. */
export function voidRecords(committed: (commit: Commit) => void): RecordStore {
  return {
    get: async () => undefined,
    getMany: async (keys) => keys.map(() => undefined),
    range: async () => [],
    commit: async (commit) => {
      committed(commit);
      return true;
    },
    fault: async () => undefined,
    disconnect: async () => {},
  };
}
