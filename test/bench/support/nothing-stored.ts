import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Commit, RecordStore } from '../../../src/store/record-store.ts';

export const SILENT = { info() {}, warn() {}, error() {} };

/** A record store that keeps nothing and does nothing; what would be committed is handed on. */
export function voidRecords(committed: (commit: Commit) => void = () => {}): RecordStore {
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

/** A crew whose approvals go to the first channel of the world. */
export const buildCrew = (name: string, approvers: string[] = []): Crew => ({
  name,
  channel: 'C00000',
  channels: ['C00000'],
  approvers,
  excludeRequester: false,
  allowGuests: false,
  policy: DEFAULT_POLICY,
  tasks: [],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  revisionText: 'Revise this:',
  lookUps: 'members',
  approveTasks: [],
  resumeFormat: 'documented',
});
