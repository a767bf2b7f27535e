import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { type Approval, currentRound } from '../../src/approval/model/approval.ts';
import { always, approvalOfRun, clickOn, file, kickoff, ready } from '../support/process-steps.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, shown, startWorld, type World } from '../support/world.ts';
import { aTask, http } from './store-outage-steps.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'shifted-clock.mjs')).href;
const APP_TOKEN = 'xapp-sandbox-token';
const OPS = { id: 'COPS', name: 'ops', members: ['UANA'], botIsMember: true };
const CHANNELS = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN', 'UCAT'], botIsMember: true },
  OPS,
];
const SET_BACK = 'clock was set back; recorded times are corrected';

/** Over a socket: Slack's requests carry its own time, which such a clock refuses. */
const settings = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '', OPS_CHANNEL: 'COPS' };

function recordOf(world: World, execution: string): Approval {
  const database = new DatabaseSync(file(world), { readOnly: true });
  const rows = database.prepare("SELECT raw FROM records WHERE key LIKE 'approval/%'").all() as {
    raw: string;
  }[];
  database.close();
  const approvals = rows.map(({ raw }) => (JSON.parse(raw) as { value: Approval }).value);
  return approvals.find(({ executionId }) => executionId === execution) as Approval;
}

const claim = ({ workspace }: World, ts: string) => {
  const [option = ''] = /claim:\w+\.1\.\w+/.exec(JSON.stringify(workspace.message('CAPPROVALS', ts))) ?? [];
  return workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'more', selected: [option] });
};

test.each([
  ['a day', DAY],
  ['ten years', 3_650 * DAY],
])(
  'what a clock recorded that was %s ahead is carried out once it is right again',
  { timeout: 60_000 },
  async (_, by) => {
    const world = await startWorld(
      undefined,
      { dialect: 'documented' },
      { appToken: APP_TOKEN, channels: CHANNELS },
    );
    const { workspace, platform } = world;
    const shifted = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(by) };
    const ahead = await spawnBot(world, { ...settings, ...shifted });
    expect(Number(ahead.logged[0]?.time) - Date.now()).toBeGreaterThan(by - MINUTE);
    const cardOf = (id: string, what: (message: Shown) => boolean = ready) =>
      sees(workspace, `the card of ${id}`, (message) => message.approval === id && what(message));
    const about = (execution: string) => (body: unknown) => JSON.stringify(body).includes(execution);

    // CrewAI does not take one decision, Slack takes neither the card of another run, nor a change of a third one.
    const [held, looked, unposted] = [kickoff(world, ahead), kickoff(world, ahead), 'run-unposted'];
    const [heldOne, lookedOne] = [await approvalOfRun(world, held), await approvalOfRun(world, looked)];
    platform.failures.plan({ on: 'resume', failure: { status: 503 }, when: about(held), ...always });
    workspace.failures.plan({
      on: 'chat.postMessage',
      failure: { status: 503 },
      when: about(unposted),
      ...always,
    });
    await clickOn(world, (await cardOf(heldOne)).ts, 'approve');
    await cardOf(heldOne, ({ all }) => all.includes("I'll keep trying"));
    const claimed = await cardOf(lookedOne);
    workspace.failures.plan({
      on: 'chat.update',
      failure: { status: 503 },
      when: about(claimed.ts),
      ...always,
    });
    workspace.failures.plan({ on: 'response_url', failure: { status: 500 }, ...always });
    expect(await claim(world, claimed.ts)).toMatchObject({ acked: true });
    const { data: taken } = await http.post(ahead.webhook('task'), aTask(unposted));
    await ahead.logs('a refused card', ({ msg }) => msg.startsWith('Slack call failed'));
    await expect
      .poll(() => recordOf(world, unposted).lanes.card.notBefore, { timeout: 10_000 })
      .toBeGreaterThan(Date.now() + by / 2);
    await expect
      .poll(() => recordOf(world, looked).lanes.card.notBefore, { timeout: 10_000 })
      .toBeGreaterThan(Date.now() + by / 2);
    await ahead.kill();
    platform.failures.clear();
    workspace.failures.clear();

    const right: SpawnedBot = await spawnBot(world, settings);
    await right.logs('the clock', ({ msg }) => msg === SET_BACK);
    await cardOf(heldOne, ({ all }) => all.includes('CrewAI accepted it'));
    await cardOf(taken.approval);
    await cardOf(lookedOne, ({ all }) => all.includes('<@UANA> is on it'));
    const latest = Date.now() + 15 * MINUTE;
    const { claim: found } = currentRound(recordOf(world, looked));
    expect(found?.by).toBe('UANA');
    expect(found?.until).toBeLessThanOrEqual(latest);
    expect(recordOf(world, unposted).rounds[0]?.receivedAt).toBeLessThanOrEqual(Date.now());
    const told = () => shown(workspace, 'COPS').filter(({ all }) => all.includes('The clock was ahead'));
    await sees(workspace, 'the alarm', ({ all }) => all.includes('The clock was ahead'), 'COPS');

    // Nothing is found again at the next start, nor is anybody told again by this one.
    expect((await http.get(`${right.url}/readyz`)).data).toEqual({ status: 'ready' });
    expect(right.logged.filter(({ msg }) => msg === SET_BACK)).toHaveLength(1);
    expect(told()).toHaveLength(1);
    expect(platform.resumes.filter(({ status }) => status === 200)).toHaveLength(1);
  },
);

test('a clock that was ahead and recorded nothing that happened is found all the same', {
  timeout: 60_000,
}, async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 }, ...always });
  const right = await spawnBot(world);
  await http.post(right.webhook('task'), { kickoff_id: 'run-1', name: 'draft', output: 'A draft' });
  await right.logs('a refused card', ({ msg }) => msg.startsWith('Slack call failed'));
  await right.kill();
  const ahead = await right.restart({ NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(DAY) });
  await expect
    .poll(() => recordOf(world, 'run-1').lanes.card.notBefore, { timeout: 10_000 })
    .toBeGreaterThan(Date.now() + DAY / 2);
  await ahead.kill();
  workspace.failures.clear();
  const again = await right.restart();
  await again.logs('the clock', ({ msg }) => msg === SET_BACK);
  await sees(workspace, 'the card', ready);
});
