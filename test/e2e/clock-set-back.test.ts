import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { type Approval, currentRound } from '../../src/approval/model/approval.ts';
import { always, approvalOfRun, clickOn, file, kickoff, ready } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, shown, startWorld, type World } from '../support/world.ts';
import { aTask, http, WITH_OPS } from './store-outage-steps.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'shifted-clock.mjs')).href;
const APP_TOKEN = 'xapp-sandbox-token';
const SET_BACK = 'clock was set back; recorded times are corrected';

/** Over a socket: Slack's requests carry its own time, which such a clock refuses. */
const settings = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '', OPS_CHANNEL: 'COPS' };

function recordOf(world: World, execution: string): Approval {
  const database = new DatabaseSync(file(world), { readOnly: true });
  const rows = database.prepare("SELECT raw FROM records WHERE key LIKE 'approval/%'").all();
  database.close();
  const approvals = (rows as { raw: string }[]).map(
    ({ raw }) => (JSON.parse(raw) as { value: Approval }).value,
  );
  return approvals.find(({ executionId }) => executionId === execution) as Approval;
}

const claim = ({ workspace }: World, ts: string) => {
  const [option = ''] = /claim:\w+\.1\.\w+/.exec(JSON.stringify(workspace.message('CAPPROVALS', ts))) ?? [];
  return workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'more', selected: [option] });
};

// What other clocks leave behind is in approval/worker/clock-set-back.test.ts.
test('what a clock recorded that was ten years ahead is carried out once it is right again', {
  timeout: 60_000,
}, async () => {
  const by = 3_650 * DAY;
  const world = await startWorld(undefined, { dialect: 'documented' }, { appToken: APP_TOKEN, ...WITH_OPS });
  const { workspace, platform } = world;
  const shifted = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_BY: String(by) };
  const ahead = await spawnBot(world, { ...settings, ...shifted });
  expect(Number(ahead.logged[0]?.time) - Date.now()).toBeGreaterThan(by - MINUTE);
  const cardOf = (id: string, what: (message: Shown) => boolean = ready) =>
    sees(workspace, `the card of ${id}`, (message) => message.approval === id && what(message));
  const fails = (on: string, about: string) => {
    const when = (body: unknown) => JSON.stringify(body).includes(about);
    return { on, failure: { status: 503 }, when, ...always };
  };

  // CrewAI does not take one decision, Slack takes neither the card of another run, nor a change of a third one.
  const [held, looked, unposted] = [kickoff(world, ahead), kickoff(world, ahead), 'run-unposted'];
  const [heldOne, lookedOne] = [await approvalOfRun(world, held), await approvalOfRun(world, looked)];
  platform.failures.plan(fails('resume', held));
  workspace.failures.plan(fails('chat.postMessage', unposted));
  await clickOn(world, (await cardOf(heldOne)).ts, 'approve');
  await cardOf(heldOne, ({ all }) => all.includes("I'll keep trying"));
  const claimed = await cardOf(lookedOne);
  workspace.failures.plan(fails('chat.update', claimed.ts));
  workspace.failures.plan({ on: 'response_url', failure: { status: 500 }, ...always });
  expect(await claim(world, claimed.ts)).toMatchObject({ acked: true });
  const { data: received } = await http.post(ahead.webhook('task'), aTask(unposted));
  await ahead.logs('a refused card', ({ msg }) => msg.startsWith('Slack call failed'));
  for (const run of [unposted, looked])
    await expect
      .poll(() => recordOf(world, run).lanes.card.notBefore, { timeout: 10_000 })
      .toBeGreaterThan(Date.now() + by / 2);
  await ahead.kill();
  platform.failures.clear();
  workspace.failures.clear();

  const right = await spawnBot(world, settings);
  await right.logs('the clock', ({ msg }) => msg === SET_BACK);
  await cardOf(heldOne, ({ all }) => all.includes('CrewAI accepted it'));
  await cardOf(received.approval);
  await cardOf(lookedOne, ({ all }) => all.includes('<@UANA> is on it'));
  const { claim: found } = currentRound(recordOf(world, looked));
  expect(found?.by).toBe('UANA');
  expect(found?.until).toBeLessThanOrEqual(Date.now() + 15 * MINUTE);
  expect(recordOf(world, unposted).rounds[0]?.receivedAt).toBeLessThanOrEqual(Date.now());
  const isAlarm = ({ all }: Shown) => all.includes('The clock was ahead');
  await sees(workspace, 'the alarm', isAlarm, 'COPS');

  // Nothing is found again at the next start, nor is anybody told again by this one.
  expect((await http.get(`${right.url}/readyz`)).data).toEqual({ status: 'ready' });
  expect(right.logged.filter(({ msg }) => msg === SET_BACK)).toHaveLength(1);
  expect(shown(workspace, 'COPS').filter(isAlarm)).toHaveLength(1);
  expect(platform.resumes.filter(({ status }) => status === 200)).toHaveLength(1);
});
