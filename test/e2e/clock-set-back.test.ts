import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import type { Approval } from '../../src/approval/model/approval.ts';
import { always, file, ready, sendPause } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, shown, startWorld, type World } from '../support/world.ts';
import { aPause, WITH_OPS } from './store-outage-steps.ts';

const DAY = 24 * 60 * 60_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'shifted-clock.mjs')).href;

/** When the card of the one approval is due again. */
function readCardDue(world: World): number {
  const database = new DatabaseSync(file(world), { readOnly: true });
  const [row] = database.prepare("SELECT raw FROM records WHERE key LIKE 'approval/%'").all();
  database.close();
  return (JSON.parse((row as { raw: string }).raw) as { value: Approval }).value.lanes.card.notBefore ?? 0;
}

// What such a clock leaves of decisions, claims, leases and timers is in approval/worker/clock-set-back.test.ts.
test('work recorded by a clock that was ten years ahead is carried out once the clock is right, with one alert', {
  timeout: 60_000,
}, async () => {
  const by = 3_650 * DAY;
  const world = await startWorld(undefined, { dialect: 'documented' }, WITH_OPS);
  const { workspace } = world;
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 }, ...always });
  const shifted = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(by) };
  const ahead = await spawnBot(world, { ...shifted, OPS_CHANNEL: 'COPS' });
  expect((await sendPause(world, ahead, aPause('run-1'))).status).toBe(202);
  await ahead.logs('a refused card', ({ msg }) => msg.startsWith('Slack call failed'));
  const later = Date.now() + by / 2;
  await expect.poll(() => readCardDue(world), { timeout: 10_000 }).toBeGreaterThan(later);
  await ahead.kill();
  workspace.failures.clear();

  const right = await spawnBot(world, { OPS_CHANNEL: 'COPS' });
  const isSetBack = ({ msg }: { msg: string }) => msg === 'clock was set back; recorded times are corrected';
  await right.logs('the clock', isSetBack);
  await sees(workspace, 'the card', ready);
  const isAlarm = ({ all }: Shown) => all.includes('The clock was ahead');
  await sees(workspace, 'the alarm', isAlarm, 'COPS');
  expect(right.logged.filter(isSetBack)).toHaveLength(1);
  expect(shown(workspace, 'COPS').filter(isAlarm)).toHaveLength(1);
});
