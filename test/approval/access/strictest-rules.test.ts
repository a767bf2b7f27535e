import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkRight } from '../../../src/approval/access/deciders.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import {
  buildPolicy,
  DEFAULT_POLICY,
  isUndecidableUnnamed,
} from '../../../src/approval/model/crew/task-rules.ts';
import type { ApprovalStore } from '../../../src/approval/ports.ts';
import { buildTestApp } from '../../support/app.ts';
import { anApproval, aRound } from '../builders.ts';
import { nobodyKnown, crew as plainCrew } from '../worker/worker-world.ts';

const crewWith = (approvers: string[], ...tasks: (string[] | undefined)[]): Crew => ({
  ...plainCrew,
  approvers,
  tasks: tasks.map((named, n) => ({
    match: `task ${n}`,
    ...(named ? { approvers: named } : {}),
    policy: {},
  })),
});

test.each([
  ['two lists with nobody in common', crewWith(['U0ANA'], ['U0BOB']), true],
  ['two lists of tasks with nobody in common', crewWith([], ['U0ANA'], ['U0BOB']), true],
  ['three lists with nobody in all of them', crewWith(['U0ANA', 'U0BOB'], ['U0ANA'], ['U0BOB']), true],
  ['lists with one person in common', crewWith(['U0ANA', 'U0BOB'], ['U0BOB', 'U0CAT']), false],
  ['one list', crewWith(['U0ANA']), false],
  ['a task without a list of its own', crewWith(['U0ANA'], undefined), false],
  ['channel members, and a list', crewWith([], ['U0BOB']), false],
  ['a group, whose members are not known here', crewWith(['S0EDIT'], ['U0BOB']), false],
  ['a group in the list of a task', crewWith(['U0ANA'], ['S0EDIT']), false],
])(
  'that no person is an approver of every task is known from the settings alone: %s',
  (_, of, undecidable) => {
    expect(isUndecidableUnnamed(of)).toBe(undecidable);
  },
);

const times = fc.integer({ min: 1, max: 1_000 });
const policy = fc.record(
  {
    silentAfter: times,
    remindAfter: times,
    expireAfter: times,
    undoWindow: fc.integer({ min: 0, max: 9 }),
    approvalsRequired: fc.integer({ min: 1, max: 5 }),
    urgent: fc.boolean(),
    onExpiry: fc.constantFrom('keep' as const, 'approve' as const, 'request_revision' as const),
  },
  { requiredKeys: [] },
);

test('the policy of a pause whose task is not known is at least as strict as that of any task, and time decides only where it does the same on all', () => {
  fc.assert(
    fc.property(policy, fc.array(policy, { maxLength: 3 }), (own, tasks) => {
      const of = { ...DEFAULT_POLICY, ...own };
      const crew = { ...plainCrew, policy: of, tasks: tasks.map((task) => ({ match: 'x', policy: task })) };
      const strictest = buildPolicy(crew, undefined, false);
      const all = [of, ...tasks.map((task) => ({ ...of, ...task }))];
      const decides = strictest.onExpiry !== 'keep';
      if (decides) expect(new Set(all.map(({ onExpiry }) => onExpiry))).toEqual(new Set([of.onExpiry]));
      for (const one of all) {
        expect(strictest.approvalsRequired).toBeGreaterThanOrEqual(one.approvalsRequired);
        expect(strictest.undoWindow).toBeGreaterThanOrEqual(one.undoWindow);
        if (one.urgent) expect(strictest.urgent).toBe(true);
        for (const time of ['silentAfter', 'remindAfter'] as const)
          if (one[time] !== undefined) expect(strictest[time]).toBeLessThanOrEqual(one[time]);
        // What time decides comes last; what it only marks comes first.
        const [at, its] = [strictest.expireAfter ?? Infinity, one.expireAfter ?? Infinity];
        if (decides) expect(at).toBeGreaterThanOrEqual(its);
        else expect(at).toBeLessThanOrEqual(its);
      }
    }),
  );
});

test('people who may decide a pause without a task name are those who may decide each task of the crew', async () => {
  const people = ['U0ANA', 'U0BOB', 'U0CAT'];
  const list = fc.subarray(people);
  const rules = fc.record({ approvers: list, excludeRequester: fc.boolean(), allowGuests: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      rules,
      fc.array(rules, { maxLength: 3 }),
      fc.record({
        person: fc.constantFrom(...people),
        requestedBy: fc.constantFrom(...people),
        guest: fc.boolean(),
        inChannel: fc.boolean(),
      }),
      fc.option(list, { nil: undefined }),
      async (own, tasks, { person, requestedBy, guest, inChannel }, narrowed) => {
        const crew: Crew = {
          ...plainCrew,
          ...own,
          tasks: tasks.map((task, n) => ({ match: `task ${n}`, policy: {}, ...task })),
        };
        const record = { approvers: narrowed, requestedBy };
        const app = buildTestApp({
          store: { run: async () => ({ record, raw: '' }) } as unknown as ApprovalStore,
          crews: new Map([['press', crew]]),
          people: { ...nobodyKnown, outsider: () => guest, inChannel: () => inChannel },
        });
        const unnamed = anApproval([aRound({ unnamed: true })], { titleOnly: true });
        const named = ['another', ...tasks.map((_, n) => `task ${n}`)];
        const each = await Promise.all(
          named.map((task) => checkRight(app, anApproval(undefined, { task }), person)),
        );
        const all = each.every((may) => may === 'yes');
        expect((await checkRight(app, unnamed, person)) === 'yes').toBe(all);
      },
    ),
  );
});
