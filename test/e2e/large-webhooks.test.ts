import { connect } from 'node:net';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, ready, sendPause } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { SECRET, sees, startWorld } from '../support/world.ts';

const MIB = 1_048_576;

/** Sends a whole webhook, and resolves when it has been handed to the network; `answered`: with its status. */
async function sendWhole(port: number, path: string, body: string) {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let status: number | undefined;
  const answered = new Promise<number>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (chunk) => {
      status = Number(/^HTTP\/1\.1 (\d+)/.exec(String(chunk))?.[1]);
      resolve(status);
    });
  });
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const head = `POST ${path} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n${length}`;
  await new Promise<void>((resolve) => socket.write(`${head}\r\n\r\n${body}`, () => resolve()));
  return { answered, status: () => status };
}

test('while a large body is read, clicks and health checks are answered; then its card appears', {
  timeout: scaleLimit(120_000),
}, async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await spawnBot(world);
  await sendPause(world, bot, { run: 'run-1', output: 'Hello' });
  const card = await sees(workspace, 'the card', ready);

  const rows = Array.from({ length: (6 * MIB) / 8 }, () => '{"a":1}').join();
  const body = `{"kickoff_id":"run-2","name":"ledger","output":{"rows":[${rows}]}}`;
  const webhook = await sendWhole(bot.port, `/webhooks/press/task?token=${SECRET}`, body);
  // More turns of the loop than it takes to receive the body.
  for (let number = 0; number < 60; number += 1)
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'the decision', ({ ts, buttons }) => ts === card.ts && !buttons.includes('Approve'));
  expect(webhook.status()).toBeUndefined();

  expect(await webhook.answered).toBe(202);
  await sees(workspace, 'its card', (one) => one.all.includes('Ledger') && ready(one));
});
