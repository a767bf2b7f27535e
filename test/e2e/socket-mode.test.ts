import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { ask } from '../support/asking.ts';
import {
  approves,
  clickOn,
  kickoff,
  ready,
  revisionOf,
  seesModal,
  startRunWithCard,
} from '../support/process-steps.ts';
import { type Bot, ephemeralsTo, GOES_ON, sees, startBot, startWorld, type World } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const settings = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };
const startSocketWorld = () => startWorld(undefined, {}, { appToken: APP_TOKEN });

/** A bot on a socket, and a card; `onLine`: for each of its log lines. */
async function start(onLine?: (line: string) => void) {
  const world = await startSocketWorld();
  const bot = await startBot(world, settings, onLine);
  const { card } = await startRunWithCard(world, bot);
  const { workspace } = world;
  const count = (sockets: number, timeoutMs = 18_000) =>
    workspace.changed(() => workspace.sockets.count() === sockets, { what: `${sockets} sockets`, timeoutMs });
  return { world, ...world, bot, card, count };
}

test('the whole loop goes over a socket: the manifest works as it is', async () => {
  const { world, workspace, platform, card } = await start();
  expect(workspace.sockets.count()).toBe(1);
  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await seesModal(world, 'UBEN');
  const submit = (feedback: string) => workspace.submit({ user: 'UBEN', values: { feedback: { feedback } } });
  expect((await submit(' ')).errors).toEqual({ feedback: texts.refusals.feedbackMissing });
  await submit('Shorter');
  const second = await sees(workspace, 'round 2', (one) => one.all.includes('round 2') && ready(one));
  await approves(world, second);
  await sees(workspace, 'went on', ({ ts, all }) => ts === second.ts && all.includes(GOES_ON));
  expect(platform.resumes.map(({ body }) => body)).toMatchObject([
    { humanFeedback: revisionOf(world, 'Shorter') },
    { humanFeedback: 'Approved.' },
  ]);
  expect((await ask(world, '')).all).toBe('Nothing is waiting for a decision.');
});

test('after refresh_requested, a drop and envelopes of an unknown form the next click lands', async () => {
  const { world, workspace, card } = await start();
  const reopens = async (close: () => void) => {
    const [before] = workspace.sockets.ids();
    close();
    const isOther = () => workspace.sockets.ids().some((id) => id !== before);
    await workspace.changed(isOther, { what: 'another socket', timeoutMs: 18_000 });
  };
  await reopens(() => workspace.sockets.disconnect('refresh_requested'));
  await reopens(() => workspace.sockets.drop());
  for (const text of [
    'no json',
    '{"type":"new_kind","envelope_id":"e1","payload":{"a":1}}',
    '{"type":"interactive","envelope_id":"e2"}',
  ])
    workspace.sockets.sendRaw(text);
  await approves(world, card);
});

test('a click whose socket closes before the ack is recorded, and what its ack was to say comes in another way', async () => {
  const { world, workspace, platform, card, count } = await start();
  const dropped = async (act: () => Promise<unknown>) => {
    await count(1);
    workspace.sockets.dropBeforeAck();
    await act();
  };
  const told = (user: string) => ephemeralsTo(workspace, user);
  await dropped(async () => expect((await clickOn(world, card.ts, 'approve', 'UCAT')).acked).toBe(false));
  await workspace.changed(() => told('UCAT').length === 1, { what: 'why not' });
  expect(told('UCAT')[0]?.text).toContain(texts.refusals.decide.not_approver);
  await dropped(() => clickOn(world, card.ts, 'request_revision'));
  await seesModal(world, 'UANA');
  const text = 'status 00000000-0000-4000-8000-000000000000';
  const command = { user: 'UBEN', channel: 'CAPPROVALS', command: '/approvals', text };
  await dropped(() => workspace.command(command));
  await workspace.changed(() => told('UBEN').length === 1, { what: 'the answer' });
  expect(told('UBEN')[0]?.text).toContain('CrewAI');
  await dropped(async () => expect((await clickOn(world, card.ts, 'approve')).acked).toBe(false));
  await sees(workspace, 'accepted', ({ all }) => all.includes('Decision sent. '));
  expect(platform.resumes).toHaveLength(1);
});

test('a warning that Slack will close a socket opens the next one before, also when it comes twice: no click is lost', async () => {
  const { world, workspace, bot, card, count } = await start();
  const [first] = workspace.sockets.ids();
  workspace.sockets.warn();
  workspace.sockets.warn();
  await count(2);
  expect(workspace.sockets.ids()[0]).toBe(first);
  // Slack gives it to either of the two.
  const [one, other] = await Promise.all([
    clickOn(world, card.ts, 'request_revision'),
    clickOn(world, card.ts, 'request_revision', 'UBEN'),
  ]);
  expect([one.acked, other.acked]).toEqual([true, true]);
  await count(1);
  expect(workspace.sockets.ids()).not.toContain(first);
  await approves(world, card);
  expect(bot.logged.filter((line) => line.includes('Socket Mode connected'))).toHaveLength(2);
});

test('while Slack is away webhooks are accepted, and the socket opens when it is back', async () => {
  const world: World = await startSocketWorld();
  const { workspace } = world;
  for (const on of ['auth.test', 'apps.connections.open', 'chat.postMessage'])
    workspace.failures.plan({ on, times: Number.POSITIVE_INFINITY, failure: { status: 503 } });
  const bot = await startBot(world, settings);
  kickoff(world, bot);
  await world.platform.changed(() => world.platform.webhooks[0]?.status === 202, { what: 'the 202' });
  expect((await fetch(`${bot.url}/readyz`)).status).toBe(503);
  workspace.failures.clear();
  await workspace.changed(() => workspace.sockets.count() === 1, { what: 'a socket' });
  await approves(world, await sees(workspace, 'the card', ready));
});

test('an app token that Slack refuses ends the start in one sentence', async () => {
  const world = await startSocketWorld();
  await expect(startBot(world, { ...settings, SLACK_APP_TOKEN: 'xapp-wrong' })).rejects.toThrow(
    'Slack rejected SLACK_APP_TOKEN (invalid_auth): set a valid token.',
  );
  expect(world.workspace.sockets.count()).toBe(0);
});

test('stopping acks the click under way and closes the socket', async () => {
  let stopped: Promise<void> | undefined;
  // Between the record and the ack.
  const started: { bot?: Bot } = {};
  const { world, bot, card, count } = await start((line) => {
    if (line.includes('decision recorded')) stopped = started.bot?.stop();
  });
  started.bot = bot;
  expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
  await stopped;
  expect(stopped).toBeDefined();
  await count(0);
});
