import { App as Bolt, type Receiver } from '@slack/bolt';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { LateClicks } from '../../../src/slack/app/late-clicks.ts';
import { isIgnoredEvent, wrapProcessEvent } from '../../../src/slack/app/process-event.ts';
import { SocketMode } from '../../../src/slack/app/socket-mode.ts';
import type { SlackApp } from '../../../src/slack/slack-app.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { startWorkspace } from '../../sandbox/slack/workspace.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';
import { collectingLog, TOKEN } from '../stage.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const quiet = { ...logger, setLevel: nothing, setName: nothing, getLevel: () => 'error' as never };

/** A real Bolt behind a receiver, whose clicks are acked with their number; `clicks`: what its listener got. */
function startBolt(receiver: Receiver, answers: () => unknown = () => undefined) {
  const bolt = new Bolt({ receiver, authorize: async () => ({ botToken: TOKEN }) });
  const clicks: unknown[] = [];
  bolt.action({ type: 'block_actions' }, async ({ ack, body }) => {
    clicks.push(body.trigger_id);
    await ack(answers() as undefined);
  });
  const clock = createFakeClock();
  const app = {
    reply: async () => {},
    log: collectingLog().log,
    languages: { textsFor: () => async () => en },
    clock,
  } as Partial<SlackApp> as SlackApp;
  const lateClicks = { ageOf: () => 0 } as Partial<LateClicks> as LateClicks;
  wrapProcessEvent(bolt, app, { lateClicks, recordAck: nothing, features: [] });
  return { bolt, clicks, clock, app };
}

const click = (trigger_id: string) => ({
  type: 'block_actions',
  user: { id: 'UANA' },
  team: { id: 'T0SANDBOX' },
  trigger_id,
  actions: [{ type: 'button', action_id: 'unknown', block_id: 'b', value: 'x' }],
});

/** A receiver by which a test delivers. */
const byHand: Receiver = { init: nothing, start: async () => {}, stop: async () => {} };

test('a payload that is delivered twice is handled once and answered twice; another click is another one', async () => {
  let answers = 0;
  const { bolt, clicks, clock } = startBolt(byHand, () => ({ text: `${++answers}` }));
  const acks: unknown[] = [];
  const deliver = (trigger: string) =>
    bolt.processEvent({ body: click(trigger), ack: async (answer) => void acks.push(answer) });
  await Promise.all([deliver('1'), deliver('1')]);
  await deliver('1');
  await deliver('2');
  expect(clicks).toEqual(['1', '2']);
  expect(acks).toEqual(['1', '1', '1', '2'].map((text) => ({ text })));
  await clock.advance(10 * 60_000);
  await deliver('1');
  expect(clicks, 'what is old is forgotten').toEqual(['1', '2', '1']);
});

test('a payload that was not answered is handled when it is delivered again', async () => {
  const { bolt, clicks } = startBolt(byHand, () => {
    throw new Error('not answered');
  });
  bolt.error(async () => {});
  const deliver = () => bolt.processEvent({ body: click('1'), ack: async () => {} });
  await deliver();
  await deliver();
  expect(clicks).toEqual(['1', '1']);
});

test('a duplicate that waits for a delivery is handled once itself when that one is not answered', async () => {
  let fails = 1;
  let answers = 0;
  const { bolt, clicks } = startBolt(byHand, () => {
    fails -= 1;
    if (fails >= 0) throw new Error('not answered');
    return { text: `${++answers}` };
  });
  bolt.error(async () => {});
  const acks: unknown[] = [];
  const deliver = () =>
    bolt.processEvent({ body: click('1'), ack: async (answer) => void acks.push(answer) });
  await Promise.all([deliver(), deliver(), deliver()]);
  expect(clicks).toEqual(['1', '1']);
  expect(acks).toEqual([{ text: '1' }, { text: '1' }]);
});

test('the closing of a form is acked, although no listener reads it', async () => {
  const { bolt } = startBolt(byHand);
  const acks: unknown[] = [];
  const view = { id: 'V1', type: 'modal', callback_id: 'revision', private_metadata: '' };
  const body = {
    type: 'view_closed',
    user: { id: 'UANA' },
    team: { id: 'T0SANDBOX' },
    view,
    is_cleared: false,
  };
  await bolt.processEvent({ body, ack: async (answer) => void acks.push(answer) });
  expect(acks).toEqual([undefined]);
});

test('Socket Mode logs that the URL of its proxy is not valid, and tries again', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://user:pass-word@proxy.example.test:99999');
  vi.stubEnv('NO_PROXY', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { log, lines } = collectingLog();
  const clock = createFakeClock();
  const connection = { appToken: APP_TOKEN, apiUrl: undefined, logger: quiet };
  const socket = new SocketMode({ clock, log }, connection);
  onTestFinished(() => socket.close());
  await socket.connect();
  const logged = () => lines.filter(({ fact }) => fact === 'Socket Mode not connected');
  expect(logged()).toHaveLength(1);
  expect(
    JSON.stringify(logged()[0]?.fields, (_, value) => (value instanceof Error ? value.message : value)),
  ).toContain('HTTPS_PROXY');
  await clock.advance(1_000);
  expect(logged()).toHaveLength(2);
});

test('an envelope of Socket Mode that comes twice is handled once', async () => {
  const workspace = await startWorkspace({
    botToken: TOKEN,
    signingSecret: 'unused',
    manifest: 'manifest.yml',
    appToken: APP_TOKEN,
    people: [{ id: 'UANA', name: 'ana' }],
    channels: [],
    groups: [],
  });
  onTestFinished(workspace.close);
  const { log } = collectingLog();
  const connection = { appToken: APP_TOKEN, apiUrl: workspace.apiUrl, logger: quiet };
  const socket = new SocketMode({ clock: createFakeClock(), log }, connection);
  const { clicks } = startBolt(socket.receiver);
  await socket.connect();
  onTestFinished(() => socket.close());
  const send = (envelope_id: string, payload: object) =>
    workspace.sockets.sendRaw(JSON.stringify({ type: 'interactive', envelope_id, payload }));
  for (const envelope of ['e1', 'e1', 'e2']) send(envelope, click('same'));
  await until(() => expect(clicks).toEqual(['same', 'same']));
});

test('only the opening of a Home tab by a person is an event that listeners read', () => {
  const home = { type: 'app_home_opened', tab: 'home' };
  for (const event of [home, { ...home, user: null }, { type: 'message', user: 'UANA' }, null, undefined])
    expect(isIgnoredEvent({ type: 'event_callback', event })).toBe(true);
  for (const type of ['app_rate_limited', 'view_closed']) expect(isIgnoredEvent({ type })).toBe(true);
  expect(isIgnoredEvent({ type: 'event_callback', event: { ...home, user: 'UANA' } })).toBe(false);
  expect(isIgnoredEvent({ type: 'block_actions', user: { id: 'UANA' } })).toBe(false);
});
