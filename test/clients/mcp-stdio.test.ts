import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { QuestionsClient } from '../../src/clients/client.ts';
import { serveMcp } from '../../src/clients/mcp-stdio.ts';
import { build, checkout } from '../support/checkout.ts';
import { clickOn } from '../support/process-steps.ts';
import { startGate } from '../support/spawn-bot.ts';
import { shown, startWorld } from '../support/world.ts';
import {
  ASK_SECRET,
  buildEnvironment,
  callTool,
  connectClient,
  seesCard,
  startAsking,
  startCommand,
  writeEnvelope,
} from './mcp-client.ts';

const SHIP = { title: 'Ship build 42?', text: 'All 312 tests passed.' };

const request = (id: number | string, method: string, params: object = {}) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const askHuman = (id: number, args: object) =>
  request(id, 'tools/call', { name: 'ask_human', arguments: args });

test('answers what is no message, or none that it knows, with errors of JSON-RPC, and goes on', async () => {
  const server = startCommand(buildEnvironment('http://127.0.0.1:1'));
  server.write('garbage\n\n  \n');
  server.write('[{"jsonrpc":"2.0","id":1,"method":"ping"}]\n');
  server.write('{"id":1,"method":"ping"}\n');
  server.write('{"jsonrpc":"2.0","id":{},"method":"ping"}\n');
  server.write(
    '{"jsonrpc":"2.0","id":7,"result":{}}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n',
  );
  server.write('{"jsonrpc":"2.0","id":8,"method":"ping","params":[]}\n');
  server.write(request(9, 'resources/list'));
  server.child.stdin?.write(Buffer.from([0xff, 0xfe, 0x0a]));
  server.write(request('last', 'ping'));
  expect(await server.answers('last')).toEqual({ jsonrpc: '2.0', id: 'last', result: {} });
  expect((await server.answers(9)).error?.code).toBe(-32601);
  expect((await server.answers(8)).error?.code).toBe(-32602);
  const nameless = server.messages().filter(({ id }) => id === null);
  expect(nameless.map(({ error }) => error?.code)).toEqual([-32700, -32600, -32600, -32600, -32700]);
  server.end();
  expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a line of 2 MB is an answer for its own call, and a longer one than can be a message is not kept', async () => {
  const { url } = await startAsking();
  const server = startCommand(buildEnvironment(url));
  server.write(askHuman(1, { ...SHIP, text: 'x'.repeat(2_000_000), wait: 0 }));
  server.write(`${'x'.repeat(5_000_000)}\n`);
  server.write(request(2, 'ping'));
  expect(await server.answers(2)).toMatchObject({ result: {} });
  expect((await server.answers(1)).result).toEqual({
    isError: true,
    content: [{ type: 'text', text: 'The question was rejected: The question is larger than 1 MiB.' }],
  });
  expect((await server.answers(null)).error).toMatchObject({ code: -32600 });
});

test('a message that comes in pieces, and two at once, are each answered', async () => {
  const server = startCommand(buildEnvironment('http://127.0.0.1:1'));
  const text = request('é', 'ping');
  const bytes = Buffer.from(text + request(2, 'tools/list') + request(3, 'ping'));
  for (const byte of bytes.subarray(0, 60)) server.child.stdin?.write(Buffer.from([byte]));
  server.child.stdin?.write(bytes.subarray(60));
  for (const id of ['é', 2, 3]) expect(await server.answers(id)).toHaveProperty('result');
});

test('a request under the id of one that waits is rejected, and the first is still answered and cancelled by it', async () => {
  const { world, url } = await startAsking();
  const server = startCommand(buildEnvironment(url));
  server.write(askHuman(1, SHIP));
  await seesCard(world, 'Ship build 42?');
  server.write(request(1, 'ping'));
  expect(await server.answers(1)).toMatchObject({ id: 1, error: { code: -32600 } });
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  server.write(`${JSON.stringify(cancelled)}\n`);
  await seesCard(world, 'withdrew this question');
  const withdrawn = () =>
    server.write(request(1, 'ping')) ?? server.messages().some(({ id, result }) => id === 1 && result);
  // The id is free again.
  await expect.poll(withdrawn).toBe(true);
});

test.each([
  ['2025-11-25', '2025-11-25'],
  ['2025-06-18', '2025-06-18'],
  ['2025-03-26', '2025-03-26'],
  ['2024-11-05', '2025-11-25'],
  [undefined, '2025-11-25'],
])('a client of the version %s is answered with %s', async (protocolVersion, answered) => {
  const server = startCommand(buildEnvironment('http://127.0.0.1:1'));
  server.write(request(1, 'initialize', { protocolVersion }));
  expect((await server.answers(1)).result).toMatchObject({
    protocolVersion: answered,
    serverInfo: { name: 'crew-approvals' },
  });
});

/** A call of a client of 2026-07-28. */
const askStateless = (id: number, args: object, more: object = {}) =>
  request(id, 'tools/call', {
    ...{ name: 'ask_human', arguments: args },
    _meta: { ...writeEnvelope(), ...more },
  });

test('a client of 2026-07-28 is told of progress, cancels a call, and cannot use the id of a running one', async () => {
  const { world, url } = await startAsking();
  const server = startCommand(buildEnvironment(url));
  server.write(askStateless(1, SHIP, { progressToken: 'p' }));
  await seesCard(world, 'Ship build 42?');
  await expect
    .poll(() => server.messages())
    .toMatchObject([{ method: 'notifications/progress', params: { progressToken: 'p', progress: 0 } }]);
  server.write(askStateless(1, { ...SHIP, title: 'Ship build 43?' }));
  expect(await server.answers(1)).toMatchObject({ error: { code: -32600 } });
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  server.write(`${JSON.stringify(cancelled)}\n`);
  await seesCard(world, 'withdrew this question');
  // The id is free again.
  server.write(request(1, 'server/discover', { _meta: writeEnvelope() }));
  await expect.poll(() => server.messages().some(({ id, result }) => id === 1 && result)).toBe(true);
});

test('each request says its version: an unknown one is answered with those that are known, at any time', async () => {
  const server = startCommand(buildEnvironment('http://127.0.0.1:1'));
  const discover = (id: number, version: string) =>
    server.write(request(id, 'server/discover', { _meta: writeEnvelope({ version }) }));
  discover(1, '2099-01-01');
  discover(2, '2026-07-28');
  expect((await server.answers(2)).result).toMatchObject({
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } },
    instructions: expect.stringContaining('ask_human'),
  });
  discover(3, '2099-01-01');
  for (const id of [1, 3])
    expect((await server.answers(id)).error).toMatchObject({
      code: -32022,
      data: { supported: ['2026-07-28'], requested: '2099-01-01' },
    });
  server.write(request(4, 'initialize', { protocolVersion: '2025-11-25' }));
  const welcome = (await server.answers(4)).result;
  expect(welcome).toMatchObject({ protocolVersion: '2025-11-25' });
  // A client of 2025 is not told of what it cannot use.
  expect(welcome.capabilities).toEqual({ tools: {} });
  server.write(request(5, 'resources/list', { _meta: writeEnvelope() }));
  expect((await server.answers(5)).error?.code).toBe(-32601);
  server.write(request(6, 'subscriptions/listen', { _meta: writeEnvelope(), notifications: {} }));
  expect(await server.answers(6)).toHaveProperty('error');
  server.write(
    request(7, 'tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }),
  );
  expect((await server.answers(7)).error?.code).toBe(-32602);
});

test('with --effect, its questions are irreversible, and the configuration names it', async () => {
  const { world, url } = await startAsking();
  const args = ['--effect', 'irreversible'];
  const server = startCommand(buildEnvironment(url), { args, cwd: world.folder });
  server.write(askHuman(1, { ...SHIP, wait: 0 }));
  await server.answers(1);
  await seesCard(world, 'The action is irreversible once it runs.');
  const print = startCommand(buildEnvironment(url), { args: [...args, '--print-config'], cwd: world.folder });
  const { stdout } = await print.ended;
  expect(JSON.parse(stdout).mcpServers['crew-approvals'].args.slice(1)).toEqual(['mcp', ...args]);
  const wrong = startCommand(buildEnvironment(url), { args: ['--effect', 'no'], cwd: world.folder });
  expect((await wrong.ended).code).toBe(1);
});

test.each([
  ['2025', askHuman],
  ['2026-07-28', askStateless],
])(
  'at the end of the input it withdraws the questions of %s that nobody can fetch, and ends',
  async (_, call) => {
    const { world, url } = await startAsking();
    const server = startCommand(buildEnvironment(url));
    server.write(call(1, SHIP));
    server.write(call(2, { ...SHIP, title: 'Ship build 43?', request_id: 'b43' }));
    await seesCard(world, 'Ship build 42?');
    await seesCard(world, 'Ship build 43?');
    server.end();
    expect(await server.ended).toMatchObject({ code: 0, stdout: '' });
    const find = (title: string) => shown(world.workspace).find(({ all }) => all.includes(title));
    await expect.poll(() => find('Ship build 42?')?.all).toContain('withdrew this question');
    expect(find('Ship build 43?')?.buttons).toContain('Approve');
  },
);

test('ends by SIGTERM while its input is open, and when nobody reads its output', async () => {
  const environment = buildEnvironment('http://127.0.0.1:1');
  const server = startCommand(environment);
  server.write(request(1, 'ping'));
  await server.answers(1);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  const other = startCommand(environment);
  other.write(request(1, 'ping'));
  await other.answers(1);
  other.child.stdout?.destroy();
  other.write(request(2, 'ping') + request(3, 'ping'));
  expect((await other.ended).code).toBe(0);
});

test('a bot that is down is waited for, and named if it does not come back in time', async () => {
  const { world, url } = await startAsking();
  const gate = await startGate(url);
  await gate.shut();
  const client = await connectClient('stdio', gate.url);
  const down = await callTool(client, 'get_answer', { id: 'b42', wait: 0 });
  expect(down).toMatchObject({
    isError: true,
    content: [{ type: 'text', text: 'The approvals bot did not answer (ECONNREFUSED).' }],
  });
  const asked = callTool(client, 'ask_human', { ...SHIP, wait: 40 });
  await gate.open();
  const { ts } = await seesCard(world, 'Ship build 42?');
  await clickOn(world, ts, 'approve');
  expect((await asked).structuredContent).toMatchObject({ status: 'answered' });
});

test('a wrong secret is an error at once, which names the settings and not the secret', async () => {
  const { url } = await startAsking();
  const client = await connectClient('stdio', url, { secret: 'a-wrong-secret' });
  const { isError, content } = await callTool(client, 'ask_human', SHIP);
  expect(isError).toBe(true);
  expect(content[0]?.text).toMatch(/rejects this server.*BOT_URL, CREW_NAME, ASK_SECRET/);
  expect(JSON.stringify(content)).not.toContain('a-wrong-secret');
});

test('a .env in its working directory is not read', async () => {
  const [own, other] = [await startAsking(), await startWorld()];
  writeFileSync(
    join(other.folder, '.env'),
    'BOT_URL=http://127.0.0.1:1\nASK_SECRET=another-secret-of-16\nCREW_NAME=other\n',
  );
  const client = await connectClient('stdio', own.url, { cwd: other.folder });
  const { structuredContent } = await callTool(client, 'ask_human', { ...SHIP, wait: 0 });
  expect(structuredContent).toMatchObject({ status: 'waiting' });
  await seesCard(own.world, 'Ship build 42?');
  const without = startCommand({ PATH: process.env.PATH ?? '' }, { cwd: other.folder });
  expect(await without.ended).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'BOT_URL, CREW_NAME, ASK_SECRET are not set: set them in the environment or in a file that --config names.\n',
  });
});

test('its settings can come from a file, and a wrong one is named in one sentence', async () => {
  const { world, url } = await startAsking();
  const file = join(world.folder, 'mcp.conf');
  writeFileSync(file, `# approvals\n\nBOT_URL=${url}\r\nCREW_NAME = press\nASK_SECRET="${ASK_SECRET}"\n`);
  const server = startCommand({ PATH: '', BOT_URL: 'http://127.0.0.1:1' }, { args: ['--config', file] });
  server.write(askHuman(1, { ...SHIP, wait: 0 }));
  expect((await server.answers(1)).result?.isError).toBeUndefined();
  await seesCard(world, 'Ship build 42?');

  const fails = async (config: string, settings: Record<string, string> = {}) => {
    writeFileSync(file, config);
    const { code, stderr } = await startCommand({ PATH: '', ...settings }, { args: ['--config', file] })
      .ended;
    expect(code).toBe(1);
    return stderr;
  };
  expect(await fails('SLACK_BOT_TOKEN=x\n')).toBe(
    `${file}, line 1: SLACK_BOT_TOKEN is not a setting; the settings are BOT_URL, CREW_NAME, ASK_SECRET.\n`,
  );
  expect(await fails('CREW_NAME=press\nwhatever\n')).toMatch(/line 2: a line is NAME=value/);
  expect(await fails('BOT_URL=http://bot.example.com\nCREW_NAME=a\nASK_SECRET=b\n')).toMatch(
    /^url must begin with https: bot\.example\.com is not this machine.*\n$/,
  );
  // Another bot or crew of the environment would not be meant.
  expect(await fails('BOT_URL=https://bot.example.com\n', { CREW_NAME: 'a', ASK_SECRET: 'b' })).toBe(
    `CREW_NAME, ASK_SECRET are not set: set them in ${file}.\n`,
  );
  expect(await fails('CREW_NAME=a\nASK_SECRET=b\nBOT_URL=\n', { BOT_URL: 'https://a.example' })).toBe(
    `BOT_URL is not set: set it in ${file}.\n`,
  );
  const missing = startCommand({ PATH: '' }, { args: ['--config', join(world.folder, 'none')] });
  expect(await missing.ended).toMatchObject({
    code: 1,
    stderr: `${join(world.folder, 'none')} cannot be read (ENOENT).\n`,
  });
});

test('prints a configuration for MCP clients that starts this installation, and works', async () => {
  const { world, url } = await startAsking();
  const folder = checkout();
  build(folder);
  const script = join(folder, 'src', 'start.mjs');
  const print = startCommand(buildEnvironment(url), {
    script,
    args: ['mcp', '--print-config'],
    cwd: world.folder,
  });
  const { code, stdout } = await print.ended;
  expect(code).toBe(0);
  const { command, args, env } = JSON.parse(stdout).mcpServers['crew-approvals'];
  expect([command, args]).toEqual([process.execPath, [script, 'mcp']]);
  expect(env).toEqual({ BOT_URL: url, CREW_NAME: 'press', ASK_SECRET });
  const server = startCommand(
    { PATH: '', ...env },
    { script: args[0], args: args.slice(1), cwd: world.folder },
  );
  server.write(askHuman(1, { ...SHIP, wait: 0 }));
  expect((await server.answers(1)).result?.isError).toBeUndefined();
  await seesCard(world, 'Ship build 42?');

  writeFileSync(join(world.folder, 'mcp.conf'), 'CREW_NAME=press\n');
  const named = startCommand(buildEnvironment(url), {
    script,
    args: ['mcp', '--print-config', '--config', 'mcp.conf'],
    cwd: world.folder,
  });
  const printed = JSON.parse((await named.ended).stdout).mcpServers['crew-approvals'];
  expect(printed).toEqual({
    command: process.execPath,
    args: [script, 'mcp', '--config', join(world.folder, 'mcp.conf')],
  });
});

test.each([
  ['2025', askHuman],
  ['2026-07-28', askStateless],
  [
    '2026-07-28 with tasks',
    (id: number, args: object) => askStateless(id, args, writeEnvelope({ tasks: true })),
  ],
])(
  'a question of %s whose result cannot be written is withdrawn if it has no request_id',
  async (_, call) => {
    const withdrawn: string[] = [];
    const asked: string[] = [];
    const state = (id: string) => Promise.resolve({ id, status: 'waiting' as const });
    const client: QuestionsClient = {
      async put(id) {
        asked.push(id);
      },
      ...{ read: state, poll: state, waitFor: state, received: state },
      withdraw(id) {
        withdrawn.push(id);
        return state(id);
      },
    };
    const input = new PassThrough();
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const served = serveMcp(input, output, {
      ...{ client, version: '1', secret: ASK_SECRET, stop: new AbortController().signal },
      onError: () => {},
    });
    input.write(call(1, { ...SHIP, wait: 0 }) + call(2, { ...SHIP, wait: 0, request_id: 'b42' }));
    await served;
    expect(asked).toHaveLength(2);
    expect(withdrawn).toEqual(asked.filter((id) => id !== 'mcp:b42'));
  },
);

test.each([
  ['2025', askHuman],
  ['2026-07-28', askStateless],
])('at the end of the input it waits until the bot has withdrawn the question of %s', async (_, call) => {
  let isWithdrawn = false;
  const asked = new EventEmitter();
  const state = (id: string) => Promise.resolve({ id, status: 'waiting' as const });
  const client: QuestionsClient = {
    put: async () => {},
    ...{ read: state, poll: state, received: state },
    waitFor: (_id, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        asked.emit('waits');
      }),
    async withdraw(id) {
      // Some turns of the event loop, as a request takes.
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      isWithdrawn = true;
      return state(id);
    },
  };
  const input = new PassThrough();
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const served = serveMcp(input, output, {
    ...{ client, version: '1', secret: ASK_SECRET, stop: new AbortController().signal },
    onError: () => {},
  });
  const waits = once(asked, 'waits');
  input.write(call(1, SHIP));
  await waits;
  input.end();
  await served;
  expect(isWithdrawn).toBe(true);
});
