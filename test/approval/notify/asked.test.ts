import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { CardError } from '../../../src/approval/ports.ts';
import { createWorld } from '../worker/worker-world.ts';

const HOUR = 60 * 60_000;
const reminding = { ...DEFAULT_POLICY, remindAfter: HOUR };
/** Knows this address once it was asked for. */
function directory(addresses: Record<string, string>, over: Partial<PeopleDirectory> = {}) {
  const asked: string[][] = [];
  const known = new Map<string, string>();
  const people: Partial<PeopleDirectory> = {
    idOf: (email) => known.get(email),
    async learn(_, emails) {
      asked.push([...emails]);
      for (const email of emails) if (addresses[email]) known.set(email, addresses[email]);
    },
    ...over,
  };
  return { people, asked };
}

describe('a reminder calls those who may decide', () => {
  const called = async (rules: Partial<Crew>, requestedBy?: string, people = directory({}).people) => {
    const world = createWorld({ rules, people });
    world.startWorker('w1');
    await world.shown('A release', requestedBy === undefined ? {} : { requestedBy });
    await world.clock.advance(HOUR);
    return world.slack.find(({ note }) => note?.kind === 'reminder')?.calls;
  };
  const rules = { approvers: ['UANA', 'UBEN'], policy: reminding };

  test('not whoever started the run, by id or by email address, where they are left out', async () => {
    const excluding = { ...rules, excludeRequester: true };
    expect(await called(excluding, 'UANA')).toEqual(['UBEN']);
    expect(await called(rules, 'UANA')).toEqual(['UANA', 'UBEN']);
    const { people } = directory({ 'ana@example.com': 'UANA' });
    expect(await called(excluding, 'ana@example.com', people)).toEqual(['UBEN']);
  });

  test('and those whom it was escalated to', async () => {
    const policy = { ...reminding, escalateAfter: HOUR / 2, escalateTo: ['UBOSS'] };
    expect(await called({ ...rules, policy })).toEqual(['UANA', 'UBEN', 'UBOSS']);
    // Everybody may decide: nobody in particular is called, the others neither.
    expect(await called({ approvers: [], policy })).toBeUndefined();
  });

  test('and nobody once its time is over', async () => {
    const world = createWorld({ rules: { ...rules, policy: { ...reminding, expireAfter: 1.5 * HOUR } } });
    world.startWorker('w1');
    await world.shown();
    await world.clock.advance(9 * HOUR);
    expect(world.notes().map(({ kind }) => kind)).toEqual(['reminder', 'expired']);
  });
});

describe('an approval in a direct message', () => {
  const direct = (approvers: string[], policy: Policy = reminding): Partial<Crew> => ({
    approvers,
    policy,
    tasks: [{ match: 'draft', channel: 'UANA', policy: {} }],
  });
  const begin = async (rules: Partial<Crew>) => {
    const world = createWorld({ rules });
    world.startWorker('w1');
    const id = await world.shown();
    expect((await world.round(id)).card?.channel).toBe('UANA');
    return { world, id };
  };

  test('calls others in the channel of the crew, and its own person where they are', async () => {
    const { world } = await begin(direct(['UANA', 'UBEN']));
    await world.clock.advance(HOUR);
    expect(world.slack.at(-1)).toMatchObject({ calls: ['UANA', 'UBEN'], elsewhere: 'CAPPROVALS' });
    const alone = await begin(direct(['UANA']));
    await alone.world.clock.advance(HOUR);
    expect(alone.world.slack.at(-1)).toMatchObject({ calls: ['UANA'] });
    expect(alone.world.slack.at(-1)).not.toHaveProperty('elsewhere');
  });

  test('is escalated and assigned in the channel of the crew', async () => {
    const policy = { ...DEFAULT_POLICY, escalateAfter: HOUR, escalateTo: ['UBOSS'] };
    const { world, id } = await begin(direct(['UANA', 'UBEN'], policy));
    await world.service.assign({ approvalId: id, round: 1 }, 'UANA', 'UBEN');
    await world.clock.advance(HOUR);
    const told = world.slack.filter(({ note }) => note !== undefined);
    expect(told.map(({ note, elsewhere }) => [note?.kind, elsewhere])).toEqual([
      ['assigned', 'CAPPROVALS'],
      ['escalated', 'CAPPROVALS'],
    ]);
  });

  test('goes on in the channel of the crew, in a thread of its own, when Slack takes no more of them', async () => {
    const { world, id } = await begin(direct(['UANA', 'UBEN']));
    await world.revise(id);
    await world.clock.advance(1_000);
    world.slackDoes.push(async () => {
      throw new CardError({ kind: 'blocked', reason: 'user_disabled', of: 'channel' });
    });
    await world.output('A shorter release');
    await world.clock.advance(5_000);
    const moved = await world.approval(id);
    expect(moved).toMatchObject({ channel: 'CAPPROVALS', threadRound: 2 });
    expect(moved.rounds.map(({ card }) => card?.channel)).toEqual(['UANA', 'CAPPROVALS']);
  });

  test.each(['invalid_auth', 'token_revoked'])(
    'stays there while Slack rejects the bot token (%s), and is posted there once Slack accepts the token',
    async (reason) => {
      const world = createWorld({ rules: direct(['UANA', 'UBEN'], DEFAULT_POLICY) });
      world.slackDoes.push(async () => {
        throw new CardError({ kind: 'blocked', reason, of: 'token' });
      });
      world.startWorker('w1');
      const id = await world.shown();
      expect(world.alarms).toMatchObject([{ kind: 'slack_token_rejected', reason }]);
      expect(await world.approval(id)).toMatchObject({ channel: 'UANA' });
      await world.clock.advance(2 * HOUR);
      expect(await world.approval(id)).toMatchObject({ channel: 'UANA' });
      expect((await world.round(id)).card).toMatchObject({ channel: 'UANA' });
    },
  );

  test.each([
    ['by its id', 'UANA'],
    ['perhaps, by an email address', 'someone@example.com'],
  ])('is not shown to whoever started the run, %s, where they are left out', async (_, requestedBy) => {
    const world = createWorld({ rules: { ...direct(['UANA', 'UBEN']), excludeRequester: true } });
    const id = await world.output('A release', { meta: { requestedBy } });
    expect((await world.approval(id)).channel).toBe('CAPPROVALS');
  });
});

describe('the inbox', () => {
  test('shows what waits for a person although runs were started by email addresses', async () => {
    const { people, asked } = directory(
      { 'ana@example.com': 'UANA', 'ben@example.com': 'UBEN' },
      { inChannel: () => true },
    );
    const world = createWorld({ rules: { excludeRequester: true }, people });
    await world.output('One', { executionId: 'e1', meta: { requestedBy: 'ana@example.com' } });
    await world.output('Two', { executionId: 'e2', meta: { requestedBy: 'ben@example.com' } });
    const inbox = await world.inbox('UANA');
    expect(inbox).toMatchObject({ others: 1, unchecked: 0 });
    expect(inbox.waiting.map(({ approval }) => approval.executionId)).toEqual(['e2']);
    expect(asked.map((one) => one.toSorted())).toEqual([['ana@example.com', 'ben@example.com']]);
  });

  test('begins with the oldest, also behind hundreds that wait for others, and says how far it looked', async () => {
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
    expect(whole).not.toHaveProperty('lookedAt');
    for (let n = 250; n < 1_000; n += 1) await waits(`ben-${n}`, 'UBEN');
    expect(await inboxOf('UANA')).toMatchObject({ waiting: { length: 3 }, lookedAt: 1_000 });
    expect(await inboxOf('UBEN')).toMatchObject({ waiting: { length: 200 }, lookedAt: 200 });
  });

  test('shows what a person decided lately, and nobody else did', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown();
    await world.approve(id, 'UANA');
    await world.clock.advance(1_000);
    const mine = await world.inbox('UANA');
    expect(mine.decided.map(({ approval, round }) => [approval.id, round.decision?.by])).toEqual([
      [id, 'UANA'],
    ]);
    expect((await world.inbox('UBEN')).decided).toEqual([]);
  });
});

describe('several who have to approve', () => {
  const policy = { ...DEFAULT_POLICY, approvalsRequired: 3 };

  test('are counted without those who may not decide any more', async () => {
    const members = new Set(['UANA', 'UBEN', 'UCAT', 'UDAN']);
    const world = createWorld({
      rules: { approvers: ['SEDITORS'], policy },
      people: { members: () => members },
    });
    const id = await world.output('A release');
    for (const by of ['UANA', 'UBEN']) expect(await world.approve(id, by)).toMatchObject({ done: true });
    members.delete('UANA');
    await world.approve(id, 'UCAT');
    expect(await world.round(id)).toMatchObject({ status: 'waiting' });
    expect((await world.round(id)).votes.map(({ by }) => by)).toEqual(['UBEN', 'UCAT']);
    await world.approve(id, 'UDAN');
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
  });

  test('are looked up all at once, when Slack is slow, so that no click is lost', async () => {
    let [slow, under, most] = [false, 0, 0];
    const known = new Set<string>();
    const world = createWorld({
      rules: { allowGuests: false, policy },
      people: {
        outsider: (id) => (slow && !known.has(id) ? undefined : false),
        async learn(ids) {
          under += 1;
          most = Math.max(most, under);
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
    expect([most, world.clock.now() - began]).toEqual([3, 1_000]);
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
  });

  test('are looked up once a click, although others are recorded meanwhile', async () => {
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

  test('are more than there are: the card says so, as far as it is certain', async () => {
    const told = async (rules: Partial<Crew>, requestedBy?: string) => {
      const world = createWorld({ rules: { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 }, ...rules } });
      const id = await world.output('A release', { meta: requestedBy ? { requestedBy } : {} });
      return (await world.approval(id)).tooFew;
    };
    const warning = { able: 1, required: 2 };
    expect(await told({ approvers: ['UANA'] })).toEqual(warning);
    const both = { approvers: ['UANA', 'UBEN'] };
    expect(await told(both)).toBeUndefined();
    expect(await told({ ...both, excludeRequester: true }, 'UANA')).toEqual(warning);
    expect(await told(both, 'UANA')).toBeUndefined();
    expect(await told({ approvers: ['UANA', 'SEDITORS'] })).toBeUndefined();
    expect(await told({ approvers: [] })).toBeUndefined();
  });
});

describe("a task's own rules", () => {
  const may = async (own: Partial<Crew['tasks'][number]>, by: string, requestedBy?: string) => {
    const world = createWorld({
      rules: { allowGuests: false, tasks: [{ match: 'draft', policy: {}, ...own }] },
      people: { outsider: (id) => id === 'UGUEST' },
    });
    const answer = async (task: string) => {
      const id = await world.output('A release', { task, meta: requestedBy ? { requestedBy } : {} });
      const given = await world.approve(id, by);
      return given.done ? 'done' : given.refusal.code;
    };
    return [await answer('draft'), await answer('other')];
  };

  test('let guests decide on it, and on no other', async () => {
    expect(await may({ allowGuests: true }, 'UGUEST')).toEqual(['done', 'guest']);
    expect(await may({}, 'UGUEST')).toEqual(['guest', 'guest']);
  });

  test('leave out whoever started the run from it, and from no other', async () => {
    expect(await may({ excludeRequester: true }, 'UANA', 'UANA')).toEqual(['requester', 'done']);
    expect(await may({}, 'UANA', 'UANA')).toEqual(['done', 'done']);
  });
});

test('that a person may not decide is kept once a round, however they asked', async () => {
  const world = createWorld({ rules: { approvers: ['UANA'] } });
  const id = await world.output('A release');
  const target = { approvalId: id, round: 1 };
  const answer = await world.service.check(target, 'UDAN');
  if (answer.done) throw new Error('not refused');
  const refusedFacts = async () =>
    (await world.approval(id)).facts.filter(({ what }) => what === 'refused_person');
  expect(await refusedFacts()).toEqual([]);
  await world.service.keepRefused(target, 'UDAN', answer.refusal);
  await world.service.keepRefused(target, 'UDAN', answer.refusal);
  expect(await refusedFacts()).toMatchObject([{ by: 'UDAN', detail: 'not_approver', round: 1 }]);
  // What is refused to everybody is no matter of the person.
  await world.service.keepRefused(target, 'UEVE', { code: 'closed', status: 'run_ended' });
  expect(await refusedFacts()).toHaveLength(1);
});

test('each output that is long comes as a file', async () => {
  const long = (word: string) => Array.from({ length: 10_000 }, (_, n) => `${word} ${n}`).join('\n\n');
  const files = async (first: string, then: string) => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown(first);
    await world.revise(id);
    await world.clock.advance(1_000);
    await world.output(then);
    await world.clock.advance(10_000);
    return world.slack.flatMap((call) => (call.do === 'file' ? [call.round] : []));
  };
  expect(await files(long('one'), long('two'))).toEqual([1, 2]);
  expect(await files('short', long('two'))).toEqual([2]);
  expect(await files(long('one'), 'short')).toEqual([1]);
  expect(await files(long('one'), long('one'))).toEqual([1, 2]);
});
