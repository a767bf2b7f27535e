import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import express from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Start } from '../../src/approval/model/run/start.ts';
import { createMetrics, type MetricSources, type OpenFigures } from '../../src/http/metrics.ts';
import { SLACK_METHODS } from '../../src/slack/api/client.ts';
import { aStart } from '../approval/starts/records.ts';
import { always, clickOn, file, ready, sendPause } from '../support/process-steps.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { until } from '../support/until.ts';
import { draft, GOES_ON, SECRET, sees, startBot, startWorld } from '../support/world.ts';
import { serveApp } from './endpoint.ts';

const any = { validateStatus: () => true };

const LINE =
  /^([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[\d.e+-]+|\+Inf|[Nn]a[Nn])$/;

/** The samples of Prometheus's text format, by name and labels. Throws at a line that is not one. */
function samples(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, what, named = ''] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) \S/.exec(line) ?? [];
    if (what === 'TYPE') described.add(named);
    if (what) continue;
    const [, name = '', labels = '', value] = LINE.exec(line) ?? [];
    if (value === undefined) throw new Error(`not a line of Prometheus's: ${line}`);
    const family = described.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    if (!described.has(family)) throw new Error(`${name} has no TYPE`);
    found.set(`${name}${labels}`, Number(value.replace('+Inf', 'Infinity')));
  }
  return found;
}

const scrape = (url: string) => axios.get<string>(`${url}/metrics`);
const samplesOf = async ({ url }: { url: string }) => samples((await scrape(url)).data);
/** Waits until a metric of the bot, named without its prefix, has a value. */
const becomes = (bot: { url: string }, name: string, value: number) =>
  expect
    .poll(async () => (await samplesOf(bot)).get(`crew_approvals_${name}`), { message: name })
    .toBe(value);
/** What is read for the metrics of a bot without crews, in which nothing happens. */
const sources: MetricSources = {
  version: '0.0.0',
  crews: [],
  slackMethods: [],
  countOpen: async () => [],
  isSlackConnected: () => true,
  migration: () => ({ migrated: 0, running: false }),
  checks: {},
};
const none = { sending: 0, oldestSending: 0 };

test('/metrics has the figures of a run, from its webhook until it went on', async () => {
  const world = await startWorld([draft, { ...draft, name: 'second' }], { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await startBot(world);
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  workspace.failures.plan({ on: 'chat.postMessage', failure: { rateLimited: { retryAfter: 1 } } });
  platform.failures.plan({ on: 'resume', failure: { status: 503 } });
  platform.kickoff({ ...urls, meta: urls });
  const card = await sees(workspace, 'the card', ready);
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'went on', ({ all }) => all.includes(GOES_ON));
  await sees(workspace, 'the second card', (one) => one.all.includes('Second') && ready(one));

  // A card can be seen before the bot has recorded that it was posted.
  const { data, headers } = await until(async () => {
    const scraped = await scrape(bot.url);
    expect(samples(scraped.data).get('crew_approvals_webhook_to_card_seconds_count{crew="press"}')).toBe(2);
    return scraped;
  });
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const found = samples(data);
  const at = (name: string) => found.get(`crew_approvals_${name}`);
  const expected: Record<string, number> = {
    'webhooks_total{crew="press",kind="task",status="202"}': 2,
    'decisions_total{crew="press",action="approve"}': 1,
    'resume_attempts_total{crew="press",outcome="accepted",status=""}': 1,
    'resume_attempts_total{crew="press",outcome="not_reached",status="503"}': 1,
    'slack_calls_total{method="chat.postMessage",outcome="ratelimited"}': 1,
    'open{crew="press",state="waiting"}': 1,
    'open{crew="press",state="refused"}': 0,
    'webhook_to_card_seconds_count{crew="press"}': 2,
    'interaction_to_ack_seconds_count{type="block_actions"}': 1,
    'decision_to_acceptance_seconds_count{crew="press"}': 1,
    'acceptance_to_going_on_seconds_count{crew="press"}': 1,
    'worker_lag_seconds_count{lane="resume"}': 2,
  };
  const names = Object.keys(expected);
  expect(Object.fromEntries(names.map((name) => [name, at(name)]))).toEqual(expected);
  expect(at('slack_calls_total{method="chat.postMessage",outcome="ok"}')).toBeGreaterThanOrEqual(2);
  expect(at('store_seconds_count{operation="saveApproval",outcome="done"}')).toBeGreaterThan(3);
  expect(at('oldest_open_seconds{crew="press"}')).toBeLessThan(86_400);
  // A step that is due at once has no time at which it became due.
  for (const lane of ['card', 'resume'])
    expect(at(`worker_lag_seconds_sum{lane="${lane}"}`)).toBeLessThan(86_400);

  // https://prometheus.io/docs/practices/naming: base units, and _total for counters.
  const own = [...data.matchAll(/^# TYPE (crew_approvals_\S+) (\S+)$/gm)];
  expect(own.length).toBeGreaterThan(8);
  for (const [, name = '', type] of own) {
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/millis|_ms|minutes|[A-Z]|__/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('no sender makes more series: an unknown crew or kind is "unknown"', async () => {
  const bot = await startBot(await startWorld());
  const series = async () =>
    [...(await samplesOf(bot)).keys()].filter((name) => name.includes('webhooks_total'));
  const ask = (...path: [crew: string, kind: string]) =>
    axios.post(`${bot.url}/webhooks/${path.map(encodeURIComponent).join('/')}?token=${SECRET}`, {}, any);
  await ask('other', 'flows');
  await ask('other', 'task');
  await ask('press', 'flows');
  const before = await series();
  const unknown = before.filter((name) => name.includes('crew="unknown"'));
  for (let number = 0; number < 30; number += 1) {
    await ask(`crew-${number}`, 'task');
    await ask('press', `kind-${number}"} evil{x="`);
    await ask(`crew-${number}\n`, `kind-${number}`);
  }
  expect(await series()).toEqual(before);
  const kinds = ['task', 'human-input', 'step', 'crew', 'events', 'flow', 'unknown'];
  expect(unknown).toEqual(
    kinds.map((kind) => `crew_approvals_webhooks_total{crew="unknown",kind="${kind}",status="404"}`),
  );
});

describe('what is open', () => {
  /** The metrics of a bot on a played clock, whose open approvals are counted as they are asked for. */
  async function counted(open: () => Promise<OpenFigures[]>) {
    let time = 1;
    let counts = 0;
    const count = () => {
      counts += 1;
      return open();
    };
    const metrics = await serveApp(
      express().use(createMetrics({ ...sources, countOpen: count }, () => time).router),
    );
    return {
      read: () => samplesOf(metrics),
      waiting: async () =>
        (await samplesOf(metrics)).get('crew_approvals_open{crew="press",state="waiting"}'),
      counts: () => counts,
      pass: (milliseconds: number) => {
        time += milliseconds;
      },
    };
  }

  test('is left out while the store cannot be read, and counted again 5 s later', async () => {
    let fails = true;
    const metrics = await counted(async () => {
      if (fails) throw new Error('the store is down');
      return [{ crew: 'press', states: { waiting: 2 }, oldest: 1_500, ...none }];
    });
    expect(await metrics.waiting()).toBeUndefined();
    expect((await metrics.read()).has('process_start_time_seconds')).toBe(true);
    fails = false;
    metrics.pass(5_000);
    expect(await metrics.waiting()).toBe(2);
    expect((await metrics.read()).get('crew_approvals_oldest_open_seconds{crew="press"}')).toBe(1.5);
  });

  test('is counted once in 5 s, however often it is asked for', async () => {
    let waiting = 1;
    const metrics = await counted(async () => [{ crew: 'press', states: { waiting }, oldest: 0, ...none }]);
    for (let second = 0; second < 5; second += 1) {
      for (let time = 0; time < 4; time += 1) expect(await metrics.waiting()).toBe(1);
      waiting = 7;
      metrics.pass(999);
    }
    expect(metrics.counts()).toBe(1);
    metrics.pass(5);
    expect(await metrics.waiting()).toBe(7);
    expect(metrics.counts()).toBe(2);
  });

  test('is counted once for fifty concurrent requests', async () => {
    let count = () => {};
    const held = new Promise<void>((resolve) => {
      count = resolve;
    });
    const metrics = await counted(async () => {
      await held;
      return [{ crew: 'press', states: { waiting: 3 }, oldest: 0, ...none }];
    });
    const asked = vi.spyOn(express.response, 'type');
    onTestFinished(() => asked.mockRestore());
    const all = Promise.all(Array.from({ length: 50 }, metrics.waiting));
    await until(() => expect(asked).toHaveBeenCalledTimes(50));
    count();
    expect(new Set(await all)).toEqual(new Set([3]));
    expect(metrics.counts()).toBe(1);
  });

  test('does not cost a running bot a reading per request, and no record is read for it', async () => {
    const bot = await startBot(await startTwoCrews());
    const figure = (operation: string) =>
      `crew_approvals_store_seconds_count{operation="${operation}",outcome="done"}`;
    await samplesOf(bot);
    const before = await samplesOf(bot);
    for (let time = 0; time < 29; time += 1) await samplesOf(bot);
    const after = await samplesOf(bot);
    // Each of 30 requests would count two crews.
    expect(after.get(figure('openFigures')) ?? 0).toBeLessThan(60);
    expect(after.get(figure('approval'))).toBe(before.get(figure('approval')));
  });
});

test('the page is made once a second, however many read it', async () => {
  let now = 0;
  let made = 0;
  const isSlackConnected = () => {
    made += 1;
    return true;
  };
  const { router } = createMetrics({ ...sources, isSlackConnected }, () => now);
  const { url } = await serveApp(express().use(router));
  await Promise.all(Array.from({ length: 50 }, () => scrape(url)));
  expect(made).toBe(1);
  now = 1_000;
  await scrape(url);
  expect(made).toBe(2);
});

test('every counter of the configured crews is 0 from the start, and there is no other crew', async () => {
  const found = await samplesOf(await startBot(await startTwoCrews()));
  const at = (name: string) => found.get(`crew_approvals_${name}`);
  for (const crew of ['press', 'budget'])
    for (const name of [
      `webhooks_total{crew="${crew}",kind="human-input",status="202"}`,
      `webhooks_total{crew="${crew}",kind="task",status="401"}`,
      `webhooks_total{crew="${crew}",kind="flow",status="503"}`,
      `decisions_total{crew="${crew}",action="approve"}`,
      `decisions_total{crew="${crew}",action="request_revision"}`,
      `decisions_total{crew="${crew}",action="choose"}`,
      `resume_attempts_total{crew="${crew}",outcome="accepted",status=""}`,
      `resume_attempts_total{crew="${crew}",outcome="not_reached",status="503"}`,
      `resume_attempts_total{crew="${crew}",outcome="refused",status="401"}`,
      `crewai_calls_total{crew="${crew}",outcome="no_answer"}`,
      `starts_total{crew="${crew}",outcome="started"}`,
      `starts_total{crew="${crew}",outcome="not_started"}`,
      `starts_total{crew="${crew}",outcome="unsure"}`,
      `events_dropped_total{crew="${crew}"}`,
      `webhook_to_card_seconds_count{crew="${crew}"}`,
      `decision_to_acceptance_seconds_count{crew="${crew}"}`,
      `acceptance_to_going_on_seconds_count{crew="${crew}"}`,
    ])
      expect(at(name), name).toBe(0);
  expect(at('slack_calls_total{method="chat.postMessage",outcome="no_answer"}')).toBe(0);
  expect(at('interaction_to_ack_seconds_bucket{le="2.5",type="block_actions"}')).toBe(0);
  expect(at('worker_lag_seconds_count{lane="resume"}')).toBe(0);
  const crews = [...found.keys()].flatMap((name) => /\{(?:.*,)?crew="(.*?)"/.exec(name)?.[1] ?? []);
  expect(new Set(crews)).toEqual(new Set(['press', 'budget', 'unknown']));
});

test('the calls of Slack that are 0 from the start are those that the bot makes', () => {
  const source = ['api', 'app', 'directory', 'listeners']
    .flatMap((folder) => readdirSync(`src/slack/${folder}`).map((name) => `src/slack/${folder}/${name}`))
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n');
  const called = [...source.matchAll(/\bclient\.((?:[a-z]+\.)+[a-zA-Z]+)\(/g)].map(([, method]) => method);
  const paged = [...source.matchAll(/readPages<.*>\(\s*[\w.#]+,\s*'(.+?)'/g)].map(([, method]) => method);
  const uploads = source.includes('client.filesUploadV2(')
    ? ['files.completeUploadExternal', 'files.getUploadURLExternal']
    : [];
  const methods = new Set([...called, ...paged, ...uploads]);
  expect([...methods].sort()).toEqual([...SLACK_METHODS]);
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const found = await samplesOf(await startBot(await startWorld()));
  expect(found.get(`crew_approvals_info{version="${version}"}`)).toBe(1);
});

test('a decision is counted with its age while it is on its way, and CrewAI does not answer', async () => {
  const world = await startWorld([draft], { dialect: 'documented' });
  world.platform.failures.plan({ on: 'resume', failure: { status: 503 }, ...always });
  const bot = await startBot(world);
  const taskWebhookUrl = bot.webhook('task');
  world.platform.kickoff({ taskWebhookUrl, meta: { taskWebhookUrl } });
  const card = await sees(world.workspace, 'the card', ready);
  await becomes(bot, 'sending{crew="press"}', 0);
  expect((await samplesOf(bot)).get('crew_approvals_oldest_sending_seconds{crew="press"}')).toBe(0);
  await clickOn(world, card.ts, 'approve');
  await becomes(bot, 'sending{crew="press"}', 1);
  const found = await samplesOf(bot);
  expect(found.get('crew_approvals_oldest_sending_seconds{crew="press"}')).toBeGreaterThan(0);
  expect(found.get('crew_approvals_open{crew="press",state="waiting"}')).toBe(0);
  expect(found.get('crew_approvals_crewai_calls_total{crew="press",outcome="no_answer"}')).toBeGreaterThan(0);
  world.platform.failures.clear();
  await becomes(bot, 'sending{crew="press"}', 0);
  await becomes(bot, 'resume_attempts_total{crew="press",outcome="accepted",status=""}', 1);
});

describe('the connection to Slack', () => {
  test.each([
    ['does not answer', { status: 503 }],
    ['rejects the token', { error: 'token_revoked' }],
  ])('is lost when Slack %s, and back with the next answer', async (_, failure) => {
    const world = await startWorld([], { dialect: 'documented' });
    const bot = await startBot(world);
    await becomes(bot, 'slack_connected', 1);
    world.workspace.failures.plan({ on: '*', failure, ...always });
    for (const run of ['run-1', 'run-2']) await sendPause(world, bot, { run, output: 'Hello' });
    await becomes(bot, 'slack_connected', 0);
    world.workspace.failures.clear();
    // A rejected token is tried again after an hour, or with the next card.
    await sendPause(world, bot, { run: 'run-3', output: 'Hello' });
    await becomes(bot, 'slack_connected', 1);
  });

  test('is not lost by one call that Slack rejects or does not answer', async () => {
    const world = await startWorld([], { dialect: 'documented' });
    const bot = await startBot(world);
    const name = 'crew_approvals_slack_calls_total{method="chat.postMessage",outcome="no_answer"}';
    // The second try takes until its time-out, so one call has failed until then.
    world.workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 } });
    world.workspace.failures.plan({ on: 'chat.postMessage', failure: { noAnswer: true } });
    await sendPause(world, bot, { run: 'run-1', output: 'Hello' });
    await until(async () => {
      const found = await samplesOf(bot);
      expect(found.get(name)).toBe(1);
      expect(found.get('crew_approvals_slack_connected')).toBe(1);
    });
    world.workspace.archive('CAPPROVALS');
    await sendPause(world, bot, { run: 'run-2', output: 'Hello' });
    await becomes(bot, 'ready{part="channels"}', 0);
    await becomes(bot, 'slack_connected', 1);
  });

  test('is lost while Socket Mode is not connected', async () => {
    const world = await startWorld([], {}, { appToken: 'xapp-sandbox' });
    const bot = await startBot(world, { SLACK_APP_TOKEN: 'xapp-sandbox', SLACK_SIGNING_SECRET: '' });
    await becomes(bot, 'slack_connected', 1);
    world.workspace.failures.plan({ on: 'apps.connections.open', failure: { status: 503 }, ...always });
    world.workspace.sockets.drop();
    await becomes(bot, 'slack_connected', 0);
    await becomes(bot, 'ready{part="slack"}', 0);
    world.workspace.failures.clear();
    await becomes(bot, 'slack_connected', 1);
  });
});

describe('the parts of the bot', () => {
  const parts = ['store', 'slack', 'worker', 'channels'];

  test('are ready, until the store rejects writes', async () => {
    const world = await startWorld();
    const bot = await startBot(world);
    for (const part of parts) await becomes(bot, `ready{part="${part}"}`, 1);
    const other = new DatabaseSync(file(world), { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    await becomes(bot, 'ready{part="store"}', 0);
    expect((await samplesOf(bot)).get('crew_approvals_ready{part="worker"}')).toBe(1);
    other.exec('COMMIT');
    other.close();
    await becomes(bot, 'ready{part="store"}', 1);
  });

  test('are not ready when their check fails or takes too long, and the metrics do not wait for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const checks = {
      store: () => new Promise<undefined>(() => {}),
      slack: async () => Promise.reject(new Error('unknown')),
      worker: async () => undefined,
    };
    const { router } = createMetrics({ ...sources, checks });
    const { url } = await serveApp(express().use(router));
    const read = samplesOf({ url });
    await until(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { interval: 1 });
    await vi.advanceTimersByTimeAsync(2_000);
    const found = await read;
    const states = ['store', 'slack', 'worker'].map((part) =>
      found.get(`crew_approvals_ready{part="${part}"}`),
    );
    expect(states).toEqual([0, 0, 1]);
  });
});

test('runs that people start are counted by what becomes of the start, and dropped events by crew', async () => {
  const { meter, router } = createMetrics({ ...sources, crews: ['press'] });
  const starting = aStart();
  const save = (...versions: Start[]) =>
    versions.forEach((next, index) => {
      meter.startSaved(versions[index - 1], next);
    });
  const running: Start = { ...starting, status: 'running', executionId: 'run-1' };
  save(starting, running, { ...running, notes: ['silent'] }, { ...running, status: 'finished' });
  save(starting, { ...starting, calledAt: 1 }, { ...starting, status: 'not_started' });
  const unsure: Start = { ...starting, status: 'unsure' };
  save(starting, unsure, { ...unsure, notes: [] });
  // The first webhook proves that it runs.
  save(starting, unsure, { ...running, executionId: 'run-2' });
  meter.eventDropped('press');
  const found = await samplesOf(await serveApp(express().use(router)));
  const at = (outcome: string) => found.get(`crew_approvals_starts_total{crew="press",outcome="${outcome}"}`);
  expect(['started', 'not_started', 'unsure'].map(at)).toEqual([2, 1, 2]);
  expect(found.get('crew_approvals_events_dropped_total{crew="press"}')).toBe(1);
});

test('every response forbids type sniffing, and none names the software of the bot', async () => {
  const bot = await startBot(await startWorld());
  const json = { ...any, headers: { 'content-type': 'application/json' } };
  const task = { name: 'draft', output: 'x', kickoff_id: 'run-1' };
  const answers = await Promise.all([
    ...['healthz', 'readyz', 'metrics', 'nothing'].map((path) => axios.get(`${bot.url}/${path}`, any)),
    axios.post(`${bot.url}/webhooks/press/task`, {}, any),
    axios.post(bot.webhook('task'), task, any),
    axios.post(bot.webhook('task'), Buffer.from('{broken'), json),
    axios.post(`${bot.url}/slack/events`, 'payload=x', any),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 401, 202, 400, 401]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  }
});
