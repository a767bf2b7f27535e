import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { BUILT } from '../support/build.ts';
import { answered, clickOn, kickoff } from '../support/process-steps.ts';
import { alreadyApproved, closedBy } from '../support/sentences.ts';
import { run, spawnBot, startGate } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { approvalOf, ephemeralsTo, sees, startBot, startWorld } from '../support/world.ts';
import {
  clickOld,
  completed,
  openModal,
  says,
  startWaiting,
  submit,
  told,
  waits,
  wireValues,
} from './complaint-steps.ts';

test('a bot that was killed and is not even ready again decides by the first click', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const bot = await spawnBot(world);
  kickoff(world, bot);
  const { ts } = await waits(world, 'Spring collection');
  await bot.kill();
  const slack = await startGate(workspace.apiUrl);
  slack.hold();
  const address = { PORT: String(bot.port), PUBLIC_URL: bot.url, SLACK_API_URL: slack.url };
  run(join(BUILT, 'main.js'), { ...world.settings, ...address }, { cwd: world.folder });
  // Until its port is open nothing gets through: the first request that it takes is this one.
  await until(async () => expect((await clickOn(world, ts, 'approve')).status).not.toBe(0), 20);
  slack.release();
  await says(world, ts, 'Approved by <@UANA>');
  await says(world, ts, 'CrewAI accepted it');
  expect(platform.resumes).toHaveLength(1);
  expect(ephemeralsTo(workspace, 'UANA')).toEqual([]);
});

test('buttons and modals work as an earlier version posted them: their ids and values never change', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const first = await startBot(world);
  kickoff(world, first);
  const card = await waits(world, 'Spring collection');
  kickoff(world, first);
  const other = await sees(workspace, 'the second card', (it) => it.ts !== card.ts && it.buttons.length > 0);
  const [value, otherValue] = [`${approvalOf(card)}.1`, `${approvalOf(other)}.1`];
  const values = (of: string, ...ids: string[]) =>
    ids.map((action_id) => ({ action_id, value: expect.stringMatching(`^${of}\\.\\w{8}$`) }));
  expect(wireValues(world, card.ts)).toMatchObject(values(value, 'approve', 'request_revision'));
  await openModal(world, card.ts);
  const modal = workspace.openView('UBEN');
  const metadata = expect.stringMatching(`^${value}\\.\\w{8}@\\d{13},U\\w+,C\\w+,[\\d.]+$`);
  expect(modal).toMatchObject({ callback_id: 'revision', private_metadata: metadata });
  expect(modal?.blocks.filter(({ type }) => type === 'input')).toMatchObject([
    { block_id: 'feedback', element: { action_id: 'feedback' } },
    { block_id: 'people_note', element: { action_id: 'people_note' }, optional: true },
  ]);

  await first.stop();
  const second = await startBot(world);
  const refused = { on: 'resume', failure: { status: 403 } };
  platform.failures.plan(refused);
  expect(await submit(world, 'Shorter')).toMatchObject({ acked: true, closed: true });
  await says(world, card.ts, texts.crewai.failures.token_rejected);
  expect(wireValues(world, card.ts)).toMatchObject(values(value, 'retry', 'give_up'));
  await clickOld(world, { user: 'UBEN', ts: other.ts, actionId: 'request_revision', value: otherValue });
  const isOfOther = () => workspace.openView('UBEN')?.private_metadata.startsWith(otherValue) === true;
  await workspace.changed(isOfOther, { what: 'the modal of the second card' });

  await second.stop();
  await startBot(world);
  platform.failures.plan(refused);
  await clickOld(world, { ts: card.ts, actionId: 'retry', value });
  await platform.changed(() => platform.resumes.length === 2, { what: 'the decision again' });
  await clickOld(world, { ts: other.ts, actionId: 'approve', value: otherValue });
  await says(world, other.ts, 'CrewAI accepted it');
  await clickOld(world, { ts: card.ts, actionId: 'give_up', value });
  await says(world, card.ts, closedBy('<@UANA>'));
  expect(platform.resumes.map(({ status }) => status)).toEqual([403, 403, 200]);
  expect(['UANA', 'UBEN'].flatMap((user) => ephemeralsTo(workspace, user))).toEqual([]);
});

test('a click is acked while Slack and CrewAI do not respond, and no failure is reported', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const slack = await startGate(workspace.apiUrl);
  const crewai = await startGate(platform.baseUrl);
  const bot = await startBot(world, { SLACK_API_URL: slack.url, CREWAI_BASE_URL: crewai.url });
  kickoff(world, bot);
  const { ts } = await waits(world, 'Spring collection');
  await until(() => expect(bot.logged.join('')).toContain('card posted'));
  platform.hold();
  slack.hold();
  crewai.hold();
  expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  await says(world, ts, 'Sending it to CrewAI');
  crewai.release();
  slack.release();
  await says(world, ts, answered(world));
  platform.release();
  await says(world, ts, texts.card.continued);
  expect(ephemeralsTo(workspace, 'UANA')).toEqual([]);
  expect(platform.resumes).toHaveLength(1);
});

test.each([
  ['two clicks of one person', 'UANA'],
  ['clicks of two people', 'UBEN'],
])('of %s at once, one decides and the other is answered with whose decision it was', async (_, other) => {
  const { world, platform, execution, ts } = await startWaiting();
  const users = ['UANA', other];
  const clicks = await Promise.all(users.map((user) => clickOn(world, ts, 'approve', user)));
  expect(clicks.map(({ acked }) => acked)).toEqual([true, true]);
  await completed(world, execution);
  const { all } = await says(world, ts, 'CrewAI accepted it');
  const decider = /Approved by <@(\w+)>/.exec(all)?.[1] ?? '';
  const late = users.find((user) => user !== decider) ?? decider;
  expect(await told(world, late)).toEqual([expect.stringContaining(alreadyApproved(`<@${decider}>`))]);
  expect(platform.resumes).toHaveLength(1);
  expect(platform.execution(execution).feedback).toEqual(['Approved.']);
});
