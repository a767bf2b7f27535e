import type { Commit, RecordStore } from '../../../src/store/record-store.ts';

export const SILENT = { info() {}, warn() {}, error() {} };

/** A record store that keeps nothing and does nothing; what would be committed is handed on. */
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
