import type { Approval } from '../../src/approval/model/approval.ts';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import type { PeopleDirectory } from '../../src/approval/ports.ts';
import { findNamedApprovals } from '../../src/approval/queries/find-runs.ts';
import { listApprovals } from '../../src/approval/queries/list-approvals.ts';
import type { ListQuery } from '../../src/approval/queries/look-up.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import type { OpenStore } from '../../src/store/open-store.ts';
import { buildTestApp } from '../support/app.ts';
import { SILENT } from './support/seed.ts';
import { APPROVER, CREW } from './support/world.ts';

/** What people look up, by name; each gives how many approvals it found. The only file here that knows by which calls. */
export function lookUps({ records, clock }: OpenStore, known: Approval) {
  const store = createApprovalStore(records, SILENT);
  const people: PeopleDirectory = {
    members: () => undefined,
    idOf: () => undefined,
    outsider: () => false,
    learn: async () => {},
    noteNotMember() {},
    channelSize: () => undefined,
    isGone: () => undefined,
    inChannel: () => undefined,
    channelId: (channel) => channel,
    learnMembers: async () => {},
    findAwake: async (ids) => ({ ids: [...ids] }),
  };
  const app = buildTestApp({ store, crews: new Map([[CREW, crew]]), people, clock, log: SILENT });
  const listed = async (query: ListQuery) => {
    const page = await listApprovals(app, APPROVER, query);
    if ('code' in page) throw new Error(page.code);
    return page.approvals.length;
  };
  const named = async (text: string) => {
    const found = await findNamedApprovals(app, APPROVER, text);
    if (!Array.isArray(found)) throw new Error(found.code);
    return found.length;
  };

  return {
    'list what waits': () => listed({ kind: 'waiting' }),
    'look up one approval by its id': () => named(known.id),
    'look up one run by the beginning of its id': () => named(known.executionId.slice(0, 13)),
    'one page of history': () => listed({ kind: 'history' }),
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
  revisionText: 'Revise this:',
  lookUps: 'members',
  approveTasks: [],
  resumeFormat: 'documented',
};
