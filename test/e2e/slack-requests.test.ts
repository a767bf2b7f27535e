import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { answersTo } from '../support/asking.ts';
import { approves, clickOn, startRunWithCard } from '../support/process-steps.ts';
import { sendHeaders } from '../support/raw-request.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';
import { ownCalendar } from './complaint-steps.ts';

// What is refused before its body is read is in slack/app/request-gate.test.ts.
const CAP = 1_000;
const FORM = 'application/x-www-form-urlencoded';

const LOOK_UP = new URLSearchParams({
  command: '/approvals',
  text: '',
  user_id: 'UANA',
  channel_id: 'CAPPROVALS',
  response_url: 'http://127.0.0.1:9/none',
  trigger_id: 'none',
}).toString();

/** Sends a body as Slack does, signed so many seconds ago; resolves to the status. `sent`: what is sent instead. */
function send(
  { world, bot }: Started,
  body: string,
  { type = FORM, ago = 0, sent = body } = {},
): Promise<number> {
  const timestamp = Math.floor(Date.now() / 1_000) - ago;
  const digest = createHmac('sha256', world.settings.SLACK_SIGNING_SECRET as string)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  const request = sendHeaders(bot.port, {
    'Content-Type': type,
    'X-Slack-Signature': `v0=${digest}`,
    'X-Slack-Request-Timestamp': timestamp,
    'Content-Length': Buffer.byteLength(sent),
  });
  request.socket.write(sent);
  return request.status();
}

interface Started {
  world: World;
  bot: SpawnedBot;
  card: { ts: string };
}

async function start(): Promise<Started> {
  const world = await startWorld();
  const bot = await spawnBot(world);
  const { card } = await startRunWithCard(world, bot);
  return { world, bot, card };
}

test('a signed request is accepted four minutes early or late, another body is not, an event without a user is acked', async () => {
  const started = await start();
  const { world, card } = started;
  for (const ago of [4 * 60, -4 * 60]) {
    const before = answersTo(world, 'UANA').length;
    expect(await send(started, LOOK_UP, { ago })).toBe(200);
    await expect.poll(() => answersTo(world, 'UANA')[before]?.all).toContain('One approval is waiting');
  }
  expect(await send(started, LOOK_UP, { sent: LOOK_UP.replace('UANA', 'UBEN') })).toBe(401);
  for (const more of [
    { event: { type: 'app_home_opened', tab: 'home' } },
    { event: { type: 'message', user: null, channel: 'CAPPROVALS' } },
    { type: 'app_rate_limited', minute_rate_limited: 1_518_467_820 },
  ]) {
    const body = JSON.stringify({ type: 'event_callback', team_id: 'T0SANDBOX', ...more });
    expect(await send(started, body, { type: 'application/json' }), body).toBe(200);
  }
  await approves(world, card);
});

/** Resident memory of the process, in MB. */
const memoryOf = ({ pid }: SpawnedBot) =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;

test('150 connections that each send 4 MB unsigned take no memory, and clicks go on afterwards', async () => {
  const { world, bot, card } = await start();
  const before = memoryOf(bot);
  const body = Buffer.alloc(4_000_000, 'x');
  const requests = Array.from({ length: 150 }, () => {
    const request = sendHeaders(bot.port, { 'Content-Type': FORM, 'Content-Length': body.length });
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
  // A sender may find the connection closed before it has read why.
  expect(requests.filter(({ came }) => /^HTTP\/1\.1 (?!401)/.test(came()))).toEqual([]);
  await approves(world, card);
});

test('a thousand connections are accepted and no more, and clicks go on once they are gone', async () => {
  const { world, bot, card } = await start();
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
  await approves(world, card);
});

test('a machine that was suspended for an hour accepts the first click afterwards', async () => {
  const world = await startWorld();
  const { card } = await startRunWithCard(world, await startBot(world));
  const later = ownCalendar();
  // The clock that a suspended machine carries on is that of its wall, not the one that counts its own time.
  later(60 * 60_000);
  expect(await clickOn(world, card.ts, 'approve')).toMatchObject({ status: 200, acked: true });
  await sees(world.workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
});
