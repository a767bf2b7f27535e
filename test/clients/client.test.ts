import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type CallOptions,
  CrewApprovals,
  QuestionClosed,
  QuestionRejected,
} from '../../src/clients/client.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { BUILT } from '../support/build.ts';
import { clickOn } from '../support/process-steps.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { atEnd } from '../support/shared.ts';
import { spawnBot, startGate } from '../support/spawn-bot.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const SECRET = HOSTED.ASK_SECRET as string;
const SHIP = { title: 'Ship build 42?', text: 'All 312 tests passed.' };

/** A client whose retries the test sees. */
function createTestClient(url: string, crew = 'press') {
  const failures: string[] = [];
  const onRetry: CallOptions['onRetry'] = ({ message }) => void failures.push(message);
  return { client: new CrewApprovals({ url, crew, secret: SECRET, onRetry }), failures };
}

async function startAsking(settings: Record<string, string> = {}) {
  const world = await startWorld();
  const bot = await startBot(world, { ...HOSTED, ...settings });
  return { world, url: `http://127.0.0.1:${bot.port}` };
}

const seesCard = (world: Awaited<ReturnType<typeof startWorld>>, words: string) =>
  sees(world.workspace, words, ({ all }) => all.includes(words));

test('a program asks without an id, and the card says that it has the answer', async () => {
  const { world, url } = await startAsking();
  const asked = createTestClient(url).client.ask(SHIP);
  const { ts } = await seesCard(world, 'Ship build 42?');
  await clickOn(world, ts, 'approve');
  expect(await asked).toMatchObject({ option: 'approve', text: '', by: 'UANA' });
  await seesCard(world, texts.state.received());
});

test('the same call with the same id is the same question, and gets the same answer', async () => {
  const { world, url } = await startAsking();
  const { client } = createTestClient(url);
  const both = [client.ask(SHIP, { id: 'build-42' }), client.ask(SHIP, { id: 'build-42' })];
  const { ts } = await seesCard(world, 'Ship build 42?');
  await clickOn(world, ts, 'approve');
  const [first, second] = await Promise.all(both);
  expect(first).toEqual(second);
  expect(await client.ask(SHIP, { id: 'build-42' })).toEqual(first);
  await expect(client.ask({ ...SHIP, text: 'Another.' }, { id: 'build-42' })).rejects.toMatchObject({
    name: 'QuestionRejected',
    status: 409,
    code: 'other_content',
  });
});

test('a question outlives a restart of the bot and a cut network, and the program is told of each retry', async () => {
  const world = await startWorld();
  const bot = await spawnBot(world, HOSTED);
  const gate = await startGate(bot.url);
  await gate.shut();
  const { client, failures } = createTestClient(gate.url);
  const asked = client.ask(SHIP);
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  await gate.open();
  const { ts } = await seesCard(world, 'Ship build 42?');
  await bot.kill();
  const before = failures.length;
  await expect.poll(() => failures.length).toBeGreaterThan(before);
  await bot.restart();
  await clickOn(world, ts, 'approve');
  expect(await asked).toMatchObject({ option: 'approve', by: 'UANA' });
  expect(failures[0]).toBe('ECONNREFUSED');
});

test('a question without an id is withdrawn when its program stops waiting, one with an id is not', async () => {
  const { world, url } = await startAsking();
  const { client } = createTestClient(url);
  const stop = new AbortController();
  const once = client.ask(SHIP, { signal: stop.signal });
  const kept = client.ask({ ...SHIP, title: 'Ship build 43?' }, { id: 'build-43', signal: stop.signal });
  await seesCard(world, 'Ship build 42?');
  const { ts } = await seesCard(world, 'Ship build 43?');
  stop.abort(new Error('enough'));
  expect(await Promise.allSettled([once, kept])).toMatchObject([
    { status: 'rejected', reason: { message: 'enough' } },
    { status: 'rejected', reason: { message: 'enough' } },
  ]);
  await sees(world.workspace, 'withdrawn', ({ all }) => /Ship build 42\?[\s\S]*[Ww]ithdr/.test(all));
  await clickOn(world, ts, 'approve');
  expect(await client.ask({ ...SHIP, title: 'Ship build 43?' }, { id: 'build-43' })).toMatchObject({
    option: 'approve',
  });
});

test('a call that waits too long rejects with a TimeoutError', async () => {
  const { url } = await startAsking();
  const { client } = createTestClient(url);
  await expect(client.ask(SHIP, { timeout: 0.2 })).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a bot that takes its time to say how a question stands is not taken for one that is away', async () => {
  const busy = createServer((_, response) => {
    setTimeout(() => response.end('{"id":"q1","status":"waiting"}'), 1_500);
  });
  await once(busy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void busy.close());
  const { client, failures } = createTestClient(`http://127.0.0.1:${(busy.address() as AddressInfo).port}`);
  expect(await client.waitFor('q1', { wait: 0 })).toMatchObject({ status: 'waiting' });
  expect(failures).toEqual([]);
});

test('a question that is withdrawn rejects as closed, and one with a wrong field names it', async () => {
  const { world, url } = await startAsking();
  const { client } = createTestClient(url);
  const asked = client.ask(SHIP, { id: 'build-44' });
  await seesCard(world, 'Ship build 42?');
  expect(await client.withdraw('build-44')).toMatchObject({ status: 'withdrawn' });
  await expect(asked).rejects.toMatchObject({ name: 'QuestionClosed', id: 'build-44', status: 'withdrawn' });
  await expect(client.ask(SHIP, { id: 'build-44' })).rejects.toBeInstanceOf(QuestionClosed);
  const wrong = await client.ask({ title: '', text: 'x', expires_in: 0 }).catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(QuestionRejected);
  expect(wrong).toMatchObject({ status: 422, code: 'invalid_fields' });
  expect((wrong as Error).message).toMatch(/title.*expires_in/);
  expect(await client.read('never-asked')).toEqual({ id: 'never-asked', status: 'unknown' });
  expect(await client.received('never-asked')).toEqual({ id: 'never-asked', status: 'unknown' });
});

test('a question of 1 MiB is taken by the bot and by the client, and one of a byte more by neither', async () => {
  const { url } = await startAsking();
  const { client } = createTestClient(url);
  const build = (size: number) => {
    const empty = JSON.stringify({ title: 'Ship it?', output: [''] });
    return JSON.stringify({ title: 'Ship it?', output: ['x'.repeat(size - empty.length)] });
  };
  const put = (id: string, body: string) =>
    fetch(`${url}/crews/press/questions/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body,
    });
  expect((await put('bot-1', build(1_048_576))).status).toBe(201);
  expect((await put('bot-2', build(1_048_577))).status).toBe(413);
  await client.put('node-1', build(1_048_576));
  await expect(client.put('node-2', build(1_048_577))).rejects.toMatchObject({ status: 413 });
  const states = ['node-1', 'node-2'].map(async (id) => (await client.read(id)).status);
  expect(await Promise.all(states)).toEqual(['waiting', 'unknown']);
});

test('the arguments of a tool reach the card as they were written, and only a click on Allow allows it', async () => {
  const { world, url } = await startAsking({ APPROVERS: 'UANA' });
  const { client } = createTestClient(url);
  const argumentsText = '{"amount":12345678901234567890.10,"to":"ACME"}';
  const paid = client.tool({ title: 'pay', argumentsText });
  const { ts } = await seesCard(world, '12345678901234567890.10');
  await clickOn(world, ts, 'choose_1');
  expect(await paid).toEqual({ allowed: true, by: 'UANA' });
  const mailed = client.tool({ title: 'send_mail', arguments: { to: 'all' } });
  const second = await seesCard(world, 'send_mail');
  await clickOn(world, second.ts, 'choose_2');
  expect(await mailed).toMatchObject({ allowed: false, by: 'UANA' });
});

test('arguments that JSON would not show as they are, or that are not one value, are not asked about', async () => {
  const { client } = createTestClient('https://approvals.example.com');
  const shared = { amount: 1, toJSON: () => ({ amount: 0 }) };
  const extended = Object.assign([1], { currency: 'EUR' });
  const symbolic = { amount: 1, [Symbol('currency')]: 'EUR' };
  const hidden = Object.defineProperty({ amount: 1 }, 'currency', { value: 'EUR' });
  const values = [undefined, 1n, Number.NaN, -0, new Map(), new Date(0), [undefined], extended, shared];
  for (const value of [...values, symbolic, hidden])
    await expect(client.tool({ title: 'pay', arguments: { value: [value] } })).rejects.toBeInstanceOf(
      TypeError,
    );
  for (const argumentsText of ['', '1,"kind":"question"', '{}{}'])
    await expect(client.tool({ title: 'pay', argumentsText })).rejects.toBeInstanceOf(SyntaxError);
});

const hasProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');

test.each([
  ['NODE_USE_ENV_PROXY', '1'],
  ['NODE_OPTIONS', '--use-env-proxy'],
  ['NODE_OPTIONS', '--use_env_proxy'],
])('a client sends nothing in plain text to the proxy of the environment (%s)', (name, value) => {
  const flags = process.allowedNodeEnvironmentFlags;
  onTestFinished(() => {
    vi.unstubAllEnvs();
    Object.assign(process, { allowedNodeEnvironmentFlags: flags });
  });
  const make = (url: string) => () => new CrewApprovals({ url, crew: 'press', secret: SECRET });
  vi.stubEnv('HTTP_PROXY', 'http://proxy.example:8080');
  vi.stubEnv(name, value);
  if (!hasProxies) expect(make('http://[::1]:3000')).not.toThrow();
  Object.defineProperty(process, 'allowedNodeEnvironmentFlags', {
    value: new Set(['--use-env-proxy']),
    configurable: true,
    writable: true,
  });
  expect(make('http://[::1]:3000')).toThrow(/through the proxy .* add it to NO_PROXY\.$/);
  expect(make('https://approvals.example.com')).not.toThrow();
  for (const direct of ['*', 'example.com, [::1]', '[::1]:3000']) {
    vi.stubEnv('NO_PROXY', direct);
    expect(make('http://[::1]:3000'), direct).not.toThrow();
  }
  // As Node reads it.
  for (const proxied of ['::1', '*,example.com', '[::1]:3001']) {
    vi.stubEnv('NO_PROXY', proxied);
    expect(make('http://[::1]:3000'), proxied).toThrow(/NO_PROXY/);
  }
  vi.stubEnv('NO_PROXY', 'LOCALHOST');
  expect(make('http://localhost')).not.toThrow();
});

/** Sets the dispatcher of undici 7 for one test. The package undici makes it a property that can be written, not defined. */
function setDispatcher(dispatcher: object) {
  const name = Symbol.for('undici.globalDispatcher.2');
  const globals = globalThis as unknown as Record<symbol, unknown>;
  const before = globals[name];
  onTestFinished(() => {
    globals[name] = before;
  });
  globals[name] = dispatcher;
}

test.each([
  ['that Node was told of by a file', ['--use-env-proxy']],
  ['of a package, where Node itself knows none', []],
])('a client finds a proxy %s', (_, known) => {
  const flags = process.allowedNodeEnvironmentFlags;
  onTestFinished(() => {
    vi.unstubAllEnvs();
    Object.assign(process, { allowedNodeEnvironmentFlags: flags });
  });
  vi.stubEnv('HTTP_PROXY', 'http://proxy.example:8080');
  vi.stubEnv('NO_PROXY', '');
  Object.assign(process, { allowedNodeEnvironmentFlags: new Set(known) });
  const make = () => new CrewApprovals({ url: 'http://localhost:3000', crew: 'press', secret: SECRET });
  expect(make).not.toThrow();
  setDispatcher(Object.create(null));
  expect(make).not.toThrow();
  class EnvHttpProxyAgent {}
  setDispatcher(new EnvHttpProxyAgent());
  expect(make).toThrow(/through the proxy/);
});

test('a client without a secret or a crew is an error at once', () => {
  const right = { url: 'https://approvals.example.com', crew: 'press', secret: SECRET };
  const make = (wrong: object) => () => new CrewApprovals({ ...right, ...wrong });
  expect(make({ secret: undefined })).toThrow(new TypeError("secret is empty: it is the crew's ask secret."));
  expect(make({ crew: undefined })).toThrow(new TypeError('crew must not be "undefined".'));
});

test('a wrong secret is retried, since it can be corrected in the bot, and what the caller throws ends the call', async () => {
  const { url } = await startAsking();
  const client = new CrewApprovals({ url, crew: 'press', secret: 'wrong' });
  const onRetry: CallOptions['onRetry'] = (failure) => {
    throw failure;
  };
  await expect(client.ask(SHIP, { id: 'build-45', onRetry })).rejects.toMatchObject({
    name: 'BotUnavailable',
    status: 401,
    code: 'unauthorized',
  });
  await expect(client.put('build-45', SHIP, { within: 0.5, onRetry: () => {} })).rejects.toMatchObject({
    status: 401,
  });
});

/** Puts the clock of the clients forward before each retry. */
function jumpBeforeRetries(seconds: number) {
  const now = performance.now.bind(performance);
  let shift = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + shift * 1_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const said: string[] = [];
  const onRetry: CallOptions['onRetry'] = ({ message }) => {
    said.push(message);
    shift += seconds;
  };
  return { onRetry, said };
}

test.each([
  ['secret', { secret: 'wrong' }, 401],
  ['crew', { crew: 'pres' }, 404],
])(
  'a client whose %s never worked ends after a minute with an error that names the settings',
  async (_, wrong, status) => {
    const { url } = await startAsking();
    const { onRetry, said } = jumpBeforeRetries(40);
    const client = new CrewApprovals({ url, crew: 'press', secret: SECRET, ...wrong, onRetry });
    const asked = () => client.ask(SHIP);
    await expect(asked()).rejects.toMatchObject({
      name: 'BotUnavailable',
      status,
      message: expect.stringMatching(
        /^The bot at .* does not accept this program .* correct url, crew and secret/,
      ),
    });
    expect(said.length).toBe(2);
    await expect(asked()).rejects.toMatchObject({ name: 'BotUnavailable', status });
  },
);

test('how a run goes is told to the bot, and its end closes what still waits of it', async () => {
  const { world, url } = await startAsking();
  const { client } = createTestClient(url);
  const asked = client.ask({ ...SHIP, run: 'nightly' });
  await seesCard(world, 'Ship build 42?');
  await client.endRun('nightly', { state: 'failed', reason: 'The disk is full.' });
  await expect(asked).rejects.toMatchObject({ name: 'QuestionClosed', status: 'closed' });
});

test('a call keeps its timeout, and that of its signal, while memory is collected', async () => {
  const { url } = await startAsking();
  const program = `
    import { CrewApprovals } from ${JSON.stringify(pathToFileURL(join(BUILT, 'clients', 'client.js')).href)};
    const client = new CrewApprovals(${JSON.stringify({ url, crew: 'press', secret: SECRET })});
    const collecting = setInterval(() => global.gc(), 50);
    const asked = [
      client.ask({ title: 'One?', text: 'x' }, { timeout: 2 }),
      client.ask({ title: 'Two?', text: 'x' }, { id: 'two', signal: AbortSignal.timeout(2_000) }),
    ];
    for (const { status, reason } of await Promise.allSettled(asked)) console.log(status, reason?.name);
    clearInterval(collecting);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program]);
  atEnd(async () => void child.kill('SIGKILL'));
  expect(await text(child.stdout)).toBe('rejected TimeoutError\nrejected TimeoutError\n');
});
