import { expect } from 'vitest';
import type { App } from '../../../src/approval/app.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { createRunRecord } from '../../../src/approval/model/run/run-record.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import type { ApprovalStore, Clock, PeopleDirectory } from '../../../src/approval/ports.ts';
import { createGiveWay, type GiveWay } from '../../../src/lib/time.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { buildTestApp } from '../../support/app.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { anApproval, approve, aRound } from '../builders.ts';
import { nobodyKnown, noStarts, crew as plainCrew } from '../worker/worker-world.ts';

export const T0 = 1_790_000_000_000;
const log = { info: () => {}, warn: () => {}, error: () => {} };

export const crewOf = (name: string, approvers: string[]): Crew => ({
  ...plainCrew,
  name,
  channel: `C${name.toUpperCase()}`,
  channels: [`C${name.toUpperCase()}`],
  approvers,
  // The approvals of a legal task are decided in another channel.
  tasks: [{ match: 'legal*', approvers: [state.legal], channel: 'CLEGAL', policy: {} }],
  allowGuests: false,
  lookUps: 'members',
});

/** Creates the stored and known facts of a test, and the record of what was done. */
const createState = () => ({
  store: createApprovalStore(createMemoryRecords().records, log),
  now: T0,
  /** Duration of reading an approval, in milliseconds. */
  readingTakes: 0,
  turns: 0,
  /**
   * Turns of the event loop while `listReadTurns` counts them, and the turns in which approvals or outputs were read.
   */
  loops: 0,
  readIn: [] as number[],
  /** Crew and id of each run whose status was asked for. */
  asked: [] as [crew: string, executionId: string][],
  statusOf: (_: string): RunStatus => ({ kind: 'not_found' }),
  /** True if Slack has said who is in a channel: then no one is. */
  learnt: true,
  /** Number of times Slack was asked about a person. */
  learnings: 0,
  learningTakes: 0,
  /** The decider of the legal tasks. */
  legal: 'ULEGAL',
});
export let state = createState();
/** Resets the stage. Must run before each test of a file that uses it. */
export function resetStage(): void {
  state = createState();
}

/** Builds an app for look-ups. Reading records and asking Slack advance its clock. */
export function createLookUpApp(crews = [crewOf('press', ['UANA']), crewOf('budget', ['UBEN'])]): App {
  const clock: Clock = {
    now: () => state.now,
    after(_, callback) {
      setImmediate(callback);
      return () => {};
    },
  };
  const people: PeopleDirectory = {
    ...nobodyKnown,
    inChannel: () => (state.learnt ? false : undefined),
    learn: async () => {
      state.learnings += 1;
      state.now += state.learningTakes;
    },
    learnMembers: async (channels) => {
      if (channels.length > 0) state.now += state.learningTakes;
    },
  };
  const status = async (crew: string, executionId: string) => {
    state.asked.push([crew, executionId]);
    return state.statusOf(crew);
  };
  const store: ApprovalStore = {
    ...state.store,
    output: (id, hash) => {
      state.readIn.push(state.loops);
      return state.store.output(id, hash);
    },
    approvals: (ids) => {
      state.readIn.push(state.loops);
      state.now += state.readingTakes * ids.length;
      return state.store.approvals(ids);
    },
    run: async (name, id) => {
      const storedRun = await state.store.run(name, id);
      const crew = crews.find((one) => one.name === name);
      return storedRun ?? (crew && { record: createRunRecord(crew, id), raw: '' });
    },
  };
  const inTurn = createGiveWay();
  const giveWay: GiveWay = (work) => {
    state.turns += 1;
    return inTurn(work);
  };
  const byName = new Map(crews.map((crew) => [crew.name, crew]));
  return buildTestApp({ store, crews: byName, crewAI: { ...noStarts, status }, people, clock, log, giveWay });
}

/** Runs `work` and lists the turns of the event loop in which approvals or outputs were read. */
export async function listReadTurns(work: () => Promise<unknown>): Promise<number[]> {
  state.readIn = [];
  let next = setImmediate(function count() {
    state.loops += 1;
    next = setImmediate(count);
  });
  await work();
  clearImmediate(next);
  return state.readIn;
}

export const idOf = (n: number) => `A${String(n).padStart(9, '0')}`;

export async function stored(n: number, more: Partial<Approval> = {}, decidedAt?: number, by = 'UANA') {
  const at = T0 - 100_000 + n;
  const decision = { ...approve, feedback: 'Fine', by, at: decidedAt ?? 0 };
  const settled =
    decidedAt === undefined ? {} : { status: 'approved' as const, decision, settledAt: decidedAt };
  const idFields = { id: idOf(n), executionId: `run-${String(n).padStart(4, '0')}`, createdAt: at };
  const approval = anApproval([aRound({ receivedAt: at, ...settled })], { ...idFields, ...more });
  expect(await state.store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
  return approval;
}
