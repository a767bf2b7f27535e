import type { App } from '@slack/bolt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { APP_TOKEN, clientOf, refusals, startSlack, startSocketBot, TOKEN } from './fixtures.ts';

const QUICK = { appToken: APP_TOKEN, socketPingMs: 30, socketCloseMs: 20, eventRetriesMs: [0, 10, 10] };
const acking = (app: App) => app.action('approve', ({ ack }) => ack());

/** A workspace for Socket Mode with a card; `click` clicks on it. */
async function startSockets(options: object = {}) {
  const slack = await startSlack({ ...QUICK, ...options });
  const { workspace } = slack;
  const ts = await slack.postCard();
  return {
    ...slack,
    sockets: workspace.sockets,
    click: (actionId?: string) => slack.click(ts, actionId),
    connect: (register: (app: App) => void = acking) => startSocketBot(workspace.apiUrl, register),
    open: (count: number) =>
      workspace.changed(() => workspace.sockets.count() === count, { what: `${count} connections` }),
    openUrl: async () => String((await clientOf(workspace.apiUrl, APP_TOKEN).apps.connections.open()).url),
  };
}

/** Connects a client of the bare protocol, and waits until it is greeted unless it is refused. */
async function dial(url: string) {
  const socket = new WebSocket(url);
  const messages: Record<string, unknown>[] = [];
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error) => resolve(error.message));
    socket.once('close', () => resolve('closed'));
  });
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  onTestFinished(() => socket.terminate());
  const next = (type: string) =>
    expect.poll(() => messages.find((message) => message.type === type), { interval: 5 });
  return { socket, messages, ended, next };
}

/** A workspace with one client of the bare protocol, which was greeted. */
async function startDialled(options: object = {}) {
  const slack = await startSockets(options);
  const client = await dial(await slack.openUrl());
  await client.next('hello').toBeDefined();
  return { ...slack, ...client };
}

describe('apps.connections.open', () => {
  it('accepts the app-level token only, and only as a bearer', async () => {
    const { workspace } = await startSockets();
    const openAs = (token: string) => clientOf(workspace.apiUrl, token).apps.connections.open();
    const post = clientOf(workspace.apiUrl, APP_TOKEN).chat.postMessage({ channel: 'C1', text: 'x' });
    const refused = await refusals(openAs(APP_TOKEN), openAs(TOKEN), post, openAs('xapp-another'));
    const wrongType = 'not_allowed_token_type';
    expect(refused).toEqual(['no error', wrongType, wrongType, 'invalid_auth']);
    const body = new URLSearchParams({ token: APP_TOKEN });
    const inBody = await fetch(`${workspace.apiUrl}apps.connections.open`, { method: 'POST', body });
    expect(await inBody.json()).toEqual({ ok: false, error: 'invalid_auth' });
  });

  it('gives a ticket for one connection, which is greeted', async () => {
    const { openUrl, sockets } = await startSockets();
    const url = await openUrl();
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\/\?ticket=[^&]+&app_id=A0SANDBOX$/);
    const { next } = await dial(url);
    await next('hello').toMatchObject({
      num_connections: 1,
      debug_info: { approximate_connection_time: expect.any(Number) },
      connection_info: { app_id: 'A0SANDBOX' },
    });
    expect(await (await dial(url)).ended).toContain('401');
    expect(sockets.count()).toBe(1);
  });

  it('allows ten connections, and asks the eleventh to go', async () => {
    const { openUrl, sockets } = await startSockets();
    for (let count = 1; count <= 10; count += 1)
      await (await dial(await openUrl())).next('hello').toBeDefined();
    const last = await dial(await openUrl());
    await last.next('disconnect').toMatchObject({ reason: 'too_many_websockets' });
    expect(sockets.count()).toBe(10);
  });
});

describe('envelopes', () => {
  it('are acked by their id only', async () => {
    const { click, next, messages, socket } = await startDialled();
    const clicked = click();
    const payload = { user: { id: 'U1' } };
    await next('interactive').toMatchObject({ accepts_response_payload: true, payload });
    expect(messages.at(-1)).not.toHaveProperty('retry_attempt');
    for (const junk of ['', '{}', '{"envelope_id":"another"}']) socket.send(junk);
    socket.send(JSON.stringify({ envelope_id: messages.at(-1)?.envelope_id }));
    expect(await clicked).toMatchObject({ acked: true, body: '' });
  });

  it('with events come again, up to three times', async () => {
    const { workspace, messages } = await startDialled({ ackDeadlineMs: 100 });
    expect(await workspace.openHome({ user: 'U1' })).toMatchObject({ acked: false });
    await expect.poll(() => messages.length).toBe(5);
    const [first, ...retries] = messages.slice(1);
    expect(first).toMatchObject({ retry_attempt: 0, retry_reason: '' });
    const again = [1, 2, 3].map((retry_attempt) => ({ retry_attempt, retry_reason: 'timeout' }));
    expect(retries).toMatchObject(again.map((retry) => ({ ...retry, payload: first?.payload })));
    expect(new Set(messages.slice(1).map(({ envelope_id }) => envelope_id)).size).toBe(4);
  });

  it('go to each of several connections in turn, once each', async () => {
    const { connect, click } = await startSockets();
    const received: number[] = [];
    for (const bot of [1, 2])
      await connect((app) =>
        app.action('approve', async ({ ack }) => {
          received.push(bot);
          await ack();
        }),
      );
    for (let count = 0; count < 4; count += 1) await click();
    expect(received.toSorted()).toEqual([1, 1, 2, 2]);
  });

  it('are lost on a dead connection', async () => {
    const { connect, click, sockets } = await startSockets();
    await connect();
    sockets.silence();
    expect(await click()).toMatchObject({ acked: false, status: 0 });
    expect(sockets.count()).toBe(0);
    expect(await click()).toMatchObject({ acked: false });
  });

  it('are lost at once without a connection', async () => {
    // A click that waited for its ack would outlast the test.
    const { connect, click, open } = await startSockets({ ackDeadlineMs: 120_000 });
    const stop = await connect();
    await stop();
    await open(0);
    expect(await click()).toMatchObject({ acked: false });
  });
});

it('a connection that Slack closes leaves the TCP connection to the client', async () => {
  const { postCard, open, socket, sockets } = await startDialled();
  sockets.disconnect('refresh_requested');
  await open(0);
  await postCard();
  expect(socket.readyState).toBe(WebSocket.CLOSING);
});
