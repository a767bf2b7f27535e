import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import {
  buildApp,
  buildBolt,
  buildCrewAI,
  buildGround,
  buildMetrics,
  buildSlack,
  buildStore,
  buildWeb,
} from '../src/app.ts';
import { SetOnce } from '../src/lib/set-once.ts';
import { loadSettings } from '../src/settings/load-settings.ts';
import { openStore } from '../src/store/open-store.ts';
import { anApproval, aRound } from './approval/builders.ts';
import { GOOD } from './settings/default-crew.ts';

/** Nothing listens at its addresses: a part that called Slack or CrewAI by itself would log it. */
async function begin() {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-parts-'));
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const settings = loadSettings({
    ...GOOD,
    SLACK_API_URL: 'http://127.0.0.1:9',
    STORE_URL: `sqlite://${join(folder, 'approvals.db')}`,
  });
  const closers: (() => unknown)[] = [];
  onTestFinished(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ground = buildGround(settings, log, closers);
  const metrics = buildMetrics(ground);
  return { ground, metrics, lines };
}

async function store({ ground, metrics }: Awaited<ReturnType<typeof begin>>) {
  return buildStore(ground, metrics, { restored: false, upgrade: false, openStore });
}

test('what is used before it is built throws by its name, and is set once', () => {
  const worker = new SetOnce<string>('the worker');
  expect(() => worker.get()).toThrow('the worker is not built yet');
  expect(worker.set('built')).toBe('built');
  expect(worker.get()).toBe('built');
  expect(() => worker.set('again')).toThrow('the worker is set already');
  const alert = new SetOnce('the channel', 'nobody');
  expect(alert.get()).toBe('nobody');
  alert.set('somebody');
  expect(alert.get()).toBe('somebody');
});

test('the store is built from the settings alone', async () => {
  const built = await begin();
  const { store: approvals, sole } = await store(built);
  const next = anApproval([aRound()]);
  expect(await approvals.save({ approvals: [{ previous: undefined, next }] })).toBe(true);
  expect((await approvals.approval(next.id))?.record.task).toBe(next.task);
  expect(sole).toBe(true);
});

test('the parts of Slack and of CrewAI are built from the store, and call nothing', async () => {
  const built = await begin();
  const stored = await store(built);
  const slack = buildSlack(built.ground, built.metrics, stored);
  const { crewAI, dialects } = buildCrewAI(built.ground, built.metrics, stored);
  expect(slack.people.nameOf('UANA')).toBeUndefined();
  expect(slack.workspace.identity()).toBeUndefined();
  expect(dialects).toBeDefined();
  expect(crewAI).toBeDefined();
  expect(() => built.ground.circles.app.get()).toThrow('the app is not built yet');
  expect(built.lines).toEqual([]);
});

test('the app, its HTTP and Bolt are built from those, and nothing runs', async () => {
  const built = await begin();
  const { ground, metrics } = built;
  const stored = await store(built);
  const slack = buildSlack(ground, metrics, stored);
  const app = buildApp(ground, metrics, { ...stored, ...slack, ...buildCrewAI(ground, metrics, stored) });
  const web = buildWeb(ground, metrics, app, stored);
  buildBolt(ground, metrics, { app, slack, web });
  expect(ground.circles.worker.get().fault()).toBe('has not scanned for due work yet');
  expect(ground.circles.slackFault.get()()).toBe('Slack has not been reached yet');
  const server = web.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/crews/crew/questions/q1`;
  expect((await axios.get(url, { validateStatus: () => true })).status).toBe(404);
  expect(built.lines).toEqual([]);
});
