import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { clickOn, kickoff, revisionOf } from '../support/process-steps.ts';
import { type Bot, ephemeralsTo, sees, startBot, startWorld, type World } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const socketSettings = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };

async function startSocketWorld(options: Parameters<typeof startWorld>[2] = {}) {
  return startWorld(undefined, {}, { appToken: APP_TOKEN, ...options });
}

async function startCard(world: World, bot: Bot) {
  kickoff(world, bot);
  return sees(world.workspace, 'a card', ({ buttons }) => buttons.includes('Approve'));
}

test('the whole loop goes over a socket: the manifest works as it is', async () => {
  const world = await startSocketWorld();
  const { workspace, platform } = world;
  const bot = await startBot(world, socketSettings);
  expect(workspace.sockets.count()).toBe(1);
  const card = await startCard(world, bot);

  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
  const blank = await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: ' ' } } });
  expect(blank.errors).toEqual({ feedback: texts.refusals.feedbackMissing });
  await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });
  const second = await sees(
    workspace,
    'round 2',
    ({ all, buttons }) => all.includes('round 2') && buttons.length > 0,
  );
  const click = await clickOn(world, second.ts, 'approve');
  expect(click.acked).toBe(true);
  await sees(workspace, 'accepted', ({ ts, all }) => ts === second.ts && all.includes('CrewAI accepted it'));
  expect(platform.resumes.map(({ body }) => body)).toMatchObject([
    { humanFeedback: revisionOf(world, 'Shorter') },
    { humanFeedback: 'Approved.' },
  ]);

  expect((await ask(world, '')).all).toBe('Nothing is waiting for a decision.');
});

test.each(['refresh_requested', 'drop'] as const)(
  'after a %s the socket is opened again and the next click lands',
  async (how) => {
    const world = await startSocketWorld();
    const { workspace } = world;
    const bot = await startBot(world, socketSettings);
    const card = await startCard(world, bot);
    const [before] = workspace.sockets.ids();
    if (how === 'drop') workspace.sockets.drop();
    else workspace.sockets.disconnect(how);
    const anew = () => workspace.sockets.ids().some((id) => id !== before);
    await workspace.changed(anew, { what: 'another socket', timeoutMs: 18_000 });
    const click = await clickOn(world, card.ts, 'approve');
    expect(click.acked).toBe(true);
    await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
  },
);

test('a click whose socket closes before the ack is recorded all the same', async () => {
  const world = await startSocketWorld();
  const { workspace, platform } = world;
  const bot = await startBot(world, socketSettings);
  const card = await startCard(world, bot);
  workspace.sockets.dropBeforeAck();
  const click = await clickOn(world, card.ts, 'approve');
  expect(click.acked).toBe(false);
  await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
  expect(platform.resumes).toHaveLength(1);
});

test('what was to be said with an ack that its socket took along is said in another way', async () => {
  const world = await startSocketWorld();
  const { workspace } = world;
  const bot = await startBot(world, socketSettings);
  const card = await startCard(world, bot);
  const connected = () =>
    workspace.changed(() => workspace.sockets.count() === 1, { what: 'a socket', timeoutMs: 18_000 });

  workspace.sockets.dropBeforeAck();
  expect((await clickOn(world, card.ts, 'approve', 'UCAT')).acked).toBe(false);
  await workspace.changed(() => ephemeralsTo(workspace, 'UCAT').length === 1, { what: 'why not' });
  expect(ephemeralsTo(workspace, 'UCAT')[0]?.text).toContain(texts.refusals.decide.not_approver);

  await connected();
  workspace.sockets.dropBeforeAck();
  await clickOn(world, card.ts, 'request_revision');
  await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the modal' });

  await connected();
  workspace.sockets.dropBeforeAck();
  await workspace.command({
    user: 'UBEN',
    channel: 'CAPPROVALS',
    command: '/approvals',
    text: 'status 00000000-0000-4000-8000-000000000000',
  });
  await workspace.changed(() => ephemeralsTo(workspace, 'UBEN').length === 1, { what: 'the answer' });
  expect(ephemeralsTo(workspace, 'UBEN')[0]?.text).toContain('CrewAI');
});

test('a warning that Slack will close a socket opens the next one before: no click is lost', async () => {
  const world = await startSocketWorld();
  const { workspace } = world;
  const bot = await startBot(world, socketSettings);
  const card = await startCard(world, bot);
  const [first] = workspace.sockets.ids();
  workspace.sockets.disconnect('warning');
  await workspace.changed(() => workspace.sockets.count() === 2, { what: 'the next socket' });
  expect(workspace.sockets.ids()[0]).toBe(first);
  // Slack gives it to either of the two.
  const [one, other] = await Promise.all([
    clickOn(world, card.ts, 'request_revision'),
    clickOn(world, card.ts, 'request_revision', 'UBEN'),
  ]);
  expect([one.acked, other.acked]).toEqual([true, true]);
  await workspace.changed(() => workspace.sockets.count() === 1, { what: 'one socket', timeoutMs: 10_000 });
  expect(workspace.sockets.ids()).not.toContain(first);
  expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
  expect(bot.logged.filter((line) => line.includes('Socket Mode connected'))).toHaveLength(2);
});

test('two warnings that Slack will close a socket leave one open socket', async () => {
  const world = await startSocketWorld();
  const { workspace } = world;
  await startBot(world, socketSettings);
  const [first] = workspace.sockets.ids();
  workspace.sockets.disconnect('warning');
  workspace.sockets.disconnect('warning');
  await workspace.changed(() => workspace.sockets.count() === 2, { what: 'the next socket' });
  await workspace.changed(() => workspace.sockets.count() === 1, { what: 'one socket', timeoutMs: 10_000 });
  expect(workspace.sockets.ids()).not.toContain(first);
});

test('envelopes of an unknown type or form do no harm', async () => {
  const world = await startSocketWorld();
  const { workspace } = world;
  const bot = await startBot(world, socketSettings);
  const card = await startCard(world, bot);
  for (const text of [
    'no json',
    '{"type":"new_kind","envelope_id":"e1","payload":{"a":1}}',
    '{"type":"interactive","envelope_id":"e2"}',
  ]) {
    workspace.sockets.sendRaw(text);
  }
  const click = await clickOn(world, card.ts, 'approve');
  expect(click.acked).toBe(true);
});

test('Slack being away is outlasted: webhooks are taken meanwhile, and the socket opens when it is back', async () => {
  const world = await startSocketWorld();
  const { workspace } = world;
  for (const on of ['auth.test', 'apps.connections.open', 'chat.postMessage']) {
    workspace.failures.plan({ on, times: Number.POSITIVE_INFINITY, failure: { status: 503 } });
  }
  const bot = await startBot(world, socketSettings);
  kickoff(world, bot);
  await world.platform.changed(() => world.platform.webhooks[0]?.status === 202, { what: 'the 202' });
  const ready = await fetch(`${bot.url}/readyz`);
  expect(ready.status).toBe(503);
  workspace.failures.clear();
  await workspace.changed(() => workspace.sockets.count() === 1, { what: 'a socket' });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
  const click = await clickOn(world, card.ts, 'approve');
  expect(click.acked).toBe(true);
});

test('an app token that Slack refuses ends the start in one sentence', async () => {
  const world = await startSocketWorld();
  await expect(startBot(world, { ...socketSettings, SLACK_APP_TOKEN: 'xapp-wrong' })).rejects.toThrow(
    'Slack rejected SLACK_APP_TOKEN (invalid_auth): set a valid token.',
  );
  expect(world.workspace.sockets.count()).toBe(0);
});

test('stopping acks the click under way and closes the socket', async () => {
  const world = await startSocketWorld();
  const { workspace } = world;
  let stopped: Promise<void> | undefined;
  // Between the record and the ack.
  const bot: Bot = await startBot(world, socketSettings, (line) => {
    if (line.includes('decision recorded')) stopped = bot.stop();
  });
  const card = await startCard(world, bot);
  const click = await clickOn(world, card.ts, 'approve');
  expect(click.acked).toBe(true);
  await stopped;
  await workspace.changed(() => workspace.sockets.count() === 0, { what: 'no socket' });
});
