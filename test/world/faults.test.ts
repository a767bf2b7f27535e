import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { CALLS_PER_MINUTE, createRates } from '../sandbox/slack/rates.ts';
import { scaleLimit } from '../support/limits.ts';
import { putRecord } from '../support/records.ts';
import { ask } from './asking.ts';
import type { Card } from './cards.ts';
import { createWorld, HOUR, MINUTE, SECOND } from './world.ts';

const MEMBERS = 50_000;

test('goes on in a channel that is renamed and turns private, for those who stay in it', async () => {
  const world = await createWorld({ settings: { APPROVERS: '' } });
  await world.shown();
  world.workspace.rename('CAPPROVALS', 'sign-offs');
  world.workspace.makePrivate('CAPPROVALS');
  await world.revise('UANA', 'Shorter');
  await world.pass(3 * SECOND);
  expect(world.cards().map(({ state }) => state)).toEqual(['continued', 'waiting']);
  world.workspace.leaveChannel({ user: 'UBEN', channel: 'CAPPROVALS' });
  await world.pass(HOUR);
  const { buttons } = await ask(world, world.card().approval, { user: 'UBEN', channel: 'CPRESS' });
  expect(buttons).toEqual([]);
  await world.click('UCAT', 'approve');
  expect(world.resumes()).toHaveLength(2);
});

test('keeps a card that Slack refuses until the bot is invited again, and then posts it', async () => {
  const world = await createWorld();
  world.workspace.makePrivate('CAPPROVALS');
  world.workspace.removeBot('CAPPROVALS');
  await world.shown();
  expect(world.cards()).toEqual([]);
  world.workspace.joinBot('CAPPROVALS');
  await world.pass(3 * HOUR);
  expect(world.card()).toMatchObject({ state: 'waiting' });
});

test('lets any of 50,000 members decide on the card at once, and never says no to one whom it has not read', async () => {
  const others = Array.from({ length: MEMBERS }, (_, index) => `U${String(index).padStart(8, '0')}`);
  const members = [...others, 'UANA', 'UBEN'];
  const world = await createWorld({
    settings: { APPROVERS: '', NOTIFY: 'none' },
    slack: {
      channels: [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }],
      retryAfter: createRates(),
    },
  });
  await world.shown();
  const began = world.stage.now();
  await world.revise('UANA', 'Shorter');
  expect(world.resumes()).toHaveLength(1);
  expect(world.stage.now() - began).toBeLessThan(SECOND);
  await world.pass(2 * MINUTE);
  const told = await world.type('UBEN', world.card().approval);
  expect(told).toBe(texts.refusals.cannotCheckLookUp);
  const read = world.workspace.calls.filter(({ method }) => method === 'conversations.members').length;
  expect(read).toBeLessThan(CALLS_PER_MINUTE['conversations.members'] as number);
});

test('a damaged record is set aside: a click on its card says so, and all else is listed, posted and decided', async () => {
  const world = await createWorld({ dialect: 'documented' });
  for (let run = 0; run < 2; run += 1) await world.shown();
  const [broken, whole] = world.cards() as [Card, Card];
  const key = `approval/${broken.approval}`;
  await world.settle(putRecord(world.records.of(world.stage.outside), key, '{"value": {'));
  await world.restart();
  await world.click('UANA', 'approve', broken);
  await world.pass(SECOND);
  expect(world.told('UANA')).toEqual([expect.stringContaining(texts.refusals.decide.unknown)]);
  const setAside = world.logged.filter(({ fact }) => fact === 'unreadable record set aside');
  expect(setAside).toMatchObject([{ key }]);
  expect((await ask(world, '')).all).toContain('One approval is waiting');
  await world.shown();
  for (const card of [whole, world.card()]) await world.click('UANA', 'approve', card);
  await world.pass(5 * SECOND);
  expect(world.cards().map(({ state }) => state)).toEqual(['waiting', 'continued', 'continued']);
});

const RUNS = process.env.CI ? 1_000 : 100;

test(`shows the end of ${RUNS} runs that end at once, and Slack rarely has to slow the bot down`, {
  timeout: scaleLimit(600_000),
}, async () => {
  const world = await createWorld({
    dialect: 'documented',
    settings: { NOTIFY: 'none' },
    slack: { retryAfter: createRates() },
  });
  const runs = Array.from({ length: RUNS }, () => world.kickoff(world.urls('crew', 'humanInput')));
  await world.pass((RUNS + 60) * SECOND);
  expect(world.cards().filter(({ state }) => state === 'waiting')).toHaveLength(RUNS);
  await Promise.all([...runs.map((run) => world.answerInCrewAI(run, 'yes')), world.pass(SECOND)]);
  await world.pass(2 * HOUR);
  expect(world.cards().filter(({ state }) => state !== 'waiting')).toHaveLength(RUNS);
  const limited = world.workspace.calls.filter(({ answer }) => answer?.error === 'ratelimited').length;
  expect(limited).toBeLessThan(world.workspace.calls.length * 0.02);
});
