import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { clickOn, file, kickoff, sendPause } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { SECRET, sees, shown, startBot, startWorld } from '../support/world.ts';
import { http, startWaiting, told, waits } from './complaint-steps.ts';

test('a run that is silent after its decision is reported in the thread, with what CrewAI says of it', async () => {
  // CrewAI was never told where to report: no webhook follows the decision.
  const { world, workspace, platform, execution, card } = await startWaiting({
    settings: { SILENT_AFTER: '2 s', PUBLIC_URL: '' },
  });
  expect(card.all).toContain("CrewAI won't report back");
  await clickOn(world, card.ts, 'approve');
  const note = await sees(workspace, 'the silence', ({ all }) =>
    all.includes('CrewAI has reported nothing about this run'),
  );
  expect(note.thread_ts).toBe(card.ts);
  expect(note.all).toContain('the decision of <@UANA>');
  expect(note.all).toMatch(/CrewAI says that the run (is in progress|has finished)/);
  const { kickoffId } = platform.execution(execution);
  expect(platform.requests.filter(({ path }) => path === `/status/${kickoffId}`)).toHaveLength(1);
});

test('a record that cannot be read is set aside: its card says so, and all else is posted, listed and decided', async () => {
  const { world, workspace, bot, execution, card, ts } = await startWaiting({ dialect: 'documented' });
  await bot.stop();
  // The records that are due first, before those of two cards that are not posted yet.
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 }, times: 100 });
  const between = await startBot(world);
  for (const run of ['run-2', 'run-3']) await sendPause(world, between, { run, output: `Output of ${run}` });
  await between.stop();
  workspace.failures.clear();
  const records = new DatabaseSync(file(world));
  const broken = records.prepare("UPDATE records SET raw = 'garbage' WHERE key = ?");
  expect(broken.run(`approval/${card.approval}`).changes).toBe(1);
  records.close();

  const again = await startBot(world);
  const second = await waits(world, 'Output of run-2');
  await waits(world, 'Output of run-3');
  await clickOn(world, ts, 'approve');
  expect((await told(world, 'UANA'))[0]).toContain(texts.refusals.decide.unknown);
  const setAside = again.logged.filter((line) => line.includes('unreadable record set aside'));
  expect(setAside).toEqual([expect.stringContaining('unreadable/approval/')]);
  expect((await ask(world, '')).all).toContain('2 approvals are waiting, oldest first:');
  // Its run is damaged in this one approval only.
  const next = { kickoff_id: execution, name: 'two', output: 'y' };
  expect((await http.post(again.webhook('task'), next)).data).toMatchObject({ status: 'created' });
  const end = { kickoff_id: execution, result: 'done' };
  expect((await http.post(again.webhook('crew'), end)).status).toBe(202);
  await clickOn(world, second.ts, 'approve');
  await sees(workspace, 'the decision', (it) => it.ts === second.ts && it.all.includes('Approved by'));
  expect((await http.get(`${again.url}/readyz`)).status).toBe(200);
});

test('no secret is in the log of a process or in Slack, whatever fails and whatever CrewAI repeats', async () => {
  const world = await startWorld();
  const { workspace, platform, settings } = world;
  const bot = await spawnBot(world);
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 } });
  platform.failures.plan({ on: 'resume', failure: { reset: true } });
  platform.failures.plan({ on: 'resume', failure: { status: 401 } });
  const message = `${bot.webhook('task')} is not reachable with ${settings.CREWAI_BEARER_TOKEN}`;
  platform.failures.plan({ on: 'resume', failure: { status: 422, body: JSON.stringify({ message }) } });
  kickoff(world, bot);
  const card = await waits(world, 'Spring collection');
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'refused', ({ buttons }) => buttons.includes('Retry'));
  await clickOn(world, card.ts, 'retry');
  await sees(workspace, 'rejected', ({ all }) => all.includes(texts.crewai.failures.rejected));
  const details = await ask(world, card.approval ?? '');
  expect(details.all).toContain('is not reachable');
  await http.post(bot.webhook('task').replace(SECRET, 'wrong-secret'), {});
  const json = { headers: { 'content-type': 'application/json' } };
  await http.post(bot.webhook('task'), '{"broken', json);
  bot.signal('SIGTERM');
  const { stdout, stderr } = await bot.ended;
  const { SLACK_BOT_TOKEN = '', SLACK_SIGNING_SECRET = '', CREWAI_BEARER_TOKEN = '' } = settings;
  const seen = [stdout, stderr, JSON.stringify([shown(workspace), details])].join();
  for (const secret of [SECRET, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, CREWAI_BEARER_TOKEN, 'token='])
    expect(seen).not.toContain(secret);
});
