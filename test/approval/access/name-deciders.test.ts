import { describe, expect, test } from 'vitest';
import { checkRight } from '../../../src/approval/access/deciders.ts';
import { nameDeciders, nameDecidersOfAll } from '../../../src/approval/access/name-deciders.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Question, Round } from '../../../src/approval/model/round.ts';
import type { RunRecord } from '../../../src/approval/model/run/run-record.ts';
import type { ApprovalStore, PeopleDirectory } from '../../../src/approval/ports.ts';
import { buildTestApp } from '../../support/app.ts';
import { anApproval, approve, aRound } from '../builders.ts';
import { nobodyKnown, crew as plainCrew } from '../worker/worker-world.ts';

const NAMES: Record<string, string> = { UANA: 'ana', UBEN: 'ben', UCAT: 'cat', UDAN: 'dan' };
const everyone = Object.keys(NAMES);
const question = (more: Partial<Question>): Question => ({ id: 'q', digest: '', freeText: 'none', ...more });

interface Situation {
  crew?: Partial<Crew>;
  run?: Partial<RunRecord>;
  round?: Partial<Round>;
  approval?: Partial<Approval>;
  people?: Partial<PeopleDirectory>;
}

function begin({ crew = {}, run = {}, round = {}, approval = {}, people = {} }: Situation) {
  const rules = { ...plainCrew, ...crew };
  const app = buildTestApp({
    store: { run: async () => ({ record: run, raw: '' }) } as unknown as ApprovalStore,
    crews: new Map([['press', rules]]),
    clock: { now: () => 0, after: () => () => {} },
    people: { ...nobodyKnown, nameOf: (id) => NAMES[id], ...people },
  });
  return { app, of: anApproval([aRound(round)], { policy: rules.policy, ...approval }) };
}

async function named(situation: Situation) {
  const { app, of } = begin(situation);
  return nameDeciders(app, of);
}

const excludeRequester = true;
const editors = (...ids: string[]) => ({
  members: (id: string) => (id === 'SEDITORS' ? new Set(ids) : undefined),
});

describe('who can decide', () => {
  // biome-ignore format: a table
  test.each<[string, Situation, Awaited<ReturnType<typeof nameDeciders>>]>([
    ['is not the channel where a run narrows to the one who started it and may not',
      { crew: { excludeRequester }, run: { approvers: ['UANA'], requestedBy: 'UANA' } }, undefined],
    ['is not the channel where a run narrows to one who has voted',
      { run: { approvers: ['UANA'] }, round: { votes: [approve] },
        approval: { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } } }, undefined],
    ['is not the channel on a tool', { round: { question: question({ tool: true }) } }, undefined],
    ['is not the channel of an output without a name, where the members of another channel have to be asked too',
      { crew: { tasks: [{ match: 'legal', channel: 'CLEGAL', policy: {} }] }, round: { unnamed: true } }, undefined],
    ['is not anyone in the channel where who started the run is in it and may not',
      { crew: { excludeRequester }, run: { requestedBy: 'UANA' } }, undefined],
    ['is not anyone in the channel while it is not known who started the run and may not',
      { crew: { excludeRequester }, run: { requestedBy: 'ana@x.io' }, people: { idOf: () => undefined } }, undefined],
    ['is anyone in the channel where who started the run is not in it',
      { crew: { excludeRequester }, run: { requestedBy: 'UANA' }, people: { inChannel: (id) => id !== 'UANA' } },
      'channel'],
    ['is nobody who has left', { crew: { approvers: ['UANA', 'UBEN'] }, people: { isGone: (id) => id === 'UANA' } },
      { names: ['ben'], others: 0 }],
    ['is neither who started the run nor who asked the question',
      { crew: { approvers: everyone, excludeRequester }, run: { requestedBy: 'UANA' },
        round: { question: question({ requestedBy: 'UBEN' }) } }, { names: ['cat', 'dan'], others: 0 }],
    ['is no guest whom a run names', { crew: { allowGuests: false }, run: { approvers: ['UANA', 'UBEN'] },
      people: { outsider: (id) => id === 'UANA' } }, { names: ['ben'], others: 0 }],
    ['is nobody outside the channel whom a run names', { run: { approvers: ['UANA', 'UBEN'] },
      people: { inChannel: (id) => id !== 'UANA' } }, { names: ['ben'], others: 0 }],
    ['is counted once where a person is named and in a group without a name',
      { crew: { approvers: ['UANA', 'SEDITORS'] }, people: editors('UANA', 'UBEN', 'UCAT') },
      { names: ['ana'], others: 2 }],
    ['is counted without those in a group who have voted or started the run',
      { crew: { approvers: ['SEDITORS'], excludeRequester }, run: { requestedBy: 'UDAN' }, round: { votes: [approve] },
        people: editors(...everyone) }, { names: [], others: 2 }],
    ['is not said while a group is not read', { crew: { approvers: ['UANA', 'SEDITORS'] } }, undefined],
    ['is not said while it is not known whom the routing names',
      { round: { review: { options: [], responders: ['ana@x.io', 'ben@x.io'] } },
        people: { idOf: (email) => (email === 'ana@x.io' ? 'UANA' : undefined) } }, undefined],
  ])('%s', async (_, situation, expected) => {
    expect(await named(situation)).toEqual(expected);
  });

  test('is not who started the run, by an address that Slack is asked about', async () => {
    const known = new Map<string, string>();
    const people: Partial<PeopleDirectory> = {
      idOf: (email) => known.get(email),
      learn: async (_, emails) => {
        for (const email of emails) known.set(email, 'UDAN');
      },
    };
    const crew = { approvers: ['UANA', 'UDAN'], excludeRequester };
    expect(await named({ crew, run: { requestedBy: 'dan@x.io' }, people })).toEqual({
      names: ['ana'],
      others: 0,
    });
  });

  test('may decide', async () => {
    const lists = [[], ['UANA'], ['UANA', 'UBEN'], ['UBEN', 'UCAT']];
    const ids = Object.fromEntries(Object.entries(NAMES).map(([id, name]) => [name, id]));
    for (const approvers of lists)
      for (const ofTask of [undefined, ...lists])
        for (const narrowed of [undefined, ...lists])
          for (const requestedBy of [undefined, ...everyone])
            for (const tool of [undefined, true as const]) {
              const tasks = ofTask ? [{ match: 'legal', approvers: ofTask, policy: {} }] : [];
              const { app, of } = begin({
                crew: { approvers, tasks, excludeRequester },
                run: { approvers: narrowed, requestedBy },
                round: tool ? { question: question({ tool }) } : { unnamed: true },
                people: { outsider: (id) => id === 'UDAN', inChannel: (id) => id !== 'UCAT' },
              });
              const who = await nameDeciders(app, of);
              if (who === undefined) continue;
              const claimed =
                who === 'channel' ? ['UANA', 'UBEN'] : who.names.map((name) => ids[name] as string);
              for (const id of claimed)
                expect(
                  await checkRight(app, of, id),
                  JSON.stringify({ approvers, ofTask, narrowed, requestedBy, tool, who, id }),
                ).toBe('yes');
            }
  });
});

test('of several approvals is asked once, and as many names as a row has room for are said', async () => {
  const learned: (readonly string[])[] = [];
  const learn = async (ids: readonly string[]) => void learned.push(ids);
  const { app, of } = begin({ crew: { approvers: everyone }, people: { learn } });
  const settled = { ...of, id: 'C', rounds: [aRound({ status: 'approved', decision: approve })] };
  const all = await nameDecidersOfAll(app, [of, { ...of, id: 'B' }, settled], { max: 2 });
  const two = { names: ['ana', 'ben'], others: 2 };
  expect([...all]).toEqual([
    [of.id, two],
    ['B', two],
  ]);
  expect(learned).toEqual([[...everyone, ...everyone]]);
});

test('of several approvals with large groups gives way, so that a click waits for one only', async () => {
  let [turns, now] = [0, 0];
  const { app, of } = begin({ crew: { approvers: everyone } });
  const giveWay = async <T>(work?: () => T) => {
    turns += 1;
    return work?.() as T;
  };
  // Each look at the people takes 20 ms.
  const clock = { ...app.clock, now: () => (now += 20) };
  const approvals = Array.from({ length: 15 }, (_, at) => ({ ...of, id: `A${at}` }));
  await nameDecidersOfAll({ ...app, giveWay, clock }, approvals);
  expect(turns).toBe(30);
});
