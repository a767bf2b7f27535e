import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { answersTo } from '../support/asking.ts';
import { clickOn, kickoff, ready } from '../support/process-steps.ts';
import { EXPECTING, type RawHeaders, sendHeaders } from '../support/raw-request.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { sees, shown, startBot, startWorld, type World } from '../support/world.ts';
import { ownCalendar } from './complaint-steps.ts';

const MIB = 1024 * 1024;
const LARGE = 500_000;
const CAP = 1_000;
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const seconds = (ago = 0) => Math.floor(Date.now() / 1_000) - ago;

/** The headers of a request of Slack's, of which nobody knows yet whether its signature is right. */
const dated = (more: RawHeaders = {}): RawHeaders => ({
  ...FORM,
  'X-Slack-Signature': `v0=${'0a'.repeat(32)}`,
  'X-Slack-Request-Timestamp': seconds(),
  ...more,
});

/** A look-up as Slack sends it, signed so many seconds ago. */
function lookUp({ settings }: World, ago: number) {
  const body = new URLSearchParams({
    command: '/approvals',
    text: '',
    user_id: 'UANA',
    channel_id: 'CAPPROVALS',
    response_url: 'http://127.0.0.1:9/none',
    trigger_id: 'none',
  }).toString();
  const timestamp = seconds(ago);
  const digest = createHmac('sha256', settings.SLACK_SIGNING_SECRET as string)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  const headers = { 'X-Slack-Signature': `v0=${digest}`, 'X-Slack-Request-Timestamp': timestamp };
  return { headers: { ...FORM, ...headers, 'Content-Length': Buffer.byteLength(body) }, body };
}

async function startWithCards(count = 1) {
  const world = await startWorld();
  const bot = await spawnBot(world);
  for (let run = 0; run < count; run += 1) kickoff(world, bot);
  const cards = () => shown(world.workspace).filter(ready);
  await world.workspace.changed(() => cards().length === count, { what: `${count} cards` });
  return { world, bot, cards: cards().map(({ ts }) => ts) };
}

async function decides(world: World, ts: string): Promise<void> {
  expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
  await sees(
    world.workspace,
    'accepted',
    (card) => card.ts === ts && card.all.includes('CrewAI accepted it'),
  );
}

test('what cannot be of Slack is refused before its body is read, and what is signed is taken four minutes early or late', async () => {
  const { world, bot, cards } = await startWithCards();
  const refused: [RawHeaders, number][] = [
    [{ ...FORM, 'Content-Length': 4 * MIB }, 401],
    [dated({ 'X-Slack-Signature': 'v0=short', 'Content-Length': LARGE }), 401],
    [dated({ 'X-Slack-Request-Timestamp': 'now', 'Content-Length': LARGE }), 401],
    [dated({ 'X-Slack-Request-Timestamp': seconds(6 * 60), 'Content-Length': LARGE }), 401],
    [dated({ 'Content-Length': MIB + 1 }), 413],
  ];
  for (const [headers, status] of refused) {
    const request = sendHeaders(bot.port, headers);
    expect(await request.status(), JSON.stringify(headers)).toBe(status);
    await request.closed;
  }
  for (const ago of [4 * 60, -4 * 60]) {
    const before = answersTo(world, 'UANA').length;
    const { headers, body } = lookUp(world, ago);
    const request = sendHeaders(bot.port, headers);
    request.socket.write(body);
    expect(await request.status()).toBe(200);
    await expect.poll(() => answersTo(world, 'UANA')[before]?.all).toContain('One approval is waiting');
  }
  const { headers, body } = lookUp(world, 0);
  const changed = sendHeaders(bot.port, headers);
  changed.socket.write(body.replace('UANA', 'UBEN'));
  expect(await changed.status(), 'a body that was not signed').toBe(401);
  await decides(world, cards[0] as string);
});

test.each([
  ['a Home tab that nobody opened', { event: { type: 'app_home_opened', tab: 'home' } }],
  ['a message of nobody', { event: { type: 'message', user: null, channel: 'CAPPROVALS' } }],
  ['a rate limit', { type: 'app_rate_limited', minute_rate_limited: 1_518_467_820 }],
])('an event without a user is acked, so that Slack does not send it again: %s', async (_, more) => {
  const { world, bot, cards } = await startWithCards();
  const body = JSON.stringify({ type: 'event_callback', team_id: 'T0SANDBOX', ...more });
  const timestamp = seconds();
  const digest = createHmac('sha256', world.settings.SLACK_SIGNING_SECRET as string)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  const request = sendHeaders(bot.port, {
    'Content-Type': 'application/json',
    'X-Slack-Signature': `v0=${digest}`,
    'X-Slack-Request-Timestamp': timestamp,
    'Content-Length': Buffer.byteLength(body),
  });
  request.socket.write(body);
  expect(await request.status()).toBe(200);
  await decides(world, cards[0] as string);
});

test('a body without a length is read to a mebibyte and no further', async () => {
  const { world, bot, cards } = await startWithCards();
  const request = sendHeaders(bot.port, dated({ 'Transfer-Encoding': 'chunked' }));
  const chunk = `${LARGE.toString(16)}\r\n${'x'.repeat(LARGE)}\r\n`;
  for (let number = 0; number < 3; number += 1) request.socket.write(chunk);
  expect(await request.status()).toBe(413);
  await decides(world, cards[0] as string);
});

test('a ninth large body at once is answered 503, and a click beside them is decided', async () => {
  const { world, bot, cards } = await startWithCards();
  const large = () => dated({ 'Content-Length': LARGE });
  const eight = Array.from({ length: 8 }, () => sendHeaders(bot.port, { ...large(), ...EXPECTING }));
  for (const request of eight) await request.waits();
  expect(await sendHeaders(bot.port, large()).status()).toBe(503);
  await decides(world, cards[0] as string);
  for (const { socket } of eight) socket.write('x'.repeat(LARGE));
  // All of it was read, and its signature is wrong.
  for (const request of eight) expect(await request.status()).toBe(401);
});

/** Resident memory of the process, in MB. */
const memoryOf = ({ pid }: SpawnedBot) =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;

test('150 connections that each send 4 MB unsigned take no memory, and clicks go on afterwards', async () => {
  const { world, bot, cards } = await startWithCards();
  const before = memoryOf(bot);
  const body = Buffer.alloc(4_000_000, 'x');
  const requests = Array.from({ length: 150 }, () => {
    const request = sendHeaders(bot.port, { ...FORM, 'Content-Length': body.length });
    request.socket.write(body);
    return request;
  });
  let highest = before;
  const looking = setInterval(() => {
    highest = Math.max(highest, memoryOf(bot));
  }, 100);
  onTestFinished(() => clearInterval(looking));
  await Promise.all(requests.map(({ closed }) => closed));
  clearInterval(looking);
  expect(Math.max(highest, memoryOf(bot)) - before).toBeLessThan(50);
  // Whoever still sends may find the connection closed before they have read why.
  expect(requests.filter(({ came }) => /^HTTP\/1\.1 (?!401)/.test(came()))).toEqual([]);
  await decides(world, cards[0] as string);
});

test('a thousand connections are taken and no more, and clicks go on once they are gone', async () => {
  const { world, bot, cards } = await startWithCards();
  const open = new Set<Socket>();
  let refused = 0;
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
  });
  for (let number = 0; number < CAP + 50; number += 1) {
    const socket = connect(bot.port, '127.0.0.1');
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      open.delete(socket);
      refused += 1;
    });
  }
  await expect.poll(() => refused).toBeGreaterThanOrEqual(50);
  expect(open.size).toBeGreaterThan(CAP - 50);
  for (const socket of open) socket.destroy();
  await expect.poll(() => open.size).toBe(0);
  await decides(world, cards[0] as string);
});

test('a machine that was suspended for an hour takes the first click afterwards', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', ready);
  const later = ownCalendar();
  // The clock that a suspended machine carries on is that of its wall, not the one that counts its own time.
  later(60 * 60_000);
  expect(await clickOn(world, card.ts, 'approve')).toMatchObject({ status: 200, acked: true });
  await sees(world.workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
});
