import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import express from 'express';
import { expect, test } from 'vitest';
import { buildHealthRouter, type HealthCheck } from '../../src/http/health.ts';
import { always, file, ready as hasButtons } from '../support/process-steps.ts';
import { sees, startBot, startWorld } from '../support/world.ts';
import { serveApp } from './endpoint.ts';

const READY = [200, { status: 'ready' }];
const notReady = (faults: Record<string, string>) => [503, { status: 'not_ready', faults }];
async function ask(url: string, path = '/readyz') {
  const { status, data } = await axios.get(`${url}${path}`, { validateStatus: () => true });
  return [status, data];
}

async function serve(checks: Record<string, HealthCheck>): Promise<string> {
  return (await serveApp(express().use(buildHealthRouter({ botToken: 'xoxb-token', checks })))).url;
}
const task = { name: 'draft', output: 'Hello', kickoff_id: 'run-1' };

test('each part that does not work is named, and no other', async () => {
  const works = async () => undefined;
  const url = await serve({
    store: async () => Promise.reject(new Error('SQLITE_FULL: /var/lib/secret.db')),
    slack: works,
    worker: async () => 'has not scanned for due work for 31 s',
    channels: async () => 'CAPPROVALS: is_archived',
  });
  const faults = {
    store: 'could not be checked',
    worker: 'has not scanned for due work for 31 s',
    channels: 'CAPPROVALS: is_archived',
  };
  expect(await ask(url)).toEqual(notReady(faults));
  expect(await ask(url, '/healthz')).toEqual([200, { status: 'ok' }]);
  expect(await ask(await serve({ store: works, slack: works }))).toEqual(READY);
});

test('a bot that has not reached Slack is alive, accepts webhooks and is not ready', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  world.workspace.failures.plan({ on: 'auth.test', failure: { status: 503 }, ...always });
  const bot = await startBot(world);
  expect(await ask(bot.url, '/healthz')).toEqual([200, { status: 'ok' }]);
  expect(await ask(bot.url)).toEqual(notReady({ slack: 'Slack has not been reached yet' }));
  expect((await axios.post(bot.webhook('task'), task)).status).toBe(202);
  await sees(world.workspace, 'the card', hasButtons);
});

test('a bot is not ready while its store rejects writes, and when Slack rejects its channel', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  expect(await ask(bot.url)).toEqual(notReady({ store: 'could not be checked' }));
  other.exec('COMMIT');
  other.close();
  await expect.poll(() => ask(bot.url)).toEqual(READY);
  world.workspace.archive('CAPPROVALS');
  await axios.post(bot.webhook('task'), task);
  await expect.poll(() => ask(bot.url)).toEqual(notReady({ channels: 'CAPPROVALS: is_archived' }));
});

test('a bot whose socket is not connected is not ready', async () => {
  const world = await startWorld([], {}, { appToken: 'xapp-sandbox' });
  const bot = await startBot(world, { SLACK_APP_TOKEN: 'xapp-sandbox', SLACK_SIGNING_SECRET: '' });
  await expect.poll(() => ask(bot.url)).toEqual(READY);
  world.workspace.failures.plan({ on: 'apps.connections.open', failure: { status: 503 }, ...always });
  world.workspace.sockets.drop();
  await expect.poll(() => ask(bot.url)).toEqual(notReady({ slack: 'Socket Mode is not connected' }));
});
