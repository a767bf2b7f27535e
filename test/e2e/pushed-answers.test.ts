import { spawn } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { freePort } from '../support/free-port.ts';
import { clickOn } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-programs';
const ANSWER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const DOCUMENT = readFileSync('docs/answers-by-webhook.md', 'utf8');

/** Asks a question whose answer is sent to this port. */
async function asks(bot: { url: string }, port: number): Promise<void> {
  const body = {
    title: 'Ship build 42?',
    text: 'All passed.',
    callback_url: `http://127.0.0.1:${port}/resume`,
  };
  const response = await fetch(`${bot.url}/crews/deploys/questions/q1`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ASK_SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.text()).toBe(201);
}

const settingsFor = (port: number) => ({
  ASK_SECRET,
  ANSWER_SECRET,
  ANSWER_HOSTS: `127.0.0.1:${port}`,
  CREW_NAME: 'deploys',
});

test.each([
  ['JavaScript', /```js\n([\s\S]*?)```/, 'receive.mjs', process.execPath],
  ['Python', /```python\n([\s\S]*?)```/, 'receive.py', 'python3'],
])(
  'the receiver of docs/answers-by-webhook.md in %s takes an answer, and refuses one that is not signed',
  async (_, block, file, program) => {
    const world = await startWorld();
    const port = await freePort();
    const code = (block.exec(DOCUMENT)?.[1] ?? '').replaceAll('5678', String(port));
    writeFileSync(join(world.folder, file), code);
    symlinkSync(resolve('node_modules'), join(world.folder, 'node_modules'));
    const receiver = spawn(program, [file], { cwd: world.folder, env: { ...process.env, ANSWER_SECRET } });
    onTestFinished(() => void receiver.kill('SIGKILL'));
    let said = '';
    for (const stream of [receiver.stdout, receiver.stderr]) stream.on('data', (part) => (said += part));
    const post = (headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: '{}' });
    expect((await until(() => post())).status, said).toBe(401);
    const forged = { 'webhook-id': 'm', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' };
    expect((await post(forged)).status).toBe(401);
    const bot = await startBot(world, settingsFor(port));
    await asks(bot, port);
    const card = await sees(world.workspace, 'the question', ({ all }) => all.includes('Ship build 42?'));
    await clickOn(world, card.ts, 'approve');
    await sees(world.workspace, 'received', ({ all }) => all.includes(texts.state.received()));
    expect(said).toMatch(/^q1 answered approve/m);
  },
);

test('a bot that is killed between an answer and its delivery delivers it after its start, once taken, under one id', async () => {
  const world = await startWorld();
  const port = await freePort();
  const received: { id: string; body: string }[] = [];
  let takes = false;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      new Webhook(ANSWER_SECRET).verify(body, request.headers as Record<string, string>);
      received.push({ id: String(request.headers['webhook-id']), body });
      // The bot dies while it waits for this.
      if (takes) response.writeHead(204).end();
    });
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const first = await spawnBot(world, settingsFor(port));
  await asks(first, port);
  const card = await sees(world.workspace, 'the question', ({ all }) => all.includes('Ship build 42?'));
  await clickOn(world, card.ts, 'approve');
  await until(() => expect(received).toHaveLength(1));
  await first.kill();
  takes = true;
  await spawnBot(world, settingsFor(port));
  await sees(world.workspace, 'received', ({ all }) => all.includes(texts.state.received()));
  expect(received).toHaveLength(2);
  expect(received[1]).toEqual(received[0]);
});
