import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { clickOn } from '../support/process-steps.ts';
import { shown, startBot, startWorld } from '../support/world.ts';
import { ASK_SECRET, callTool, connectClient, seesCard, startAsking, writeEnvelope } from './mcp-client.ts';

const SHIP = { title: 'Ship build 42?', text: 'All 312 tests passed.' };
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const build = (id: number, args: object, more: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'ask_human', arguments: { ...SHIP, ...args }, ...more },
});

/** A request to the endpoint, as no client of the protocol makes it. */
async function post(
  url: string,
  body: unknown,
  {
    headers = {},
    crew = 'press',
    ...init
  }: RequestInit & { headers?: Record<string, string>; crew?: string } = {},
) {
  const response = await fetch(`${url}/crews/${crew}/mcp`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
    headers: {
      authorization: `Bearer ${ASK_SECRET}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

test('refuses web pages, wrong secrets, other methods and bodies, each with its status, and reports none as a webhook', async () => {
  const { bot, url } = await startAsking();
  const statusOf = async (...given: Parameters<typeof post>) => (await post(...given)).status;
  expect(await statusOf(url, PING)).toBe(200);
  for (const origin of ['https://evil.example', 'null', url])
    expect(await statusOf(url, PING, { headers: { origin } })).toBe(403);
  expect(await statusOf(url, PING, { headers: { authorization: 'Bearer wrong' } })).toBe(401);
  expect(await statusOf(url, PING, { headers: { authorization: '' } })).toBe(401);
  expect(await statusOf(url, PING, { crew: 'unknown' })).toBe(404);
  for (const method of ['GET', 'DELETE']) {
    const headers = { authorization: `Bearer ${ASK_SECRET}`, accept: 'text/event-stream' };
    const answer = await fetch(`${url}/crews/press/mcp`, { method, headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  }
  expect(await statusOf(url, PING, { headers: { 'content-type': 'text/plain' } })).toBe(415);
  expect(await statusOf(url, `{"x":"${'x'.repeat(2_000_000)}"}`)).toBe(413);
  expect(await statusOf(url, 'garbage')).toBe(400);
  expect(await statusOf(url, [PING])).toBe(400);
  expect(await statusOf(url, PING, { headers: { 'mcp-protocol-version': '2099-01-01' } })).toBe(400);
  expect(await statusOf(url, PING, { headers: { 'mcp-protocol-version': '2025-06-18' } })).toBe(200);
  const noted = await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' });
  expect([noted.status, noted.text]).toEqual([202, '']);
  expect(bot.logged.filter((line) => /webhook rejected|request failed/.test(line))).toEqual([]);
});

test('a call with a progressToken is a stream of events, one without is JSON', async () => {
  const { world, url } = await startAsking();
  const plain = await post(url, build(1, { wait: 0 }));
  expect(plain.headers.get('content-type')).toMatch(/^application\/json/);
  expect(plain.json()).toMatchObject({ id: 1, result: { structuredContent: { status: 'waiting' } } });
  const told = post(url, build(2, { title: 'Ship build 43?' }, { _meta: { progressToken: 'p' } }));
  const { ts } = await seesCard(world, 'Ship build 43?');
  await clickOn(world, ts, 'approve');
  const { headers, text } = await told;
  expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
  const events = text
    .split('\n\n')
    .flatMap((one) => (one === '' ? [] : [JSON.parse(one.split('data: ')[1] ?? '')]));
  expect(events[0]).toMatchObject({
    method: 'notifications/progress',
    params: { progressToken: 'p', progress: 0 },
  });
  expect(events.at(-1)).toMatchObject({ id: 2, result: { structuredContent: { status: 'answered' } } });
});

test('an answer counts as received only when its client was there to get it', async () => {
  const { world, url } = await startAsking();
  const gone = new AbortController();
  const call = post(url, build(1, { request_id: 'b42' }), { signal: gone.signal });
  const { ts } = await seesCard(world, 'Ship build 42?');
  gone.abort();
  await expect(call).rejects.toThrow();
  await clickOn(world, ts, 'approve');
  const headers = { authorization: `Bearer ${ASK_SECRET}` };
  const read = async () =>
    (await fetch(`${url}/crews/press/questions/mcp:b42`, { headers })).json() as Promise<{ status: string }>;
  await expect.poll(async () => (await read()).status).toBe('answered');
  const card = () => shown(world.workspace).find(({ all }) => all.includes('Ship build 42?'))?.all;
  expect(card()).not.toContain(texts.state.received());
  const client = await connectClient('HTTP', url);
  expect((await callTool(client, 'get_answer', { id: 'b42' })).structuredContent?.status).toBe('answered');
  await seesCard(world, texts.state.received());
});

test('a client that goes away withdraws its question if nobody else can fetch the answer', async () => {
  const { world, url } = await startAsking();
  const gone = new AbortController();
  const call = post(url, build(1, {}), { signal: gone.signal });
  await seesCard(world, 'Ship build 42?');
  gone.abort();
  await expect(call).rejects.toThrow();
  await expect.poll(() => shown(world.workspace)[0]?.all).toContain('withdrew this question');
});

test('a client cannot cancel the call of another one by its number', async () => {
  const { world, url } = await startAsking();
  const open = async () =>
    (await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params: {} })).headers.get(
      'mcp-session-id',
    ) ?? '';
  const [one, other] = [await open(), await open()];
  expect(one).toMatch(/^[\x21-\x7e]{20,}$/);
  const call = post(url, build(1, {}), { headers: { 'mcp-session-id': one } });
  const { ts } = await seesCard(world, 'Ship build 42?');
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  for (const headers of [{ 'mcp-session-id': other }, {} as Record<string, string>])
    expect((await post(url, cancel, { headers })).status).toBe(202);
  await clickOn(world, ts, 'approve');
  expect((await call).json()).toMatchObject({ result: { structuredContent: { status: 'answered' } } });
});

test('a request under the id of one that waits in the same session is rejected, and the first is answered', async () => {
  const { world, url } = await startAsking();
  const headers = { 'mcp-session-id': 'one-session' };
  const call = post(url, build(1, {}), { headers });
  const { ts } = await seesCard(world, 'Ship build 42?');
  const second = await post(url, PING, { headers });
  expect([second.status, second.json()]).toMatchObject([400, { id: 1, error: { code: -32600 } }]);
  expect((await post(url, PING)).status).toBe(200);
  await clickOn(world, ts, 'approve');
  expect((await call).json()).toMatchObject({ result: { structuredContent: { status: 'answered' } } });
  expect((await post(url, PING, { headers })).status).toBe(200);
});

test('a question that is nested too deep is an error of its call', async () => {
  const { url } = await startAsking();
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  const { status, text } = await post(
    url,
    JSON.stringify(build(1, { fields: 0 })).replace('"fields":0', `"fields":${deep}`),
  );
  expect(status).toBe(200);
  expect(JSON.parse(text).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/nested/) }],
  });
});

test('the same request_id over HTTP and stdio is the same card', async () => {
  const { world, url } = await startAsking();
  const [http, stdio] = [await connectClient('HTTP', url), await connectClient('stdio', url)];
  const args = { ...SHIP, request_id: 'b42', wait: 0 };
  const [one, two] = [await callTool(http, 'ask_human', args), await callTool(stdio, 'ask_human', args)];
  expect(one).toEqual(two);
  await seesCard(world, 'Ship build 42?');
  expect(shown(world.workspace).filter(({ approval }) => approval !== undefined)).toHaveLength(1);
});

test('a crew whose programs cannot ask has no MCP server', async () => {
  const { url } = await startBot(await startWorld());
  expect((await post(url, PING)).status).toBe(404);
});

describe('a request of 2026-07-28', () => {
  const discover = (envelope: object, more: object = {}) => ({
    ...{ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: envelope } },
    ...more,
  });
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' };

  test('has headers that agree with its body, else it is a 400 that says so', async () => {
    const { bot, url } = await startAsking();
    const found = await post(url, discover(writeEnvelope()), { headers });
    expect([found.status, found.json().result]).toMatchObject([
      200,
      { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, resultType: 'complete' },
    ]);
    const { 'mcp-method': _, ...versionOnly } = headers;
    for (const wrong of [{ ...headers, 'mcp-method': 'tools/list' }, versionOnly]) {
      const { status, json } = await post(url, discover(writeEnvelope()), { headers: wrong });
      expect([status, json()]).toMatchObject([400, { id: 1, error: { code: -32020 } }]);
    }
    expect(bot.logged.filter((line) => /webhook rejected|request failed/.test(line))).toEqual([]);
  });

  test('of an unknown version or method, or without its capabilities, is answered as the specification says', async () => {
    const { url } = await startAsking();
    const version = '2099-01-01';
    const other = await post(url, discover(writeEnvelope({ version })), {
      headers: { ...headers, 'mcp-protocol-version': version },
    });
    expect([other.status, other.json().error]).toMatchObject([
      400,
      { code: -32022, data: { supported: ['2026-07-28'], requested: version } },
    ]);
    const unknown = await post(url, discover(writeEnvelope(), { method: 'resources/list' }), {
      headers: { ...headers, 'mcp-method': 'resources/list' },
    });
    expect([unknown.status, unknown.json().error.code]).toEqual([404, -32601]);
    const { 'io.modelcontextprotocol/clientCapabilities': __, ...without } = writeEnvelope();
    const undeclared = await post(url, discover(without), { headers });
    expect([undeclared.status, undeclared.json().error.code]).toEqual([400, -32602]);
    const listen = await post(url, discover(writeEnvelope(), { method: 'subscriptions/listen' }), {
      headers: { ...headers, 'mcp-method': 'subscriptions/listen' },
    });
    expect(listen.json()).toHaveProperty('error');
  });

  test('needs the ask secret and no web page, and a task needs its own extension declared', async () => {
    const { url } = await startAsking();
    const statusOf = async (more: Record<string, string>) =>
      (await post(url, discover(writeEnvelope()), { headers: { ...headers, ...more } })).status;
    expect(await statusOf({ origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf({ authorization: 'Bearer wrong' })).toBe(401);
    const get = discover(writeEnvelope(), {
      method: 'tasks/get',
      params: { taskId: 'x', _meta: writeEnvelope() },
    });
    const { status, json } = await post(url, get, {
      headers: { ...headers, 'mcp-method': 'tasks/get', 'mcp-name': 'x' },
    });
    expect([status, json().error.code]).toEqual([400, -32021]);
  });

  test('is cancelled by closing its response, and told of progress by events only if it wants to be', async () => {
    const { world, url } = await startAsking();
    const ask = (
      id: number,
      title: string,
      meta: object,
      args: object = {},
      init: { signal?: AbortSignal } = {},
    ) =>
      post(url, build(id, { title, ...args }, { _meta: { ...writeEnvelope(), ...meta } }), {
        headers: { ...headers, 'mcp-method': 'tools/call', 'mcp-name': 'ask_human' },
        ...init,
      });
    const gone = new AbortController();
    // Requests are independent: the same id at once is no error.
    const left = ask(1, 'Ship build 42?', {}, {}, { signal: gone.signal });
    const told = ask(1, 'Ship build 43?', { progressToken: 7 });
    await seesCard(world, 'Ship build 42?');
    const { ts } = await seesCard(world, 'Ship build 43?');
    gone.abort();
    await expect(left).rejects.toThrow();
    await expect
      .poll(() => shown(world.workspace).find(({ all }) => all.includes('Ship build 42?'))?.all)
      .toContain('withdrew this question');
    await clickOn(world, ts, 'approve');
    const { headers: received, text } = await told;
    expect(received.get('content-type')).toMatch(/^text\/event-stream/);
    const events = text.split('\n').filter((line) => line.startsWith('data: '));
    expect(JSON.parse(events[0]?.slice(6) ?? '')).toMatchObject({
      ...{ method: 'notifications/progress', params: { progressToken: 7 } },
    });
    expect(JSON.parse(events.at(-1)?.slice(6) ?? '')).toMatchObject({
      result: { structuredContent: { status: 'answered' } },
    });
    await seesCard(world, texts.state.received());
    const plain = await ask(2, 'Ship build 44?', {}, { wait: 0 });
    expect(plain.headers.get('content-type')).toMatch(/^application\/json/);
    expect(plain.json()).toMatchObject({ result: { structuredContent: { status: 'waiting' } } });
  });
});
