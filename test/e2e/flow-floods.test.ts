import { expect, test } from 'vitest';
import {
  flowSettings,
  QUESTION,
  REVIEW,
  sendReview,
  signReview,
  startFlow,
  waits,
} from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { sendHeaders } from '../support/raw-request.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { shown, startWorld } from '../support/world.ts';
import { CHANNELS, startChannels } from './flow-channels.ts';
import { readStore } from './flow-store.ts';

const MIB = 1_048_576;
const FLOW = '/webhooks/press/flow';
const JSON_TYPE = { 'Content-Type': 'application/json' };
test('of a hundred reviews at once every small one is stored; a large one is too, or is answered 503 and stored when it is sent again', {
  timeout: 90_000,
}, async () => {
  const { world, settings } = await startChannels();
  const bot = await spawnBot(world, settings);
  // Every other one is large.
  const reviews = Array.from({ length: 100 }, (_, number) => ({
    ...REVIEW,
    id: `review-${number}`,
    flow_id: `run-${String(number).padStart(3, '0')}`,
    method_name: `review_${number % CHANNELS.length}`,
    output: number % 2 === 0 ? 'A short text' : 'A long text '.repeat(20_000),
  }));
  const answers = await Promise.all(reviews.map((review) => sendReview(bot, review)));
  const stored = readStore(world);
  for (const [number, { status, headers }] of answers.entries()) {
    const { flow_id: run } = reviews[number] as { flow_id: string };
    expect([run, stored.includes(run)]).toEqual([run, status === 202]);
    expect(number % 2 === 0 ? [202] : [202, 503], run).toContain(status);
    if (status === 503) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
  const approvals: string[] = [];
  for (const [number, answer] of answers.entries()) {
    const { status, data } =
      answer.status === 503 ? await sendReview(bot, reviews[number] as object) : answer;
    expect(status).toBe(202);
    approvals.push(data.approval);
  }

  const seen = () =>
    CHANNELS.flatMap((channel) => shown(world.workspace, channel).flatMap(({ approval }) => approval ?? []));
  await world.workspace.changed(() => new Set(seen()).size === reviews.length, {
    what: 'a card of each',
    timeoutMs: 60_000,
  });
  expect(seen().toSorted()).toEqual(approvals.toSorted());
});

async function startWithCard() {
  const world = await startWorld(undefined, {}, { ackDeadlineMs: 15_000 });
  const flow = await startFlow();
  const bot = await spawnBot(world, flowSettings(flow));
  flow.sendTo(`${bot.url}${FLOW}`);
  const review = flow.ask(QUESTION);
  return { world, bot, review, card: await waits(world) };
}

test('a hundred bodies of 2 MiB without a signature are refused before they are sent, and a click among them is acked', {
  timeout: 60_000,
}, async () => {
  const { world, bot, review, card } = await startWithCard();
  const headers = { ...JSON_TYPE, 'Content-Length': 2 * MIB };
  const requests = Array.from({ length: 100 }, () => sendHeaders(bot.port, headers, FLOW));
  for (const request of requests) expect(await request.status()).toBe(401);
  const body = Buffer.alloc(2 * MIB, 'x');
  for (const { socket } of requests) socket.write(body);
  expect((await clickOn(world, card.ts, 'choose_1')).acked).toBe(true);
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
});

test('eight large bodies with a forged signature are read at once, and beside them a click and a small review are taken', {
  timeout: 60_000,
}, async () => {
  const { world, bot, review, card } = await startWithCard();
  const body = Buffer.alloc(MIB, 'x');
  const forged = { ...JSON_TYPE, ...signReview('another body'), 'Content-Length': body.length };
  const requests = Array.from({ length: 12 }, () => sendHeaders(bot.port, forged, FLOW));
  const isRejected = ({ came }: (typeof requests)[number]) => came().startsWith('HTTP/1.1 503 ');
  await expect.poll(() => requests.filter(isRejected)).toHaveLength(4);
  expect((await sendReview(bot, REVIEW)).status).toBe(202);
  expect((await clickOn(world, card.ts, 'choose_1')).acked).toBe(true);
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
  const eight = requests.filter((request) => !isRejected(request));
  for (const { socket } of eight) socket.write(body);
  for (const request of eight) expect(await request.status()).toBe(401);
});
