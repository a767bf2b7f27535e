import type { Approval } from '../../src/approval/approval.ts';
import type { Crew } from '../../src/approval/crew.ts';
import type { PeopleDirectory } from '../../src/approval/ports.ts';
import { createService } from '../../src/approval/service.ts';
import { DEFAULT_POLICY } from '../../src/approval/task-rules.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import type { OpenStore } from '../../src/store/open-store.ts';
import { SILENT } from './support/seed.ts';
import { APPROVER, CREW } from './support/world.ts';

/** One page of a list. */
const PAGE = 15;

/** What people look up, by name; each gives how many approvals it found. The only file here that knows by which calls. */
export function lookUps({ records, clock }: OpenStore, known: Approval) {
  const store = createApprovalStore(records, SILENT);
  const people: PeopleDirectory = {
    members: () => undefined,
    idOf: () => undefined,
    outsider: () => false,
    learn: async () => {},
    missed() {},
    awake: async (ids) => ({ ids: [...ids] }),
  };
  const crews = new Map([[CREW, crew]]);
  const service = createService({ store, clock, crews, people, log: SILENT, wake() {} });
  const count = async (found: Promise<readonly unknown[]>) => (await found).length;

  return {
    'list what waits': () => count(service.waiting(PAGE)),
    'look up one approval by its id': () => count(service.find(known.id)),
    'look up one run by the beginning of its id': () => count(service.find(known.executionId.slice(0, 13))),
    'one page of history': async () => {
      const ids = await store.decided([CREW], PAGE);
      return count(Promise.all(ids.map((id) => store.approval(id))));
    },
  } satisfies Record<string, () => Promise<number>>;
}

const crew: Crew = {
  name: CREW,
  channel: 'C00000',
  channels: ['C00000'],
  approvers: [APPROVER],
  excludeRequester: false,
  allowGuests: false,
  policy: DEFAULT_POLICY,
  tasks: [],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  approveTasks: [],
  resumeFormat: 'documented',
};
