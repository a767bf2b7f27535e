import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { clickOn, kickoff, ready } from '../support/process-steps.ts';
import { until } from '../support/until.ts';
import { approvalOf, draft, ephemeralsTo, sees, startBot, startWorld } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

const always = { times: Number.POSITIVE_INFINITY };

test("a task's user group is read although the crew itself leaves the decision to everybody", async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const lines = [
    'approvers: []',
    'allow_guests: true',
    'tasks:',
    '  - match: draft_*',
    '    approvers: [SEDITORS]',
  ];
  const bot = await startBot(world, crewsFile(world, ...lines));
  kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', ready);
  await clickOn(world, card.ts, 'approve', 'UANA');
  await world.workspace.changed(() => ephemeralsTo(world.workspace, 'UANA').length === 1, {
    what: 'the answer',
  });
  expect(ephemeralsTo(world.workspace, 'UANA')[0]?.text).toContain(texts.refusals.decide.not_approver);
  await clickOn(world, card.ts, 'approve', 'UBEN');
  await sees(world.workspace, 'accepted', ({ all }) => all.includes('Approved by <@UBEN>'));
});

test("a task's own channel is not overridden by the run", async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const lines = ['channels: [CPRESS, CAPPROVALS]', 'tasks:', '  - match: draft_*', '    channel: CPRESS'];
  const bot = await startBot(world, crewsFile(world, ...lines));
  const url = bot.webhook('task');
  world.platform.kickoff({ taskWebhookUrl: url, meta: { channel: 'CAPPROVALS', taskWebhookUrl: url } });
  await sees(world.workspace, 'the card', ready, 'CPRESS');
  expect(world.workspace.messages('CAPPROVALS')).toEqual([]);
});

test('a direct message that shows an output goes only to whoever may decide on it', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const lines = ['approvers: [UANA, UBEN]', 'exclude_requester: true'];
  const bot = await startBot(world, crewsFile(world, ...lines));
  const url = bot.webhook('task');
  const meta = { channel: 'UANA', requested_by: 'UANA', taskWebhookUrl: url };
  world.platform.kickoff({ taskWebhookUrl: url, meta });
  const card = await sees(world.workspace, 'the card in the channel', ready);
  expect(card.buttons).toEqual(['Approve', 'Request revision']);
});

test.each(['user_disabled', 'messages_tab_disabled', 'cannot_dm_bot'])(
  'a direct message that Slack refuses with %s goes to the channel',
  async (error) => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const lines = ['approvers: [UANA, UBEN]', 'tasks:', '  - match: draft_*', '    channel: UANA'];
    world.workspace.failures.plan({ on: 'chat.postMessage', failure: { error } });
    kickoff(world, await startBot(world, crewsFile(world, ...lines)));
    await sees(world.workspace, 'the card in the channel', ready);
  },
);

test('a file that Slack refuses holds nothing up: a sentence says where the output is', async () => {
  const long = { ...draft, output: () => 'A long paragraph of a report.\n\n'.repeat(3_000) };
  const world = await startWorld([long]);
  world.workspace.failures.plan({
    on: 'files.getUploadURLExternal',
    failure: { error: 'file_uploads_disabled' },
    ...always,
  });
  kickoff(world, await startBot(world, crewsFile(world, 'remind_after: 1 s', 'urgent: true')));
  const card = await sees(world.workspace, 'the card', ready);
  const word = await sees(world.workspace, 'the word', ({ all }) =>
    all.includes("Slack didn't accept the file"),
  );
  expect(word).toMatchObject({ thread_ts: card.ts });
  await sees(world.workspace, 'a reminder', ({ all }) => /this is still waiting for a decision/i.test(all));
});

test('what waits is shown by /approvals only to those who may decide on it', async () => {
  const world = await startWorld();
  kickoff(world, await startBot(world, crewsFile(world, 'approvers: [UBEN]')));
  const card = await sees(world.workspace, 'the card', ready);
  const id = approvalOf(card);
  const asks = async (user: string) => {
    await ask(world, id, { user, channel: 'CPRESS' });
    return JSON.stringify(ephemeralsTo(world.workspace, user).at(-1)?.blocks);
  };
  expect(await asks('UBEN')).toContain('recycled linen');
  const other = await asks('UANA');
  expect(other).toContain('draft_press_release');
  expect(other).not.toContain('recycled linen');
});

test('a channel of the settings that Slack does not show to the bot is named in the log at the start', async () => {
  const world = await startWorld();
  const lines = ['channels: [CAPPROVALS, CNOWHERE]', 'tasks:', '  - match: x', '    channel: CGONE'];
  const bot = await startBot(world, crewsFile(world, ...lines));
  const named = () =>
    bot.logged.filter((line) => line.includes('configured channel is not visible to the bot'));
  await until(() => expect(named()).toHaveLength(2));
  expect(named().map((line) => JSON.parse(line).channel)).toEqual(['CNOWHERE', 'CGONE']);
});
