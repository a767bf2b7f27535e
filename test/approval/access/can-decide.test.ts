import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canDecide,
  canNarrowTo,
  type DecisionRight,
  type People,
  type RunPeople,
} from '../../../src/approval/access/can-decide.ts';
import { isApproverId, isGroupId, type ListMembers } from '../../../src/approval/model/crew/slack-ids.ts';
import { DEFAULT_POLICY, type TaskRules } from '../../../src/approval/model/crew/task-rules.ts';

const groups: Record<string, ReadonlySet<string> | undefined> = {
  SEDITORS: new Set(['UBEN', 'UCAT']),
  SOTHERS: new Set(['UDAN']),
  SEMPTY: new Set(),
};
/** SDOWN and every group that is not listed cannot be read. */
const members: ListMembers = (id) => groups[id];

interface Situation {
  run?: RunPeople;
  /** Null: it is not known. */
  inChannel?: boolean | null;
  escalated?: boolean;
  people?: Partial<People>;
  rules?: Partial<TaskRules>;
}

/** Escalation goes to UDAN; unless a test says otherwise, all people are known and none is a guest. */
function decides(person: string, approvers: string[], situation: Situation = {}): DecisionRight {
  const { run = {}, inChannel = true, escalated = false, people, rules } = situation;
  const policy = { ...DEFAULT_POLICY, escalateTo: ['UDAN'] };
  const known = { members, idOf: () => undefined, outsider: () => false, isGone: () => false };
  return canDecide(
    person,
    { channel: 'C1', approvers, excludeRequester: true, allowGuests: false, policy, ...rules },
    run,
    { escalated, inChannel: inChannel ?? undefined },
    { ...known, ...people },
  );
}

const person = fc.constantFrom('UANA', 'UBEN', 'UCAT', 'UDAN');
const ids = fc.constantFrom('UANA', 'UBEN', 'UCAT', 'UDAN', 'SEDITORS', 'SOTHERS', 'SEMPTY', 'SDOWN');
const list = fc.uniqueArray(ids, { maxLength: 4 });

describe('the right to decide', () => {
  test.each<[what: string, person: string, crew: string[], run: string[] | undefined, may: DecisionRight]>([
    ['a crew without approvers, in its channel', 'UANA', [], undefined, 'yes'],
    ["one of the crew's approvers", 'UANA', ['UANA', 'UBEN'], undefined, 'yes'],
    ["a person who is not one of the crew's approvers", 'UDAN', ['UANA', 'UBEN'], undefined, 'no'],
    ["a member of the crew's group", 'UBEN', ['SEDITORS'], undefined, 'yes'],
    ["a person outside the crew's group", 'UDAN', ['SEDITORS'], undefined, 'no'],
    ['an empty group', 'UANA', ['SEMPTY'], undefined, 'no'],
    ['a group that cannot be read', 'UBEN', ['SDOWN'], undefined, 'cannot_check'],
    ['a person named beside such a group', 'UBEN', ['SDOWN', 'UBEN'], undefined, 'yes'],
    ['a member of a readable group beside it', 'UBEN', ['SDOWN', 'SEDITORS'], undefined, 'yes'],
    ['a stranger to the readable group', 'UDAN', ['SDOWN', 'SEDITORS'], undefined, 'cannot_check'],
    ['an empty list of the run', 'UANA', ['UANA'], [], 'yes'],
    ['a run that names this approver', 'UANA', ['UANA', 'UBEN'], ['UANA'], 'yes'],
    ['a run that names another approver', 'UBEN', ['UANA', 'UBEN'], ['UANA'], 'no'],
    ['a run that names a stranger', 'UDAN', ['UANA'], ['UDAN'], 'no'],
    ['a run that names only strangers', 'UANA', ['UANA'], ['UDAN'], 'yes'],
    ['a run that narrows an open crew', 'UBEN', [], ['UANA'], 'no'],
    ['a run that names a member of the group', 'UBEN', ['SEDITORS'], ['UBEN'], 'yes'],
    ['a run that names another member of the group', 'UCAT', ['SEDITORS'], ['UBEN'], 'no'],
    ['a run that names a group of strangers', 'UANA', ['UANA'], ['SOTHERS'], 'yes'],
    ['a run that names an unreadable group that the crew does not', 'UANA', ['UANA'], ['SDOWN'], 'yes'],
    ['a crew with an unreadable group', 'UANA', ['SDOWN'], ['UANA'], 'cannot_check'],
  ])('%s: %s of %j, run %j: %s', (_, who, crew, approvers, may) => {
    expect(decides(who, crew, { run: { approvers } })).toBe(may);
  });

  test('is only narrowed by the list of a run', () => {
    fc.assert(
      fc.property(person, list, list, (who, crew, approvers) => {
        const narrowed = decides(who, crew, { run: { approvers } });
        if (narrowed === 'yes') expect(decides(who, crew)).toBe('yes');
        if (decides(who, crew) === 'no') expect(narrowed).toBe('no');
      }),
      { numRuns: 2_000 },
    );
  });

  test('belongs only to people who are named while no group can be read', () => {
    fc.assert(
      fc.property(person, list, list, (who, crew, approvers) => {
        const blind = decides(who, crew, { run: { approvers }, people: { members: () => undefined } });
        if (blind === 'yes') {
          expect(crew.length === 0 || crew.includes(who)).toBe(true);
          if (approvers.some((id) => crew.includes(id))) expect(approvers).toContain(who);
        }
        // What is known later never turns a yes or a no that was given blindly, except for a list of strangers.
        if (blind === 'no') expect(decides(who, crew) === 'no' || approvers.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an approver', () => {
  const may = (who: string, situation: Situation = {}) => decides(who, ['UANA', 'SEDITORS'], situation);

  test('who started the run does not decide it, by id or email address', () => {
    expect(may('UANA', { run: { requestedBy: 'UANA' } })).toBe('requester');
    expect(may('UBEN', { run: { requestedBy: 'UANA' } })).toBe('yes');
    const run = { requestedBy: 'ana@example.com' };
    expect(may('UANA', { run, people: { idOf: () => 'UANA' } })).toBe('requester');
    expect(may('UANA', { run, people: { idOf: () => null } })).toBe('yes');
    expect(may('UANA', { run })).toBe('cannot_check');
    expect(may('UANA', { run, rules: { excludeRequester: false } })).toBe('yes');
  });

  test('who is a guest does not decide, unless the settings allow guests or name this one', () => {
    const people = { outsider: () => true };
    expect(may('UBEN', { people })).toBe('guest');
    expect(may('UBEN', { people, rules: { allowGuests: true } })).toBe('yes');
    expect(may('UANA', { people })).toBe('yes');
    expect(decides('UZOE', [], { people })).toBe('guest');
    expect(decides('UDAN', ['UANA'], { people, escalated: true }), 'named by escalate_to').toBe('yes');
  });

  test.each<[string, string, Situation]>([
    ['a member of a group', 'UBEN', {}],
    ['a member of a group, where guests are allowed', 'UBEN', { rules: { allowGuests: true } }],
    ['named by the settings', 'UANA', {}],
    ['named by the settings and by the run', 'UANA', { run: { approvers: ['UANA'] } }],
    ['named by escalate_to', 'UDAN', { escalated: true }],
  ])('who cannot be read does not decide: %s', (_, who, situation) => {
    const unknown = () => undefined;
    expect(may(who, situation)).toBe('yes');
    for (const people of [{ isGone: unknown }, { outsider: unknown, isGone: unknown }])
      expect(may(who, { ...situation, people })).toBe('cannot_check');
  });

  test('of whom it is not known whether they are external decides only if the settings name them', () => {
    const people = { outsider: () => undefined };
    expect([may('UBEN', { people }), may('UANA', { people })]).toEqual(['cannot_check', 'yes']);
    expect(may('UBEN', { people, rules: { allowGuests: true } })).toBe('cannot_check');
  });

  test.each(['UANA', 'UBEN'])('who is deactivated or a bot does not decide: %s', (who) => {
    const people = { isGone: () => true };
    expect(may(who, { people })).toBe('no');
    expect(may(who, { people: { ...people, outsider: () => true } })).toBe('no');
    expect(decides(who, [], { people, rules: { allowGuests: true } })).toBe('no');
  });

  test('by escalation decides from then on, whatever the run narrows', () => {
    expect(may('UDAN')).toBe('no');
    expect(may('UDAN', { escalated: true })).toBe('yes');
    expect(may('UDAN', { escalated: true, run: { approvers: ['UANA'] } })).toBe('yes');
    expect(may('UEVE', { escalated: true })).toBe('no');
  });

  test('decides the same inside and outside the channel', () => {
    fc.assert(
      fc.property(person, list, list, fc.boolean(), (who, approvers, run, escalated) => {
        fc.pre(approvers.length > 0);
        const answers = [true, false, null].map((inChannel) =>
          decides(who, approvers, { run: { approvers: run }, escalated, inChannel }),
        );
        expect(new Set(answers).size).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('where no approvers are named', () => {
  const may = (who: string, inChannel: boolean | null, situation: Situation = {}) =>
    decides(who, [], { ...situation, inChannel });

  test.each<[string, string[] | undefined, string, DecisionRight, DecisionRight, DecisionRight]>([
    ['members of the channel decide', undefined, 'UANA', 'yes', 'not_member', 'open_card'],
    ['members whom the run names decide', ['UANA'], 'UANA', 'yes', 'not_member', 'open_card'],
    ['members whom the run does not name do not decide', ['UANA'], 'UBEN', 'no', 'not_member', 'open_card'],
    ['a group in the list of the run has no effect', ['SEDITORS'], 'UANA', 'yes', 'not_member', 'open_card'],
    ['a member of that group must be in the channel', ['SEDITORS'], 'UBEN', 'yes', 'not_member', 'open_card'],
  ])('%s', (_, approvers, who, inside, outside, unknown) => {
    const run = { approvers };
    const answers = [true, false, null].map((inChannel) => may(who, inChannel, { run }));
    expect(answers).toEqual([inside, outside, unknown]);
  });

  test('no list of a run lets in someone who is not a member', () => {
    fc.assert(
      fc.property(person, list, (who, approvers) => {
        expect(may(who, false, { run: { approvers } })).toBe('not_member');
        expect(may(who, null, { run: { approvers } })).toBe('open_card');
      }),
    );
  });

  test('the person it was escalated to decides from outside the channel; other outsiders do not', () => {
    expect(may('UDAN', false)).toBe('not_member');
    for (const inChannel of [false, null]) expect(may('UDAN', inChannel, { escalated: true })).toBe('yes');
    expect(may('UEVE', false, { escalated: true })).toBe('not_member');
    expect(may('UEVE', null, { escalated: true })).toBe('open_card');
  });

  test('a member who is a guest or started the run does not decide', () => {
    const people = { outsider: () => true };
    const rules = { allowGuests: true };
    expect(may('UANA', true, { people })).toBe('guest');
    expect(may('UANA', true, { people, rules })).toBe('yes');
    expect(may('UANA', false, { people, rules })).toBe('not_member');
    expect(may('UANA', true, { run: { requestedBy: 'UANA' } })).toBe('requester');
  });
});

test.each<[string, string[], boolean]>([
  ['UBEN', [], true],
  ['UBEN', ['UBEN'], true],
  ['UBEN', ['SEDITORS'], true],
  ['UDAN', ['SEDITORS'], false],
  // Nobody can check the group yet.
  ['UDAN', ['SDOWN'], true],
  ['SEDITORS', ['SEDITORS'], true],
  ['SDOWN', ['UANA', 'SDOWN'], true],
  // A group that the settings do not name is not read.
  ['SEDITORS', ['UBEN'], false],
  ['SEDITORS', [], false],
  ['SEDITORS', ['UANA'], false],
  ['SDOWN', ['UANA'], false],
  ['SEMPTY', ['UANA'], false],
])('a run may narrow to %s where the crew names %j: %s', (id, approvers, may) => {
  expect(canNarrowTo(id, approvers, members)).toBe(may);
});

test('recognizes ids of people and groups', () => {
  expect(['U0123ABC', 'W0123ABC', 'S0123ABC'].every(isApproverId)).toBe(true);
  const others = [undefined, 7, '', 'U', 'ana', '@ana', 'C0123', 'U 1', 'u0123', `U${'1'.repeat(31)}`];
  expect(others.some(isApproverId)).toBe(false);
  expect(['S0123ABC', 'U0123ABC'].map(isGroupId)).toEqual([true, false]);
});
