import { expect, test } from 'vitest';
import { flowSettings, QUESTION, REVIEW, sendReview, signReview, startFlow } from '../support/flow-world.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn } from '../support/process-steps.ts';
import { type RawHeaders, sendHeaders } from '../support/raw-request.ts';
import { share } from '../support/shared.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { shown, startWorld } from '../support/world.ts';
import { readStore } from './flow-store.ts';

const MIB = 1_048_576;
const FLOW = '/webhooks/press/flow';
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Slack takes one message per second in each: many cards at once need many channels. */
const CHANNELS = Array.from({ length: 20 }, (_, number) => `C${String(number).padStart(4, '0')}`);

/** A bot for whose reviews of `review_<number>` channel `<number>` is, and the Flow that it may answer. */
const started = share(async () => {
  const people = ['UANA', 'UBEN'];
  const channels = ['CAPPROVALS', ...CHANNELS].map((id) => ({
    id,
    name: id.toLowerCase(),
    members: people,
    botIsMember: true,
  }));
  const world = await startWorld(undefined, {}, { channels, ackDeadlineMs: 15_000 });
  const flow = await startFlow();
  const tasks = CHANNELS.map((channel, number) => ({ match: `review_${number}`, channel }));
  const bot = await spawnBot(world, { ...flowSettings(flow), TASKS: JSON.stringify(tasks) });
  flow.sendTo(`${bot.url}${FLOW}`);
  return { world, flow, bot };
});

test('of forty reviews at once every small one is stored; a large one is too, or is answered 503 and stored when it is sent again', {
  timeout: scaleLimit(90_000),
}, async () => {
  const { world, bot } = started();
  // Every other one is large.
  const reviews = Array.from({ length: 40 }, (_, number) => ({
    ...REVIEW,
    id: `review-${number}`,
    flow_id: `flow-${number}`,
    method_name: `review_${number % CHANNELS.length}`,
    output: `Text ${String(number).padStart(3, '0')} ${number % 2 === 0 ? 'is short' : 'is long '.repeat(20_000)}`,
  }));
  const answers = await Promise.all(reviews.map((review) => sendReview(bot, review)));
  const stored = readStore(world);
  for (const [number, { status, headers }] of answers.entries()) {
    const text = reviews[number]?.output.slice(0, 8) ?? '';
    expect([text, stored.includes(text)]).toEqual([text, status === 202]);
    expect(number % 2 === 0 ? [202] : [202, 503], text).toContain(status);
    if (status === 503) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
  const approvals: string[] = [];
  for (const [number, answer] of answers.entries()) {
    const { data } = answer.status === 503 ? await sendReview(bot, reviews[number] as object) : answer;
    approvals.push(data.approval);
  }
  const seen = () =>
    CHANNELS.flatMap((channel) => shown(world.workspace, channel).flatMap(({ approval }) => approval ?? []));
  const hasAll = () => new Set(seen()).size === reviews.length;
  await world.workspace.changed(hasAll, { what: 'a card of each', timeoutMs: 60_000 });
  expect(seen().toSorted()).toEqual(approvals.toSorted());
});

test('large bodies without a signature are refused before they are sent, eight with a forged one are read; clicks go on', {
  timeout: scaleLimit(60_000),
}, async () => {
  const { world, flow, bot } = started();
  const reviews = [flow.ask(QUESTION), flow.ask(QUESTION)];
  const cards = () => shown(world.workspace).filter(({ buttons }) => buttons.length > 0);
  await world.workspace.changed(() => cards().length === 2, { what: 'two cards' });
  const [first = '', second = ''] = cards().map(({ ts }) => ts);
  const send = (count: number, headers: RawHeaders) =>
    Array.from({ length: count }, () => sendHeaders(bot.port, { ...JSON_TYPE, ...headers }, FLOW));

  const unsigned = send(100, { 'Content-Length': 2 * MIB });
  for (const request of unsigned) expect(await request.status()).toBe(401);
  for (const { socket } of unsigned) socket.write(Buffer.alloc(2 * MIB, 'x'));
  expect((await clickOn(world, first, 'choose_1')).acked).toBe(true);

  const forged = send(12, { ...signReview('another body'), 'Content-Length': MIB });
  const isRejected = ({ came }: (typeof forged)[number]) => came().startsWith('HTTP/1.1 503 ');
  await expect.poll(() => forged.filter(isRejected)).toHaveLength(4);
  expect((await sendReview(bot, REVIEW)).status).toBe(202);
  expect((await clickOn(world, second, 'choose_1')).acked).toBe(true);
  for (const review of reviews)
    expect(await flow.changed(() => review.answer())).toMatchObject({ feedback: 'publish' });
  const eight = forged.filter((request) => !isRejected(request));
  for (const { socket } of eight) socket.write(Buffer.alloc(MIB, 'x'));
  for (const request of eight) expect(await request.status()).toBe(401);
});
