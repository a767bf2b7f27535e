import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import { expect, test } from 'vitest';
import type { Approval } from '../../src/approval/model/approval.ts';
import { ask } from '../support/asking.ts';
import { scaleLimit } from '../support/limits.ts';
import {
  always,
  clickOn,
  file,
  ready,
  roots,
  seesAccepted,
  sendPause,
  startRunWithCard,
} from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { type SpawnedBot, spawnBot, startGate } from '../support/spawn-bot.ts';
import { ephemeralsTo, SECRET, sees, startWorld, type World } from '../support/world.ts';
import { aPause } from './store-outage-steps.ts';

const MINUTE = 60_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'shifted-clock.mjs')).href;
const WRONG = [
  ['10 minutes fast', 10 * MINUTE],
  ['10 minutes slow', -10 * MINUTE],
] as const;

/** A bot on a machine whose clock is wrong by so many milliseconds. */
async function spawnShifted(world: World, by: number, settings: Record<string, string> = {}) {
  const shift = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(by) };
  const bot = await spawnBot(world, { ...settings, ...shift });
  expect(Math.abs(Number(bot.logged[0]?.time) - Date.now() - by)).toBeLessThan(MINUTE);
  return bot;
}

/** Makes this bot look at a run's card: it has something to say in its thread. */
async function lookedAt({ workspace }: World, bot: SpawnedBot, run: string): Promise<void> {
  const headers = { authorization: `Bearer ${SECRET}` };
  const url = `${bot.url}/crews/press/executions/${run}`;
  const register = () => axios.put(url, { channel: 'CPRESS' }, { headers });
  await register();
  const warning = "channel isn't one of this crew's channels";
  await sees(workspace, 'the warning', ({ all }) => all.includes(warning));
  // Everything else that the look led to has begun by now.
  await register();
}

/** Every time that a message shows is about now. */
function expectTrueTimes(text: string): void {
  const times = [...text.matchAll(/<!date\^(\d+)\^/g)].map(([, seconds]) => Number(seconds) * 1_000);
  expect(times).not.toEqual([]);
  for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThan(MINUTE);
}

describeEachServer('two replicas on one', (newUrl, server) => {
  // The time that a lease is judged by is that of the store: each is tried in one direction.
  const [how, by] = server === 'Redis' ? WRONG[0] : WRONG[1];
  test(`one of them ${how}: what is decided is sent once, the times that people see are true, and it takes over from a killed one`, {
    timeout: scaleLimit(60_000),
  }, async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    const settings = { STORE_URL: await newUrl(), CREWAI_BASE_URL: crewai.url };
    const bots = [spawnBot(world, settings), spawnShifted(world, by, settings)] as const;
    const [right, wrong] = await Promise.all(bots);
    // A fast one cannot take clicks over HTTP. The one that takes this click sends the decision; meanwhile the other
    // looks at the approval, and one of the two clocks is 10 minutes ahead of the lease.
    const [clicked, other] = by < 0 ? [wrong, right] : [right, wrong];
    const { card, execution } = await startRunWithCard(world, wrong);
    if (by > 0) {
      workspace.connectBot(`${wrong.url}/slack/events`);
      expect(await clickOn(world, card.ts, 'approve')).toMatchObject({ acked: false, status: 401 });
      const told = await wrong.logs('the reason', ({ msg }) => msg.includes('Timestamp is too old'));
      expect(told.level).toBeGreaterThanOrEqual(40);
    }
    workspace.connectBot(`${clicked.url}/slack/events`);
    await ask(world, '');
    expect(JSON.stringify(ephemeralsTo(workspace, 'UANA'))).toContain('waiting for less than a minute');
    platform.hold();
    crewai.hold();
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    await lookedAt(world, other, execution);
    crewai.release();
    expectTrueTimes((await seesAccepted(world, card)).all);
    expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
    platform.release();
    await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    expect(roots(world)).toHaveLength(1);
    for (const bot of [right, wrong]) expect(bot.logged.filter(({ level }) => level >= 50)).toEqual([]);

    const second = (await startRunWithCard(world, wrong)).card;
    workspace.connectBot(`${right.url}/slack/events`);
    platform.failures.plan({ on: 'resume', failure: { noAnswer: true } });
    expect((await clickOn(world, second.ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 2, { what: '/resume' });
    await right.kill();
    const end = () =>
      roots(world)
        .find(({ ts }) => ts === second.ts)
        ?.all.includes('Decision sent. ') === true;
    await workspace.changed(end, { what: 'the acceptance', timeoutMs: 25_000 });
    expect(platform.resumes.map(({ fate }) => fate)).toEqual(['answered', 'no answer', 'answered']);
  });
});

/** When the card of the one approval is due again. */
function readCardDue(world: World): number {
  const database = new DatabaseSync(file(world), { readOnly: true });
  const [row] = database.prepare("SELECT raw FROM records WHERE key LIKE 'approval/%'").all();
  database.close();
  return (JSON.parse((row as { raw: string }).raw) as { value: Approval }).value.lanes.card.notBefore ?? 0;
}

// What such a clock leaves of decisions, claims and leases is in approval/worker/clock-set-back.test.ts.
test('a card that failed by a clock that was ten years ahead is posted once the clock is right', {
  timeout: scaleLimit(60_000),
}, async () => {
  const by = 3_650 * 24 * 60 * MINUTE;
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 }, ...always });
  const ahead = await spawnShifted(world, by);
  expect((await sendPause(world, ahead, aPause('run-1'))).status).toBe(202);
  await ahead.logs('a refused card', ({ msg }) => msg.startsWith('Slack call failed'));
  const later = Date.now() + by / 2;
  await expect.poll(() => readCardDue(world), { timeout: scaleLimit(10_000) }).toBeGreaterThan(later);
  await ahead.kill();
  workspace.failures.clear();

  await spawnBot(world);
  await sees(workspace, 'the card', ready);
});
