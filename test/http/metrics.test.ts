import axios from 'axios';
import express from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createMetrics, type OpenFigures } from '../../src/http/metrics.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn, ready } from '../support/process-steps.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { until } from '../support/until.ts';
import { draft, SECRET, sees, startBot, startWorld } from '../support/world.ts';
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
  await sees(workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
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
  expect(at('oldest_open_seconds{crew="press"}')).toBeLessThan(30);
  // A step that is due at once has no time at which it became due.
  for (const lane of ['card', 'resume'])
    expect(at(`worker_lag_seconds_sum{lane="${lane}"}`)).toBeLessThan(30);

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
  for (let number = 0; number < 30; number += 1) {
    await ask(`crew-${number}`, 'task');
    await ask('press', `kind-${number}"} evil{x="`);
    await ask(`crew-${number}\n`, `kind-${number}`);
  }
  expect(await series()).toEqual(before);
  expect(before.sort()).toEqual([
    'crew_approvals_webhooks_total{crew="unknown",kind="task",status="404"}',
    'crew_approvals_webhooks_total{crew="unknown",kind="unknown",status="404"}',
  ]);
});

describe('what is open', () => {
  /** The metrics of a bot on a played clock, whose open approvals are counted as they are asked for. */
  async function counted(open: () => Promise<OpenFigures[]>) {
    let time = 0;
    let counts = 0;
    const count = () => {
      counts += 1;
      return open();
    };
    const metrics = await serveApp(express().use(createMetrics(count, () => time).router));
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
      return [{ crew: 'press', states: { waiting: 2 }, oldest: 1_500 }];
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
    const metrics = await counted(async () => [{ crew: 'press', states: { waiting }, oldest: 0 }]);
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
      return [{ crew: 'press', states: { waiting: 3 }, oldest: 0 }];
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
    expect(after.get(figure('openFigures'))).toBeLessThan(60);
    expect(after.get(figure('approval'))).toBe(before.get(figure('approval')));
  });
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
