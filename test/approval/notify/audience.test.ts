import { describe, expect, test } from 'vitest';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { aPause, createRun } from '../run-world.ts';
import { createWorld, type SlackCall } from '../worker/worker-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const links = { message: () => undefined, command: '/approvals' };

const group = (size: number) => new Set(Array.from({ length: size }, (_, n) => `UMEMBER${n}`));

/** Ana and Ben are in the channel, Zoe is not; SEDITORS has three people, SSTAFF forty. */
const people: Partial<PeopleDirectory> = {
  members: (id) => (id === 'SEDITORS' ? group(3) : id === 'SSTAFF' ? group(40) : undefined),
  inChannel: (person) => person !== 'UZOE',
  channelSize: () => 12,
};

/** What a card that is posted comes to: whom it mentions, and who gets a direct message. */
async function posted(rules: Partial<Crew>, known: Partial<PeopleDirectory> = {}) {
  const world = createWorld({ rules, people: { ...people, ...known } });
  world.startWorker('a');
  await world.shown();
  await world.clock.advance(10 * SECOND);
  return { world, mentions: world.slack[0]?.mentions ?? [], direct: directOf(world.slack) };
}

const directOf = (calls: readonly SlackCall[]) =>
  calls.flatMap(({ note, elsewhere }) => (note?.kind === 'direct' ? [elsewhere] : []));

describe('a card that waits', () => {
  test.each<[string, Partial<Crew>, string[], string[]]>([
    ['approvers', { approvers: ['UANA', 'UBEN'] }, ['UANA', 'UBEN'], []],
    ['a small group', { approvers: ['SEDITORS'] }, ['SEDITORS'], []],
    ['a large group, not by itself', { approvers: ['UANA', 'SSTAFF'] }, ['UANA'], []],
    ['a large group that notify names', { approvers: ['SSTAFF'], notify: ['SSTAFF'] }, ['SSTAFF'], []],
    ['an approver outside the channel, directly', { approvers: ['UANA', 'UZOE'] }, ['UANA'], ['UZOE']],
    ['everyone active where nobody is named, in a small channel', { approvers: [] }, ['here'], []],
    ['everyone active where notify says so', { approvers: ['UANA'], notify: 'here' }, ['here'], []],
    ['nobody where notify says so', { approvers: ['UANA'], notify: 'none' }, [], []],
    ['people by direct message', { approvers: ['UANA', 'UZOE'], notify: 'dm' }, [], ['UANA', 'UZOE']],
    ['whom notify names', { approvers: ['UANA'], notify: ['UBEN'] }, ['UBEN'], []],
  ])('tells %s', async (_, rules, mentions, direct) => {
    const told = await posted(rules);
    expect([told.mentions, told.direct]).toEqual([mentions, direct]);
  });

  test('tells nobody where nobody is named and the channel is large, or its size is not known', async () => {
    for (const size of [21, undefined])
      expect((await posted({ approvers: [] }, { channelSize: () => size })).mentions).toEqual([]);
  });

  test('mentions people of whom it is not known whether they are in the channel', async () => {
    const told = await posted({ approvers: ['UZOE'] }, { inChannel: () => undefined });
    expect([told.mentions, told.direct]).toEqual([['UZOE'], []]);
  });

  test('writes to ten people at most', async () => {
    const approvers = Array.from({ length: 15 }, (_, n) => `UAWAY${n}`);
    expect((await posted({ approvers }, { inChannel: () => false })).direct).toHaveLength(10);
  });

  test('names all of forty approvers', async () => {
    const approvers = Array.from({ length: 40 }, (_, n) => `UAPPROVER${n}`);
    const { world, mentions } = await posted({ approvers });
    const [id = ''] = (await world.store.list('waiting', ['press'], { limit: 1 })).map((entry) => entry.id);
    const approval = await world.approval(id);
    const content = { approval, round: currentRound(approval), output: readOutput('A release') };
    const card = JSON.stringify(drawCard(content, links, 'full').blocks);
    expect(mentions).toEqual(approvers);
    expect(approvers.filter((one) => !card.includes(`<@${one}>`))).toEqual([]);
  });

  test('writes to no guest of a group where guests may not decide', async () => {
    const guest = { members: () => new Set(['UGUEST']), inChannel: () => false, outsider: () => true };
    expect((await posted({ approvers: ['SEDITORS'], allowGuests: false }, guest)).direct).toEqual([]);
  });

  test('does not tell whoever started the run where they may not decide', async () => {
    const rules = { approvers: ['UANA', 'UBEN'], excludeRequester: true };
    const world = createWorld({ rules, people });
    world.startWorker('a');
    await world.shown('A release', { requestedBy: 'UANA' });
    expect(world.slack[0]?.mentions).toEqual(['UBEN']);
  });

  test('says that nobody was told where nobody could be, and only there', async () => {
    const unnotified = async (rules: Partial<Crew>, size = 50) => {
      const { world } = await posted(rules, { channelSize: () => size });
      const [id = ''] = (await world.store.list('created', ['press'], { limit: 1 })).map((entry) => entry.id);
      return (await world.round(id)).unnotified;
    };
    expect(await unnotified({ approvers: [] })).toBe(true);
    expect(await unnotified({ approvers: ['SSTAFF'] })).toBe(true);
    expect(await unnotified({ approvers: [] }, 10)).toBeUndefined();
    expect(await unnotified({ approvers: ['UANA'] })).toBeUndefined();
    expect(await unnotified({ approvers: [], notify: 'none' })).toBeUndefined();
  });

  test('calls nobody else where the only approver started the run', async () => {
    const world = createWorld({ rules: { approvers: ['UANA'], excludeRequester: true }, people });
    world.startWorker('a');
    await world.shown('A release', { requestedBy: 'UANA' });
    expect(world.slack[0]).toMatchObject({ do: 'post' });
    expect(world.slack[0]).not.toHaveProperty('mentions');
  });

  test('tells nobody when it was decided before it was posted', async () => {
    const world = createWorld({ rules: { approvers: ['UANA'] }, people });
    const id = await world.output('A release');
    await world.approve(id);
    world.startWorker('a');
    await world.clock.advance(SECOND);
    expect(world.slack[0]).toMatchObject({ do: 'post' });
    expect(world.slack[0]).not.toHaveProperty('mentions');
  });

  test('a direct message that Slack does not take delays nothing', async () => {
    const { CardError } = await import('../../../src/approval/ports.ts');
    const world = createWorld({ rules: { approvers: ['UZOE'] }, people });
    world.startWorker('a');
    world.slackDoes.push(
      async () => {},
      async () => {
        throw new CardError({ kind: 'blocked', reason: 'user_disabled', of: 'channel' });
      },
    );
    const id = await world.shown();
    await world.clock.advance(5 * SECOND);
    const { notes, lanes } = await world.approval(id);
    expect([notes, lanes.thread.blocked]).toEqual([[], undefined]);
    expect(world.logged).toContain('direct message rejected');
  });
});

describe('a pause whose task is not known', () => {
  const rules: Partial<Crew> = {
    approvers: ['SEDITORS'],
    tasks: [{ match: 'legal', approvers: ['UMEMBER1'], policy: {} }],
  };

  test.each([12, 50])(
    'mentions the member of a group who may decide each task, in a channel of %i people',
    async (size) => {
      const run = createRun({ rules, people: { ...people, channelSize: () => size } });
      run.startWorker('a');
      const id = await run.opens(aPause(1, 'A release'));
      expect(run.slack[0]?.mentions).toEqual(['UMEMBER1']);
      expect((await run.approves(id, 'UMEMBER1')).done).toBe(true);
    },
  );
});

describe('the round that answers a revision', () => {
  async function revised(rules: Partial<Crew>) {
    const world = createWorld({ rules, people });
    world.startWorker('a');
    const id = await world.shown();
    await world.revise(id, 'UBEN');
    await world.clock.advance(SECOND);
    await world.output('A shorter release');
    await world.clock.advance(5 * SECOND);
    return world.slack.find(({ do: done, round }) => done === 'post' && round === 2);
  }

  test('mentions whoever asked for it, however lately they were mentioned, and is shown in the channel too', async () => {
    const card = await revised({ approvers: ['UANA', 'UBEN'] });
    expect(card).toMatchObject({ mentions: ['UBEN'], broadcast: true });
  });

  test('stays in the thread where the settings say so', async () => {
    const card = await revised({ approvers: ['UANA', 'UBEN'], rounds: 'thread' });
    expect(card).toMatchObject({ mentions: ['UBEN'] });
    expect(card).not.toHaveProperty('broadcast');
  });

  test('tells the channel when the person who asked for it has left it and only its members decide', async () => {
    const left = new Set<string>();
    const inChannel = (person: string) => !left.has(person);
    const world = createWorld({ rules: { approvers: [] }, people: { ...people, inChannel } });
    world.startWorker('a');
    const id = await world.shown();
    await world.revise(id, 'UBEN');
    await world.clock.advance(MINUTE);
    left.add('UBEN');
    await world.output('A shorter release');
    await world.clock.advance(5 * SECOND);
    const card = world.slack.find(({ do: done, round }) => done === 'post' && round === 2);
    expect([card?.mentions, directOf(world.slack)]).toEqual([['here'], []]);
  });

  test('tells all approvers where one of them is not enough', async () => {
    const world = createWorld({
      rules: { approvers: ['UANA', 'UBEN'], policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } },
      people,
    });
    world.startWorker('a');
    const id = await world.shown();
    await world.revise(id, 'UBEN');
    await world.clock.advance(MINUTE);
    await world.output('A shorter release');
    await world.clock.advance(5 * SECOND);
    const card = world.slack.find(({ do: done, round }) => done === 'post' && round === 2);
    expect(card?.mentions?.toSorted()).toEqual(['UANA', 'UBEN']);
  });
});

describe('nobody is mentioned twice within a minute in a channel', () => {
  const rules = { approvers: ['UANA'] };
  const cardsOf = (calls: readonly SlackCall[]) => calls.filter((call) => call.do === 'post');
  const mentionsOf = (calls: readonly SlackCall[]) =>
    calls.filter(({ note }) => note?.kind === 'mention').map(({ calls: called, at }) => [called, at]);

  test('whoever was is named after it, once for all cards of that minute', async () => {
    const world = createWorld({ rules, people });
    world.startWorker('a');
    for (let n = 1; n <= 5; n += 1) {
      await world.output('A release', { executionId: `e${n}` });
      await world.clock.advance(5 * SECOND);
    }
    expect(cardsOf(world.slack).map(({ mentions }) => mentions)).toEqual([
      ['UANA'],
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await world.clock.advance(3 * MINUTE);
    expect(mentionsOf(world.slack)).toHaveLength(1);
    expect(mentionsOf(world.slack)[0]?.[0]).toEqual(['UANA']);
  });

  test('not at all when the next card after it names them', async () => {
    const world = createWorld({ rules, people });
    world.startWorker('a');
    await world.output('A release', { executionId: 'e1' });
    await world.clock.advance(30 * SECOND);
    await world.output('A release', { executionId: 'e2' });
    await world.clock.advance(45 * SECOND);
    await world.output('A release', { executionId: 'e3' });
    await world.clock.advance(5 * MINUTE);
    expect(cardsOf(world.slack).map(({ mentions }) => mentions)).toEqual([['UANA'], undefined, ['UANA']]);
    expect(mentionsOf(world.slack)).toEqual([]);
  });

  test('nor once it is decided', async () => {
    const world = createWorld({ rules, people });
    world.startWorker('a');
    await world.output('A release', { executionId: 'e1' });
    await world.clock.advance(SECOND);
    const second = await world.output('A release', { executionId: 'e2' });
    await world.clock.advance(SECOND);
    await world.approve(second);
    await world.clock.advance(5 * MINUTE);
    expect(mentionsOf(world.slack)).toEqual([]);
  });

  const editorsPublish: Partial<Crew> = {
    approvers: ['UMEMBER1'],
    tasks: [{ match: 'publish', approvers: ['SEDITORS'], policy: {} }],
  };

  test('of a group only those who were not', async () => {
    const world = createWorld({ rules: editorsPublish, people });
    world.startWorker('a');
    await world.output('A release');
    await world.clock.advance(SECOND);
    await world.output('A release', { task: 'publish' });
    await world.clock.advance(SECOND);
    expect(cardsOf(world.slack).map(({ mentions }) => mentions)).toEqual([
      ['UMEMBER1'],
      ['UMEMBER0', 'UMEMBER2'],
    ]);
  });

  test('a group is mentioned later although one of its members was mentioned meanwhile', async () => {
    const groups = new Set<string>();
    const members = (id: string) => (groups.has(id) ? group(3) : undefined);
    const world = createWorld({ rules: editorsPublish, people: { ...people, members } });
    world.startWorker('a');
    const publish = (executionId: string) => world.output('A release', { executionId, task: 'publish' });
    await publish('e1');
    await world.clock.advance(5 * SECOND);
    // The second card holds the group as such: its members are not known yet.
    await publish('e2');
    await world.clock.advance(5 * SECOND);
    groups.add('SEDITORS');
    await world.clock.advance(52 * SECOND);
    await world.output('A release', { executionId: 'e3' });
    await world.clock.advance(5 * MINUTE);
    expect(cardsOf(world.slack).map(({ mentions }) => mentions)).toEqual([
      ['SEDITORS'],
      undefined,
      ['UMEMBER1'],
    ]);
    expect(mentionsOf(world.slack).map(([called]) => called)).toEqual([['SEDITORS']]);
  });

  test('a person who cannot see a card in a direct message is mentioned in the channel of the crew', async () => {
    const policy = { ...DEFAULT_POLICY, urgent: true, escalateAfter: HOUR, escalateTo: ['UBEN'] };
    const world = createWorld({
      rules: { approvers: ['UANA'], policy, tasks: [{ match: 'draft', channel: 'UANA', policy: {} }] },
      people,
    });
    world.startWorker('a');
    await world.output('A release', { executionId: 'e1' });
    await world.clock.advance(5 * SECOND);
    await world.output('A release', { executionId: 'e2' });
    await world.clock.advance(2 * HOUR);
    const called = world.slack.filter(({ calls }) => calls?.includes('UBEN'));
    expect(called.map(({ note, elsewhere }) => [note?.kind, elsewhere])).toEqual([
      ['escalated', 'CAPPROVALS'],
      ['mention', 'CAPPROVALS'],
    ]);
  });
});

describe('later', () => {
  const policy = { ...DEFAULT_POLICY, urgent: true };
  const last = (calls: readonly SlackCall[], kind: string) =>
    calls.findLast(({ note }) => note?.kind === kind);

  test('a reminder and an expiry mention those who decide; one that would reach nobody is shown in the channel', async () => {
    for (const approvers of [['UANA'], []]) {
      const world = createWorld({
        rules: { approvers, policy: { ...policy, remindAfter: HOUR, expireAfter: 3 * HOUR } },
        people: { ...people, channelSize: () => 50 },
      });
      world.startWorker('a');
      await world.shown();
      await world.clock.advance(4 * HOUR);
      const told = approvers.length > 0 ? { calls: approvers } : { broadcast: true };
      expect(last(world.slack, 'reminder')).toMatchObject(told);
      expect(last(world.slack, 'expired')).toMatchObject(told);
    }
  });

  test('an escalation mentions those in the channel and writes to the others', async () => {
    const world = createWorld({
      rules: {
        approvers: ['UBEN'],
        policy: { ...policy, escalateAfter: HOUR, escalateTo: ['UANA', 'UZOE'] },
      },
      people,
    });
    world.startWorker('a');
    await world.shown();
    await world.clock.advance(2 * HOUR);
    expect(last(world.slack, 'escalated')).toMatchObject({ calls: ['UANA'] });
    expect(directOf(world.slack)).toEqual(['UZOE']);
  });

  test('an assignment within a minute of the card mentions the assignee at once, and only the assignee', async () => {
    const world = createWorld({ rules: { approvers: ['UANA', 'UBEN'] }, people });
    world.startWorker('a');
    const id = await world.shown();
    await world.clock.advance(10 * SECOND);
    await world.service.assign({ approvalId: id, round: 1, via: 'card' }, 'UBEN', 'UANA');
    await world.clock.advance(5 * SECOND);
    expect(last(world.slack, 'assigned')).toMatchObject({ calls: ['UANA'] });
    await world.clock.advance(5 * MINUTE);
    const approval = await world.approval(id);
    const said = world.slack.flatMap(({ note, calls = [] }) =>
      note ? [JSON.stringify(buildNote(approval, note, { mentions: calls }, 'full', links).blocks)] : [],
    );
    expect(said.filter((text) => text.includes('<@UANA>'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('<@UBEN>'))).toEqual([]);
  });

  test('whoever assigns it to themselves is not mentioned; someone outside the channel gets a direct message', async () => {
    const world = createWorld({ rules: { approvers: ['UANA', 'UZOE'], notify: 'none' }, people });
    world.startWorker('a');
    const id = await world.shown();
    const target = { approvalId: id, round: 1, via: 'card' as const };
    await world.service.assign(target, 'UANA', 'UANA');
    await world.clock.advance(5 * SECOND);
    expect(last(world.slack, 'assigned')).toBeUndefined();
    await world.service.assign(target, 'UANA', 'UZOE');
    await world.clock.advance(5 * SECOND);
    expect(directOf(world.slack)).toEqual(['UZOE']);
  });
});
