import { createHmac } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as elapsed } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { interactionFields } from '../../src/sandbox/slack/interactions/payloads.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { answersTo, ask } from '../support/asking.ts';
import { clickOn, kickoff, ready } from '../support/process-steps.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { sees, shown, startWorld, type World } from '../support/world.ts';
import { each } from './bad-world-steps.ts';
import { openModal, ownCalendar, says, submit, wireValues } from './complaint-steps.ts';

const SECOND = 1_000;
/** A click may wait for ten seconds. */
const FROZEN_FOR = 12 * SECOND;
/** What comes without a time stamp so soon after a standstill may have waited through it. */
const UNSURE_FOR = 2 * SECOND;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'shifted-clock.mjs')).href;

const APP_TOKEN = 'xapp-sandbox-token';
const SOCKET_MODE = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };
const MODES: Record<string, Record<string, string>> = { 'Socket Mode': SOCKET_MODE, 'HTTP mode': {} };

const people = ['UANA', 'UBEN', 'UCAT', 'UDAN'];

function startPlace(): Promise<World> {
  return startWorld(
    undefined,
    { dialect: 'documented' },
    {
      appToken: APP_TOKEN,
      now: Date.now,
      people: people.map((id) => ({ id, name: id.slice(1).toLowerCase() })),
      channels: [
        { id: 'CAPPROVALS', name: 'approvals', members: people, botIsMember: true },
        { id: 'COPS', name: 'ops', members: people, botIsMember: true },
      ],
      groups: [],
    },
  );
}

function startBot(world: World, settings: Record<string, string>): Promise<SpawnedBot> {
  return spawnBot(world, { APPROVERS: people.join(), OPS_CHANNEL: 'COPS', ...settings });
}

/** So many runs that each wait at their card. */
async function startCards({ workspace, ...world }: World, bot: SpawnedBot, count: number): Promise<string[]> {
  const cards = () => shown(workspace).filter(ready);
  const before = cards().length;
  for (let run = 0; run < count; run += 1) kickoff({ workspace, ...world }, bot);
  await workspace.changed(() => cards().length === before + count, { what: `${count} cards` });
  return cards().map(({ ts }) => ts);
}

const type = ({ workspace }: World, user: string, text: string) =>
  workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text });

const idOf = ({ all }: { all: string }) => /`([0-9A-Z]{10,16})`/.exec(all)?.[1] as string;

/** All that only this person was told, in the channel and in a direct message. */
const toldTo = (world: World, user: string) => [
  ...answersTo(world, user).map(({ all }) => all),
  ...world.workspace.directMessages(user).map(({ text }) => text),
];

/** Waits until these people were told something, and gives it. */
async function sentences(world: World, users: readonly string[]): Promise<string[][]> {
  const told = () => users.map((user) => toldTo(world, user));
  await world.workspace.changed(() => told().every((all) => all.length > 0), { what: 'a sentence for each' });
  return told();
}

const waited = ({ logged }: SpawnedBot) => logged.filter(({ msg }) => msg === 'click too old, not decided');
const decided = ({ logged }: SpawnedBot) => logged.filter(({ msg }) => msg === 'decision recorded');

/** What Slack sends when a card's button is clicked, stamped so long ago. */
function oldClick(world: World, ts: string, actionId: string, ago: number): object {
  const button = wireValues(world, ts).find(
    (one) => (one as { action_id?: string }).action_id === actionId,
  ) as object;
  const action_ts = ((Date.now() - ago) / SECOND).toFixed(6);
  return {
    type: 'block_actions',
    ...interactionFields({ id: 'UANA', name: 'ana' }, 'a-trigger-that-is-over'),
    container: { type: 'message', message_ts: ts, channel_id: 'CAPPROVALS', is_ephemeral: false },
    channel: { id: 'CAPPROVALS', name: 'approvals' },
    message: { type: 'message', ts, text: '' },
    actions: [{ ...button, block_id: 'decide', action_ts }],
  };
}

/** The same over a socket. */
function oldEnvelope(world: World, ts: string, actionId: string, ago: number): string {
  const payload = oldClick(world, ts, actionId, ago);
  return JSON.stringify({
    type: 'interactive',
    envelope_id: `e-${ago}`,
    accepts_response_payload: true,
    payload,
  });
}

/** The same over HTTP, signed when it was clicked. */
function oldRequest(world: World, ts: string, actionId: string, ago: number) {
  const payload = JSON.stringify(oldClick(world, ts, actionId, ago));
  const body = new URLSearchParams({ payload }).toString();
  const timestamp = Math.floor((Date.now() - ago) / SECOND);
  const digest = createHmac('sha256', world.settings.SLACK_SIGNING_SECRET as string)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(timestamp),
    'x-slack-signature': `v0=${digest}`,
  };
  return { headers, body };
}

test('what was clicked, submitted and typed eleven seconds ago decides nothing, and each person is told once', async () => {
  const world = await startPlace();
  const { workspace, platform } = world;
  const bot = await startBot(world, {});
  const [named = ''] = await startCards(world, bot, 1);
  const id = idOf(await ask(world, '', { user: 'UDAN' }));
  await openModal(world, named, 'UBEN');
  const until = ownCalendar();
  // Only Slack stamps by this clock: the bot runs in a process of its own.
  until(-11.5 * SECOND);
  const [submitted] = await Promise.all([
    submit(world, 'Shorter, please', 'UBEN'),
    clickOn(world, named, 'approve', 'UANA'),
    type(world, 'UCAT', `approve ${id} fine`),
  ]);
  expect(await sentences(world, ['UANA', 'UBEN', 'UCAT'])).toEqual([
    [texts.refusals.tooLate],
    [texts.refusals.tooLate],
    [texts.refusals.tooLate],
  ]);
  expect(submitted.acked).toBe(true);
  const form = JSON.stringify(workspace.openView('UBEN')?.blocks);
  expect(form).toContain(texts.refusals.tooLate);
  expect(form, 'what was typed').toContain('Shorter, please');
  expect(waited(bot)).toHaveLength(3);
  // A look-up decides nothing: it is answered where Slack takes no ack any more.
  const looked = () => workspace.ephemerals('UDAN').filter(({ via }) => via === 'response_url');
  const before = looked().length;
  await type(world, 'UDAN', 'waiting');
  await workspace.changed(() => looked().length > before, { what: 'the look-up' });
  expect(looked().at(-1)?.text).toContain('One approval is waiting');

  until(11.5 * SECOND);
  expect((await clickOn(world, named, 'approve', 'UANA')).acked).toBe(true);
  await says(world, named, 'CrewAI accepted it');
  expect(platform.resumes).toHaveLength(1);
  expect(toldTo(world, 'UANA')).toEqual([texts.refusals.tooLate]);
});

test('a click that comes over a socket eleven seconds late decides nothing, one of nine seconds does', async () => {
  const world = await startPlace();
  const { workspace, platform } = world;
  const bot = await startBot(world, SOCKET_MODE);
  const [card = ''] = await startCards(world, bot, 1);
  workspace.sockets.sendRaw(oldEnvelope(world, card, 'approve', 11_500));
  expect(await sentences(world, ['UANA'])).toEqual([[texts.refusals.tooLate]]);
  expect(decided(bot)).toEqual([]);
  // It decides nothing, so its form would open, if its trigger were not over.
  workspace.sockets.sendRaw(oldEnvelope(world, card, 'request_revision', 11_400));
  await workspace.changed(() => toldTo(world, 'UANA').length === 2, { what: 'another sentence' });
  expect(toldTo(world, 'UANA').at(-1)).toContain("didn't open the form");
  workspace.sockets.sendRaw(oldEnvelope(world, card, 'approve', 8_500));
  await says(world, card, 'CrewAI accepted it');
  expect(platform.resumes).toHaveLength(1);
  expect(toldTo(world, 'UANA')).toHaveLength(2);
});

/** The process stands still, as on a machine that has no memory left; resolves when it runs again. */
async function whileFrozen(bot: SpawnedBot, act: () => Promise<unknown>): Promise<void> {
  bot.signal('SIGSTOP');
  // Nothing else tells when a process has stood still for so long.
  await Promise.all([act(), elapsed(FROZEN_FOR)]);
  bot.signal('SIGCONT');
}

test.runIf(process.env.CI)(
  'what waited while the process was frozen decides nothing, its people are told once at most, and they decide afterwards',
  { timeout: 90 * SECOND },
  async () => {
    await each(MODES, async (settings) => {
      const world = await startPlace();
      const { workspace, platform } = world;
      const bot = await startBot(world, settings);
      const overHttp = settings === MODES['HTTP mode'];
      const [named = ''] = await startCards(world, bot, 1);
      const [clicked = '', revised = ''] = (await startCards(world, bot, 2)).filter((ts) => ts !== named);
      await openModal(world, revised, 'UBEN');
      // The bot has heard that the modal is open.
      const ids = (await ask(world, '', { user: 'UDAN' })).all;
      const id = idOf({ all: ids });
      // Node cuts a connection that was idle for 5 s, with what has come over it unread: this is a new one.
      if (overHttp) workspace.connectBot(`http://localhost:${bot.port}/slack/events`);
      const before = toldTo(world, 'UDAN').length;
      await whileFrozen(bot, async () => {
        const acks = await Promise.all([
          clickOn(world, clicked, 'approve', 'UANA'),
          submit(world, 'Shorter, please', 'UBEN'),
          type(world, 'UCAT', `approve ${id}`),
          type(world, 'UDAN', 'waiting'),
        ]);
        expect(acks.map(({ acked }) => acked)).toEqual([false, false, false, false]);
      });
      const thawedAt = performance.now();
      const people = ['UANA', 'UBEN', 'UCAT'];
      if (overHttp) {
        expect(await sentences(world, people)).toEqual([
          [texts.refusals.tooLate],
          [texts.refusals.tooLate],
          [texts.refusals.tooLate],
        ]);
        await workspace.changed(() => toldTo(world, 'UDAN').length > before, { what: 'the look-up' });
        expect(toldTo(world, 'UDAN').at(-1)).toContain('3 approvals are waiting');
      }
      // A socket that was silent for 5 s is closed, with what has come over it, and opened again: they try until it is.
      const again = (act: () => Promise<{ acked: boolean }>) =>
        expect.poll(async () => (await act()).acked).toBe(true);
      // A busy machine may ack later than Slack waits, and the decision is there.
      const isDecided = (error: unknown) => ({ acked: String(error).includes('nothing to click') });
      await again(() => clickOn(world, clicked, 'approve', 'UANA').catch(isDecided));
      await says(world, clicked, 'CrewAI accepted it');
      await again(() => type(world, 'UCAT', `approve ${id}`));
      await platform.changed(() => platform.resumes.length === 2, { what: 'the second decision' });
      // What comes sooner over a socket, without a time stamp, may have waited as well.
      await expect.poll(() => performance.now() - thawedAt).toBeGreaterThan(UNSURE_FOR);
      expect(workspace.openView('UBEN')?.state.values.feedback?.feedback).toMatchObject({
        value: 'Shorter, please',
      });
      await again(() => submit(world, 'Shorter, please', 'UBEN'));
      await platform.changed(() => platform.resumes.length === 3, { what: 'the third decision' });

      const approves = platform.resumes.map(({ body }) => (body as { is_approve: boolean }).is_approve);
      expect(approves).toEqual([true, true, false]);
      expect(decided(bot)).toHaveLength(3);
      for (const user of people) {
        const late = toldTo(world, user).filter((sentence) => sentence === texts.refusals.tooLate);
        expect(late.length, user).toBeLessThanOrEqual(1);
      }
    });
  },
);

/** A Slack API whose answers do not say when they were written. */
async function withoutDates(apiUrl: string): Promise<string> {
  const { host, port, pathname } = new URL(apiUrl);
  const server = createServer((incoming, response) => {
    response.sendDate = false;
    const { method, headers, url: path } = incoming;
    const forwarded = request({ host: host.split(':')[0], port, path, method, headers }, (answer) => {
      const { date: _, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, rest);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
}

test('a click that is old is decided where Slack never told its time: nobody can say how old it is', async () => {
  await each(MODES, async (settings) => {
    const world = await startPlace();
    const { workspace, platform } = world;
    const api = await withoutDates(workspace.apiUrl);
    const bot = await startBot(world, { ...settings, SLACK_API_URL: api });
    const [card = ''] = await startCards(world, bot, 1);
    if (settings === SOCKET_MODE) workspace.sockets.sendRaw(oldEnvelope(world, card, 'approve', 60_000));
    else {
      const { headers, body } = oldRequest(world, card, 'approve', 60_000);
      expect((await axios.post(`${bot.url}/slack/events`, body, { headers })).status).toBe(200);
    }
    await says(world, card, 'CrewAI accepted it');
    expect(platform.resumes).toHaveLength(1);
    expect((await readyz(bot)).clock).toBeUndefined();
  });
});

const CLOCKS: Record<string, { by: number; settings: Record<string, string>; warned?: RegExp }> = {
  '30 s ahead, HTTP mode': {
    by: 30 * SECOND,
    settings: {},
    warned: /clock is (29|30|31) s ahead of Slack's/,
  },
  '30 s behind, Socket Mode': {
    by: -30 * SECOND,
    settings: SOCKET_MODE,
    warned: /clock is (29|30|31) s behind Slack's/,
  },
  '2 s ahead': { by: 2 * SECOND, settings: {} },
};

const readyz = async ({ url }: SpawnedBot) => {
  const { status, data } = await axios.get(`${url}/readyz`, { validateStatus: () => true });
  return { status, clock: data.warnings?.clock as string | undefined };
};

test("a host's clock that is wrong refuses no click, and the operators are told of it once", async () => {
  await each(CLOCKS, async ({ by, settings, warned }) => {
    const world = await startPlace();
    const { workspace, platform } = world;
    const shift = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(by) };
    const bot = await startBot(world, { ...settings, ...shift });
    const [card = ''] = await startCards(world, bot, 1);
    await openModal(world, card, 'UBEN');
    expect(await submit(world, 'Shorter, please', 'UBEN')).toMatchObject({ acked: true, closed: true });
    const second = await sees(
      workspace,
      'round 2',
      ({ all, buttons }) => all.includes('round 2') && buttons.length > 0,
    );
    expect((await clickOn(world, second.ts, 'approve')).acked).toBe(true);
    await says(world, second.ts, 'CrewAI accepted it');
    expect(platform.resumes).toHaveLength(2);

    await expect.poll(async () => (await readyz(bot)).status).toBe(200);
    const { clock } = await readyz(bot);
    const ops = workspace.messages('COPS').map(({ text }) => text);
    if (!warned) return expect({ clock, ops }).toEqual({ clock: undefined, ops: [] });
    expect(clock).toMatch(warned);
    // Each of the many answers since then told the same.
    expect(ops).toEqual([expect.stringMatching(warned)]);
    expect(ops[0]).toMatch(/This machine's clock is .*\. Synchronize it with NTP\.$/);
  });
});
