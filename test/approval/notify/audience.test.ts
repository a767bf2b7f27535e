import { describe, expect, test } from 'vitest';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import { findReminderAudience, listEscalated } from '../../../src/approval/notify/audience.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { spoken } from '../../support/spoken.ts';
import { anApproval, aRound } from '../builders.ts';
import { aPause, createRun } from '../run-world.ts';
import { blocks, createWorld, type SlackCall, startWorld, works } from '../worker/worker-world.ts';

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

/** A card is posted; whom it mentions, and who gets a direct message. */
async function posted(rules: Partial<Crew>, known: Partial<PeopleDirectory> = {}) {
  const meta = { requestedBy: 'UREQ' };
  const world = await startWorld({ rules, people: { ...people, ...known }, meta });
  await world.clock.advance(10 * SECOND);
  const [card] = world.slack;
  expect(card).toMatchObject({ do: 'post' });
  return { world, mentions: card?.mentions ?? [], direct: directOf(world.slack) };
}

const directOf = (calls: readonly SlackCall[]) =>
  calls.flatMap(({ note, elsewhere }) => (note?.kind === 'direct' ? [elsewhere] : []));

describe('a card that waits', () => {
  const away = Array.from({ length: 15 }, (_, n) => `UAWAY${n}`);
  const isGuest = (id: string) => id === 'UGUEST';
  const guest = { inChannel: (id: string) => !isGuest(id), outsider: isGuest };
  const withGuest = { ...guest, members: () => new Set(['UGUEST', 'UBEN']) };
  const excludeRequester = true;

  // biome-ignore format: a table
  test.each<[string, Partial<Crew>, Partial<PeopleDirectory>, mentions: string[], direct: string[]]>([
    ['approvers', { approvers: ['UANA', 'UBEN'] }, {}, ['UANA', 'UBEN'], []],
    ['a small group', { approvers: ['SEDITORS'] }, {}, ['SEDITORS'], []],
    ['a large group, not by itself', { approvers: ['UANA', 'SSTAFF'] }, {}, ['UANA'], []],
    ['a large group that notify names', { approvers: ['SSTAFF'], notify: ['SSTAFF'] }, {}, ['SSTAFF'], []],
    ['an approver outside the channel, directly', { approvers: ['UANA', 'UZOE'] }, {}, ['UANA'], ['UZOE']],
    ['an approver of whom it is unknown whether they are in the channel', { approvers: ['UZOE'] },
      { inChannel: () => undefined }, ['UZOE'], []],
    ['ten people directly at most', { approvers: away }, { inChannel: () => false }, [], away.slice(0, 10)],
    ['a group, and directly none of its guests who may not decide',
      { approvers: ['SEDITORS'], allowGuests: false }, withGuest, ['SEDITORS'], []],
    ['no group of guests who may not decide', { approvers: ['SEDITORS', 'UANA'], allowGuests: false },
      { ...guest, members: () => new Set(['UGUEST']) }, ['UANA'], []],
    ['everyone active where nobody is named, in a small channel', { approvers: [] }, {}, ['here'], []],
    ['nobody where nobody is named, in a large channel', { approvers: [] }, { channelSize: () => 21 }, [], []],
    ['nobody where nobody is named, in a channel of unknown size', { approvers: [] },
      { channelSize: () => undefined }, [], []],
    ['everyone active where notify says so', { approvers: ['UANA'], notify: 'here' }, {}, ['here'], []],
    ['nobody where notify says so', { approvers: ['UANA'], notify: 'none' }, {}, [], []],
    ['people by direct message', { approvers: ['UANA', 'UZOE'], notify: 'dm' }, {}, [], ['UANA', 'UZOE']],
    ['the people that notify names', { approvers: ['UANA'], notify: ['UBEN'] }, {}, ['UBEN'], []],
    ['no requester who may not decide', { approvers: ['UREQ', 'UBEN'], excludeRequester }, {}, ['UBEN'], []],
    ['nobody where the requester is the only approver', { approvers: ['UREQ'], excludeRequester }, {}, [], []],
  ])('notifies %s', async (_, rules, known, mentions, direct) => {
    expect(await posted(rules, known)).toMatchObject({ mentions, direct });
  });

  test('mentions all of forty approvers', async () => {
    const approvers = Array.from({ length: 40 }, (_, n) => `UAPPROVER${n}`);
    const { world, mentions } = await posted({ approvers });
    const approval = await world.approval(world.id);
    const content = { approval, round: currentRound(approval), output: readOutput('A release') };
    const card = JSON.stringify(drawCard(en, content, links, 'full').blocks);
    expect(mentions).toEqual(approvers);
    expect(approvers.filter((one) => !card.includes(`<@${one}>`))).toEqual([]);
  });

  test.each<[Partial<Crew>, number, true | undefined]>([
    [{ approvers: [] }, 50, true],
    [{ approvers: ['SSTAFF'] }, 50, true],
    [{ approvers: [] }, 10, undefined],
    [{ approvers: ['UANA'] }, 50, undefined],
    [{ approvers: [], notify: 'none' }, 50, undefined],
  ])('records that nobody could be notified: %j in a channel of %i: %s', async (rules, size, unnotified) => {
    const { world } = await posted(rules, { channelSize: () => size });
    expect((await world.round(world.id)).unnotified).toBe(unnotified);
  });

  test('mentions nobody when it was decided before it was posted', async () => {
    const world = createWorld({ rules: { approvers: ['UANA'] }, people });
    await world.approve(await world.output('A release'));
    world.startWorker('a');
    await world.clock.advance(SECOND);
    expect(world.slack[0]).toMatchObject({ do: 'post' });
    expect(world.slack[0]).not.toHaveProperty('mentions');
  });

  test('is not delayed by a direct message that Slack rejects', async () => {
    const world = createWorld({ rules: { approvers: ['UZOE'] }, people });
    world.startWorker('a');
    world.slackDoes.push(works, blocks('user_disabled'));
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
  /** Its card; Ben asked for it, and it comes after so long. */
  async function revised(
    rules: Partial<Crew>,
    after = SECOND,
    known: Partial<PeopleDirectory> = {},
    meanwhile = () => {},
  ) {
    const world = await startWorld({ rules, people: { ...people, ...known } });
    await world.revise(world.id, 'UBEN');
    await world.clock.advance(after);
    meanwhile();
    await world.output('A shorter release');
    await world.clock.advance(5 * SECOND);
    return { card: world.posts().find(({ round }) => round === 2), direct: directOf(world.slack) };
  }
  const approvers = ['UANA', 'UBEN'];

  test('mentions the person who asked for it, also within the minute, and is shown in the channel', async () => {
    expect((await revised({ approvers })).card).toMatchObject({ mentions: ['UBEN'], broadcast: true });
  });

  test('stays in the thread where the settings say so', async () => {
    const { card } = await revised({ approvers, rounds: 'thread' });
    expect(card).toMatchObject({ mentions: ['UBEN'] });
    expect(card).not.toHaveProperty('broadcast');
  });

  test('mentions the channel when that person has left it and only its members decide', async () => {
    const left = new Set<string>();
    const inChannel = (person: string) => !left.has(person);
    const { card, direct } = await revised({ approvers: [] }, MINUTE, { inChannel }, () => left.add('UBEN'));
    expect([card?.mentions, direct]).toEqual([['here'], []]);
  });

  test('mentions all approvers where several must approve', async () => {
    const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
    const { card } = await revised({ approvers, policy }, MINUTE);
    expect(card?.mentions?.toSorted()).toEqual(approvers);
  });
});

describe('within a minute after a mention in a channel', () => {
  const rules = { approvers: ['UANA'] };
  const mentionsOf = (calls: readonly SlackCall[]) =>
    calls.filter(({ note }) => note?.kind === 'mention').map(({ calls: called }) => called);

  /** Outputs arrive, with these pauses after them. */
  async function arrive(
    more: Parameters<typeof createWorld>[0],
    ...outputs: [task: string, pause: number][]
  ) {
    const world = createWorld({ people, ...more });
    world.startWorker('a');
    const ids: string[] = [];
    for (const [n, [task, pause]] of outputs.entries()) {
      ids.push(await world.output('A release', { executionId: `e${n}`, task }));
      await world.clock.advance(pause);
    }
    const cards = () => world.posts().map(({ mentions }) => mentions);
    return { ...world, last: ids.at(-1) as string, cards };
  }

  test('further cards mention the same person once, after that minute', async () => {
    const world = await arrive({ rules }, ...Array(5).fill(['draft', 5 * SECOND]));
    expect(world.cards()).toEqual([['UANA'], ...Array(4).fill(undefined)]);
    await world.clock.advance(3 * MINUTE);
    expect(mentionsOf(world.slack)).toEqual([['UANA']]);
  });

  test('a held mention is dropped when a later card mentions the person', async () => {
    const pauses = [30 * SECOND, 45 * SECOND, 5 * MINUTE];
    const world = await arrive({ rules }, ...pauses.map((pause): [string, number] => ['draft', pause]));
    expect(world.cards()).toEqual([['UANA'], undefined, ['UANA']]);
    expect(mentionsOf(world.slack)).toEqual([]);
  });

  test('a held mention is dropped when the approval is decided', async () => {
    const world = await arrive({ rules }, ['draft', SECOND], ['draft', SECOND]);
    await world.approve(world.last);
    await world.clock.advance(5 * MINUTE);
    expect(mentionsOf(world.slack)).toEqual([]);
  });

  const editorsPublish: Partial<Crew> = {
    approvers: ['UMEMBER1'],
    tasks: [{ match: 'publish', approvers: ['SEDITORS'], policy: {} }],
  };

  test('the other members of a group are mentioned', async () => {
    const world = await arrive({ rules: editorsPublish }, ['draft', SECOND], ['publish', SECOND]);
    expect(world.cards()).toEqual([['UMEMBER1'], ['UMEMBER0', 'UMEMBER2']]);
  });

  test('a group is mentioned later although one of its members was mentioned meanwhile', async () => {
    const groups = new Set<string>();
    const members = (id: string) => (groups.has(id) ? group(3) : undefined);
    // The second card holds the group as such: its members are not known yet.
    const world = await arrive(
      { rules: editorsPublish, people: { ...people, members } },
      ['publish', 5 * SECOND],
      ['publish', 5 * SECOND],
    );
    groups.add('SEDITORS');
    await world.clock.advance(52 * SECOND);
    await world.output('A release', { executionId: 'e3' });
    await world.clock.advance(5 * MINUTE);
    expect(world.cards()).toEqual([['SEDITORS'], undefined, ['UMEMBER1']]);
    expect(mentionsOf(world.slack)).toEqual([['SEDITORS']]);
  });

  test('a person who cannot see a card in a direct message is mentioned in the channel of the crew', async () => {
    const policy = { ...DEFAULT_POLICY, urgent: true, escalateAfter: HOUR, escalateTo: ['UBEN'] };
    const tasks = [{ match: 'draft', channel: 'UANA', policy: {} }];
    const rules = { approvers: ['UANA'], policy, tasks };
    const world = await arrive({ rules }, ['draft', 5 * SECOND], ['draft', 2 * HOUR]);
    const called = world.slack.filter(({ calls }) => calls?.includes('UBEN'));
    const places = called.map(({ note, elsewhere }) => `${note?.kind} ${elsewhere}`);
    expect(places).toEqual(['escalated CAPPROVALS', 'mention CAPPROVALS']);
  });
});

describe('a note', () => {
  const policy = { ...DEFAULT_POLICY, urgent: true };
  const last = (calls: readonly SlackCall[], kind: string) =>
    calls.findLast(({ note }) => note?.kind === kind);

  test.each([
    ['mentions the approvers', ['UANA'], { calls: ['UANA'] }],
    ['is shown in the channel where it would reach nobody', [], { broadcast: true }],
  ])('about a reminder or an expiry %s', async (_, approvers, expected) => {
    const rules = { approvers, policy: { ...policy, remindAfter: HOUR, expireAfter: 3 * HOUR } };
    const world = await startWorld({ rules, people: { ...people, channelSize: () => 50 } });
    await world.clock.advance(4 * HOUR);
    expect(last(world.slack, 'reminder')).toMatchObject(expected);
    expect(last(world.slack, 'expired')).toMatchObject(expected);
  });

  test.each([
    ['the assignee', [], ['UBEN']],
    ['the other approvers if the assignee cannot decide anymore', ['UBEN'], ['UANA']],
  ])('about a reminder mentions %s', async (_, left, calls) => {
    const gone = new Set<string>();
    const rules = { approvers: ['UANA', 'UBEN'], policy: { ...policy, remindAfter: HOUR } };
    const world = await startWorld({ rules, people: { ...people, isGone: (id) => gone.has(id) } });
    await world.service.assign({ approvalId: world.id, round: 1, via: 'card' }, 'UANA', 'UBEN');
    for (const id of left) gone.add(id);
    await world.clock.advance(1.5 * HOUR);
    expect(last(world.slack, 'reminder')).toMatchObject({ calls });
  });

  test('about an escalation mentions people in the channel; the others get a direct message', async () => {
    const escalating = { ...policy, escalateAfter: HOUR, escalateTo: ['UANA', 'UZOE'] };
    const world = await startWorld({ rules: { approvers: ['UBEN'], policy: escalating }, people });
    await world.clock.advance(2 * HOUR);
    expect(last(world.slack, 'escalated')).toMatchObject({ calls: ['UANA'] });
    expect(directOf(world.slack)).toEqual(['UZOE']);
  });

  test('about an assignment within a minute of the card mentions only the assignee, at once', async () => {
    const world = await startWorld({ rules: { approvers: ['UANA', 'UBEN'] }, people });
    await world.clock.advance(10 * SECOND);
    await world.service.assign({ approvalId: world.id, round: 1, via: 'card' }, 'UBEN', 'UANA');
    await world.clock.advance(5 * SECOND);
    expect(last(world.slack, 'assigned')).toMatchObject({ calls: ['UANA'] });
    await world.clock.advance(5 * MINUTE);
    const approval = await world.approval(world.id);
    const said = world.slack.flatMap(({ note, calls = [] }) =>
      note
        ? [JSON.stringify(buildNote(spoken(), approval, note, { mentions: calls }, 'full', links).blocks)]
        : [],
    );
    expect(said.filter((text) => text.includes('<@UANA>'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('<@UBEN>'))).toEqual([]);
  });

  test('about an assignment skips people who assign to themselves; outsiders get a direct message', async () => {
    const world = await startWorld({ rules: { approvers: ['UANA', 'UZOE'], notify: 'none' }, people });
    const target = { approvalId: world.id, round: 1, via: 'card' as const };
    await world.service.assign(target, 'UANA', 'UANA');
    await world.clock.advance(5 * SECOND);
    expect(last(world.slack, 'assigned')).toBeUndefined();
    await world.service.assign(target, 'UANA', 'UZOE');
    await world.clock.advance(5 * SECOND);
    expect(directOf(world.slack)).toEqual(['UZOE']);
  });
});

test('Slack is asked whose the addresses of a routing are before a reminder and an escalation', async () => {
  const learned = new Map<string, string>();
  const review = { options: ['yes'], callbackUrl: 'https://x.test/', responders: ['ben@example.com'] };
  const policy = { ...DEFAULT_POLICY, escalateTo: ['UBEN', 'UCAT'] };
  const world = createWorld({
    rules: { approvers: ['UANA', 'UBEN'], policy },
    people: {
      ...people,
      idOf: (email) => learned.get(email),
      learn: async (_, emails) => void (emails.length > 0 && learned.set('ben@example.com', 'UBEN')),
    },
  });
  const waiting = anApproval([aRound({ review, escalatedAt: 1 })], { policy });
  expect(await listEscalated(world.app, waiting, policy.escalateTo)).toEqual(['UBEN']);
  learned.clear();
  expect((await findReminderAudience(world.app, waiting)).mention).toEqual(['UBEN']);
});
