import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { buildHealthRouter, type HealthCheck } from '../../src/http/health.ts';
import { file } from '../support/process-steps.ts';
import { startBot, startWorld } from '../support/world.ts';

const ready = async (url: string) => {
  const { status, data } = await axios.get(`${url}/readyz`, { validateStatus: () => true });
  return [status, data];
};

async function serve(checks: Record<string, HealthCheck>): Promise<string> {
  const server = createServer(express().use(buildHealthRouter({ botToken: 'xoxb-token', checks }))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const works = async () => undefined;

test('each part that does not work is named, and no other', async () => {
  const url = await serve({
    store: async () => Promise.reject(new Error('SQLITE_FULL: /var/lib/secret.db')),
    slack: works,
    worker: async () => 'has not looked for what is due for 31 s',
    channels: async () => 'CAPPROVALS: is_archived',
  });
  expect(await ready(url)).toEqual([
    503,
    {
      status: 'not_ready',
      faults: {
        store: 'could not be checked',
        worker: 'has not looked for what is due for 31 s',
        channels: 'CAPPROVALS: is_archived',
      },
    },
  ]);
  expect(await ready(await serve({ store: works, slack: works }))).toEqual([200, { status: 'ready' }]);
});

test('a bot whose store takes no writes is not ready by the store, and is again afterwards', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  expect(await ready(bot.url)).toEqual([
    503,
    { status: 'not_ready', faults: { store: 'could not be checked' } },
  ]);
  other.exec('COMMIT');
  other.close();
  await expect.poll(() => ready(bot.url)).toEqual([200, { status: 'ready' }]);
});

test('a bot whose channel Slack refuses is not ready by it, with the reason', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  world.workspace.archive('CAPPROVALS');
  await axios.post(bot.webhook('task'), { name: 'draft', output: 'Hello', kickoff_id: 'run-1' });
  await expect
    .poll(() => ready(bot.url))
    .toEqual([503, { status: 'not_ready', faults: { channels: 'CAPPROVALS: is_archived' } }]);
});

test('a bot whose socket is not connected is not ready by Slack', async () => {
  const world = await startWorld([], {}, { appToken: 'xapp-sandbox' });
  const bot = await startBot(world, { SLACK_APP_TOKEN: 'xapp-sandbox', SLACK_SIGNING_SECRET: '' });
  await expect.poll(() => ready(bot.url)).toEqual([200, { status: 'ready' }]);
  world.workspace.failures.plan({
    on: 'apps.connections.open',
    times: Number.POSITIVE_INFINITY,
    failure: { status: 503 },
  });
  world.workspace.sockets.drop();
  await expect
    .poll(() => ready(bot.url))
    .toEqual([503, { status: 'not_ready', faults: { slack: 'Socket Mode is not connected' } }]);
});
