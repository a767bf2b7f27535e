import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { blocks, createWorld, startWorld } from '../worker/worker-world.ts';

const HOUR = 60 * 60_000;
const reminding = { ...DEFAULT_POLICY, remindAfter: HOUR };
/** Knows an address after it was looked up. */
function directory(addresses: Record<string, string>) {
  const asked: string[][] = [];
  const known = new Map<string, string>();
  const people: Partial<PeopleDirectory> = {
    idOf: (email) => known.get(email),
    async learn(_, emails) {
      asked.push([...emails]);
      for (const email of emails) if (addresses[email]) known.set(email, addresses[email]);
    },
  };
  return { people, asked };
}

describe('a reminder', () => {
  const called = async (rules: Partial<Crew>, requestedBy?: string, people = {}) => {
    const world = await startWorld({ rules, people, meta: requestedBy ? { requestedBy } : {} });
    await world.clock.advance(HOUR);
    return world.slack.find(({ note }) => note?.kind === 'reminder')?.calls;
  };
  const rules = { approvers: ['UANA', 'UBEN'], policy: reminding };

  test('mentions approvers except the requester, by id or email address, where they are excluded', async () => {
    const excluding = { ...rules, excludeRequester: true };
    expect(await called(excluding, 'UANA')).toEqual(['UBEN']);
    expect(await called(rules, 'UANA')).toEqual(['UANA', 'UBEN']);
    const { people } = directory({ 'ana@example.com': 'UANA' });
    expect(await called(excluding, 'ana@example.com', people)).toEqual(['UBEN']);
  });

  test('mentions the people it was escalated to', async () => {
    const policy = { ...reminding, escalateAfter: HOUR / 2, escalateTo: ['UBOSS'] };
    expect(await called({ ...rules, policy })).toEqual(['UANA', 'UBEN', 'UBOSS']);
    // Everybody may decide: nobody in particular is called, the others neither.
    expect(await called({ approvers: [], policy })).toBeUndefined();
  });
});

describe('an approval in a direct message', () => {
  const direct = (approvers: string[], policy: Policy = reminding): Partial<Crew> => ({
    approvers,
    policy,
    tasks: [{ match: 'draft', channel: 'UANA', policy: {} }],
  });
  const begin = async (rules: Partial<Crew>) => {
    const world = await startWorld({ rules });
    expect((await world.round(world.id)).card?.channel).toBe('UANA');
    return world;
  };

  test('mentions other approvers in the channel of the crew, and its own person in its thread', async () => {
    const world = await begin(direct(['UANA', 'UBEN']));
    await world.clock.advance(HOUR);
    expect(world.slack.at(-1)).toMatchObject({ calls: ['UANA', 'UBEN'], elsewhere: 'CAPPROVALS' });
    const alone = await begin(direct(['UANA']));
    await alone.clock.advance(HOUR);
    expect(alone.slack.at(-1)).toMatchObject({ calls: ['UANA'] });
    expect(alone.slack.at(-1)).not.toHaveProperty('elsewhere');
  });

  test('is escalated and assigned in the channel of the crew', async () => {
    const policy = { ...DEFAULT_POLICY, escalateAfter: HOUR, escalateTo: ['UBOSS'] };
    const world = await begin(direct(['UANA', 'UBEN'], policy));
    await world.service.assign({ approvalId: world.id, round: 1 }, 'UANA', 'UBEN');
    await world.clock.advance(HOUR);
    const notes = world.slack.flatMap(({ note, elsewhere }) => (note ? [`${note.kind} ${elsewhere}`] : []));
    expect(notes).toEqual(['assigned CAPPROVALS', 'escalated CAPPROVALS']);
  });

  test('continues in a new thread in the channel of the crew when Slack rejects the direct message', async () => {
    const world = await begin(direct(['UANA', 'UBEN']));
    await world.revise(world.id);
    await world.clock.advance(1_000);
    world.slackDoes.push(blocks('user_disabled'));
    await world.output('A shorter release');
    await world.clock.advance(5_000);
    const moved = await world.approval(world.id);
    expect(moved).toMatchObject({ channel: 'CAPPROVALS', threadRound: 2 });
    expect(moved.rounds.map(({ card }) => card?.channel)).toEqual(['UANA', 'CAPPROVALS']);
  });

  test.each(['invalid_auth', 'token_revoked'])(
    'stays there while Slack rejects the bot token (%s), and is posted there once Slack accepts the token',
    async (reason) => {
      const world = createWorld({ rules: direct(['UANA', 'UBEN'], DEFAULT_POLICY) });
      world.slackDoes.push(blocks(reason, 'token'));
      world.startWorker('w1');
      const id = await world.shown();
      expect(world.alarms).toMatchObject([{ kind: 'slack_token_rejected', reason }]);
      expect((await world.approval(id)).channel).toBe('UANA');
      await world.clock.advance(2 * HOUR);
      expect((await world.approval(id)).channel).toBe('UANA');
      expect((await world.round(id)).card).toMatchObject({ channel: 'UANA' });
    },
  );

  test.each([
    ['by id', 'UANA'],
    ['perhaps, by an email address', 'someone@example.com'],
  ])('is not sent to the person who started the run, %s, where they are excluded', async (_, requestedBy) => {
    const world = createWorld({ rules: { ...direct(['UANA', 'UBEN']), excludeRequester: true } });
    const id = await world.output('A release', { meta: { requestedBy } });
    expect((await world.approval(id)).channel).toBe('CAPPROVALS');
  });
});

describe('the inbox', () => {
  test("looks up the requesters' email addresses to show what waits for a person", async () => {
    const { people, asked } = directory({ 'ana@example.com': 'UANA', 'ben@example.com': 'UBEN' });
    const world = createWorld({ rules: { excludeRequester: true }, people });
    await world.output('One', { executionId: 'e1', meta: { requestedBy: 'ana@example.com' } });
    await world.output('Two', { executionId: 'e2', meta: { requestedBy: 'ben@example.com' } });
    const inbox = await world.inbox('UANA');
    expect(inbox).toMatchObject({ others: 1, unchecked: 0 });
    expect(inbox.waiting.map(({ approval }) => approval.executionId)).toEqual(['e2']);
    expect(asked.map((one) => one.toSorted())).toEqual([['ana@example.com', 'ben@example.com']]);
  });

  test('shows the oldest first, also behind hundreds for other people, and says how far it looked', async () => {
    const world = createWorld({ rules: { approvers: ['UANA', 'UBEN'] } });
    const waits = async (executionId: string, approver: string) => {
      await world.output('A release', { executionId, meta: { approvers: [approver] } });
      await world.clock.advance(1);
    };
    const inboxOf = async (person: string) => {
      let open = true;
      const shown = world.inbox(person).finally(() => {
        open = false;
      });
      while (open) await world.clock.advance(0);
      const { waiting, ...more } = await shown;
      return { ...more, waiting: waiting.map(({ approval }) => approval.executionId) };
    };
    for (let n = 0; n < 250; n += 1) await waits(`ben-${n}`, 'UBEN');
    for (const n of [1, 2, 3]) await waits(`ana-${n}`, 'UANA');
    const whole = await inboxOf('UANA');
    expect(whole).toMatchObject({ waiting: ['ana-1', 'ana-2', 'ana-3'], others: 250 });
    expect(whole).not.toHaveProperty('checkedCount');
    for (let n = 250; n < 1_000; n += 1) await waits(`ben-${n}`, 'UBEN');
    expect(await inboxOf('UANA')).toMatchObject({ waiting: { length: 3 }, checkedCount: 1_000 });
    expect(await inboxOf('UBEN')).toMatchObject({ waiting: { length: 200 }, checkedCount: 200 });
  });

  test('shows what this person decided lately', async () => {
    const world = await startWorld();
    await world.approve(world.id, 'UANA');
    await world.clock.advance(1_000);
    const { decided } = await world.inbox('UANA');
    expect(decided).toMatchObject([{ approval: { id: world.id }, round: { decision: { by: 'UANA' } } }]);
    expect((await world.inbox('UBEN')).decided).toEqual([]);
  });
});

describe('several required approvals', () => {
  const policy = { ...DEFAULT_POLICY, approvalsRequired: 3 };

  test('are checked in parallel when Slack is slow, so that no click is lost', async () => {
    let [slow, under, max] = [false, 0, 0];
    const known = new Set<string>();
    const world = createWorld({
      rules: { allowGuests: false, policy },
      people: {
        outsider: (id) => (slow && !known.has(id) ? undefined : false),
        async learn(ids) {
          under += 1;
          max = Math.max(max, under);
          await new Promise<void>((resolve) => world.clock.after(1_000, resolve));
          under -= 1;
          for (const id of ids) known.add(id);
        },
      },
    });
    const id = await world.output('A release');
    await world.approve(id, 'UANA');
    await world.approve(id, 'UBEN');
    slow = true;
    const began = world.clock.now();
    const clicked = world.approve(id, 'UCAT');
    await world.clock.advance(1_000);
    expect(await clicked).toMatchObject({ done: true });
    expect([max, world.clock.now() - began]).toEqual([3, 1_000]);
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
  });

  test('are checked once per click, although others are recorded meanwhile', async () => {
    let down = false;
    const world = createWorld({
      rules: { allowGuests: false, policy },
      people: {
        outsider: (id) => (down && id === 'UANA' ? undefined : false),
        learn: () => new Promise<void>((resolve) => world.clock.after(1_000, resolve)),
      },
    });
    const id = await world.output('A release');
    await world.approve(id, 'UANA');
    down = true;
    const clicks = Promise.all([world.approve(id, 'UBEN'), world.approve(id, 'UCAT')]);
    await world.clock.advance(1_000);
    expect((await clicks).map(({ done }) => done)).toEqual([true, true]);
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
  });

  test.each([true, false])(
    'put a warning on the card if approvers are certainly missing: %s',
    async (excludeRequester) => {
      const byTwo = { ...DEFAULT_POLICY, approvalsRequired: 2 };
      const world = createWorld({ rules: { approvers: ['UANA', 'UBEN'], excludeRequester, policy: byTwo } });
      const id = await world.output('A release', { meta: { requestedBy: 'UANA' } });
      const missing = excludeRequester ? { able: 1, required: 2 } : undefined;
      expect((await world.approval(id)).tooFew).toEqual(missing);
    },
  );
});

describe("a task's own rules", () => {
  test.each<[string, Partial<Crew['tasks'][number]>, by: string, draft: string, other: string]>([
    ['let guests decide this task only', { allowGuests: true }, 'UGUEST', 'done', 'guest'],
    ['let guests decide no task if they do not say so', {}, 'UGUEST', 'guest', 'guest'],
    ['exclude the requester from this task only', { excludeRequester: true }, 'UREQ', 'requester', 'done'],
    ['exclude the requester from no task if they do not say so', {}, 'UREQ', 'done', 'done'],
  ])('%s', async (_, own, by, ...expected) => {
    const world = createWorld({
      rules: { allowGuests: false, tasks: [{ match: 'draft', policy: {}, ...own }] },
      people: { outsider: (id) => id === 'UGUEST' },
    });
    const meta = { requestedBy: 'UREQ' };
    for (const task of ['draft', 'other']) {
      const answer = await world.approve(await world.output('A release', { task, meta }), by);
      expect(answer.done ? 'done' : answer.refusal.code, task).toBe(expected.shift());
    }
  });
});

test('a refused person is recorded once per round, with the reason and the origin', async () => {
  const world = createWorld({ rules: { approvers: ['UANA'] } });
  const id = await world.output('A release');
  const target = { approvalId: id, round: 1, via: 'list' as const };
  const recorded = async () =>
    (await world.approval(id)).facts.filter(({ what }) => what === 'refused_person');
  expect(await world.service.check(target, 'UDAN')).toMatchObject({ refusal: { code: 'not_approver' } });
  expect(await recorded(), 'a form that is opened').toEqual([]);
  for (let time = 0; time < 2; time += 1) await world.service.decide(target, 'UDAN', { action: 'approve' });
  await world.service.keepRefused(target, 'UDAN', { code: 'not_approver' });
  const refused = { by: 'UDAN', detail: 'not_approver', round: 1, origin: 'list' };
  expect(await recorded()).toMatchObject([refused]);
  // A refusal that concerns everybody is not recorded.
  await world.service.keepRefused(target, 'UEVE', { code: 'closed', status: 'run_ended' });
  expect(await recorded()).toHaveLength(1);
});

test('each long output is uploaded as a file', async () => {
  const long = (word: string) => Array.from({ length: 10_000 }, (_, n) => `${word} ${n}`).join('\n\n');
  const files = async (first: string, then: string) => {
    const world = createWorld();
    world.startWorker('w1');
    await world.revise(await world.shown(first));
    await world.clock.advance(1_000);
    await world.output(then);
    await world.clock.advance(10_000);
    return world.slack.flatMap((call) => (call.do === 'file' ? [call.round] : []));
  };
  expect(await files('short', long('two'))).toEqual([2]);
  expect(await files(long('one'), 'short')).toEqual([1]);
  expect(await files(long('one'), long('one'))).toEqual([1, 2]);
});
