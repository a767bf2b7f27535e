import axios from 'axios';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { always, clickOn, kickoff, ready } from '../support/process-steps.ts';
import { alreadyApproved } from '../support/sentences.ts';
import { until } from '../support/until.ts';
import { ephemeralsTo, sees, shown, startBot, startWorld } from '../support/world.ts';

const look = async (world: Awaited<ReturnType<typeof startWorld>>, user: string, text: string) => {
  await ask(world, text, { user, channel: 'CPRESS' });
  return ephemeralsTo(world.workspace, user).at(-1);
};

test('an approval whose card Slack refuses is read and decided by /approvals, and its channel is named', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'channel_not_found' }, ...always });
  const bot = await startBot(world);
  const execution = kickoff(world, bot);
  await until(async () => {
    const { status, data } = await axios.get(`${bot.url}/readyz`, { validateStatus: () => true });
    const channels = expect.stringContaining('CAPPROVALS: channel_not_found');
    expect({ status, data }).toMatchObject({ status: 503, data: { faults: { channels } } });
  });
  const list = await look(world, 'UANA', '');
  const id = /`([0-9A-Z]{10,16})`/.exec(JSON.stringify(list?.blocks))?.[1] as string;
  expect(JSON.stringify(list?.blocks)).toContain('no card in Slack yet');
  const one = await look(world, 'UANA', id);
  expect(JSON.stringify(one?.blocks)).toContain('Made from *recycled linen*');
  const click = { user: 'UANA', channel: 'CPRESS', ts: one?.ts as string };
  expect((await workspace.click({ ...click, actionId: 'approve' })).acked).toBe(true);
  await workspace.changed(
    () => workspace.ephemerals('UANA').some(({ text }) => text.startsWith('Recorded.')),
    { what: 'the answer' },
  );
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  expect(platform.execution(execution).feedback).toEqual(['Approved.']);
  const again = await workspace.click({ ...click, actionId: 'approve' });
  expect(again.acked).toBe(true);
  await workspace.changed(
    () => ephemeralsTo(workspace, 'UANA').some(({ text }) => text.includes(alreadyApproved('<@UANA>'))),
    { what: 'the refusal of a second one' },
  );
  expect(shown(workspace)).toEqual([]);
});

test('a run that goes silent after its decision is told in the thread, with what CrewAI says of it', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  // CrewAI was never told where to report: no webhook follows the decision.
  const bot = await startBot(world, { SILENT_AFTER: '2 s', PUBLIC_URL: '' });
  const execution = kickoff(world, bot);
  const card = await sees(workspace, 'the card', ready);
  expect(card.all).toContain("CrewAI won't report back");
  await clickOn(world, card.ts, 'approve');
  const note = await sees(workspace, 'the silence', ({ all }) =>
    all.includes('CrewAI has reported nothing about this run'),
  );
  expect(note).toMatchObject({ thread_ts: card.ts });
  expect(note.all).toContain('the decision of <@UANA>');
  expect(note.all).toMatch(/CrewAI says that the run (is in progress|has finished)/);
  expect(
    platform.requests.filter(({ path }) => path === `/status/${platform.execution(execution).kickoffId}`),
  ).toHaveLength(1);
});

test('a record that is damaged is set aside, and the others go on', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const bot = await startBot(world);
  kickoff(world, bot);
  const card = await sees(workspace, 'the card', ready);
  await bot.stop();
  const { DatabaseSync } = await import('@photostructure/sqlite');
  const db = new DatabaseSync((world.settings.STORE_URL as string).replace('sqlite://', ''));
  db.exec("UPDATE records SET raw = 'garbage' WHERE key LIKE 'approval/%' OR key LIKE 'execution/%'");
  db.close();
  const next = await startBot(world);
  expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
  await workspace.changed(
    () => ephemeralsTo(workspace, 'UANA').some(({ text }) => text.startsWith(texts.refusals.decide.unknown)),
    { what: 'the answer to the click' },
  );
  expect(
    next.logged.filter(
      (line) => line.includes('unreadable record set aside') && line.includes('unreadable/approval/'),
    ),
  ).toHaveLength(1);
  const other = kickoff(world, next);
  const second = await sees(workspace, 'another card', (message) => ready(message) && message.ts !== card.ts);
  await clickOn(world, second.ts, 'approve');
  await platform.changed(() => platform.execution(other).feedback.length === 1, { what: '/resume' });
  expect((await axios.get(`${next.url}/readyz`)).status).toBe(200);
});
