import { expect, test } from 'vitest';
import { readReportDays } from '../../../src/features/report/index.ts';
import { reportTexts } from '../../../src/features/report/texts.ts';
import { ask } from '../../support/asking.ts';
import { startRunWithCard } from '../../support/process-steps.ts';
import { spoken } from '../../support/spoken.ts';
import { startBot, startWorld } from '../../support/world.ts';

test.each([
  ['', 30],
  ['7d', 7],
  ['31 dias', 31],
  ['1 day', 1],
  ['0d', undefined],
  ['32d', undefined],
  ['1e300', undefined],
  ['constructor', undefined],
])('reads %j as days: %j', (typed, days) => {
  expect(readReportDays(typed.split(' ').filter(Boolean))).toBe(days);
});

const OUTSIDE = {
  channels: [
    { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
    { id: 'CPRESS', name: 'press', members: ['UANA', 'UBEN', 'UCAT'], botIsMember: true },
  ],
};

/** A bot in its channel, with a card. */
async function startWithCard(settings: Record<string, string> = {}, slack = {}) {
  const world = await startWorld(undefined, {}, slack);
  const bot = await startBot(world, settings);
  await startRunWithCard(world, bot);
  return world;
}

test('a person gets the report of the last days as a file in a direct message, with the check of what it shows', async () => {
  const world = await startWithCard();
  const { all } = await ask(world, 'report 7d', { user: 'UBEN' });
  expect(all).toContain(reportTexts(spoken()).sent(1));
  const [file] = world.workspace.files();
  const [told] = world.workspace.directMessages('UBEN');
  expect(file?.name).toMatch(/^approvals-\d{4}-\d{2}-\d{2}\.html$/);
  expect(file?.channel).toBe(told?.channel);
  const page = file?.content?.toString('utf8') ?? '';
  expect(page).toContain('<article id="a-');
  expect(page).toContain('# Spring collection');
  expect(page).toContain('nothing was changed.');
  expect(page).toContain('Only the histories that are shown here were checked.');
  expect(page.trimEnd().endsWith('</html>')).toBe(true);
});

test('who may not look up approvals gets no report', async () => {
  const world = await startWithCard({}, OUTSIDE);
  const { all } = await ask(world, 'relatório', { user: 'UCAT', channel: 'CPRESS' });
  expect(all).not.toContain('I sent you');
  expect(world.workspace.files()).toEqual([]);
});

test('who may look up approvals and not read their outputs gets a report without outputs', async () => {
  const world = await startWithCard({ LOOK_UPS: 'everyone' }, OUTSIDE);
  const { all } = await ask(world, 'report', { user: 'UCAT', channel: 'CPRESS' });
  expect(all).toContain(reportTexts(spoken()).sent(1));
  const page = world.workspace.files()[0]?.content?.toString('utf8') ?? '';
  expect(page).toContain('You cannot read this output');
  expect(page).not.toContain('# Spring collection');
});

test('a person is told in one sentence what is wrong with the days, and that Slack did not accept the file', async () => {
  const world = await startWithCard();
  expect((await ask(world, 'informe 90d', { user: 'UBEN' })).all).toContain(
    reportTexts(spoken()).wrongDays(31),
  );
  const failure = { error: 'file_uploads_disabled' };
  world.workspace.failures.plan({ on: 'files.getUploadURLExternal', times: 9, failure });
  expect((await ask(world, 'report', { user: 'UBEN' })).all).toContain(reportTexts(spoken()).notSent);
});
