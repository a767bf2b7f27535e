import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import express from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createMetrics, type OpenFigures } from '../../src/http/metrics.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn } from '../support/process-steps.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { until } from '../support/until.ts';
import { draft, SECRET, sees, startBot, startWorld } from '../support/world.ts';

const any = { validateStatus: () => true };

/** The samples of Prometheus's text format, by name and labels. Throws at a line that is none. */
function samples(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, what, named] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) \S/.exec(line) ?? [];
    if (what && named) {
      if (what === 'TYPE') described.add(named);
      continue;
    }
    const [, name = '', labels = '', value] =
      /^([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[\d.e+-]+|\+Inf|[Nn]a[Nn])$/.exec(
        line,
      ) ?? [];
    if (value === undefined) throw new Error(`no line of Prometheus's: ${line}`);
    const family = described.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    if (!described.has(family)) throw new Error(`${name} has no TYPE`);
    found.set(`${name}${labels}`, Number(value.replace('+Inf', 'Infinity')));
  }
  return found;
}

test('/metrics has the figures of a run, from its webhook until it went on', async () => {
  const world = await startWorld([draft, { ...draft, name: 'second' }], { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await startBot(world);
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  workspace.failures.plan({ on: 'chat.postMessage', failure: { rateLimited: { retryAfter: 1 } } });
  platform.failures.plan({ on: 'resume', failure: { status: 503 } });
  platform.kickoff({ ...urls, meta: urls });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
  await sees(
    workspace,
    'the second card',
    (message) => message.all.includes('second') && message.buttons.includes('Approve'),
  );

  const scrape = () => axios.get<string>(`${bot.url}/metrics`);
  // A card can be seen before the bot has recorded that it is there.
  const { data, headers } = await until(async () => {
    const scraped = await scrape();
    expect(samples(scraped.data).get('crew_approvals_webhook_to_card_seconds_count{crew="press"}')).toBe(2);
    return scraped;
  });
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const found = samples(data);
  const at = (name: string) => found.get(name);
  expect(at('crew_approvals_webhooks_total{crew="press",kind="task",status="202"}')).toBe(2);
  expect(at('crew_approvals_decisions_total{crew="press",action="approve"}')).toBe(1);
  expect(at('crew_approvals_resume_attempts_total{crew="press",outcome="accepted",status=""}')).toBe(1);
  expect(at('crew_approvals_resume_attempts_total{crew="press",outcome="not_reached",status="503"}')).toBe(1);
  expect(at('crew_approvals_slack_calls_total{method="chat.postMessage",outcome="ratelimited"}')).toBe(1);
  expect(
    at('crew_approvals_slack_calls_total{method="chat.postMessage",outcome="ok"}'),
  ).toBeGreaterThanOrEqual(2);
  expect(at('crew_approvals_open{crew="press",state="waiting"}')).toBe(1);
  expect(at('crew_approvals_open{crew="press",state="refused"}')).toBe(0);
  expect(at('crew_approvals_oldest_open_seconds{crew="press"}')).toBeLessThan(30);
  for (const [name, count] of [
    ['webhook_to_card_seconds_count{crew="press"}', 2],
    ['interaction_to_ack_seconds_count{type="block_actions"}', 1],
    ['decision_to_acceptance_seconds_count{crew="press"}', 1],
    ['acceptance_to_going_on_seconds_count{crew="press"}', 1],
    ['worker_lag_seconds_count{lane="resume"}', 2],
  ] as const) {
    expect(`${name} ${at(`crew_approvals_${name}`)}`).toBe(`${name} ${count}`);
  }
  // A step that is due at once has no time at which it became due.
  for (const lane of ['card', 'resume'])
    expect(at(`crew_approvals_worker_lag_seconds_sum{lane="${lane}"}`)).toBeLessThan(30);
  expect(at('crew_approvals_store_seconds_count{operation="saveApproval",outcome="done"}')).toBeGreaterThan(
    3,
  );

  // https://prometheus.io/docs/practices/naming: a unit of its own, in base units, and _total of what is counted.
  const own = [...data.matchAll(/^# TYPE (crew_approvals_\S+) (\S+)$/gm)].map(([, name = '', type]) => [
    name,
    type,
  ]);
  expect(own.length).toBeGreaterThan(8);
  for (const [name, type] of own) {
    expect(name?.endsWith('_total')).toBe(type === 'counter');
    expect(`${name}`).not.toMatch(/millis|_ms|minutes|[A-Z]|__/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('no sender makes more series: a crew or kind that there is not is "unknown"', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  const series = async () => {
    const { data } = await axios.get<string>(`${bot.url}/metrics`);
    return [...samples(data).keys()].filter((name) => name.includes('webhooks_total'));
  };
  const ask = (crew: string, kind: string) =>
    axios.post(
      `${bot.url}/webhooks/${encodeURIComponent(crew)}/${encodeURIComponent(kind)}?token=${SECRET}`,
      {},
      any,
    );
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
    const { router } = createMetrics(
      () => {
        counts += 1;
        return open();
      },
      () => time,
    );
    const server = createServer(express().use(router)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
    const read = async () => (await axios.get<string>(url)).data;
    return {
      read,
      waiting: async () => samples(await read()).get('crew_approvals_open{crew="press",state="waiting"}'),
      oldest: async () => samples(await read()).get('crew_approvals_oldest_open_seconds{crew="press"}'),
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
    expect(samples(await metrics.read()).has('process_start_time_seconds')).toBe(true);
    fails = false;
    metrics.pass(5_000);
    expect(await metrics.waiting()).toBe(2);
    expect(await metrics.oldest()).toBe(1.5);
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

  test('is counted once for fifty who ask at the same time', async () => {
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
    const all = Promise.all(Array.from({ length: 50 }, metrics.read));
    await until(() => expect(asked).toHaveBeenCalledTimes(50));
    count();
    for (const text of await all)
      expect(text).toContain('crew_approvals_open{crew="press",state="waiting"} 3');
    expect(metrics.counts()).toBe(1);
  });

  test('costs a running bot one reading of each crew, and no record is read for it', async () => {
    const world = await startTwoCrews();
    const bot = await startBot(world);
    const asked = 'crew_approvals_store_seconds_count{operation="openFigures",outcome="done"}';
    const records = 'crew_approvals_store_seconds_count{operation="approval",outcome="done"}';
    const read = async () => samples((await axios.get<string>(`${bot.url}/metrics`)).data);
    await read();
    const before = (await read()).get(records);
    for (let time = 0; time < 30; time += 1) await read();
    const after = await read();
    expect(after.get(asked)).toBe(2);
    expect(after.get(records)).toBe(before);
  });
});

test('every response forbids type sniffing, and none names the software of the bot', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  const answers = await Promise.all([
    axios.get(`${bot.url}/healthz`, any),
    axios.get(`${bot.url}/readyz`, any),
    axios.get(`${bot.url}/metrics`, any),
    axios.get(`${bot.url}/nothing`, any),
    axios.post(`${bot.url}/webhooks/press/task`, {}, any),
    axios.post(bot.webhook('task'), { name: 'draft', output: 'x', kickoff_id: 'run-1' }, any),
    axios.post(bot.webhook('task'), Buffer.from('{broken'), {
      ...any,
      headers: { 'content-type': 'application/json' },
    }),
    axios.post(`${bot.url}/slack/events`, 'payload=x', any),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 401, 202, 400, 401]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  }
});
