import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRight } from '../../../src/approval/access/deciders.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import {
  buildStrictestPolicy,
  DEFAULT_POLICY,
  isUndecidableUnnamed,
  type RulesOfTasks,
} from '../../../src/approval/model/crew/task-rules.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import type { ApprovalStore } from '../../../src/approval/ports.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { buildTestApp } from '../../support/app.ts';
import { anApproval } from '../builders.ts';
import { anEvent, aPause, aTask, createRun } from '../run-world.ts';
import { nobodyKnown, crew as plainCrew } from '../worker/worker-world.ts';

const HOUR = 60 * 60_000;
const drafts = (more: Partial<RulesOfTasks> = {}): RulesOfTasks => ({
  match: 'draft_*',
  approvers: ['U0BOB'],
  policy: {},
  ...more,
});
const both: Partial<Crew> = { approvers: ['U0ANA', 'U0BOB'], tasks: [drafts()] };
const notApprover = { done: false, refusal: { code: 'not_approver' } };

describe('a pause whose task is not known', () => {
  test('is decided by those who may decide under the rules of the crew and of every task', async () => {
    const run = createRun({ rules: both });
    const id = await run.opens(aPause(1, 'A release'));
    expect(await run.approval(id)).toMatchObject({ strictest: true, titleOnly: true, channel: 'CAPPROVALS' });
    expect(await run.approves(id, 'U0ANA')).toMatchObject(notApprover);
    expect(await run.approves(id, 'U0BOB')).toMatchObject({ done: true });
  });

  test.each([
    ['a member of the channel who is no approver of the task', 'U0ANA', true, notApprover],
    [
      'an approver of the task who is not in the channel',
      'U0BOB',
      false,
      { refusal: { code: 'not_member' } },
    ],
    ['one who is both', 'U0BOB', true, { done: true }],
  ])('where the crew names nobody, by members of the channel only: %s', async (_, person, member, answer) => {
    const run = createRun({
      rules: { approvers: [], tasks: [drafts()] },
      people: { inChannel: () => member },
    });
    const id = await run.opens(aPause(1, 'A release'));
    const target = { approvalId: id, round: 1, via: 'home' } as const;
    expect(await run.service.decide(target, person, { action: 'approve' })).toMatchObject(answer);
  });

  test('needs as many approvals as the strictest of them asks for', async () => {
    const tasks = [
      drafts({ policy: { approvalsRequired: 2 } }),
      { match: 'layout', policy: { approvalsRequired: 3 } },
    ];
    const people = ['U0ANA', 'U0BOB', 'U0CAT', 'U0DAN'];
    const run = createRun({
      rules: { approvers: people, tasks: tasks.map((task) => ({ ...task, approvers: people })) },
    });
    const id = await run.opens(aPause(1, 'A release'));
    expect((await run.approval(id)).policy.approvalsRequired).toBe(3);
    for (const person of people.slice(0, 2)) await run.approves(id, person);
    expect(await run.statuses(id)).toEqual(['waiting']);
    await run.approves(id, 'U0CAT');
    expect(await run.statuses(id)).toEqual(['sending']);
  });

  test.each([
    ['the crew', { excludeRequester: true, tasks: [drafts({ excludeRequester: false })] }],
    ['a task', { excludeRequester: false, tasks: [drafts({ excludeRequester: true })] }],
  ])('is not decided by whoever started the run where the rules of %s say so', async (_, rules) => {
    const run = createRun({ rules: { ...both, ...rules } });
    const id = await run.opens(aPause(1, 'A release', { meta: { requestedBy: 'U0BOB' } }));
    expect(await run.approves(id, 'U0BOB')).toMatchObject({ done: false, refusal: { code: 'requester' } });
  });

  test('is not decided by guests unless all of the rules allow them', async () => {
    const guests = { inChannel: () => true, outsider: () => true };
    const open = { approvers: [], allowGuests: true };
    const strict = createRun({
      rules: { ...open, tasks: [{ match: 'draft', allowGuests: false, policy: {} }] },
      people: guests,
    });
    const id = await strict.opens(aPause(1, 'A release'));
    expect(await strict.approves(id, 'U0GUS')).toMatchObject({ refusal: { code: 'guest' } });
    const lax = createRun({ rules: { ...open, tasks: [{ match: 'draft', policy: {} }] }, people: guests });
    expect(await lax.approves(await lax.opens(aPause(1, 'A release')), 'U0GUS')).toMatchObject({
      done: true,
    });
  });

  test('is decided by no rule: after its time it is marked and still waits', async () => {
    const onExpiry = { expireAfter: HOUR, onExpiry: 'approve', expiryText: 'Fine' } as const;
    const run = createRun({
      rules: {
        ...both,
        policy: { ...DEFAULT_POLICY, ...onExpiry, expireAfter: 3 * HOUR },
        tasks: [drafts({ policy: onExpiry })],
      },
    });
    run.startWorker('w1');
    const id = await run.opens(aPause(1, 'A release'));
    await run.clock.advance(HOUR + 6_000);
    expect(await run.round(id)).toMatchObject({ status: 'waiting', expiredAt: expect.any(Number) });
    expect(run.resumes).toEqual([]);
    expect(await run.approves(id, 'U0BOB')).toMatchObject({ done: true });
  });

  test('goes to the channel of the crew, or one of its channels that the run chose, and to no direct message', async () => {
    const rules: Partial<Crew> = {
      ...both,
      channels: ['CAPPROVALS', 'COTHER'],
      tasks: [drafts({ channel: 'CDRAFTS' })],
    };
    const channelOf = async (channel?: string) => {
      const run = createRun({ rules });
      const meta = channel === undefined ? {} : { channel };
      return (await run.approval(await run.opens(aPause(1, 'A release', { meta })))).channel;
    };
    expect(await channelOf()).toBe('CAPPROVALS');
    expect(await channelOf('COTHER')).toBe('COTHER');
    expect(await channelOf('U0BOB')).toBe('CAPPROVALS');
    expect(await channelOf('CNOWHERE')).toBe('CAPPROVALS');
  });

  test('calls those only who may decide it', async () => {
    const run = createRun({ rules: { ...both, policy: { ...DEFAULT_POLICY, remindAfter: HOUR } } });
    run.startWorker('w1');
    await run.opens(aPause(1, 'A release'));
    await run.clock.advance(HOUR + 6_000);
    expect(run.slack.filter(({ note }) => note?.kind === 'reminder')).toMatchObject([{ calls: ['U0BOB'] }]);
  });
});

describe('where no person is an approver of every task', () => {
  const apart: Partial<Crew> = { approvers: ['U0ANA'], tasks: [drafts()] };

  test('nobody decides, and the card says why and what to do', async () => {
    const run = createRun({ rules: apart });
    const id = await run.opens(aPause(1, 'A release'));
    for (const person of ['U0ANA', 'U0BOB', 'U0CAT'])
      expect(await run.approves(id, person)).toMatchObject(notApprover);
    const approval = await run.approval(id);
    const card = { approval, round: currentRound(approval), output: readOutput('A release') };
    const { blocks } = drawCard(card, { message: () => undefined, command: '/approvals' }, 'full');
    expect(JSON.stringify(blocks)).toContain(
      "No one can decide this: CrewAI didn't name the task, and no one is an approver of every task. Ask the bot's admin",
    );
  });

  test('a pause whose task is known is decided by its approvers, without a word of that', async () => {
    const run = createRun({ rules: apart });
    await run.happens(anEvent('task_started', { task: 'draft_release' }));
    const id = await run.opens(aPause(1, 'A release'));
    expect((await run.approval(id)).notes).toEqual([]);
    expect(await run.approves(id, 'U0ANA')).toMatchObject(notApprover);
    expect(await run.approves(id, 'U0BOB')).toMatchObject({ done: true });
  });

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
    ['two lists that have nobody in common', crewWith(['U0ANA'], ['U0BOB']), true],
    ['two lists of tasks that have nobody in common', crewWith([], ['U0ANA'], ['U0BOB']), true],
    ['three of which two have', crewWith(['U0ANA', 'U0BOB'], ['U0ANA'], ['U0BOB']), true],
    ['lists with one person in common', crewWith(['U0ANA', 'U0BOB'], ['U0BOB', 'U0CAT']), false],
    ['one list', crewWith(['U0ANA']), false],
    ['a task without a list of its own', crewWith(['U0ANA'], undefined), false],
    ['channel members, and a list', crewWith([], ['U0BOB']), false],
    ['a group, whose members are not known here', crewWith(['S0EDIT'], ['U0BOB']), false],
    ['a group in the list of a task', crewWith(['U0ANA'], ['S0EDIT']), false],
  ])('is known from the settings alone: %s', (_, of, undecidable) => {
    expect(isUndecidableUnnamed(of)).toBe(undecidable);
  });
});

describe('a name', () => {
  test('that events told before the pause brings the rules of that task', async () => {
    const run = createRun({ rules: both });
    await run.happens(anEvent('task_started', { task: 'layout', agent: 'Designer' }));
    const id = await run.opens(aPause(1, 'Two columns'));
    const opened = await run.approval(id);
    expect(opened).toMatchObject({ task: 'layout', rounds: [{ agent: 'Designer' }] });
    expect([opened.strictest, opened.titleOnly]).toEqual([undefined, undefined]);
    expect(await run.approves(id, 'U0ANA')).toMatchObject({ done: true });
  });

  test.each([
    ['two tasks are active', ['layout', 'draft_release']],
    ['none is', []],
  ])('is not taken from events while %s', async (_, active) => {
    const run = createRun({ rules: both });
    await run.happens(...active.map((task) => anEvent('task_started', { task })));
    expect(await run.approval(await run.opens(aPause(1, 'Two columns')))).toMatchObject({ strictest: true });
  });

  test.each([
    ['a task webhook', (run: ReturnType<typeof createRun>) => run.receives(aTask('layout', 'Two columns'))],
    [
      'an event',
      (run: ReturnType<typeof createRun>) => run.happens(anEvent('task_started', { task: 'layout' })),
    ],
  ])('that comes later, by %s, never widens who may decide', async (_, comes) => {
    const tasks = [drafts({ policy: { approvalsRequired: 2 } })];
    const run = createRun({ rules: { ...both, tasks } });
    const id = await run.opens(aPause(1, 'Two columns'));
    await comes(run);
    const named = await run.approval(id);
    expect(named).toMatchObject({ task: 'layout', strictest: true, policy: { approvalsRequired: 2 } });
    expect(named.titleOnly).toBeUndefined();
    expect(await run.approves(id, 'U0ANA')).toMatchObject(notApprover);
  });
});

describe('the policy of a pause whose task is not known', () => {
  const times = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined });
  const policy = fc
    .record({
      silentAfter: times,
      remindAfter: times,
      expireAfter: times,
      undoWindow: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      approvalsRequired: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      urgent: fc.option(fc.boolean(), { nil: undefined }),
      onExpiry: fc.option(fc.constantFrom('keep' as const, 'approve' as const, 'request_revision' as const), {
        nil: undefined,
      }),
    })
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)));

  test('is no weaker than that of any task, and nothing is decided by expiry', () => {
    fc.assert(
      fc.property(policy, fc.array(policy, { maxLength: 3 }), (own, tasks) => {
        const of = { ...DEFAULT_POLICY, ...own };
        const strictest = buildStrictestPolicy({
          ...plainCrew,
          policy: of,
          tasks: tasks.map((task) => ({ match: 'x', policy: task })),
        });
        expect(strictest.onExpiry).toBe('keep');
        for (const one of [of, ...tasks.map((task) => ({ ...of, ...task }))]) {
          expect(strictest.approvalsRequired).toBeGreaterThanOrEqual(one.approvalsRequired);
          expect(strictest.undoWindow).toBeGreaterThanOrEqual(one.undoWindow);
          if (one.urgent) expect(strictest.urgent).toBe(true);
          for (const time of ['silentAfter', 'remindAfter', 'expireAfter'] as const)
            if (one[time] !== undefined) expect(strictest[time]).toBeLessThanOrEqual(one[time]);
        }
      }),
    );
  });
});

test('whoever may decide a pause whose task is not known may decide each task of the crew', async () => {
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
          store: { execution: async () => ({ record, raw: '' }) } as unknown as ApprovalStore,
          crews: new Map([['press', crew]]),
          people: { ...nobodyKnown, outsider: () => guest, inChannel: () => inChannel },
        });
        const unnamed = anApproval(undefined, { strictest: true, titleOnly: true });
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
