import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UNDECIDABLE } from '../../src/approval/intake/build-approval.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { BUILT } from '../support/build.ts';
import { always, clickOn, kickoff, ready } from '../support/process-steps.ts';
import { closedBy } from '../support/sentences.ts';
import { run } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { sees, shown, startBot, startWorld, type World } from '../support/world.ts';
import {
  chooseInMenu,
  homeSays,
  http,
  modalSays,
  says,
  startWaiting,
  threadSays,
  told,
} from './complaint-steps.ts';
import { crewsFile } from './crew-settings.ts';

describe('people are notified', () => {
  /** Direct messages of the bot to a person. */
  function directTo({ workspace }: World, person: string): string[] {
    const [first] = workspace.directMessages(person);
    return first === undefined ? [] : shown(workspace, first.channel).map(({ all }) => all);
  }

  test('approvers in the channel by a mention, other approvers and the requester by messages without the output', async () => {
    const everyone = ['UANA', 'UBEN', 'UCAT', 'UDAN'];
    const channel = { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true };
    const people = everyone.map((id) => ({ id, name: id.slice(1).toLowerCase() }));
    const { world, workspace, card } = await startWaiting({
      dialect: 'documented',
      settings: { APPROVERS: 'UANA,UBEN,UCAT', PREVIEW: 'true' },
      slack: { people, channels: [channel], groups: [] },
      run: { meta: { requested_by: 'UDAN' } },
    });
    const [first] = workspace.message('CAPPROVALS', card.ts)?.blocks ?? [];
    const call = '*draft_press_release* of press is waiting for your decision.';
    expect(JSON.stringify(first)).toContain(`<@UANA> <@UBEN>: ${call}`);
    expect(card.text).toMatch(/^<@UANA> <@UBEN> press: draft_press_release is waiting for a decision\./);
    expect(card.text).toMatch(/ # Spring collection Made from \*recycled linen\*\.$/);
    await workspace.changed(() => directTo(world, 'UCAT').length === 1, { what: 'the direct message' });
    await clickOn(world, card.ts, 'approve');
    await workspace.changed(() => directTo(world, 'UDAN').length === 2, { what: 'both messages' });
    const [decided = '', ended = ''] = directTo(world, 'UDAN');
    expect(decided).toContain('*draft_press_release* of press, from your run: approved');
    expect(ended).toContain('Your run with *draft_press_release* of press has finished.');
    const direct = directTo(world, 'UCAT');
    expect(direct).toEqual([expect.stringContaining(call)]);
    for (const message of [...direct, decided]) expect(message).toContain('|Open the card>');
    expect([...direct, decided, ended].join()).not.toContain('linen');
    expect(['UANA', 'UBEN'].flatMap((person) => directTo(world, person))).toEqual([]);
  });

  test('in the channel of their task, which a run does not change; a channel hidden from the bot is in the log', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const { workspace, platform } = world;
    const tasks = 'tasks: [{match: draft_*, channel: CPRESS}, {match: x, channel: CGONE}]';
    const bot = await startBot(world, crewsFile(world, 'channels: [CPRESS, CAPPROVALS, CNOWHERE]', tasks));
    const url = bot.webhook('task');
    platform.kickoff({ taskWebhookUrl: url, meta: { channel: 'CAPPROVALS', taskWebhookUrl: url } });
    await sees(workspace, 'the card', ready, 'CPRESS');
    expect(workspace.messages('CAPPROVALS')).toEqual([]);
    const hidden = () =>
      bot.logged
        .filter((line) => line.includes('configured channel is not visible to the bot'))
        .map((line) => JSON.parse(line).channel);
    await until(() => expect(hidden()).toEqual(['CNOWHERE', 'CGONE']));
  });

  test('in a direct message where the task says so, and in the channel when Slack rejects that', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const { workspace } = world;
    const rules = ['approvers: [UANA, UBEN]', 'tasks: [{match: draft_*, channel: UANA}]'];
    const bot = await startBot(world, crewsFile(world, ...rules));
    const failure = { error: 'user_disabled' };
    const when = (body: unknown) => (body as { channel?: string }).channel === 'UANA';
    workspace.failures.plan({ on: 'chat.postMessage', failure, when, ...always });
    kickoff(world, bot);
    await sees(workspace, 'the card in the channel', ready);
    const posts = workspace.calls.filter(({ method }) => method === 'chat.postMessage');
    expect(posts[0]?.args).toMatchObject({ channel: 'UANA' });
  });
});

test('rejects a click from the requester, known by email, from a guest and from other people, each with its reason', async () => {
  const { world, workspace, platform, bot, card } = await startWaiting({
    dialect: 'documented',
    // Only the task names a group, so its members have to be read for the task.
    rules: [
      'approvers: []',
      'exclude_requester: true',
      'tasks: [{match: draft_*, approvers: [UANA, SEDITORS]}]',
    ],
    slack: {
      people: [
        { id: 'UANA', name: 'ana', email: 'ana@example.com' },
        { id: 'UBEN', name: 'ben' },
        { id: 'UCAT', name: 'cat', guest: true },
        { id: 'UDAN', name: 'dan' },
      ],
      channels: [
        { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN', 'UCAT', 'UDAN'], botIsMember: true },
      ],
      groups: [{ id: 'SEDITORS', handle: 'editors', users: ['UBEN', 'UCAT'] }],
    },
    run: { meta: { requested_by: 'ana@example.com' } },
  });
  expect(bot.logged.join('')).toContain(
    'no approvers configured: anyone in the channel except guests and external users decides',
  );
  const { requester, guest, not_approver } = texts.refusals.decide;
  for (const [user, why] of Object.entries({ UANA: requester, UCAT: guest, UDAN: not_approver })) {
    for (const actionId of ['approve', 'request_revision']) await clickOn(world, card.ts, actionId, user);
    expect(await told(world, user, 2)).toEqual([why, why]);
    expect(workspace.viewDepth(user)).toBe(0);
  }
  expect(platform.resumes).toEqual([]);
  await clickOn(world, card.ts, 'approve', 'UBEN');
  await says(world, card.ts, 'Approved by <@UBEN>');
});

test('the card counts the votes where two people have to approve', async () => {
  const { world, platform, ts } = await startWaiting({
    rules: ['approvers: [UANA, UBEN, UCAT]', 'approvals_required: 2'],
  });
  await clickOn(world, ts, 'approve');
  expect((await says(world, ts, '1 of 2 approved: <@UANA>.')).buttons).toContain('Approve');
  await clickOn(world, ts, 'approve');
  expect((await told(world, 'UANA'))[0]).toMatch(/^Your vote/);
  expect(platform.resumes).toEqual([]);
  await clickOn(world, ts, 'approve', 'UBEN');
  await says(world, ts, 'CrewAI accepted it');
  expect(platform.resumes).toHaveLength(1);
});

test('the person who decided takes the decision back before it is sent', async () => {
  const { world, platform, ts } = await startWaiting({ rules: ['undo_window: 1 h'] });
  await clickOn(world, ts, 'approve');
  expect((await says(world, ts, 'takes it back')).buttons).toEqual(['Undo']);
  await clickOn(world, ts, 'undo', 'UBEN');
  expect(await told(world, 'UBEN')).toEqual([texts.refusals.undo.not_yours]);
  await clickOn(world, ts, 'undo');
  await sees(world.workspace, 'it waits again', (message) => message.ts === ts && ready(message));
  expect(platform.resumes).toEqual([]);
});

test('the menu of a card claims it, assigns it and closes it, each after a form where one is needed', async () => {
  const { world, workspace, platform, ts } = await startWaiting({ rules: ['approvers: [UANA, UBEN]'] });
  await chooseInMenu(world, ts, 'claim');
  await says(world, ts, '<@UANA> is on it.');
  await chooseInMenu(world, ts, 'release', 'UBEN');
  expect(await told(world, 'UBEN')).toEqual(['<@UANA> is already on it. You can still decide.']);
  await chooseInMenu(world, ts, 'assign');
  await modalSays(world, 'UANA', 'Who should decide');
  const assign = (user: string) =>
    workspace.submit({ user: 'UANA', values: { assignee: { assignee: user } } });
  expect((await assign('UCAT')).errors?.assignee).toMatch(/^This person can't decide .* Choose someone else/);
  await assign('UBEN');
  await says(world, ts, '<@UBEN> was asked to decide.');
  await threadSays(world, ts, '<@UBEN>, you were asked to decide on this.');
  await chooseInMenu(world, ts, 'give_up', 'UBEN');
  await modalSays(world, 'UBEN', 'its run keeps waiting');
  await workspace.submit({ user: 'UBEN', values: {} });
  await says(world, ts, closedBy('<@UBEN>'));
  expect(platform.resumes).toEqual([]);
});

test('the Home tab is an inbox: a person decides there, and it follows for everyone who opened it', async () => {
  const { world, workspace, platform } = await startWaiting({ rules: ['approvers: [UANA]'] });
  await homeSays(world, 'UANA', 'One approval is waiting for you');
  expect(await homeSays(world, 'UBEN', 'One approval is waiting for other people')).toContain(
    'Nothing is waiting for you',
  );
  await workspace.clickInView({ user: 'UANA', actionId: 'approve' });
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  const home = (user: string) => JSON.stringify(workspace.home(user));
  const follows = () =>
    home('UANA').includes('Your recent decisions') && !home('UBEN').includes('waiting for other');
  await workspace.changed(follows, { what: 'the decision on both tabs' });
  expect(home('UANA')).toContain('Nothing is waiting for you');
});

test('the start, the doctor and the card say that nobody may decide a pause without a name', async () => {
  const world = await startWorld();
  const tasks = 'tasks: [{match: draft_*, approvers: [UBEN]}]';
  const doctor = async (approvers: string) => {
    const settings = { ...world.settings, ...crewsFile(world, `approvers: ${approvers}`, tasks) };
    const script = join(BUILT, 'cli', 'doctor', 'doctor.js');
    return (await run(script, settings, { cwd: world.folder }).ended).stdout;
  };
  expect(await doctor('[UANA, UBEN]')).not.toContain(UNDECIDABLE);
  expect(await doctor('[UANA]')).toMatch(new RegExp(`^note +approvers of press: ${UNDECIDABLE}\\.$`, 'm'));
  const bot = await startBot(world, { CREWS_FILE: join(world.folder, 'crews.yml') });
  const advice = bot.logged.filter((line) => line.includes(UNDECIDABLE));
  expect(advice).toEqual([expect.stringContaining('"crew":"press"')]);
  const ids = { execution_id: 'run-1', task_id: '00000000-0000-4000-8000-000000000001' };
  await http.post(bot.webhook('human-input'), { ...ids, task_output: 'A release' });
  const card = await sees(world.workspace, 'the card', ({ all }) => all.includes('A release'));
  expect(card.all).toContain('No one can decide this');
});
