import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { clickOn, file, kickoff, ready, sendPause } from '../support/process-steps.ts';
import { sees, shown, startBot, startWorld } from '../support/world.ts';

const OPS = { id: 'COPS', name: 'ops', members: ['UANA'], botIsMember: true };
const CHANNELS = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN', 'UCAT'], botIsMember: true },
  OPS,
];

test('OPS_CHANNEL is told once of a refused token, of a store that takes no writes and of a blocked channel', async () => {
  const world = await startWorld(undefined, {}, { channels: CHANNELS });
  const { workspace, platform } = world;
  const bot = await startBot(world, { OPS_CHANNEL: 'COPS' });
  const told = () => shown(workspace, 'COPS').map(({ all }) => all);
  const tellsOf = (what: string) => sees(workspace, what, ({ all }) => all.includes(what), 'COPS');

  for (const run of [1, 2]) {
    platform.failures.plan({ on: 'resume', failure: { status: 401, body: 'no' } });
    kickoff(world, bot);
    const card = await sees(workspace, `card ${run}`, ready);
    await clickOn(world, card.ts, 'approve');
    await sees(workspace, 'refused', ({ ts, buttons }) => ts === card.ts && buttons.includes('Retry'));
  }
  await tellsOf('CrewAI rejects the bearer token of the crew press (401).');

  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  const pause = { run: 'run-1', output: 'Hello' };
  for (let number = 0; number < 2; number += 1) {
    const { status } = await sendPause(world, bot, pause);
    expect(status).toBe(503);
  }
  other.exec('COMMIT');
  other.close();
  await tellsOf('The database rejects writes');

  workspace.archive('CAPPROVALS');
  await sendPause(world, bot, pause);
  await sendPause(world, bot, { ...pause, run: 'run-2' });
  await tellsOf('Slack rejects cards in the channel CAPPROVALS (is_archived).');
  expect(told()).toHaveLength(3);
}, 60_000);
