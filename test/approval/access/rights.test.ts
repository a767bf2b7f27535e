import { describe, expect, test } from 'vitest';
import type { RunPeople } from '../../../src/approval/access/can-decide.ts';
import { learnRights } from '../../../src/approval/access/deciders.ts';
import {
  listAbleToDecide,
  loadRights,
  type Rights,
  readRights,
} from '../../../src/approval/access/rights.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import type { ApprovalStore, PeopleDirectory } from '../../../src/approval/ports.ts';
import { buildTestApp } from '../../support/app.ts';
import { anApproval, aRound } from '../builders.ts';
import { createWorld, nobodyKnown, crew as plainCrew } from '../worker/worker-world.ts';

const groups: Record<string, Set<string>> = {
  SREQ: new Set(['UREQ']),
  SBOTH: new Set(['UREQ', 'UANA']),
  SEMPTY: new Set(),
};
const emails: Record<string, string | null> = {
  'ana@example.com': 'UANA',
  'req@example.com': 'UREQ',
  'zoe@example.com': null,
};
const known: PeopleDirectory = {
  ...nobodyKnown,
  members: (id) => groups[id],
  idOf: (email) => emails[email],
};
const escalateTo = (...ids: string[]) => ({ ...DEFAULT_POLICY, escalateTo: ids });
const vote = (by: string) => ({ action: 'approve' as const, feedback: '', by, at: 0 });
const reviewOf = (...responders: string[]) => ({
  options: ['yes'],
  callbackUrl: 'https://x.test/',
  responders,
});

interface Situation {
  run?: RunPeople;
  round?: Partial<Round>;
  people?: Partial<PeopleDirectory>;
  /** That of the approval, if the settings have changed since. */
  policy?: Policy;
}

function read(rules: Partial<Crew>, { run = {}, round = {}, people = {}, policy }: Situation = {}): Rights {
  const crew = { ...plainCrew, ...rules };
  const approval = anApproval([aRound(round)], { policy: policy ?? crew.policy });
  return readRights(crew, approval, run, { ...known, ...people });
}

const byReq = { excludeRequester: true };
const requested = { requestedBy: 'UREQ' };

describe('who is named', () => {
  // biome-ignore format: a table
  test.each<[string, Partial<Crew>, Situation, string[]]>([
    ['the approvers in the settings', { approvers: ['UANA', 'SBOTH'] }, {}, ['UANA', 'SBOTH']],
    ['the approvers of the run that are among those in the settings', { approvers: ['UANA', 'UBEN'] },
      { run: { approvers: ['UBEN', 'UZOE'] } }, ['UBEN']],
    ['also people it was escalated to', { approvers: ['UANA'], policy: escalateTo('UBOSS') },
      { round: { escalatedAt: 1 } }, ['UANA', 'UBOSS']],
    ['no one before it was escalated to them', { approvers: ['UANA'], policy: escalateTo('UBOSS') }, {}, ['UANA']],
    ['no one where the members of the channel decide', { policy: escalateTo('UBOSS') },
      { round: { escalatedAt: 1 } }, []],
    ['no requester who cannot decide', { ...byReq, approvers: ['UREQ', 'UBEN'] }, { run: requested }, ['UBEN']],
    ['no group whose only member is such a requester', { ...byReq, approvers: ['SREQ', 'UBEN'] },
      { run: { requestedBy: 'req@example.com' } }, ['UBEN']],
    ['a group with another member', { ...byReq, approvers: ['SBOTH'] }, { run: requested }, ['SBOTH']],
    ['a requester who can decide', { approvers: ['UREQ'] }, { run: requested }, ['UREQ']],
    ['an empty group and one that cannot be read', { ...byReq, approvers: ['SEMPTY', 'SNEW'] }, { run: requested },
      ['SEMPTY', 'SNEW']],
    ['people whom the routing and the settings name', { approvers: ['SBOTH'] },
      { round: { review: reviewOf('ana@example.com', 'zoe@example.com') } }, ['UANA']],
    ['all people of the routing where the settings name no one', { policy: escalateTo('UBOSS') },
      { round: { escalatedAt: 1, review: reviewOf('ana@example.com', 'req@example.com') } }, ['UANA', 'UREQ']],
    ['no one beyond the routing after an escalation', { approvers: ['UBEN'], policy: escalateTo('UBOSS') },
      { round: { escalatedAt: 1, review: reviewOf('ana@example.com') } }, []],
    ['people who voted', { approvers: ['UANA'] }, { round: { votes: [vote('UANA')] } }, ['UANA']],
    ['approvers of every task for a pause without a name',
      { approvers: ['UANA', 'UBEN'], tasks: [{ match: 'legal', approvers: ['UBEN'], policy: {} }] },
      { round: { unnamed: true } }, ['UBEN']],
    ['people to whom every task escalates a pause without a name',
      { approvers: ['UANA'], policy: escalateTo('UBOSS'),
        tasks: [{ match: 'legal', policy: { escalateTo: ['UBOSS', 'ULEX'] } },
          { match: 'press', policy: { escalateTo: ['SBOTH', 'UBOSS'] } }] },
      { round: { unnamed: true, escalatedAt: 1 } }, ['UANA', 'UBOSS']],
    ['no one to whom only the crew escalates a pause without a name',
      { approvers: ['UANA'], policy: escalateTo('UBOSS'), tasks: [{ match: 'legal', policy: { escalateTo: ['ULEX'] } }] },
      { round: { unnamed: true, escalatedAt: 1 } }, ['UANA']],
    ['an approver of one task to whom the other task escalates',
      { approvers: ['UANA'], tasks: [{ match: 'legal', approvers: ['UBEN'], policy: { escalateTo: ['UANA'] } }] },
      { round: { unnamed: true, escalatedAt: 1 } }, ['UANA']],
    ['no approver of every task whom the run leaves out of one',
      { approvers: ['UANA'], tasks: [{ match: 'legal', approvers: ['UANA', 'UBEN'], policy: {} }] },
      { run: { approvers: ['UBEN'] }, round: { unnamed: true } }, []],
    ['no one whom the settings do not escalate to anymore', { approvers: ['UANA'], policy: escalateTo('UNEW') },
      { round: { escalatedAt: 1 }, policy: escalateTo('UOLD') }, ['UANA', 'UNEW']],
    ['no one from outside the channel whose members decide', {},
      { run: { approvers: ['UANA', 'UZOE'] }, people: { inChannel: (id) => id !== 'UZOE' } }, ['UANA']],
    ['no one of the routing from outside that channel', {},
      { round: { review: reviewOf('ana@example.com', 'req@example.com') },
        people: { inChannel: (id) => id !== 'UREQ' } }, ['UANA']],
    ['approvers from outside the channel', { approvers: ['UANA', 'UZOE'] },
      { people: { inChannel: () => false } }, ['UANA', 'UZOE']],
    ['no guests whom only the run names', { allowGuests: false },
      { run: { approvers: ['UANA', 'UBEN'] }, people: { outsider: (id) => id === 'UANA' } }, ['UBEN']],
    ['an approver who may be one of the routing', { approvers: ['UBEN', 'SBOTH'] },
      { round: { review: reviewOf('ana@example.com', 'new@example.com') } }, ['UANA', 'UBEN']],
    ['the routing where a group of approvers cannot be read', { approvers: ['SNEW'] },
      { round: { review: reviewOf('ana@example.com') } }, ['UANA']],
  ])('%s', (_, rules, situation, named) => {
    expect(read(rules, situation).named).toEqual(named);
  });
});

describe('who is asked', () => {
  const assignee = 'UANA';
  // biome-ignore format: a table
  test.each<[string, Partial<Crew>, Situation, string[]]>([
    ['the assignee alone', { approvers: ['UANA', 'UBEN'] }, { round: { assignee } }, ['UANA']],
    ['an assignee from the channel', {}, { round: { assignee } }, ['UANA']],
    ['an assignee in a group', { approvers: ['SBOTH'] }, { round: { assignee } }, ['UANA']],
    ['an assignee while a group cannot be read', { approvers: ['SNEW'] }, { round: { assignee } }, ['UANA']],
    ['the others if the assignee is not an approver anymore', { approvers: ['UBEN'] }, { round: { assignee } },
      ['UBEN']],
    ['the others if the assignee turns out to be a requester who cannot decide',
      { ...byReq, approvers: ['UREQ', 'UBEN'] },
      { round: { assignee: 'UREQ' }, run: { requestedBy: 'req@example.com' } }, ['UBEN']],
    ['the others if the assignee was deactivated', { approvers: ['UANA', 'UBEN'] },
      { round: { assignee }, people: { isGone: (id) => id === 'UANA' } }, ['UBEN']],
    ['no one in particular if the assignee left the channel', {},
      { round: { assignee }, people: { inChannel: () => false } }, []],
    ['the others if the assignee voted', { approvers: ['UANA', 'UBEN'] },
      { round: { assignee, votes: [vote('UANA')] } }, ['UBEN']],
    ['the others if an assignee whom the run names left the channel', {},
      { round: { assignee }, run: { approvers: ['UANA', 'UBEN'] }, people: { inChannel: (id) => id !== assignee } },
      ['UBEN']],
    ['the others if the assignee became a guest', { approvers: ['SBOTH', 'UBEN'], allowGuests: false },
      { round: { assignee: 'UREQ' }, people: { outsider: (id) => id === 'UREQ' } }, ['SBOTH', 'UBEN']],
    ['people who have not voted', { approvers: ['UANA', 'UBEN'] }, { round: { votes: [vote('UANA')] } }, ['UBEN']],
    ['no group in which everyone voted or cannot decide', { ...byReq, approvers: ['SBOTH', 'UBEN'] },
      { run: requested, round: { votes: [vote('UANA')] } }, ['UBEN']],
  ])('%s', (_, rules, situation, asked) => {
    expect(read(rules, situation).asked).toEqual(asked);
  });
});

test('an escalation is for those who can decide: no requester, and only people of the routing', () => {
  const to = ['UANA', 'UREQ', 'SREQ'];
  const excluded = read(byReq, { run: requested });
  expect(listAbleToDecide(to, excluded, known)).toEqual(['UANA']);
  const routed = read({}, { round: { review: reviewOf('req@example.com') } });
  expect(listAbleToDecide(to, routed, known)).toEqual(['UREQ']);
  expect(listAbleToDecide(['SBOTH'], routed, known), 'a member of a group').toEqual(['UREQ']);
  const both = read({}, { round: { review: reviewOf('req@example.com', 'ana@example.com') } });
  expect(listAbleToDecide(['UREQ'], both, known), 'no one else of the routing').toEqual(['UREQ']);
  const unresolved = read({}, { round: { review: reviewOf('new@example.com') } });
  expect(listAbleToDecide(['UANA'], unresolved, known), 'perhaps the one of the routing').toEqual(['UANA']);
  expect(listAbleToDecide(['SNEW'], routed, known), 'perhaps a member').toEqual(['UREQ']);
});

test('only a channel in which no one is named is open', () => {
  const isOpen = (rules: Partial<Crew>, situation?: Situation) => read(rules, situation).isOpenToChannel;
  expect(isOpen({})).toBe(true);
  expect(isOpen({ approvers: ['UANA'] })).toBe(false);
  expect(isOpen({}, { run: { approvers: ['UANA'] } })).toBe(false);
  expect(isOpen({}, { round: { review: reviewOf() } })).toBe(false);
});

test('a requester whose address Slack has not resolved yet is listed as such', () => {
  const run = { requestedBy: 'new@example.com', startedBy: 'UREQ' };
  expect(read(byReq, { run })).toMatchObject({ excluded: ['UREQ'], unknownRequesters: ['new@example.com'] });
  expect(read({}, { run })).toMatchObject({ excluded: [], unknownRequesters: [] });
});

test('a crew that is not in the settings anymore has no rights', async () => {
  const { app } = createWorld();
  expect(await loadRights(app, anApproval([aRound()], { crew: 'gone' }))).toBeUndefined();
});

test('what is not known of a person is asked without the run where requesters can decide', async () => {
  const reads: string[] = [];
  const asked: string[] = [];
  const learn = async (rules: Partial<Crew>) => {
    const app = buildTestApp({
      store: {
        run: async (_: string, id: string) => {
          reads.push(id);
          return { record: { requestedBy: 'new@example.com' }, raw: '' };
        },
      } as unknown as ApprovalStore,
      crews: new Map([['press', { ...plainCrew, ...rules }]]),
      people: { ...known, learn: async (_, emails) => void asked.push(...emails) },
    });
    await learnRights(app, 'UANA', [anApproval(), anApproval()]);
  };
  await learn({ approvers: ['UANA'] });
  expect([reads, asked]).toEqual([[], []]);
  await learn({ approvers: ['UANA'], ...byReq });
  expect([reads.length, asked]).toEqual([2, ['new@example.com', 'new@example.com']]);
});
