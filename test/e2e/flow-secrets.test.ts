import { join } from 'node:path';
import axios from 'axios';
import { expect, test } from 'vitest';
import type { FlowDeployment } from '../../src/sandbox/crewai/flow/deployment.ts';
import type { Failure } from '../../src/sandbox/failures.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { BUILT } from '../support/build.ts';
import { flowSettings, REVIEW, sendReview, signReview, startFlow } from '../support/flow-world.ts';
import { freePort } from '../support/free-port.ts';
import { clickOn } from '../support/process-steps.ts';
import { run, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { approvalOf, ephemeralsTo, type Shown, sees, startWorld, type World } from '../support/world.ts';
import { readStore } from './flow-store.ts';

interface SecretWorld {
  world: World;
  flow: FlowDeployment;
  bot: SpawnedBot;
  /** A host that may be called, where nobody listens. */
  deaf: string;
  /** What nobody may see. */
  secrets: string[];
  /** What the channel said from time to time. */
  said: string[];
}

async function startSecrets(): Promise<SecretWorld> {
  const world = await startWorld();
  const flow = await startFlow();
  const deaf = `127.0.0.1:${await freePort()}`;
  const { CALLBACK_HOSTS, ...settings } = flowSettings(flow);
  const bot = await spawnBot(world, {
    ...settings,
    CALLBACK_HOSTS: `${CALLBACK_HOSTS},${deaf}`,
    LOG_LEVEL: 'trace',
    OPS_CHANNEL: 'CPRESS',
  });
  return { world, flow, bot, deaf, secrets: [], said: [] };
}

/** Sends a review that the Flow asks, with a callback of its own and a token beside; resolves to its card. */
async function opens(started: SecretWorld, callback: (url: string) => string = (url) => url): Promise<Shown> {
  const { world, flow, bot, secrets } = started;
  const message = `Question ${flow.reviews.length + 1}?`;
  const review = flow.ask({ method: 'review_report', message });
  const url = callback(review.callbackUrl);
  const token = `response-token-of-${review.requestId}`;
  const { searchParams, pathname } = new URL(url);
  secrets.push(url, encodeURIComponent(url), pathname, token, ...searchParams.values());
  const { status } = await sendReview(bot, {
    ...REVIEW,
    id: review.requestId,
    flow_id: review.flowExecutionId,
    message,
    callback_url: url,
    response_token: token,
  });
  expect(status).toBe(202);
  return sees(world.workspace, message, ({ all }) => all.includes(message));
}

async function becomes({ world, said }: SecretWorld, { ts }: Shown, says: string): Promise<void> {
  const { workspace } = world;
  await sees(workspace, says, (message) => message.ts === ts && message.all.includes(says));
  said.push(JSON.stringify(workspace.messages('CAPPROVALS')));
}

/** A decision that meets this failure, until someone closes the approval. */
async function isRefused(
  started: SecretWorld,
  failure: (url: string) => Failure,
  says: string,
  details: string,
): Promise<void> {
  const { world, flow } = started;
  const card = await opens(started);
  const { callbackUrl = '' } = flow.reviews.at(-1) ?? {};
  flow.failures.plan({ on: 'respond', failure: failure(callbackUrl) });
  await clickOn(world, card.ts, 'choose_1');
  await becomes(started, card, says);
  expect((await ask(world, approvalOf(card))).all).toContain(details);
  await closes(started, card);
}

async function closes(started: SecretWorld, card: Shown): Promise<void> {
  await clickOn(started.world, card.ts, 'give_up');
  await becomes(started, card, 'Closed without a decision');
}

/** Nobody listens at its callback at first; then a server that does not know it. */
async function isNotReached(started: SecretWorld): Promise<void> {
  const { deaf, world } = started;
  const moved = (url: string) => url.replace(new URL(url).host, deaf);
  const card = await opens(started, moved);
  await clickOn(world, card.ts, 'choose_1');
  await becomes(started, card, "CrewAI can't be reached.");
  await startFlow({ port: Number(new URL(`http://${deaf}`).port) });
  await becomes(started, card, 'no longer knows this review');
  await closes(started, card);
}

/** Its callback is at a host that may not be called. */
async function isBlocked(started: SecretWorld): Promise<void> {
  const { workspace } = started.world;
  const url = 'https://hooks.elsewhere.example/a-secret-path/of-somebody?token=a-secret-token-of-somebody';
  const card = await opens(started, () => url);
  expect((await ask(started.world, `choose ${approvalOf(card)} publish`)).all).toContain(
    'Answer this in CrewAI',
  );
  await sees(workspace, 'the alert', ({ all }) => all.includes('hooks.elsewhere.example'), 'CPRESS');
}

/** What people can see of a review that waits: lists, look-ups, the Home tab and each modal. */
async function looksUp({ world, flow, secrets }: SecretWorld, card: Shown): Promise<void> {
  const { workspace } = world;
  const id = approvalOf(card);
  for (const text of [
    'waiting',
    'mine',
    id,
    `status ${flow.reviews[0]?.flowExecutionId}`,
    'history',
    'stats',
    `choose ${id} nonsense`,
  ])
    await ask(world, text);
  // A part of each: what a person types comes back in the answer.
  for (const secret of secrets)
    expect((await ask(world, `find ${secret.slice(-16, -4)}`)).all).toContain('I found nothing');
  await workspace.openHome({ user: 'UANA' });
  await workspace.changed(() => workspace.home('UANA') !== undefined, { what: 'the Home tab' });
  await workspace.shortcut({
    user: 'UANA',
    channel: 'CAPPROVALS',
    ts: card.ts,
    callbackId: 'approval_details',
  });
  await workspace.changed(() => workspace.viewDepth('UANA') === 1, { what: 'the details' });
  await workspace.closeModal({ user: 'UANA' });
  await clickOn(world, card.ts, 'other_answer');
  await workspace.changed(() => workspace.viewDepth('UANA') === 1, { what: 'the modal' });
  await workspace.closeModal({ user: 'UANA' });
}

/** The answers to webhooks that are rejected, whose bodies have the secrets. */
async function sendsRejected({ bot, secrets }: SecretWorld): Promise<string> {
  const body = { ...REVIEW, callback_url: `ftp://${secrets.join(' ')}`, response_token: secrets[0] };
  const text = JSON.stringify(body);
  const requests = [
    { text, headers: signReview(text) },
    { text, headers: {} },
    { text, headers: signReview(`${text} `) },
    { text: text.slice(0, -1), headers: signReview(text.slice(0, -1)) },
    { text: text.padEnd(2 * 1_048_576 + 1), headers: signReview(text) },
  ];
  const answers = [];
  for (const { text: data, headers } of requests) {
    const options = {
      headers: { 'content-type': 'application/json', ...headers },
      validateStatus: () => true,
    };
    const answer = await axios.post(`${bot.url}/webhooks/press/flow`, Buffer.from(data), options);
    answers.push(answer);
  }
  expect(answers.map(({ status }) => status)).toEqual([422, 401, 401, 400, 413]);
  return JSON.stringify(answers.map(({ data, headers }) => [data, headers]));
}

async function exports({ world }: SecretWorld): Promise<string> {
  const script = join(BUILT, 'cli', 'export.js');
  const formats = ['csv', 'jsonl'].map(async (format) => {
    const { code, stdout, stderr } = await run(script, world.settings, {
      cwd: world.folder,
      args: ['--format', format],
    }).ended;
    expect(code).toBe(0);
    return stdout + stderr;
  });
  return (await Promise.all(formats)).join();
}

test('no secret of a callback is in Slack, the log, an export, the metrics or an answer, whatever became of its review', {
  timeout: 60_000,
}, async () => {
  const started = await startSecrets();
  const { world, bot, secrets, said } = started;
  const { workspace } = world;
  const first = await opens(started);
  const stored = readStore(world);
  expect([stored.includes(secrets[0] as string), stored.includes('response-token-of')]).toEqual([
    true,
    false,
  ]);
  await looksUp(started, first);
  await clickOn(world, first.ts, 'choose_1');
  await becomes(started, first, 'CrewAI accepted it');

  await isRefused(started, () => ({ status: 401 }), texts.crewai.failures.callback_rejected, 'HTTP 401');
  const location = (url: string) => ({ status: 302, headers: { location: `${url}&again=1` } });
  await isRefused(started, location, texts.crewai.failures.rejected, 'HTTP 302');
  const echo = (url: string) => ({
    status: 422,
    body: JSON.stringify({ message: `${url} with ${new URL(url).searchParams.get('token')} is wrong` }),
  });
  await isRefused(started, echo, texts.crewai.failures.rejected, 'is wrong');
  await isNotReached(started);
  await isBlocked(started);

  const rejected = await sendsRejected(started);
  const exported = await exports(started);
  const { data: metrics } = await axios.get(`${bot.url}/metrics`);
  const left = readStore(world);
  bot.signal('SIGTERM');
  const { stdout, stderr } = await bot.ended;
  const seen = {
    calls: JSON.stringify(workspace.calls),
    messages: JSON.stringify([said, workspace.messages('CAPPROVALS'), workspace.messages('CPRESS')]),
    people: JSON.stringify([ephemeralsTo(workspace, 'UANA'), workspace.home('UANA')]),
    log: stdout + stderr,
    rejected,
    exported,
    metrics,
    store: left,
  };
  for (const [where, text] of Object.entries(seen)) {
    expect(text.length, where).toBeGreaterThan(100);
    expect(
      secrets.filter((secret) => text.includes(secret)),
      where,
    ).toEqual([]);
  }
});
