import { connect } from 'node:net';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { spawnBot } from '../support/spawn-bot.ts';
import { SECRET, sees, startWorld } from '../support/world.ts';

const MIB = 1_048_576;
const any = { validateStatus: () => true, maxBodyLength: Number.POSITIVE_INFINITY };
const JSON_TYPE = { 'content-type': 'application/json' };
const OPS = { OPS_CHANNEL: 'COPS' };

/** A world with a channel for the operators. */
const start = async () => {
  const world = await startWorld(
    undefined,
    { dialect: 'documented' },
    {
      channels: [
        { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
        { id: 'COPS', name: 'ops', members: ['UANA'], botIsMember: true },
      ],
    },
  );
  return { world, bot: await spawnBot(world, OPS) };
};

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
  const head = `POST ${path} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  await new Promise<void>((resolve) => socket.write(`${head}\r\n\r\n${body}`, () => resolve()));
  return { answered, status: () => status };
}

test('while a large body is read, clicks and health checks are answered; then its card appears', {
  timeout: 120_000,
}, async () => {
  const { world, bot } = await start();
  const { workspace } = world;
  await axios.post(bot.webhook('task'), { name: 'draft', output: 'Hello', kickoff_id: 'run-1' });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));

  const rows = Array.from({ length: (6 * MIB) / 8 }, () => '{"a":1}').join();
  const body = `{"kickoff_id":"run-2","name":"ledger","output":{"rows":[${rows}]}}`;
  const webhook = await sendWhole(bot.port, `/webhooks/press/task?token=${SECRET}`, body);
  // More turns of the loop than it takes to receive the body.
  for (let number = 0; number < 60; number += 1)
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
  await workspace.click({ channel: 'CAPPROVALS', ts: card.ts, user: 'UANA', actionId: 'approve' });
  await sees(workspace, 'the decision', ({ ts, buttons }) => ts === card.ts && !buttons.includes('Approve'));
  expect(webhook.status()).toBeUndefined();

  expect(await webhook.answered).toBe(202);
  await sees(
    workspace,
    'the card of the large output',
    ({ all, buttons }) => all.includes('ledger') && buttons.includes('Approve'),
  );
});

test('a refused webhook is reported to the operators, one that is too large in the channel as well', {
  timeout: 60_000,
}, async () => {
  const { world, bot } = await start();
  const { workspace } = world;
  const post = (url: string, body: unknown) => axios.post(url, body, { ...any, headers: JSON_TYPE });
  expect((await post(bot.webhook('task'), { kickoff_id: 'run-1', name: 'draft' })).status).toBe(422);
  await sees(workspace, 'the 422', ({ all }) => all.includes('rejected (422): output is missing.'), 'COPS');
  const large = { kickoff_id: 'run-1', name: 'draft', output: 'x'.repeat(8 * MIB) };
  expect((await post(bot.webhook('human-input'), large)).status).toBe(413);
  await sees(workspace, 'the 413', ({ all }) => all.includes('rejected (413)'), 'COPS');
  await sees(workspace, 'the 413', ({ all }) =>
    all.includes('A human-input webhook of press was rejected because it is too large'),
  );
  const wrong = `${bot.url}/webhooks/press/task?token=wrong`;
  for (let number = 0; number < 30; number += 1) expect((await post(wrong, {})).status).toBe(401);
  await sees(workspace, 'the 401', ({ all }) => all.includes('secret is missing or wrong (401)'), 'COPS');
  // One line for each: the 422, the 413, and the address of the 401.
  const lines = bot.logged.filter(({ msg }) => msg === 'webhook rejected');
  expect(lines.map(({ status, crew, kind, count }) => ({ status, crew, kind, count }))).toEqual([
    { status: 422, crew: 'press', kind: 'task', count: 1 },
    { status: 413, crew: 'press', kind: 'human-input', count: 1 },
    { status: 401, crew: 'press', kind: 'task', count: 1 },
  ]);
  expect(workspace.messages('COPS')).toHaveLength(3);
  const { data } = await axios.get<string>(`${bot.url}/metrics`);
  expect(data).toContain('crew_approvals_webhooks_total{crew="press",kind="task",status="401"} 30');
});
