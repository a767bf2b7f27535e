import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { answersTo, ask, reports } from '../support/asking.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';
import { startBot, startWorld } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

const NOT_YOURS = texts.refusals.mayNotLook;
const CANNOT_CHECK = "I can't check right now whether you may look this up.";
const people = ['UANA', 'UBEN', 'UCAT', 'UDAN'].map((id) => ({ id, name: id.slice(1).toLowerCase() }));
const channels = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UCAT'], botIsMember: true },
  { id: 'CTOWN', name: 'town', members: people.map(({ id }) => id) },
];
const town = (user: string) => ({ user, channel: 'CTOWN' });

describe('who may look', () => {
  test('is who is in the channel, an approver, or of a group of approvers; others are told so in a sentence', async () => {
    const world = await startWorld([], {}, { people, channels });
    const bot = await startBot(world, { APPROVERS: 'UANA,SEDITORS' });
    const id = await reports(bot, 'task_1', 'run-1');
    for (const user of ['UANA', 'UBEN', 'UCAT']) {
      expect((await ask(world, '', town(user))).all).toContain('One approval is waiting');
      expect((await ask(world, id, town(user))).all).toContain(`approval ${id}`);
    }
    const all = [
      '',
      'waiting mine',
      'history',
      'find task',
      'stats',
      id,
      'run-1',
      'status run-1',
      `approve ${id}`,
    ];
    for (const text of all) {
      const { all: said, buttons } = await ask(world, text, town('UDAN'));
      expect(said, text).toContain(NOT_YOURS);
      expect(buttons).toEqual([]);
    }
    const about = world.platform.requests.filter(({ path }) => path.includes('run-1'));
    expect(about, 'CrewAI is not asked for them').toEqual([]);
    await world.workspace.command({ ...town('UDAN'), command: '/approvals', text: `revise ${id}` });
    await world.workspace.changed(() => answersTo(world, 'UDAN').length === all.length + 1, {
      what: 'an answer',
    });
    expect(answersTo(world, 'UDAN').at(-1)?.all).toContain(NOT_YOURS);
    expect((await ask(world, 'help', town('UDAN'))).all).toContain('Commands:');
  });

  test('is everyone where LOOK_UPS says so', async () => {
    const world = await startWorld([], {}, { people, channels });
    const bot = await startBot(world, { LOOK_UPS: 'everyone', APPROVERS: 'UANA' });
    const id = await reports(bot, 'task_1', 'run-1');
    expect((await ask(world, '', town('UDAN'))).all).toContain('One approval is waiting');
    expect((await ask(world, `approve ${id}`, town('UDAN'))).all).toContain(
      texts.refusals.decide.not_approver,
    );
  });

  test('cannot be told while Slack does not say who is in the channel, except of approvers', async () => {
    const world = await startWorld([], {}, { people, channels });
    world.workspace.failures.plan({
      on: 'conversations.members',
      times: Infinity,
      failure: { noAnswer: true },
    });
    const bot = await startBot(world, { ...crewsFile(world, 'approvers: [UANA]', 'look_ups: members') });
    await reports(bot, 'task_1', 'run-1');
    expect((await ask(world, '', town('UCAT'))).all).toContain(CANNOT_CHECK);
    expect((await ask(world, '', town('UANA'))).all).toContain('One approval is waiting');
    world.workspace.failures.clear();
  });
});

test('nothing of another crew leaks into lists, counts, find, figures, ids or the status of runs', async () => {
  const world = await startTwoCrews({ extra: '    look_ups: members' });
  const bot = await startBot(world);
  const press = `${bot.url}/webhooks/press/task?token=${PRESS_SECRET}`;
  const budget = `${bot.url}/webhooks/budget/task?token=${BUDGET_SECRET}`;
  await reports(bot, 'draft', 'run-p', { url: press });
  const hidden = await reports(bot, 'payroll_of_everyone', 'run-of-budget', { url: budget });
  // Cat is in the press channel only.
  const cat = { user: 'UCAT', channel: 'CAPPROVALS' };
  const asked = [
    '',
    'waiting mine',
    'history',
    'find payroll',
    'stats',
    hidden,
    hidden.slice(0, 6),
    'run-of-budget',
    'run-of-',
    'status run-of-budget',
    'waiting budget',
    'history budget',
    `approve ${hidden}`,
  ];
  for (const text of asked) {
    const { all } = await ask(world, text, cat);
    expect(all, text).not.toContain('payroll_of');
    expect(all, text).not.toMatch(/2 approvals|2 waiting/);
  }
  expect((await ask(world, '', cat)).all).toContain('One approval is waiting');
  expect((await ask(world, 'find payroll', cat)).all).toBe('I found nothing for "payroll".');
  expect((await ask(world, 'waiting budget', cat)).all).toBe(
    'I found no crew "budget" that you have access to. Your crews: press.',
  );
  const [known, never] = [await ask(world, hidden, cat), await ask(world, 'ZZZZZZZZZ0', cat)];
  expect(known.all.replace(hidden, 'ID')).toBe(never.all.replace('ZZZZZZZZZ0', 'ID'));
  expect(world.budgetPlatform.requests.filter(({ path }) => path.includes('run-'))).toEqual([]);
  expect((await ask(world, '', { user: 'UBEN', channel: 'CPRESS' })).all).toContain(
    '2 approvals are waiting',
  );
});
