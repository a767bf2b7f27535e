import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Failure } from '../../src/sandbox/failures.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { serveAt } from '../sandbox/serve-at.ts';
import { ask } from '../support/asking.ts';
import { BUILT } from '../support/build.ts';
import { flowSettings, REVIEW, sendReview, signReview, startFlow } from '../support/flow-world.ts';
import { freePort } from '../support/free-port.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, kickoff } from '../support/process-steps.ts';
import { run, spawnBot } from '../support/spawn-bot.ts';
import { approvalOf, ephemeralsTo, SECRET, type Shown, sees, shown, startWorld } from '../support/world.ts';
import { readStore } from './flow-store.ts';
import { homeSays, http, modalSays, says, waits } from './people-steps.ts';

async function startSecrets() {
  const world = await startWorld();
  const { workspace } = world;
  const flow = await startFlow();
  /** A host that may be called, where nobody listens. */
  const deaf = await freePort();
  const { CALLBACK_HOSTS, ...settings } = flowSettings(flow);
  const bot = await spawnBot(world, {
    ...settings,
    CALLBACK_HOSTS: `${CALLBACK_HOSTS},127.0.0.1:${deaf}`,
    LOG_LEVEL: 'trace',
    OPS_CHANNEL: 'CPRESS',
  });
  /** What nobody may see, and what the channel said from time to time. */
  const [secrets, said]: [string[], string[]] = [[], []];

  /** Sends a review that the Flow asks, with a callback of its own and a token beside; resolves to its card. */
  async function opens(callback: (url: string) => string = (url) => url): Promise<Shown> {
    const message = `Question ${flow.reviews.length + 1}?`;
    const { requestId: id, flowExecutionId: flow_id, callbackUrl } = flow.ask({ method: 'review', message });
    const callback_url = callback(callbackUrl);
    const response_token = `response-token-of-${id}`;
    const { searchParams, pathname } = new URL(callback_url);
    const encoded = encodeURIComponent(callback_url);
    secrets.push(callback_url, encoded, pathname, response_token, ...searchParams.values());
    const review = { ...REVIEW, id, flow_id, message, callback_url, response_token };
    expect((await sendReview(bot, review)).status).toBe(202);
    return sees(workspace, message, ({ all }) => all.includes(message));
  }

  async function becomes({ ts }: Shown, words: string): Promise<void> {
    await says(world, ts, words);
    said.push(JSON.stringify(workspace.messages('CAPPROVALS')));
  }

  async function closes(card: Shown): Promise<void> {
    await clickOn(world, card.ts, 'give_up');
    await becomes(card, 'Closed without a decision');
  }
  return { ...world, world, flow, bot, deaf, secrets, said, opens, becomes, closes };
}

type Started = Awaited<ReturnType<typeof startSecrets>>;

/** What people can see of a review that waits: lists, look-ups, the Home tab and each modal. */
async function looksUp({ world, workspace, flow, secrets }: Started, card: Shown): Promise<void> {
  const id = approvalOf(card);
  const run = flow.reviews[0]?.flowExecutionId;
  for (const text of ['waiting', 'mine', id, `status ${run}`, 'history', 'stats']) await ask(world, text);
  // A part of each: what a person types comes back in the answer.
  for (const secret of secrets)
    expect((await ask(world, `find ${secret.slice(-16, -4)}`)).all).toContain('I found nothing');
  await homeSays(world, 'UANA', 'One approval is waiting');
  const { ts } = card;
  await workspace.shortcut({ user: 'UANA', channel: 'CAPPROVALS', ts, callbackId: 'approval_details' });
  await modalSays(world, 'UANA', 'Approval details');
  await workspace.closeModal({ user: 'UANA' });
  await clickOn(world, ts, 'other_answer');
  await modalSays(world, 'UANA', 'feedback');
  await workspace.closeModal({ user: 'UANA' });
}

/** The answers to webhooks that are rejected, whose bodies have the secrets. */
async function sendsRejected({ bot, secrets }: Started): Promise<string> {
  const body = { ...REVIEW, callback_url: `ftp://${secrets.join(' ')}`, response_token: secrets[0] };
  const text = JSON.stringify(body);
  const half = text.slice(0, -1);
  const requests = [
    { text, headers: signReview(text) },
    { text, headers: {} },
    { text, headers: signReview(`${text} `) },
    { text: half, headers: signReview(half) },
    { text: text.padEnd(2 * 1_048_576 + 1), headers: signReview(text) },
  ];
  const answers = [];
  for (const { text: sent, headers: signed } of requests) {
    const headers = { 'content-type': 'application/json', ...signed };
    answers.push(await http.post(`${bot.url}/webhooks/press/flow`, Buffer.from(sent), { headers }));
  }
  expect(answers.map(({ status }) => status)).toEqual([422, 401, 401, 400, 413]);
  return JSON.stringify(answers.map(({ data, headers }) => [data, headers]));
}

async function exportAs({ settings, folder }: Started, format: string): Promise<string> {
  const script = join(BUILT, 'cli', 'export.js');
  const exported = run(script, settings, { cwd: folder, args: ['--format', format] });
  const { code, stdout, stderr } = await exported.ended;
  expect(code).toBe(0);
  return stdout + stderr;
}

test('no secret of a callback is in Slack, the log, an export, the metrics or an answer, whatever became of its review', {
  timeout: scaleLimit(60_000),
}, async () => {
  const started = await startSecrets();
  const { world, workspace, flow, bot, deaf, secrets, said, opens, becomes, closes } = started;
  const first = await opens();
  const stored = readStore(world);
  expect(stored).toContain(secrets[0]);
  expect(stored).not.toContain('response-token-of');
  await looksUp(started, first);
  await clickOn(world, first.ts, 'choose_1');
  await becomes(first, 'Decision sent. ');

  const { callback_rejected, rejected } = texts.crewai.failures;
  const echo = (url: string) => `${url} with ${new URL(url).searchParams.get('token')} is wrong`;
  const failures: [(url: string) => Failure, string, string][] = [
    [() => ({ status: 401 }), callback_rejected, 'HTTP 401'],
    [(url) => ({ status: 302, headers: { location: `${url}&again=1` } }), rejected, 'HTTP 302'],
    [(url) => ({ status: 422, body: JSON.stringify({ message: echo(url) }) }), rejected, 'is wrong'],
  ];
  for (const [failure, words, details] of failures) {
    const card = await opens();
    flow.failures.plan({ on: 'respond', failure: failure(flow.reviews.at(-1)?.callbackUrl ?? '') });
    await clickOn(world, card.ts, 'choose_1');
    await becomes(card, words);
    expect((await ask(world, approvalOf(card))).all).toContain(details);
    await closes(card);
  }

  // Nobody listens at its callback at first; then a server that does not know it.
  const moved = await opens((url) => url.replace(new URL(url).host, `127.0.0.1:${deaf}`));
  await clickOn(world, moved.ts, 'choose_1');
  await becomes(moved, "CrewAI can't be reached.");
  await startFlow({ serve: serveAt(deaf) });
  await becomes(moved, 'no longer knows this review');
  await closes(moved);

  const hooks = 'https://hooks.elsewhere.example/a-secret-path/of-somebody?token=a-secret-token-of-somebody';
  const blocked = await opens(() => hooks);
  await ask(world, approvalOf(blocked));
  await sees(workspace, 'the alert', ({ all }) => all.includes('hooks.elsewhere.example'), 'CPRESS');

  const answers = await sendsRejected(started);
  const exported = [await exportAs(started, 'csv'), await exportAs(started, 'jsonl')].join();
  const { data: metrics } = await http.get(`${bot.url}/metrics`);
  const store = readStore(world);
  bot.signal('SIGTERM');
  const { stdout, stderr } = await bot.ended;
  const seen = {
    calls: JSON.stringify(workspace.calls),
    messages: JSON.stringify([said, workspace.messages('CAPPROVALS'), workspace.messages('CPRESS')]),
    people: JSON.stringify([ephemeralsTo(workspace, 'UANA'), workspace.home('UANA')]),
    log: stdout + stderr,
    answers,
    exported,
    metrics,
    store,
  };
  for (const [where, text] of Object.entries(seen)) {
    expect(text.length, where).toBeGreaterThan(100);
    const found = secrets.filter((secret) => text.includes(secret));
    expect(found, where).toEqual([]);
  }
});

test('no secret is in the log of a process or in Slack, whatever fails and whatever CrewAI repeats', async () => {
  const world = await startWorld();
  const { workspace, platform, settings } = world;
  const bot = await spawnBot(world);
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 } });
  platform.failures.plan({ on: 'resume', failure: { reset: true } });
  platform.failures.plan({ on: 'resume', failure: { status: 401 } });
  const message = `${bot.webhook('task')} is not reachable with ${settings.CREWAI_BEARER_TOKEN}`;
  platform.failures.plan({ on: 'resume', failure: { status: 422, body: JSON.stringify({ message }) } });
  kickoff(world, bot);
  const card = await waits(world, 'Spring collection');
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'refused', ({ buttons }) => buttons.includes('Retry'));
  await clickOn(world, card.ts, 'retry');
  await sees(workspace, 'rejected', ({ all }) => all.includes(texts.crewai.failures.rejected));
  const details = await ask(world, card.approval ?? '');
  expect(details.all).toContain('is not reachable');
  await http.post(bot.webhook('task').replace(SECRET, 'wrong-secret'), {});
  const json = { headers: { 'content-type': 'application/json' } };
  await http.post(bot.webhook('task'), '{"broken', json);
  bot.signal('SIGTERM');
  const { stdout, stderr } = await bot.ended;
  const { SLACK_BOT_TOKEN = '', SLACK_SIGNING_SECRET = '', CREWAI_BEARER_TOKEN = '' } = settings;
  const seen = [stdout, stderr, JSON.stringify([shown(workspace), details])].join();
  for (const secret of [SECRET, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, CREWAI_BEARER_TOKEN, 'token='])
    expect(seen).not.toContain(secret);
});
