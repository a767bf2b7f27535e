import { join } from 'node:path';
import { setTimeout as elapsed } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { interactionFields } from '../../src/sandbox/slack/interactions/payloads.ts';
import { FEEDBACK } from '../../src/slack/app/ids.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { answersTo, ask } from '../support/asking.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, kickoff, ready } from '../support/process-steps.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { shown, startWorld, type World } from '../support/world.ts';
import { openModal, ownCalendar, says, submit, waits, wireValues } from './people-steps.ts';

const SECOND = 1_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'shifted-clock.mjs')).href;
const APP_TOKEN = 'xapp-sandbox-token';
const SOCKET_MODE = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };
const { tooLate } = texts.refusals;

/** A bot in a process of its own, whose first runs wait at so many cards. */
async function startPlace(settings: Record<string, string> = {}, cards = 1) {
  const members = ['UANA', 'UBEN', 'UCAT', 'UDAN'];
  const slack = {
    appToken: APP_TOKEN,
    now: Date.now,
    people: members.map((id) => ({ id, name: id.slice(1).toLowerCase() })),
    channels: ['approvals', 'ops'].map((name) => ({
      id: `C${name.toUpperCase()}`,
      name,
      members,
      botIsMember: true,
    })),
    groups: [],
  };
  const world = await startWorld(undefined, { dialect: 'documented' }, slack);
  const bot = await spawnBot(world, { APPROVERS: members.join(), OPS_CHANNEL: 'COPS', ...settings });
  for (let run = 0; run < cards; run += 1) kickoff(world, bot);
  const waiting = () => shown(world.workspace).filter(ready);
  await world.workspace.changed(() => waiting().length === cards, { what: `${cards} cards` });
  return { ...world, world, bot, cards: waiting().map(({ ts, approval = '' }) => ({ ts, id: approval })) };
}

const type = ({ workspace }: World, user: string, text: string) =>
  workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text });

/** All that only this person was told, in the channel and in a direct message. */
const toldTo = (world: World, user: string) => [
  ...answersTo(world, user).map(({ all }) => all),
  ...world.workspace.directMessages(user).map(({ text }) => text),
];

/** Waits until each of these people was told that it was too late, and nothing else. */
const areTooLate = ({ workspace, ...world }: World, ...users: string[]) =>
  workspace.changed(() => users.every((user) => toldTo({ workspace, ...world }, user).join() === tooLate), {
    what: 'a sentence for each',
  });

const decided = ({ logged }: SpawnedBot) => logged.filter(({ msg }) => msg === 'decision recorded');

test('what was clicked and submitted eleven seconds ago decides nothing, and each person gets one answer', async () => {
  const { world, workspace, platform, bot, cards } = await startPlace();
  const [{ ts } = { ts: '' }] = cards;
  await openModal(world, ts, 'UBEN');
  // Only Slack stamps by this clock: the bot runs in a process of its own.
  const pass = ownCalendar();
  pass(-11.5 * SECOND);
  const [submitted] = await Promise.all([
    submit(world, 'Shorter, please', 'UBEN'),
    clickOn(world, ts, 'approve', 'UANA'),
  ]);
  await areTooLate(world, 'UANA', 'UBEN');
  expect(submitted.acked).toBe(true);
  expect(submitted.errors, 'the form stays open').toEqual({ [FEEDBACK.block]: tooLate });
  expect(bot.logged.filter(({ msg }) => msg === 'click too old, not decided')).toHaveLength(2);
  // A look-up decides nothing: it is answered where Slack takes no ack any more.
  await type(world, 'UDAN', 'waiting');
  await workspace.changed(() => toldTo(world, 'UDAN').length === 1, { what: 'the look-up' });
  expect(workspace.ephemerals('UDAN')).toMatchObject([{ via: 'response_url' }]);
  expect(toldTo(world, 'UDAN')[0]).toContain('One approval is waiting');

  pass(11.5 * SECOND);
  expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
  await says(world, ts, 'Decision sent. ');
  expect(platform.resumes).toHaveLength(1);
  expect(toldTo(world, 'UANA')).toEqual([tooLate]);
});

test('a click that comes over a socket eleven seconds late decides nothing, one of nine seconds does', async () => {
  const { world, workspace, platform, bot, cards } = await startPlace(SOCKET_MODE);
  const [{ ts } = { ts: '' }] = cards;
  const button = wireValues(world, ts)[0] as object;
  const send = (ago: number) => {
    const action_ts = ((Date.now() - ago) / SECOND).toFixed(6);
    const payload = {
      type: 'block_actions',
      ...interactionFields({ id: 'UANA', name: 'ana' }, 'a-trigger-that-is-over'),
      container: { type: 'message', message_ts: ts, channel_id: 'CAPPROVALS', is_ephemeral: false },
      channel: { id: 'CAPPROVALS', name: 'approvals' },
      message: { type: 'message', ts, text: '' },
      actions: [{ ...button, block_id: 'decide', action_ts }],
    };
    const envelope = {
      type: 'interactive',
      envelope_id: `e-${ago}`,
      accepts_response_payload: true,
      payload,
    };
    workspace.sockets.sendRaw(JSON.stringify(envelope));
  };
  send(11_500);
  await areTooLate(world, 'UANA');
  expect(decided(bot)).toEqual([]);
  send(8_500);
  await says(world, ts, 'Decision sent. ');
  expect(platform.resumes).toHaveLength(1);
});

describe.each([
  ['HTTP mode', {}],
  ['Socket Mode', SOCKET_MODE],
])('in %s', (mode, settings) => {
  test('what waited while the process was frozen decides nothing, and its people decide afterwards', {
    timeout: scaleLimit(90 * SECOND),
  }, async () => {
    const { world, workspace, platform, bot, cards } = await startPlace(settings, 3);
    const [named, clicked, revised] = cards as [(typeof cards)[0], (typeof cards)[0], (typeof cards)[0]];
    await openModal(world, revised.ts, 'UBEN');
    // The bot has heard that the modal is open.
    await ask(world, '', { user: 'UDAN' });
    // Node cuts a connection that was idle for 5 s, with what has come over it unread: this is a new one.
    if (mode === 'HTTP mode') workspace.connectBot(`http://localhost:${bot.port}/slack/events`);
    const click = () => clickOn(world, clicked.ts, 'approve', 'UANA');
    const send = () => submit(world, 'Shorter, please', 'UBEN');
    const approve = () => clickOn(world, named.ts, 'approve', 'UCAT');
    bot.signal('SIGSTOP');
    // Nothing else tells when a process has stood still for so long.
    const [acks] = await Promise.all([Promise.all([click(), send(), approve()]), elapsed(12 * SECOND)]);
    bot.signal('SIGCONT');
    expect(acks.map(({ acked }) => acked)).toEqual([false, false, false]);
    if (mode === 'HTTP mode') await areTooLate(world, 'UANA', 'UBEN', 'UCAT');

    // A socket that was silent for 5 s is closed, with what has come over it: they try until it is open again.
    const again = (act: () => Promise<{ acked: boolean }>) =>
      expect.poll(async () => (await act()).acked).toBe(true);
    // A busy machine may ack later than Slack waits, and the decision is there.
    await again(() => click().catch((error) => ({ acked: String(error).includes('nothing to click') })));
    await says(world, clicked.ts, 'Decision sent. ');
    // It has thawed by now, which a busy machine can delay. What comes sooner after that over a socket, without a time stamp,
    // may have waited as well.
    const thawedAt = performance.now();
    await expect.poll(() => performance.now() - thawedAt).toBeGreaterThan(2 * SECOND);
    await again(approve);
    await platform.changed(() => platform.resumes.length === 2, { what: 'the second decision' });
    await again(send);
    await platform.changed(() => platform.resumes.length === 3, { what: 'the third decision' });
    const approves = platform.resumes.map(({ body }) => (body as { is_approve: boolean }).is_approve);
    expect(approves).toEqual([true, true, false]);
    expect(decided(bot)).toHaveLength(3);
    for (const user of ['UANA', 'UBEN', 'UCAT'])
      expect(toldTo(world, user).filter((sentence) => sentence === tooLate).length).toBeLessThanOrEqual(1);
  });
});

test('a host clock 30 s ahead of that of Slack rejects no click', async () => {
  const shift = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(30 * SECOND) };
  const { world, platform, cards } = await startPlace(shift);
  const [{ ts } = { ts: '' }] = cards;
  await openModal(world, ts);
  expect(await submit(world, 'Shorter, please')).toMatchObject({ acked: true, closed: true });
  const second = await waits(world, 'round 2');
  expect((await clickOn(world, second.ts, 'approve')).acked).toBe(true);
  await says(world, second.ts, 'Decision sent. ');
  expect(platform.resumes).toHaveLength(2);
});
