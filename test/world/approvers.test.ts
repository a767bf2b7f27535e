import { describe, expect, test } from 'vitest';
import { MENU } from '../../src/slack/app/ids.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { alreadyApproved } from '../support/sentences.ts';
import { ask, press } from './asking.ts';
import { createWorld, draft, HOUR, MINUTE, SECOND, type World } from './world.ts';

const everyone = ['UANA', 'UBEN', 'UCAT', 'UDAN'];
const people = everyone.map((id) => ({ id, name: id.slice(1).toLowerCase() }));
const approvals = (...members: string[]) => ({
  id: 'CAPPROVALS',
  name: 'approvals',
  members,
  botIsMember: true,
});
const directTo = ({ workspace }: World, person: string) =>
  workspace.directMessages(person).map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`);

describe('people are notified', () => {
  test('approvers in the channel by a mention, other approvers and the requester by messages without the output', async () => {
    const output = () => '# Spring collection\n\nMade from *recycled linen*.';
    const world = await createWorld({
      dialect: 'documented',
      tasks: [{ ...draft, writeOutput: output }],
      settings: { PREVIEW: 'true' },
      slack: { people, channels: [approvals('UANA', 'UBEN')], groups: [] },
    });
    await world.shown({ ...world.urls(), meta: { requested_by: 'UDAN' } });
    const call = 'press: *Draft press release* is waiting for your decision.';
    const { text, ts } = world.card();
    expect(text).toContain('<@UANA> <@UBEN> – *Copywriter* asks for approval: *Draft press release*');
    expect(world.workspace.message('CAPPROVALS', ts)?.text).toMatch(
      /^<@UANA> <@UBEN> press: Draft press release is waiting for a decision\..* # Spring collection Made from \*recycled linen\*\.$/,
    );
    await world.click('UANA', 'approve');
    await world.pass(5 * SECOND);
    const [decided = '', ended = ''] = directTo(world, 'UDAN');
    expect(decided).toContain('*Draft press release* of press, from your run: approved');
    expect(ended).toContain('Your run of press (*Draft press release*) has finished.');
    const direct = directTo(world, 'UCAT');
    expect(direct).toEqual([expect.stringContaining(call)]);
    for (const message of [...direct, decided]) expect(message).toContain('|Open the card>');
    expect([...direct, decided, ended].join()).not.toContain('linen');
    expect(['UANA', 'UBEN'].flatMap((person) => directTo(world, person))).toEqual([]);
  });

  test('by direct messages also while Slack does not say who they are: later, or by a mention in the thread', async () => {
    const failure = { error: 'internal_error' };
    const start = async (times: number) => {
      const world = await createWorld({
        dialect: 'documented',
        rules: ['approvers: [UANA, UBEN]', 'notify: dm'],
        slack: { people, channels: [approvals('UANA', 'UBEN')], groups: [] },
      });
      world.workspace.failures.plan({ on: 'users.info', failure, times });
      await world.shown();
      await world.pass(HOUR);
      return world;
    };
    const late = await start(5);
    for (const person of ['UANA', 'UBEN']) expect(directTo(late, person)).toHaveLength(1);
    expect(late.thread(late.card().ts).join()).not.toContain('<@UANA>');
    const unknown = await start(Infinity);
    for (const person of ['UANA', 'UBEN']) expect(directTo(unknown, person)).toEqual([]);
    for (const person of ['<@UANA>', '<@UBEN>'])
      expect(unknown.thread(unknown.card().ts).join()).toContain(person);
  });

  test('in the channel of their task, which a run does not change; a channel hidden from the bot is in the log', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: [
        'channels: [CPRESS, CAPPROVALS, CNOWHERE]',
        'tasks: [{match: draft_*, channel: CPRESS}, {match: x, channel: CGONE}]',
      ],
    });
    await world.shown({ ...world.urls(), meta: { channel: 'CAPPROVALS' } });
    expect(world.card('CPRESS').state).toBe('waiting');
    expect(world.cards()).toEqual([]);
    const hidden = world.logged.filter(({ fact }) => fact === 'configured channel is not visible to the bot');
    expect(hidden.map(({ channel }) => channel)).toEqual(['CNOWHERE', 'CGONE']);
  });

  test('in a direct message where the task says so, and in the channel when Slack rejects that', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: ['approvers: [UANA, UBEN]', 'tasks: [{match: draft_*, channel: UANA}]'],
    });
    const when = (body: unknown) => (body as { channel?: string }).channel === 'UANA';
    const failure = { error: 'user_disabled' };
    world.workspace.failures.plan({ on: 'chat.postMessage', failure, when, times: 100 });
    await world.shown();
    expect(world.card().state).toBe('waiting');
    const posts = world.workspace.calls.filter(({ method }) => method === 'chat.postMessage');
    expect(posts[0]?.args).toMatchObject({ channel: 'UANA' });
  });
});

test('rejects a click from the requester, known by email, from a guest and from other people, each with its reason', async () => {
  const world = await createWorld({
    dialect: 'documented',
    // Only the task names a group, so its members have to be read for the task.
    rules: [
      'approvers: []',
      'exclude_requester: true',
      'tasks: [{match: draft_*, approvers: [UANA, SEDITORS]}]',
    ],
    slack: {
      people: people.map((one) => ({
        ...one,
        ...(one.id === 'UANA' ? { email: 'ana@example.com' } : {}),
        ...(one.id === 'UCAT' ? { guest: true } : {}),
      })),
      channels: [approvals(...everyone)],
      groups: [{ id: 'SEDITORS', handle: 'editors', users: ['UBEN', 'UCAT'] }],
    },
  });
  expect(world.facts()).toContain(
    'no approvers configured: anyone in the channel except guests and external users decides',
  );
  await world.shown({ ...world.urls(), meta: { requested_by: 'ana@example.com' } });
  const { requester, guest, not_approver } = texts.refusals.decide;
  for (const [user, why] of Object.entries({ UANA: requester, UCAT: guest, UDAN: not_approver })) {
    for (const actionId of ['approve', 'request_revision']) await world.click(user, actionId);
    await world.pass(SECOND);
    expect(world.told(user)).toEqual([why, why]);
    expect(world.workspace.viewDepth(user)).toBe(0);
  }
  expect(world.resumes()).toEqual([]);
  await world.click('UBEN', 'approve');
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('Approved by <@UBEN>');
});

test('an approver named by ID does not decide while Slack does not say who they are, and a day at most by its last answer', async () => {
  const world = await createWorld({ settings: { APPROVERS: 'UANA,UBEN' } });
  const reads = () => world.workspace.calls.filter(({ method }) => method === 'users.info');
  const fail = (error: string) => {
    world.workspace.failures.clear();
    world.workspace.failures.plan({ on: 'users.info', times: Infinity, failure: { error } });
  };
  const { cannot_check, not_approver } = texts.refusals.decide;
  const refused = async (user: string) => {
    const before = world.told(user).length;
    await world.click(user, 'approve');
    await world.pass(2 * SECOND);
    expect(world.resumes()).toEqual([]);
    return world.told(user).slice(before);
  };
  await world.shown();
  await world.restart();
  fail('internal_error');
  expect(await refused('UANA')).toEqual([cannot_check]);
  world.workspace.failures.clear();
  await world.home('UANA');
  fail('internal_error');
  await world.pass(23 * HOUR);
  const known = reads().length;
  await world.choose('UANA', MENU.claim);
  expect(world.facts(), 'by the last answer').toContain('claim recorded');
  expect(reads().length).toBeGreaterThan(known);
  await world.pass(2 * HOUR);
  expect(await refused('UANA'), 'the last answer is too old').toEqual([cannot_check]);
  fail('user_not_found');
  expect(await refused('UANA')).toEqual([not_approver]);
  fail('internal_error');
  expect(await refused('UANA')).toEqual([not_approver]);
});

test('clicks ask Slack once an hour at most who a person is', async () => {
  const world = await createWorld({ settings: { APPROVERS: 'UANA' } });
  const reads = () =>
    world.workspace.calls.filter(({ method, args }) => method === 'users.info' && args.user === 'UANA')
      .length;
  await world.shown();
  await world.restart();
  const before = reads();
  for (let click = 1; click <= 10; click += 1) {
    await world.choose('UANA', MENU.claim);
    await world.pass(10 * SECOND);
  }
  expect(world.facts().filter((fact) => fact === 'claim recorded')).toHaveLength(10);
  expect(reads() - before).toBe(1);
});

test('where two people have to approve, the card counts the votes; the last of them takes the decision back before it is sent', async () => {
  const world = await createWorld({
    rules: ['approvers: [UANA, UBEN, UCAT]', 'approvals_required: 2', 'undo_window: 1 h'],
  });
  await world.shown();
  await world.click('UANA', 'approve');
  await world.pass(SECOND);
  expect(world.card()).toMatchObject({
    state: 'waiting',
    text: expect.stringContaining('1 of 2 approved: <@UANA>.'),
  });
  await world.click('UANA', 'approve');
  await world.pass(SECOND);
  expect(world.told('UANA')[0]).toMatch(/^Your vote/);
  await world.click('UBEN', 'approve');
  await world.pass(SECOND);
  expect(world.card().text).toContain('to take it back');
  expect(world.card().text).toContain('Approved by <@UANA> and <@UBEN>');
  await world.click('UANA', 'undo');
  await world.pass(SECOND);
  expect(world.told('UANA')[1]).toBe(texts.refusals.undo.not_yours);
  await world.click('UBEN', 'undo');
  await world.pass(2 * HOUR);
  expect([world.card().state, world.resumes()]).toEqual(['waiting', []]);
});

describe('where no approvers are named', () => {
  const OUTPUT = 'Spring collection';
  const failure = { error: 'fetch_members_failed' };
  const UNREADABLE = { on: 'conversations.members', failure, times: Number.POSITIVE_INFINITY };
  const inTown = (user: string) => ({ user, channel: 'CTOWN' });
  /** Ana and Ben are in the channel of the crew, Dan is in the workspace only; look-ups are open to everyone. */
  async function start({ unreadable = false } = {}) {
    const town = { id: 'CTOWN', name: 'town', members: everyone };
    const world = await createWorld({
      settings: { APPROVERS: '', LOOK_UPS: 'everyone' },
      slack: { people, channels: [approvals('UANA', 'UBEN'), town] },
      ...(unreadable ? { slackFails: UNREADABLE } : {}),
    });
    await world.shown();
    const { ts, approval } = world.card();
    const blocks = JSON.stringify(world.workspace.message('CAPPROVALS', ts)?.blocks);
    const [value = ''] = /[0-9A-Z]{16}\.1\.\w{8}/.exec(blocks) ?? [];
    const action = { block_id: 'forged', type: 'button', value };
    /** A click on a button that is not there; what the person is told. */
    const forge = async (user: string, actionId: string, at?: string) => {
      const before = world.told(user).length;
      const { workspace } = world;
      await world.settle(
        at === undefined
          ? workspace.clickInView({ user, actionId, stale: true, action })
          : workspace.click({ ...inTown(user), ts: at, actionId, stale: true, action }),
      );
      await world.pass(2 * SECOND);
      if (at !== undefined) return world.told(user).slice(before).join();
      const view = workspace.openView(user);
      await world.settle(workspace.closeModal({ user }));
      expect(view?.submit ?? null, 'there is nothing to send').toBeNull();
      return JSON.stringify(view?.blocks);
    };
    return { world, approval, forge };
  }

  test('someone outside the channel decides and reads nothing: not on the Home tab, in look-ups, nor by a click on another message', async () => {
    const { world, approval, forge } = await start();
    const refused = texts.refusals.decide.not_member;
    const home = await world.home('UDAN');
    expect(home).toContain('Nothing is waiting for you');
    expect(home).not.toMatch(/"(approve|request_revision|read_in_full)"/);
    const dan = inTown('UDAN');
    const list = await ask(world, '', dan);
    expect(list.buttons.map(({ label }) => label)).toEqual(['Open']);
    expect((await ask(world, 'waiting mine', dan)).all).toBe('Nothing is waiting for you.');
    const one = await ask(world, approval, dan);
    expect(one.all).toContain('Round 1: waiting');
    expect(one.buttons).toEqual([]);
    const lunch = world.workspace.say({ ...dan, text: 'Lunch at noon?' });
    const read: string[] = [home, list.all, one.all];
    for (const at of [undefined, list.ts, lunch]) {
      for (const actionId of ['approve', 'request_revision'])
        expect(await forge('UDAN', actionId, at)).toContain(refused);
      read.push(await forge('UDAN', 'read_in_full', at));
    }
    expect(read.join()).not.toContain(OUTPUT);
    expect(world.workspace.message('CTOWN', lunch)?.text).toBe('Lunch at noon?');
    expect([world.resumes(), world.card().state]).toEqual([[], 'waiting']);
    await world.click('UANA', 'approve');
    expect(world.resumes()).toHaveLength(1);
  });

  test('while Slack does not say who is in the channel, the card and its form decide, all else leads to the card', async () => {
    const { world, forge } = await start({ unreadable: true });
    const link = `archives/CAPPROVALS/p${world.card().ts.replace('.', '')}|Open the card>`;
    const home = await world.home('UANA');
    expect(home).toContain("I can't check one more approval right now");
    expect(home).not.toContain(OUTPUT);
    const list = await ask(world, '', inTown('UANA'));
    expect(list.buttons.map(({ label }) => label)).toEqual(['Open']);
    for (const told of [
      await forge('UANA', 'approve'),
      await forge('UANA', 'request_revision'),
      await forge('UANA', 'approve', list.ts),
    ])
      for (const words of [texts.refusals.decide.open_card, link]) expect(told).toContain(words);
    expect(world.resumes()).toEqual([]);
    await world.revise('UBEN', 'Shorter');
    await world.pass(3 * SECOND);
    await world.click('UANA', 'approve');
    expect(world.resumes()).toHaveLength(2);
  });
});

describe('an approval whose card Slack rejects', () => {
  test('is listed, shown, revised and approved with a note from a look-up, and /readyz names the channel', async () => {
    const world = await createWorld({
      dialect: 'documented',
      slack: {
        channels: [
          { ...approvals('UANA', 'UBEN'), archived: true },
          { id: 'CPRESS', name: 'press', members: everyone.slice(0, 3), botIsMember: true },
        ],
      },
    });
    await world.shown();
    await world.pass(10 * SECOND);
    const types = async (text: string) => (await ask(world, text, { channel: 'CPRESS' })).all;
    expect((await world.read('readyz')).data.faults).toEqual({ channels: 'CAPPROVALS: is_archived' });
    const list = await types('');
    expect(list).toContain('no card in Slack yet');
    const id = /`([0-9A-Z]{16})`/.exec(list)?.[1] ?? '';
    const first = await ask(world, id, { channel: 'CPRESS' });
    expect(first.all).toContain('Spring collection 1');
    await press(world, first, 'Request revision', { channel: 'CPRESS' });
    expect(world.form('UANA')).toContain('What should change');
    await world.submit('UANA', { feedback: 'Shorter' });
    await world.pass(5 * SECOND);
    expect(await types('')).toContain(`\`${id}.2\``);
    await press(world, first, 'Approve', { channel: 'CPRESS' });
    expect(world.told('UANA').join()).toContain('already requested a revision');
    const note = 'Looks good, <b>all</b> of it';
    const second = await ask(world, id.toLowerCase(), { channel: 'CPRESS' });
    const { value } = second.buttons.find(({ label }) => label === 'Approve') ?? {};
    const menu = { user: 'UANA', channel: 'CPRESS', ts: second.ts, actionId: 'more' };
    await world.settle(world.workspace.click({ ...menu, selected: `approve_note:${value}` }));
    await world.pass(SECOND);
    await world.submit('UANA', { feedback: note });
    await world.pass(5 * SECOND);
    expect(world.resumes()).toMatchObject([
      { human_feedback: 'Shorter' },
      { is_approve: true, human_feedback: note },
    ]);
    await press(world, second, 'Approve', { channel: 'CPRESS' });
    expect(world.told('UANA').join()).toContain(alreadyApproved('<@UANA>'));
    expect(await types(id), 'its note too').toContain('Looks good, &lt;b&gt;all&lt;/b&gt; of it');
  });
});

test('cards that a channel refused are posted as soon as another message is, not an hour later; in no other channel', async () => {
  const world = await createWorld({
    dialect: 'documented',
    rules: ['channels: [CPRESS, CAPPROVALS]'],
    slack: {
      people,
      channels: [
        approvals(...everyone),
        { id: 'CPRESS', name: 'press', members: everyone, botIsMember: true },
      ],
    },
  });
  let refused = ['CAPPROVALS', 'CPRESS'];
  const when = (body: unknown) => refused.includes((body as { channel?: string }).channel ?? '');
  const failure = { error: 'not_in_channel' };
  world.workspace.failures.plan({ on: 'chat.postMessage', failure, when, times: Infinity });
  const starts = async (channel: string) => {
    world.kickoff({ ...world.urls(), meta: { channel } });
    await world.pass(10 * SECOND);
  };
  await starts('CAPPROVALS');
  await starts('CAPPROVALS');
  await starts('CPRESS');
  expect([world.cards(), world.cards('CPRESS')]).toEqual([[], []]);
  refused = ['CPRESS'];
  await world.pass(MINUTE);
  expect(world.cards()).toEqual([]);
  await starts('CAPPROVALS');
  expect(world.cards()).toHaveLength(3);
  expect(world.cards('CPRESS')).toEqual([]);
  expect((await world.read('readyz')).data.faults).toEqual({ channels: 'CPRESS: not_in_channel' });
});

test('a card that Slack always refuses is tried again once an hour, however much else is posted there', async () => {
  const world = await createWorld({ dialect: 'documented', rules: ['approvers: [UANA]'] });
  const tries: number[] = [];
  const when = (body: unknown) => {
    const isRefused = JSON.stringify(body).includes('Refused run');
    if (isRefused) tries.push(world.stage.now());
    return isRefused;
  };
  const failure = { error: 'restricted_action' };
  world.workspace.failures.plan({ on: 'chat.postMessage', failure, when, times: Infinity });
  const starts = async (title: string) => {
    world.kickoff({ ...world.urls(), meta: { title } });
    await world.pass(10 * SECOND);
  };
  await starts('Refused run');
  for (let n = 0; n < 10; n += 1) await starts('Accepted run');
  expect(world.cards()).toHaveLength(10);
  expect(tries).toHaveLength(2);
  await world.pass(61 * MINUTE);
  expect(tries).toHaveLength(3);
  await starts('Accepted run');
  expect(tries).toHaveLength(4);
});

describe('who can decide stands on the card, by names that notify nobody', () => {
  const many = Array.from({ length: 40 }, (_, n) => `UM${n}`);
  const named = (ids: readonly string[]) => ids.map((id) => ({ id, name: id.slice(1).toLowerCase() }));

  test.each<[string, string[], string[], string]>([
    ['one person', ['approvers: [UANA]'], [], 'ana can decide.'],
    ['two people', ['approvers: [UANA, UBEN]'], [], 'ana or ben can decide.'],
    ['a group', ['approvers: [SEDITORS, UANA]'], [], '@editors or ana can decide.'],
    ['forty', [`approvers: [${many.join()}]`], many, 'm0, m1, m2, m3, m4, m5, and 34 others can decide.'],
    [
      'a requester who may not',
      ['approvers: [UANA, UDAN]', 'exclude_requester: true'],
      [],
      'ana can decide.',
    ],
    ['the channel', ['approvers: []'], [], 'Anyone in this channel can decide.'],
  ])('%s', async (_, rules, more, says) => {
    const world = await createWorld({
      dialect: 'documented',
      rules: ['notify: none', ...rules],
      slack: {
        people: [...people, ...named(more)],
        channels: [approvals(...everyone, ...more)],
        groups: [{ id: 'SEDITORS', handle: 'editors', users: ['UBEN', 'UCAT'] }],
      },
    });
    await world.shown({ ...world.urls(), meta: { requested_by: 'UDAN' } });
    expect(world.card().text).toContain(says);
    expect(world.card().text).not.toContain('<@');
  });

  test('and whose approval is still needed, after a vote', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: ['approvers: [UANA, UBEN, UCAT]', 'approvals_required: 2'],
      slack: { people, channels: [approvals(...everyone)], groups: [] },
    });
    await world.shown();
    expect(world.card().text).toContain('Two approvals are needed from ana, ben, and cat.');
    await world.click('UBEN', 'approve');
    await world.pass(5 * SECOND);
    expect(world.card().text).toContain('1 of 2 approved: <@UBEN>.');
    expect(world.card().text).toContain('One more approval is needed, from ana or cat.');
    // It waits for the others: Home offers no second vote.
    expect(await world.home('UBEN')).toContain(texts.lists.waitingForOthers(1));
    expect(await world.home('UBEN')).not.toContain('"approve"');
    expect(await world.home('UANA')).toContain('"approve"');
  });

  test('and nobody of whom Slack does not say who they are, nor who has left', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: ['approvers: [UANA, UBEN, UGONE]', 'notify: none'],
      slack: { people, channels: [approvals(...everyone)], groups: [] },
    });
    const when = (body: unknown) => (body as { user?: string }).user === 'UBEN';
    const failure = { error: 'internal_error' };
    world.workspace.failures.plan({ on: 'users.info', when, failure, times: Infinity });
    await world.shown();
    expect(world.card().text).toContain('ana can decide.');
  });

  test('and whom it was escalated to', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: ['approvers: [UANA]', 'escalate_to: [UBEN]', 'escalate_after: 1h', 'notify: none'],
      slack: { people, channels: [approvals(...everyone)], groups: [] },
    });
    await world.shown();
    expect(world.card().text).toContain('ana can decide.');
    await world.pass(61 * MINUTE);
    expect(world.card().text).toContain('ana or ben can decide.');
  });

  test('and no requester who is known by an address', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: ['approvers: [UANA, UDAN]', 'exclude_requester: true', 'notify: none'],
      slack: {
        people: people.map((one) => (one.id === 'UDAN' ? { ...one, email: 'dan@example.com' } : one)),
        channels: [approvals(...everyone)],
        groups: [],
      },
    });
    await world.shown({ ...world.urls(), meta: { requested_by: 'dan@example.com' } });
    expect(world.card().text).toContain('ana can decide.');
    expect(world.card().text).not.toContain('dan');
  });
});

describe('an escalation is announced to everyone who can decide from then on', () => {
  const channels = [approvals(...everyone)];
  const groups = [{ id: 'SEDITORS', handle: 'editors', users: ['UBEN', 'UCAT'] }];
  const announced = (world: World) => {
    const [note = ''] = world.notes().slice(-1);
    expect(note).toContain('You can decide now');
    return note.match(/(?<=<@)\w+/g)?.sort();
  };

  test('of a pause without a name, also to those whom only the rules of a task name', async () => {
    const world = await createWorld({
      dialect: 'live',
      rules: [
        'approvers: [UANA, SEDITORS]',
        'escalate_to: [UDAN]',
        'escalate_after: 1h',
        'tasks: [{match: legal, approvers: [UBEN, UDAN], escalate_to: [UCAT]}]',
      ],
      slack: { people, channels, groups },
    });
    await world.shown();
    await world.pass(61 * MINUTE);
    expect(announced(world)).toEqual(['UCAT', 'UDAN']);
  });

  test('to those of the settings of then, not of when the card was posted', async () => {
    const settings = { APPROVERS: 'UANA', ESCALATE_TO: 'UBEN', ESCALATE_AFTER: '1h' };
    const world = await createWorld({ settings, slack: { people, channels, groups } });
    await world.shown();
    world.settings = { ...world.settings, ESCALATE_TO: 'UCAT' };
    await world.restart();
    await world.pass(61 * MINUTE);
    expect(announced(world)).toEqual(['UCAT']);
    await world.click('UCAT', 'approve');
    expect(world.resumes()).toHaveLength(1);
  });
});
