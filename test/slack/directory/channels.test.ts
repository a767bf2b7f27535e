import { expect, it } from 'vitest';
import { checkChannels } from '../../../src/slack/directory/channels.ts';
import { collectingLog, startStage } from '../stage.ts';

it('a channel that Slack does not show to the bot is named, one that it does is not, nor a person', async () => {
  const { client } = await startStage();
  const { log, lines } = collectingLog();
  await checkChannels({ client, log }, ['CAPPROVALS', '#approvals', 'CNOWHERE', '#nowhere', 'UANA']);
  expect(lines.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
    { level: 'error', channel: 'CNOWHERE', reason: 'channel_not_found' },
    { level: 'error', channel: '#nowhere', reason: 'channel_not_found' },
  ]);
});

it('with Slack out of reach it is said that nothing was checked', async () => {
  const { workspace, client } = await startStage();
  const { log, lines } = collectingLog();
  workspace.failures.plan({ on: 'conversations.info', failure: { status: 500 } });
  await checkChannels({ client, log }, ['CAPPROVALS']);
  expect(lines.map(({ fact }) => fact)).toEqual(['configured channels not checked']);
});
