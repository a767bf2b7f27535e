import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { answersTo } from '../support/asking.ts';
import { approves, startRunWithCard } from '../support/process-steps.ts';
import { sendHeaders } from '../support/raw-request.ts';
import { share } from '../support/shared.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { startWorld } from '../support/world.ts';

// What is refused before its body is read is in slack/app/request-gate.test.ts.
const CAP = 1_000;
/** From so many on, idle ones are closed. */
const IDLE = 900;
const FORM = 'application/x-www-form-urlencoded';

const LOOK_UP = new URLSearchParams({
  command: '/approvals',
  text: '',
  user_id: 'UANA',
  channel_id: 'CAPPROVALS',
  response_url: 'http://127.0.0.1:9/none',
}).toString();

/** Sends a body as Slack does, signed so many seconds ago; resolves to the status. `sent`: what is sent instead. */
function send(body: string, { type = FORM, ago = 0, sent = body } = {}): Promise<number> {
  const { world, bot } = started();
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

const started = share(async () => {
  const world = await startWorld();
  return { world, bot: await spawnBot(world) };
});

/** Clicks go on: a run comes to its card, and is approved. */
async function expectWorks(): Promise<void> {
  const { world, bot } = started();
  await approves(world, (await startRunWithCard(world, bot)).card);
}

test('a signed request is accepted four minutes early or late, another body is not, an event without a user is acked', async () => {
  const { world, bot } = started();
  await startRunWithCard(world, bot);
  for (const ago of [4 * 60, -4 * 60]) {
    const before = answersTo(world, 'UANA').length;
    expect(await send(`${LOOK_UP}&trigger_id=${ago}`, { ago })).toBe(200);
    await expect.poll(() => answersTo(world, 'UANA')[before]?.all).toContain('One approval is waiting');
  }
  expect(await send(LOOK_UP, { sent: LOOK_UP.replace('UANA', 'UBEN') })).toBe(401);
  for (const more of [
    { event: { type: 'app_home_opened', tab: 'home' } },
    { event: { type: 'message', user: null, channel: 'CAPPROVALS' } },
    { type: 'app_rate_limited', minute_rate_limited: 1_518_467_820 },
  ]) {
    const body = JSON.stringify({ type: 'event_callback', team_id: 'T0SANDBOX', ...more });
    expect(await send(body, { type: 'application/json' }), body).toBe(200);
  }
  await expectWorks();
});

/** Resident memory of the process, in MB. */
const memoryOf = ({ pid }: SpawnedBot) =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;

test('150 connections that each send 4 MB unsigned take no memory, and clicks go on afterwards', async () => {
  const { bot } = started();
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
  await expectWorks();
});

test('of a thousand idle connections 900 stay open and no more, and clicks go on', async () => {
  const { bot } = started();
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
  // One may have a request.
  await expect.poll(() => refused).toBeGreaterThanOrEqual(CAP + 50 - IDLE - 1);
  expect(open.size).toBeGreaterThan(IDLE - 50);
  await expectWorks();
  for (const socket of open) socket.destroy();
  await expect.poll(() => open.size).toBe(0);
  await expectWorks();
});
