import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canDecide,
  canNarrowTo,
  type DecisionRight,
  type Members,
  type People,
  type RunPeople,
} from '../../../src/approval/access/can-decide.ts';
import { isApproverId, isGroupId } from '../../../src/approval/model/crew/slack-ids.ts';
import { DEFAULT_POLICY, type TaskRules } from '../../../src/approval/model/crew/task-rules.ts';

const groups: Record<string, ReadonlySet<string> | undefined> = {
  SEDITORS: new Set(['UBEN', 'UCAT']),
  SOTHERS: new Set(['UDAN']),
  SEMPTY: new Set(),
};
/** SDOWN and every group that is not listed cannot be read. */
const members: Members = (id) => groups[id];

const decides = (
  person: string,
  approvers: string[],
  approversOfRun: string[] | undefined,
  known: Members = members,
  over: Partial<TaskRules> = {},
) =>
  canDecide(
    person,
    {
      channel: 'C1',
      approvers,
      excludeRequester: false,
      allowGuests: false,
      policy: DEFAULT_POLICY,
      ...over,
    },
    { approvers: approversOfRun },
    { escalated: false, inChannel: true },
    { members: known, idOf: () => undefined, outsider: () => false, isGone: () => undefined },
  );

interface Case {
  what: string;
  person: string;
  crew: string[];
  run?: string[];
  may: DecisionRight;
}

const cases: Case[] = [
  { what: 'a crew without approvers, in its channel', person: 'UANA', crew: [], may: 'yes' },
  { what: "one of the crew's approvers", person: 'UANA', crew: ['UANA', 'UBEN'], may: 'yes' },
  { what: "none of the crew's approvers", person: 'UDAN', crew: ['UANA', 'UBEN'], may: 'no' },
  { what: "a member of the crew's group", person: 'UBEN', crew: ['SEDITORS'], may: 'yes' },
  { what: "no member of the crew's group", person: 'UDAN', crew: ['SEDITORS'], may: 'no' },
  { what: 'nobody in an empty group', person: 'UANA', crew: ['SEMPTY'], may: 'no' },
  { what: 'a group that cannot be read', person: 'UBEN', crew: ['SDOWN'], may: 'cannot_check' },
  { what: 'a person named beside such a group', person: 'UBEN', crew: ['SDOWN', 'UBEN'], may: 'yes' },
  { what: 'a member of a readable group beside it', person: 'UBEN', crew: ['SDOWN', 'SEDITORS'], may: 'yes' },
  {
    what: 'a stranger to the readable group',
    person: 'UDAN',
    crew: ['SDOWN', 'SEDITORS'],
    may: 'cannot_check',
  },
  { what: 'an empty list of the run', person: 'UANA', crew: ['UANA'], run: [], may: 'yes' },
  {
    what: 'a run that names this approver',
    person: 'UANA',
    crew: ['UANA', 'UBEN'],
    run: ['UANA'],
    may: 'yes',
  },
  { what: 'a run that names another', person: 'UBEN', crew: ['UANA', 'UBEN'], run: ['UANA'], may: 'no' },
  { what: 'a run that names a stranger', person: 'UDAN', crew: ['UANA'], run: ['UDAN'], may: 'no' },
  { what: 'a run that names only strangers', person: 'UANA', crew: ['UANA'], run: ['UDAN'], may: 'yes' },
  { what: 'a run that narrows an open crew', person: 'UBEN', crew: [], run: ['UANA'], may: 'no' },
  {
    what: 'a run that names one of the group',
    person: 'UBEN',
    crew: ['SEDITORS'],
    run: ['UBEN'],
    may: 'yes',
  },
  {
    what: 'a run that names another of the group',
    person: 'UCAT',
    crew: ['SEDITORS'],
    run: ['UBEN'],
    may: 'no',
  },
  {
    what: 'a run that names a group of strangers',
    person: 'UANA',
    crew: ['UANA'],
    run: ['SOTHERS'],
    may: 'yes',
  },
  {
    what: 'a run that names a group which is none of the crew: it does not count',
    person: 'UANA',
    crew: ['UANA'],
    run: ['SDOWN'],
    may: 'yes',
  },
  {
    what: 'a crew of an unreadable group',
    person: 'UANA',
    crew: ['SDOWN'],
    run: ['UANA'],
    may: 'cannot_check',
  },
];

const person = fc.constantFrom('UANA', 'UBEN', 'UCAT', 'UDAN');
const ids = fc.constantFrom('UANA', 'UBEN', 'UCAT', 'UDAN', 'SEDITORS', 'SOTHERS', 'SEMPTY', 'SDOWN');
const list = fc.uniqueArray(ids, { maxLength: 4 });

describe('who may decide', () => {
  test.each(cases)('$what: $may', ({ person, crew, run, may }) => {
    expect(decides(person, crew, run)).toBe(may);
  });

  test('a run only narrows: whoever may decide with its list may decide without it', () => {
    fc.assert(
      fc.property(person, list, list, (who, crew, run) => {
        if (decides(who, crew, run) === 'yes') {
          expect(decides(who, crew, undefined)).toBe('yes');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('whom the run names beyond the crew never counts', () => {
    fc.assert(
      fc.property(person, list, list, (who, crew, run) => {
        if (decides(who, crew, undefined) === 'no') {
          expect(decides(who, crew, run)).toBe('no');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('while no group can be read, only people who are named may decide, and nobody is let in by it', () => {
    fc.assert(
      fc.property(person, list, list, (who, crew, run) => {
        const blind = decides(who, crew, run, () => undefined);
        if (blind === 'yes') {
          expect(crew.length === 0 || crew.includes(who)).toBe(true);
          if (run.some((id) => crew.includes(id))) expect(run).toContain(who);
        }
        // What is known later never turns a yes or a no that was given blindly, but for a list of strangers.
        if (blind === 'no') expect(decides(who, crew, undefined) === 'no' || run.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('who may decide, beside being an approver', () => {
  const rules: TaskRules = {
    channel: 'C1',
    approvers: ['UANA', 'SEDITORS'],
    excludeRequester: true,
    allowGuests: false,
    policy: { ...DEFAULT_POLICY, escalateTo: ['UDAN'] },
  };
  const people = (over: Partial<People> = {}): People => ({
    members,
    idOf: () => undefined,
    outsider: () => false,
    isGone: () => undefined,
    ...over,
  });

  const may = (
    person: string,
    {
      of = rules,
      run = {},
      escalated = false,
      who = people(),
    }: {
      of?: TaskRules;
      run?: RunPeople;
      escalated?: boolean;
      who?: People;
    },
  ) => canDecide(person, of, run, { escalated, inChannel: true }, who);

  test('whoever started the run does not, by their id or their email address', () => {
    expect(may('UANA', { run: { requestedBy: 'UANA' } })).toBe('requester');
    expect(may('UBEN', { run: { requestedBy: 'UANA' } })).toBe('yes');
    const run = { requestedBy: 'ana@example.com' };
    expect(may('UANA', { run, who: people({ idOf: () => 'UANA' }) })).toBe('requester');
    expect(may('UANA', { run, who: people({ idOf: () => null }) })).toBe('yes');
    expect(may('UANA', { run })).toBe('cannot_check');
    expect(may('UANA', { run, of: { ...rules, excludeRequester: false } })).toBe('yes');
  });

  test('a guest does not, unless the settings allow guests or name this one', () => {
    const who = people({ outsider: () => true });
    expect(may('UBEN', { who })).toBe('guest');
    expect(may('UBEN', { who, of: { ...rules, allowGuests: true } })).toBe('yes');
    expect(may('UANA', { who })).toBe('yes');
    expect(may('UBEN', { who: people({ outsider: () => undefined }) })).toBe('cannot_check');
    expect(may('UZOE', { who, of: { ...rules, approvers: [] } })).toBe('guest');
  });

  test('someone who is deactivated or a bot does not, whatever the settings allow', () => {
    const who = people({ isGone: () => true });
    for (const person of ['UANA', 'UBEN']) {
      expect(may(person, { who })).toBe('no');
      expect(may(person, { who, of: { ...rules, approvers: [], allowGuests: true } })).toBe('no');
    }
  });

  test('a person who cannot be read does not, also where guests are allowed', () => {
    const who = people({ outsider: () => undefined });
    expect(may('UBEN', { who, of: { ...rules, allowGuests: true } })).toBe('cannot_check');
    expect(may('UANA', { who }), 'named by the settings').toBe('yes');
  });

  test('whom it was escalated to does, from then on, whatever the run narrows', () => {
    expect(may('UDAN', {})).toBe('no');
    expect(may('UDAN', { escalated: true })).toBe('yes');
    expect(may('UDAN', { escalated: true, run: { approvers: ['UANA'] } })).toBe('yes');
    expect(may('UEVE', { escalated: true })).toBe('no');
  });
});

describe('who may decide where no approvers are named', () => {
  const open: TaskRules = {
    channel: 'C1',
    approvers: [],
    excludeRequester: true,
    allowGuests: false,
    policy: { ...DEFAULT_POLICY, escalateTo: ['UDAN'] },
  };
  const nobodyKnown: People = {
    members,
    idOf: () => undefined,
    outsider: () => false,
    isGone: () => undefined,
  };
  const may = (
    person: string,
    inChannel: boolean | undefined,
    {
      run = {},
      escalated = false,
      rules = open,
      people = nobodyKnown,
    }: {
      run?: RunPeople;
      escalated?: boolean;
      rules?: TaskRules;
      people?: People;
    } = {},
  ) => canDecide(person, rules, run, { escalated, inChannel }, people);

  test('the members of the channel do, and nobody while it is not known whether they are one', () => {
    expect(may('UANA', true)).toBe('yes');
    expect(may('UANA', false)).toBe('not_member');
    expect(may('UANA', undefined)).toBe('open_card');
  });

  test('of the members those whom the run names: both are needed, its list and the channel', () => {
    const run = { approvers: ['UANA'] };
    expect(may('UANA', true, { run })).toBe('yes');
    expect(may('UANA', false, { run })).toBe('not_member');
    expect(may('UANA', undefined, { run })).toBe('open_card');
    expect(may('UBEN', true, { run })).toBe('no');
    expect(may('UBEN', false, { run })).toBe('not_member');
  });

  test('a group that the run names does not count: it opens nothing and leaves the members', () => {
    const run = { approvers: ['SEDITORS'] };
    expect(may('UBEN', false, { run })).toBe('not_member');
    expect(may('UBEN', undefined, { run })).toBe('open_card');
    expect(may('UANA', true, { run })).toBe('yes');
  });

  test('no list of a run lets in someone who is not a member', () => {
    fc.assert(
      fc.property(person, list, fc.constantFrom(false, undefined), (who, approvers, inChannel) => {
        expect(may(who, inChannel, { run: { approvers } })).toBe(
          inChannel === false ? 'not_member' : 'open_card',
        );
      }),
    );
  });

  test('someone it was escalated to does without being in the channel, others still do not', () => {
    expect(may('UDAN', false, { escalated: true })).toBe('yes');
    expect(may('UDAN', undefined, { escalated: true })).toBe('yes');
    expect(may('UDAN', false)).toBe('not_member');
    expect(may('UEVE', false, { escalated: true })).toBe('not_member');
    expect(may('UEVE', undefined, { escalated: true })).toBe('open_card');
  });

  test('a member who is a guest or started the run does not', () => {
    const guests = { ...nobodyKnown, outsider: () => true };
    expect(may('UANA', true, { people: guests })).toBe('guest');
    expect(may('UANA', true, { people: guests, rules: { ...open, allowGuests: true } })).toBe('yes');
    expect(may('UANA', true, { run: { requestedBy: 'UANA' } })).toBe('requester');
    expect(may('UANA', false, { people: guests, rules: { ...open, allowGuests: true } })).toBe('not_member');
  });

  test('where approvers are named, the channel lets in nobody and keeps out nobody', () => {
    fc.assert(
      fc.property(person, list, list, fc.boolean(), (who, approvers, run, escalated) => {
        fc.pre(approvers.length > 0);
        const answers = [true, false, undefined].map((inChannel) =>
          may(who, inChannel, { rules: { ...open, approvers }, run: { approvers: run }, escalated }),
        );
        expect(new Set(answers).size).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('a run may name whom the crew has, and whom nobody can check yet', () => {
  expect(canNarrowTo('UBEN', [], members)).toBe(true);
  expect(canNarrowTo('UBEN', ['UBEN'], members)).toBe(true);
  expect(canNarrowTo('UBEN', ['SEDITORS'], members)).toBe(true);
  expect(canNarrowTo('UDAN', ['SEDITORS'], members)).toBe(false);
  expect(canNarrowTo('UDAN', ['SDOWN'], members)).toBe(true);
  expect(canNarrowTo('SEDITORS', ['SEDITORS'], members)).toBe(true);
  expect(canNarrowTo('SDOWN', ['UANA', 'SDOWN'], members)).toBe(true);
});

test('a run names no group that the settings do not have: nobody reads it', () => {
  expect(canNarrowTo('SEDITORS', ['UBEN'], members)).toBe(false);
  expect(canNarrowTo('SEDITORS', [], members)).toBe(false);
  expect(canNarrowTo('SEDITORS', ['UANA'], members)).toBe(false);
  expect(canNarrowTo('SDOWN', ['UANA'], members)).toBe(false);
  expect(canNarrowTo('SEMPTY', ['UANA'], members)).toBe(false);
});

test('ids of people and groups are told apart and from anything else', () => {
  expect(['U0123ABC', 'W0123ABC', 'S0123ABC'].every(isApproverId)).toBe(true);
  expect(
    [undefined, 7, '', 'U', 'ana', '@ana', 'C0123', 'U 1', 'u0123', `U${'1'.repeat(31)}`].some(isApproverId),
  ).toBe(false);
  expect(isGroupId('S0123ABC')).toBe(true);
  expect(isGroupId('U0123ABC')).toBe(false);
});
