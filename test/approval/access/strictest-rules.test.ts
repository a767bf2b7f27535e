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
import type { RunMeta } from '../../../src/approval/model/run/webhook.ts';
import type { ApprovalStore, PeopleDirectory } from '../../../src/approval/ports.ts';
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
const refused = (code: string) => ({ done: false, refusal: { code } });
const notApprover = refused('not_approver');
const done = { done: true };

/** A run with a pause that does not name its task. */
async function unnamed(
  rules: Partial<Crew>,
  more: { people?: Partial<PeopleDirectory>; meta?: Partial<RunMeta>; works?: boolean } = {},
) {
  const run = createRun({ rules, ...(more.people ? { people: more.people } : {}) });
  if (more.works) run.startWorker('w1');
  const id = await run.opens(aPause(1, 'A release', { meta: more.meta ?? {} }));
  return { ...run, id };
}

describe('a pause whose task is not known', () => {
  test('is decided by people who may decide under the rules of the crew and of every task', async () => {
    const run = await unnamed(both);
    expect(await run.approval(run.id)).toMatchObject({
      strictest: true,
      titleOnly: true,
      channel: 'CAPPROVALS',
    });
    expect(await run.approves(run.id, 'U0ANA')).toMatchObject(notApprover);
    expect(await run.approves(run.id, 'U0BOB')).toMatchObject(done);
  });

  test.each([
    ['a channel member who is not an approver of the task does not', 'U0ANA', true, notApprover],
    ['an approver of the task outside the channel does not', 'U0BOB', false, refused('not_member')],
    ['a person who is both does', 'U0BOB', true, done],
  ])('is decided by channel members where the crew names nobody: %s', async (_, person, member, answer) => {
    const rules = { approvers: [], tasks: [drafts()] };
    const run = await unnamed(rules, { people: { inChannel: () => member } });
    const target = { approvalId: run.id, round: 1, via: 'home' } as const;
    expect(await run.service.decide(target, person, { action: 'approve' })).toMatchObject(answer);
  });

  test('needs as many approvals as the strictest rules', async () => {
    const approvers = ['U0ANA', 'U0BOB', 'U0CAT', 'U0DAN'];
    const tasks = [
      drafts({ approvers, policy: { approvalsRequired: 2 } }),
      { match: 'layout', approvers, policy: { approvalsRequired: 3 } },
    ];
    const run = await unnamed({ approvers, tasks });
    expect((await run.approval(run.id)).policy.approvalsRequired).toBe(3);
    for (const person of approvers.slice(0, 2)) await run.approves(run.id, person);
    expect(await run.statuses(run.id)).toEqual(['waiting']);
    await run.approves(run.id, 'U0CAT');
    expect(await run.statuses(run.id)).toEqual(['sending']);
  });

  test.each([
    ['the crew', { excludeRequester: true, tasks: [drafts({ excludeRequester: false })] }],
    ['a task', { excludeRequester: false, tasks: [drafts({ excludeRequester: true })] }],
  ])('is not decided by its requester where the rules of %s exclude them', async (_, rules) => {
    const run = await unnamed({ ...both, ...rules }, { meta: { requestedBy: 'U0BOB' } });
    expect(await run.approves(run.id, 'U0BOB')).toMatchObject(refused('requester'));
  });

  test.each([
    ['is not decided by guests when one task does not allow them', { allowGuests: false }, refused('guest')],
    ['is decided by guests when all rules allow them', {}, done],
  ])('%s', async (_, own, answer) => {
    const rules = { approvers: [], allowGuests: true, tasks: [{ match: 'draft', policy: {}, ...own }] };
    const run = await unnamed(rules, { people: { inChannel: () => true, outsider: () => true } });
    expect(await run.approves(run.id, 'U0GUS')).toMatchObject(answer);
  });

  test('is not decided by expiry: it is marked as expired and still waits', async () => {
    const onExpiry = { expireAfter: HOUR, onExpiry: 'approve', expiryText: 'Fine' } as const;
    const policy = { ...DEFAULT_POLICY, ...onExpiry, expireAfter: 3 * HOUR };
    const run = await unnamed({ ...both, policy, tasks: [drafts({ policy: onExpiry })] }, { works: true });
    await run.clock.advance(HOUR + 6_000);
    expect(await run.round(run.id)).toMatchObject({ status: 'waiting', expiredAt: expect.any(Number) });
    expect(run.resumes).toEqual([]);
    expect(await run.approves(run.id, 'U0BOB')).toMatchObject(done);
  });

  test.each([
    [undefined, 'CAPPROVALS'],
    ['COTHER', 'COTHER'],
    ['U0BOB', 'CAPPROVALS'],
    ['CNOWHERE', 'CAPPROVALS'],
  ])('of a run that chose the channel %s is posted to %s', async (channel, expected) => {
    const tasks = [drafts({ channel: 'CDRAFTS' })];
    const rules = { ...both, channels: ['CAPPROVALS', 'COTHER'], tasks };
    const run = await unnamed(rules, { meta: channel ? { channel } : {} });
    expect((await run.approval(run.id)).channel).toBe(expected);
  });

  test('mentions only people who may decide it', async () => {
    const policy = { ...DEFAULT_POLICY, remindAfter: HOUR };
    const run = await unnamed({ ...both, policy }, { works: true });
    await run.clock.advance(HOUR + 6_000);
    expect(run.slack.filter(({ note }) => note?.kind === 'reminder')).toMatchObject([{ calls: ['U0BOB'] }]);
  });
});

describe('where no person is an approver of every task', () => {
  const apart: Partial<Crew> = { approvers: ['U0ANA'], tasks: [drafts()] };

  test('nobody decides, and the card says why and what to do', async () => {
    const run = await unnamed(apart);
    for (const person of ['U0ANA', 'U0BOB', 'U0CAT'])
      expect(await run.approves(run.id, person)).toMatchObject(notApprover);
    const approval = await run.approval(run.id);
    const card = { approval, round: currentRound(approval), output: readOutput('A release') };
    const { blocks } = drawCard(card, { message: () => undefined, command: '/approvals' }, 'full');
    expect(JSON.stringify(blocks)).toContain(
      "No one can decide this: CrewAI didn't name the task, and no one is an approver of every task. Ask the bot's admin",
    );
  });

  test('a pause whose task is known is decided by its approvers, without that warning', async () => {
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
    ['two lists with nobody in common', crewWith(['U0ANA'], ['U0BOB']), true],
    ['two lists of tasks with nobody in common', crewWith([], ['U0ANA'], ['U0BOB']), true],
    ['three lists with nobody in all of them', crewWith(['U0ANA', 'U0BOB'], ['U0ANA'], ['U0BOB']), true],
    ['lists with one person in common', crewWith(['U0ANA', 'U0BOB'], ['U0BOB', 'U0CAT']), false],
    ['one list', crewWith(['U0ANA']), false],
    ['a task without a list of its own', crewWith(['U0ANA'], undefined), false],
    ['channel members, and a list', crewWith([], ['U0BOB']), false],
    ['a group, whose members are not known here', crewWith(['S0EDIT'], ['U0BOB']), false],
    ['a group in the list of a task', crewWith(['U0ANA'], ['S0EDIT']), false],
  ])('that is known from the settings alone: %s', (_, of, undecidable) => {
    expect(isUndecidableUnnamed(of)).toBe(undecidable);
  });
});

describe('the name of a task', () => {
  test('from events before the pause applies the rules of that task', async () => {
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
    ['no task is active', []],
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
  ])('that comes later, by %s, does not widen who may decide', async (_, comes) => {
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

  test('is at least as strict as that of any task, and decides nothing by expiry', () => {
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
