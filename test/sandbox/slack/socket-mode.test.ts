import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  APP_TOKEN,
  card,
  clientOf,
  refusal,
  startBot,
  startSocketBot,
  TOKEN,
  text,
  workspaceWith,
} from './fixtures.ts';

let workspace: Awaited<ReturnType<typeof workspaceWith>>;
let stops: (() => Promise<unknown>)[];

beforeEach(async () => {
  workspace = await workspaceWith({
    appToken: APP_TOKEN,
    ackDeadlineMs: 1_500,
    socketPingMs: 30,
    socketCloseMs: 20,
    eventRetriesMs: [0, 10, 10],
  });
  stops = [];
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await workspace.close();
});

async function connect(register: (app: App) => void): Promise<void> {
  const bot = await startSocketBot(workspace.apiUrl, register);
  stops.push(bot.stop);
}

const acking = (app: App) => app.action('approve', async ({ ack }) => ack());
const open = (count: number) =>
  workspace.changed(() => workspace.sockets.count() === count, { what: `${count} connections` });

async function clickable() {
  const { ts } = await clientOf(workspace.apiUrl).chat.postMessage({
    channel: 'C1',
    text: 'x',
    blocks: card,
  });
  return (actionId = 'approve') => workspace.click({ user: 'U1', channel: 'C1', ts: String(ts), actionId });
}

/** A client of the bare protocol. */
async function dial(url?: string) {
  const fresh = async () => String((await clientOf(workspace.apiUrl, APP_TOKEN).apps.connections.open()).url);
  const socket = new WebSocket(url ?? (await fresh()));
  const messages: Record<string, unknown>[] = [];
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error) => resolve(error.message));
    socket.once('close', () => resolve('closed'));
  });
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  stops.push(async () => socket.terminate());
  const next = (type: string) =>
    expect.poll(() => messages.find((message) => message.type === type), { interval: 5 });
  return { socket, messages, ended, next };
}

describe('apps.connections.open', () => {
  it('takes the app-level token only, and only as a bearer', async () => {
    const openAs = (token: string) => refusal(clientOf(workspace.apiUrl, token).apps.connections.open());
    expect(await openAs(APP_TOKEN)).toBe('no error');
    expect(await openAs(TOKEN)).toBe('not_allowed_token_type');
    expect(await openAs('xapp-another')).toBe('invalid_auth');
    const body = new URLSearchParams({ token: APP_TOKEN });
    const inBody = await fetch(`${workspace.apiUrl}apps.connections.open`, { method: 'POST', body });
    expect(await inBody.json()).toEqual({ ok: false, error: 'invalid_auth' });
    const post = clientOf(workspace.apiUrl, APP_TOKEN).chat.postMessage({ channel: 'C1', text: 'x' });
    expect(await refusal(post)).toBe('not_allowed_token_type');
  });

  it('gives a ticket for one connection, which is greeted', async () => {
    const { url } = await clientOf(workspace.apiUrl, APP_TOKEN).apps.connections.open();
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\/\?ticket=[^&]+&app_id=A0SANDBOX$/);
    const { next, messages } = await dial(url);
    await next('hello').toBeDefined();
    expect(messages).toMatchObject([
      {
        num_connections: 1,
        debug_info: { approximate_connection_time: expect.any(Number) },
        connection_info: { app_id: 'A0SANDBOX' },
      },
    ]);
    expect(await (await dial(url)).ended).toContain('401');
    expect(workspace.sockets.count()).toBe(1);
  });

  it('allows ten connections, and asks the eleventh to go', async () => {
    for (let count = 1; count <= 10; count += 1) await (await dial()).next('hello').toBeDefined();
    const last = await dial();
    await last.next('disconnect').toMatchObject({ reason: 'too_many_websockets' });
    expect(workspace.sockets.count()).toBe(10);
  });
});

describe('envelopes', () => {
  it('carry clicks, and the ack is theirs', async () => {
    const seen: unknown[] = [];
    await connect((app) =>
      app.action('approve', async ({ ack, body }) => {
        await ack();
        seen.push(body);
      }),
    );
    const click = await clickable();
    expect(await click()).toMatchObject({ acked: true, status: 200, body: '' });
    expect(seen).toMatchObject([{ type: 'block_actions', user: { id: 'U1' }, channel: { id: 'C1' } }]);
  });

  it('carry modals, whose errors come in the ack', async () => {
    await connect((app) => {
      app.action('approve', async ({ ack, body, client }) => {
        await ack();
        const element = { type: 'plain_text_input' as const, action_id: 'why' };
        const blocks = [{ type: 'input' as const, block_id: 'reason', label: text('Why'), element }];
        const view = {
          type: 'modal' as const,
          callback_id: 'm',
          title: text('M'),
          submit: text('Go'),
          blocks,
        };
        if ('trigger_id' in body) await client.views.open({ trigger_id: body.trigger_id, view });
      });
      app.view('m', async ({ ack, view }) => {
        const wrong = view.state.values.reason?.why?.value === 'no';
        if (wrong) await ack({ response_action: 'errors', errors: { reason: 'Say more' } });
        else await ack();
      });
    });
    await (await clickable())();
    await workspace.changed((now) => now.viewDepth('U1') === 1, { what: 'the modal' });
    const submit = (why: string) => workspace.submit({ user: 'U1', values: { reason: { why } } });
    expect(await submit('no')).toMatchObject({ acked: true, errors: { reason: 'Say more' }, closed: false });
    expect(await submit('because')).toMatchObject({ acked: true, closed: true });
  });

  it("carry commands, and show the ack's text", async () => {
    await connect((app) => app.command('/approvals', async ({ ack }) => ack('Nothing waits.')));
    const result = await workspace.command({ user: 'U1', channel: 'C1', command: '/approvals' });
    expect(result).toMatchObject({ acked: true, body: { text: 'Nothing waits.' } });
    expect(workspace.ephemerals('U1')).toMatchObject([{ text: 'Nothing waits.', via: 'command ack' }]);
  });

  it('say of themselves what they are', async () => {
    const { socket, next, messages } = await dial();
    await next('hello').toBeDefined();
    const click = (await clickable())();
    await next('interactive').toMatchObject({
      accepts_response_payload: true,
      payload: { user: { id: 'U1' } },
    });
    expect(messages.at(-1)).not.toHaveProperty('retry_attempt');
    for (const junk of ['', '{}', '{"envelope_id":"another"}']) socket.send(junk);
    socket.send(JSON.stringify({ envelope_id: messages.at(-1)?.envelope_id }));
    expect(await click).toMatchObject({ acked: true, body: '' });
  });

  it('with events come again, up to three times', async () => {
    const { next, messages } = await dial();
    await next('hello').toBeDefined();
    expect(await workspace.openHome({ user: 'U1' })).toMatchObject({ acked: false });
    await expect.poll(() => messages.length).toBe(5);
    const events = messages.slice(1);
    expect(events.map(({ retry_attempt, retry_reason }) => [retry_attempt, retry_reason])).toEqual([
      [0, ''],
      [1, 'timeout'],
      [2, 'timeout'],
      [3, 'timeout'],
    ]);
    expect(new Set(events.map(({ envelope_id }) => envelope_id)).size).toBe(4);
    expect(events).toMatchObject(events.map(() => ({ payload: events[0]?.payload })));
  });

  it('go to each of several connections in turn, once each', async () => {
    const received = [0, 0];
    for (const index of received.keys()) {
      await connect((app) =>
        app.action('approve', async ({ ack }) => {
          received[index] = (received[index] ?? 0) + 1;
          await ack();
        }),
      );
    }
    const click = await clickable();
    for (let count = 0; count < 4; count += 1) await click();
    expect(received).toEqual([2, 2]);
  });

  it('of an unknown type do no harm', async () => {
    await connect(acking);
    workspace.sockets.sendRaw(
      JSON.stringify({ envelope_id: 'e1', type: 'novelty', payload: { type: 'new' } }),
    );
    workspace.sockets.sendRaw('no JSON');
    expect(await (await clickable())()).toMatchObject({ acked: true });
  });

  it('are lost on a dead connection', async () => {
    await connect(acking);
    const click = await clickable();
    workspace.sockets.silence();
    expect(await click()).toMatchObject({ acked: false, status: 0 });
    expect(workspace.sockets.count()).toBe(0);
    expect(await click()).toMatchObject({ acked: false });
  });

  it('are lost at once without a connection', async () => {
    await workspace.close();
    // A click that waited for its ack would outlast the test.
    workspace = await workspaceWith({ appToken: APP_TOKEN, ackDeadlineMs: 60_000 });
    await connect(acking);
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await open(0);
    expect(await (await clickable())()).toMatchObject({ acked: false });
  });

  it('go over HTTP once a URL is given', async () => {
    await connect(acking);
    const bot = await startBot(workspace.apiUrl, (app) =>
      app.action('approve', async () => Promise.reject()),
    );
    stops.push(bot.stop);
    workspace.connectBot(bot.url);
    expect(await (await clickable())()).toMatchObject({ acked: false, status: 500 });
  });
});

describe('a connection', () => {
  it.each(['warning', 'refresh_requested'] as const)(
    'that Slack ends with %s is opened anew',
    async (reason) => {
      await connect(acking);
      const click = await clickable();
      const [before] = workspace.sockets.ids();
      workspace.sockets.disconnect(reason);
      await open(0);
      await open(1);
      expect(workspace.sockets.ids()).not.toContain(before);
      expect(await click()).toMatchObject({ acked: true });
    },
  );

  it('that Slack closes itself leaves the TCP connection to the client', async () => {
    const { socket, next } = await dial();
    await next('hello').toBeDefined();
    workspace.sockets.disconnect('refresh_requested');
    await open(0);
    await clickable();
    expect(socket.readyState).toBe(WebSocket.CLOSING);
  });

  it('that drops or falls silent is opened anew, and the others serve meanwhile', async () => {
    await connect(acking);
    await connect(acking);
    const click = await clickable();
    workspace.sockets.drop(workspace.sockets.ids()[0]);
    expect(workspace.sockets.count()).toBe(1);
    expect(await click()).toMatchObject({ acked: true });
    await open(2);
    const [silenced = ''] = workspace.sockets.ids();
    workspace.sockets.silence(silenced);
    const isAnew = () => workspace.sockets.count() === 2 && !workspace.sockets.ids().includes(silenced);
    await workspace.changed(isAnew, { what: 'a new connection' });
    expect([(await click()).acked, (await click()).acked]).toEqual([true, true]);
  });

  it('that closes between a click and its ack loses the click, and no more', async () => {
    const acks: string[] = [];
    await connect((app) => {
      acking(app);
      app.action('revise', async ({ ack }) => {
        workspace.sockets.drop();
        await open(0);
        await ack().then(
          () => acks.push('sent'),
          (error) => acks.push(error.code),
        );
      });
    });
    const click = await clickable();
    workspace.sockets.dropBeforeAck(1);
    expect(await click()).toMatchObject({ acked: false, status: 0 });
    await open(1);
    expect(await click('revise')).toMatchObject({ acked: false, status: 0 });
    await open(1);
    expect(await click()).toMatchObject({ acked: true });
    expect(acks).toHaveLength(1);
  });

  it('is opened anew although Slack refuses for a while', async () => {
    await connect(acking);
    const click = await clickable();
    workspace.failures.plan({ on: 'apps.connections.open', failure: { error: 'internal_error' } });
    workspace.failures.plan({ on: '/link/', failure: { status: 408 } });
    workspace.sockets.drop();
    await open(1);
    expect(await click()).toMatchObject({ acked: true });
  });
});
