import { expect, test } from 'vitest';
import type { StandIn } from '../../../src/approval/model/round.ts';
import { ABSENCES_ACTIONS, AWAY_DAY } from '../../../src/features/absences/ids.ts';
import { absencesTexts } from '../../../src/features/absences/texts.ts';
import { en, es } from '../../../src/slack/texts/texts.ts';
import { speak, spoken } from '../../support/spoken.ts';
import { answerBlind, clickOnHome } from '../../world/spoken-world.ts';
import {
  createWorld,
  HOUR,
  MINUTE,
  type Process,
  SECOND,
  type World,
  type WorldOptions,
} from '../../world/world.ts';

/** It is Monday, 2 November 2026, noon in UTC. */
const FRIDAY = en.away.day('2026-11-06');
const ANA_OR_CAT = { APPROVERS: 'UANA,UCAT' };
const FIVE = ['ana', 'ben', 'cat', 'dan', 'eve'].map((name) => ({
  id: `U${name.toUpperCase()}`,
  name,
  tz: 'Etc/UTC',
}));
const ALL = FIVE.map(({ id }) => id);

const cardSays = (world: World, card = world.card()) =>
  JSON.stringify(world.workspace.message(card.channel, card.ts)?.blocks);
const notices = (world: World, user: string) =>
  world.workspace.directMessages(user).map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`);
/** What was posted into the channel, as it was when it was posted. */
const posted = (world: World, channel = 'CAPPROVALS') =>
  world.workspace.calls
    .filter(({ method, args }) => method === 'chat.postMessage' && args.channel === channel)
    .map(({ args }) => JSON.stringify(args));
const insteadOf = (person: string, substitute: string) =>
  en.away.askedInstead(`<@${substitute}>`, `<@${person}>`, FRIDAY);
const askedThough = (person: string, substitute: string, why?: StandIn['why']) =>
  en.away.askedDespiteAbsence(`<@${person}>`, `<@${substitute}>`, FRIDAY, why);

/** Somebody, Ana by default, is away until Friday and Cat is asked instead. */
async function awayWorld({ who = 'UANA', ...options }: WorldOptions & { who?: string } = {}) {
  const world = await createWorld({ settings: ANA_OR_CAT, ...options });
  expect(await world.type(who, 'away until friday <@UCAT|cat>')).toContain(
    absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'),
  );
  await world.pass(3 * SECOND);
  return world;
}

const fivePeople = (settings: Record<string, string>, who = 'UANA') =>
  awayWorld({
    who,
    settings,
    slack: {
      people: FIVE,
      channels: [{ id: 'CAPPROVALS', name: 'approvals', members: ALL, botIsMember: true }],
      groups: [{ id: 'SEDITORS', handle: 'editors', users: ['UANA', 'UBEN', 'UCAT'] }],
    },
  });

test('who is away is not notified: the substitute is, and the card says instead of whom', async () => {
  const world = await fivePeople({ APPROVERS: 'UANA,UBEN,UCAT' });
  await world.shown();
  const [message = ''] = posted(world).slice(-1);
  for (const id of ['UBEN', 'UCAT']) expect(message).toContain(`<@${id}>`);
  expect(message).not.toContain('<@UANA>');
  expect(cardSays(world)).toContain(insteadOf('UANA', 'UCAT'));
});

test('a group is resolved when it is asked: its other members and the substitute are mentioned one by one', async () => {
  const world = await fivePeople({ APPROVERS: 'SEDITORS,UDAN' }, 'UBEN');
  await world.shown();
  const [message = ''] = posted(world).slice(-1);
  for (const id of ['UANA', 'UCAT', 'UDAN']) expect(message).toContain(`<@${id}>`);
  expect(message).not.toContain('SEDITORS');
  expect(message).not.toContain('<@UBEN>');
  expect(cardSays(world)).toContain(insteadOf('UBEN', 'UCAT'));
});

test('the day is included and in the time zone of the person; afterwards they are asked again', async () => {
  const people = FIVE.map((one) => (one.id === 'UANA' ? { ...one, tz: 'Pacific/Auckland' } : one));
  const world = await awayWorld({ slack: { people } });
  // Friday ends in Auckland at 11:00 in UTC.
  await world.pass(Date.UTC(2026, 10, 6, 10, 50) - world.stage.now());
  await world.shown();
  expect(posted(world).at(-1)).not.toContain('<@UANA>');
  await world.pass(20 * 60 * SECOND);
  await world.shown();
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(await world.type('UANA', 'away')).toBe(absencesTexts(spoken()).notAway);
  expect(notices(world, 'UCAT'), 'they were told the day').toHaveLength(1);
});

test('who is back is asked again, and Home has it too', async () => {
  const world = await awayWorld();
  expect(await world.type('UANA', 'away')).toBe(absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'));
  expect(await world.type('UCAT', 'away')).toBe(absencesTexts(spoken()).standsIn('<@UANA>', FRIDAY));
  expect(await world.home('UCAT')).toContain(absencesTexts(spoken()).standsIn('<@UANA>', FRIDAY));
  expect(await world.type('UANA', 'away off')).toBe(absencesTexts(spoken()).back);
  expect(await world.type('UANA', 'away off')).toBe(absencesTexts(spoken()).notAway);
  await world.shown();
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).not.toContain('planned to be away');
});

test('the form on Home does the same; *I am back* ends it', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  const click = async (actionId: string) => {
    await world.settle(world.workspace.clickInView({ user: 'UANA', actionId }));
    await world.pass(3 * SECOND);
  };
  expect(await world.home('UANA')).toContain(absencesTexts(spoken()).open);
  await click('go_away');
  expect(world.form('UANA')).toContain(absencesTexts(spoken()).lastDay);
  await world.submit('UANA', { away_day: '2026-11-06', substitute: 'UCAT' });
  expect(world.form('UANA')).toContain(absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'));
  expect(notices(world, 'UCAT')).toHaveLength(1);
  const home = () => JSON.stringify(world.workspace.home('UANA')?.blocks);
  expect(home()).toContain(absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'));
  await world.workspace.closeModal({ user: 'UANA' });
  await click('come_back');
  expect(home()).toContain(absencesTexts(spoken()).open);
  expect(home()).not.toContain(absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'));
});

test('the substitute gets one message with what waits already, in their language, and nothing that they may not decide', async () => {
  const rules = ['approvers: [UANA, UCAT]', 'tasks:', '  - {match: secret, approvers: [UANA, UBEN]}'];
  const world = await createWorld({ rules, locales: { cat: 'es-MX' } });
  for (const task of ['open', 'secret', 'done']) {
    await world.hook('human-input', { execution_id: task, task_id: task, task_output: `Text of ${task}` });
    await world.pass(2 * SECOND);
  }
  await world.click('UANA', 'approve');
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(5 * SECOND);
  const [only = '', ...more] = notices(world, 'UCAT');
  expect(more).toEqual([]);
  expect(only).toContain(es.away.notice('<@UANA>', es.away.day('2026-11-06')));
  expect(only).toContain('Open');
  expect(only).not.toMatch(/Secret|Done/);
});

test('the bot is killed before it has told the substitute: it does after its start, once', async () => {
  const slackFails = { on: 'chat.postMessage', times: 1, failure: { noAnswer: true } } as const;
  const world = await createWorld({ settings: ANA_OR_CAT, slackFails });
  await world.type('UANA', 'away until friday <@UCAT>');
  expect(notices(world, 'UCAT')).toEqual([]);
  for (let restarts = 0; restarts < 2; restarts += 1) {
    await world.restart();
    await world.pass(11 * MINUTE);
    expect(notices(world, 'UCAT')).toHaveLength(1);
  }
  await world.shown();
  expect(posted(world).at(-1)).not.toContain('<@UANA>');
});

test('Slack does not take the message to the substitute: the person is told to tell them', async () => {
  const slackFails = { on: 'chat.postMessage', times: 1, failure: { error: 'messages_tab_disabled' } };
  const world = await createWorld({ settings: ANA_OR_CAT, slackFails });
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(5 * SECOND);
  expect(notices(world, 'UANA').join()).toContain(en.away.notTold('<@UCAT>'));
});

test('being named gives no rights: who is no approver is refused as a substitute', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  expect(await world.type('UANA', 'away until friday <@UBEN>')).toBe(
    absencesTexts(spoken()).refused.not_able('<@UBEN>'),
  );
  await world.shown();
  expect(posted(world).at(-1)).toContain('<@UANA>');
});

test('a substitute of some tasks: the person is told where they are still asked, and is asked there', async () => {
  const rules = ['approvers: [UANA, UCAT]', 'tasks:', '  - {match: secret, approvers: [UANA, UBEN]}'];
  const world = await createWorld({ rules });
  const answer = await world.type('UANA', 'away until friday <@UCAT>');
  expect(answer).toContain(absencesTexts(spoken()).notIn('<@UCAT>', ['press']));
  await world.hook('human-input', { execution_id: 'run-1', task_id: 'secret', task_output: 'Text' });
  await world.pass(2 * SECOND);
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT'));
  await world.click('UCAT', 'approve');
  await world.pass(SECOND);
  expect(world.told('UCAT')).toContain(en.refusals.decide.not_approver);
});

test('a substitute who started the run does not decide it: the person is asked', async () => {
  const world = await awayWorld({ rules: ['approvers: [UANA, UCAT]', 'exclude_requester: true'] });
  await world.shown({ ...world.urls(), meta: { requested_by: 'UCAT' } });
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT'));
});

test('no chains: who is away is no substitute, neither when named nor when asked', async () => {
  const world = await awayWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' } });
  const chained = await world.type('UBEN', 'away until friday <@UANA>');
  expect(chained).toBe(absencesTexts(spoken()).refused.substitute_away('<@UANA>', FRIDAY));
  await world.type('UCAT', 'away until friday <@UBEN>');
  await world.shown();
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(posted(world).at(-1)).not.toContain('<@UCAT>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT'));
  expect(cardSays(world)).toContain(insteadOf('UCAT', 'UBEN'));
});

test('two have to approve: one person has one vote, so whoever votes for themselves replaces nobody', async () => {
  const settings = { APPROVERS: 'UANA,UCAT', APPROVALS_REQUIRED: '2' };
  const world = await awayWorld({ settings });
  await world.shown();
  for (const id of ['UANA', 'UCAT']) expect(posted(world).at(-1)).toContain(`<@${id}>`);
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT', 'own_vote'));
  await world.click('UCAT', 'approve');
  await world.click('UCAT', 'approve');
  await world.pass(2 * SECOND);
  expect(world.resumes()).toEqual([]);
  await world.click('UANA', 'approve');
  await world.pass(2 * SECOND);
  expect(world.resumes()).toHaveLength(1);
});

test('the substitute is deactivated later: the person is asked again, also by the reminder of what waits, and the card says so', async () => {
  const settings = { APPROVERS: 'UANA,UBEN,UCAT', REMIND_AFTER: '2h', URGENT: 'true' };
  const world = await awayWorld({ settings });
  await world.shown();
  const asked = world.card();
  expect(posted(world).at(-1)).not.toContain('<@UANA>');
  world.workspace.deactivate('UCAT');
  // What Slack says of people is known for an hour.
  await world.pass(61 * MINUTE);
  await world.shown();
  const isAskedAgain = (message = '') => {
    for (const id of ['UANA', 'UBEN']) expect(message).toContain(`<@${id}>`);
    expect(message.replaceAll(askedThough('UANA', 'UCAT'), '')).not.toContain('<@UCAT>');
  };
  isAskedAgain(posted(world).at(-1));
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT'));
  const cards = posted(world).length;
  await world.pass(HOUR);
  expect(posted(world)).toHaveLength(cards + 1);
  isAskedAgain(posted(world).at(-1));
  expect(cardSays(world, asked)).toContain(askedThough('UANA', 'UCAT'));
});

test('the only other approver is deactivated after having been named: the person decides what waits', async () => {
  const world = await awayWorld();
  world.workspace.deactivate('UCAT');
  await world.restart();
  await world.shown();
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT'));
  await world.click('UANA', 'approve');
  await world.pass(5 * SECOND);
  expect(world.resumes()).toHaveLength(1);
});

test('who decides while away is no longer away for that approval, and still is for others', async () => {
  const world = await awayWorld();
  await world.shown();
  await world.revise('UANA', 'Shorter');
  await world.pass(5 * SECOND);
  expect(world.card().round).toBe(2);
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).not.toContain('planned to be away');
  await world.shown();
  expect(posted(world).at(-1)).not.toContain('<@UANA>');
});

test('reminders, and people whom somebody asks, are replaced too', async () => {
  const settings = { ...ANA_OR_CAT, REMIND_AFTER: '1h', URGENT: 'true' };
  const world = await createWorld({ settings });
  await world.shown();
  expect(posted(world).at(-1)).toContain('<@UANA>');
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(2 * HOUR);
  const reminded = posted(world).at(-1) ?? '';
  expect(reminded).toContain('<@UCAT>');
  expect(reminded).not.toContain('<@UANA>');
  expect(cardSays(world)).toContain(insteadOf('UANA', 'UCAT'));
});

test.each([
  ['away until yesterday <@UCAT>', absencesTexts(spoken()).refused.past_day],
  ['away until 2026-11-01 <@UCAT>', absencesTexts(spoken()).refused.past_day],
  ['away until 2028-01-01 <@UCAT>', absencesTexts(spoken()).refused.far_day],
  ['away until friday <@UANA>', absencesTexts(spoken()).refused.self],
  ['away until friday <@UGONE>', absencesTexts(spoken()).refused.not_active('<@UGONE>')],
  ['away until friday <@UBOT>', absencesTexts(spoken()).refused.not_active('<@UBOT>')],
  ['away until friday <@UNOBODY|nobody>', absencesTexts(spoken()).refused.not_active('<@UNOBODY>')],
  ['away until friday <@UGUEST>', absencesTexts(spoken()).refused.not_able('<@UGUEST>')],
  ['away until 9999-12-31 <@UCAT>', absencesTexts(spoken()).refused.far_day],
  ['away until 0000-01-01 <@UCAT>', absencesTexts(spoken()).refused.past_day],
  ['away until friday', absencesTexts(spoken()).wrong('/approvals')],
  ['away <@UCAT>', absencesTexts(spoken()).wrong('/approvals')],
  ['away until friday <@UCAT> <@UBEN>', absencesTexts(spoken()).wrong('/approvals')],
  ['away until 2026-02-30 <@UCAT>', absencesTexts(spoken()).wrong('/approvals')],
  ['away until friday <@CAPPROVALS>', absencesTexts(spoken()).wrong('/approvals')],
  ['away until off', absencesTexts(spoken()).wrong('/approvals')],
  ['away until friday @someone', 'I found no person "someone"'],
])('%s is refused in one sentence, and nothing changes', async (command, sentence) => {
  const people = [
    ...FIVE,
    { id: 'UGONE', name: 'gone', deleted: true },
    { id: 'UBOT', name: 'bot', bot: true },
    { id: 'UGUEST', name: 'guest', guest: true },
  ];
  const members = [...ALL, 'UGUEST'];
  const world = await createWorld({
    settings: { APPROVERS: '' },
    slack: { people, channels: [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }] },
  });
  expect(await world.type('UANA', command)).toContain(sentence);
  expect(await world.type('UANA', 'away')).toBe(absencesTexts(spoken()).notAway);
});

test('who decides nothing has nothing to hand over', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  expect(await world.type('UBEN', 'away until friday <@UCAT>')).toBe(
    absencesTexts(spoken()).refused.nothing_to_decide,
  );
});

test('Portuguese and Spanish commands', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  for (const command of ['ausente até sexta-feira <@UCAT>', 'ausente hasta el viernes <@UCAT>'])
    expect(await world.type('UANA', command)).toBe(absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'));
  expect(await world.type('UANA', 'ausente fim')).toBe(absencesTexts(spoken()).back);
  for (const command of ['ausente até sexta feira <@UCAT>', 'away till friday, <@UCAT>'])
    expect(await world.type('UANA', command)).toBe(absencesTexts(spoken()).gone(FRIDAY, '<@UCAT>'));
  expect(await world.type('UANA', 'ausente voltei')).toBe(absencesTexts(spoken()).back);
  const tomorrow = await world.type('UANA', 'ausente até amanhã <@UCAT>');
  expect(tomorrow).toBe(absencesTexts(spoken()).gone(en.away.day('2026-11-03'), '<@UCAT>'));
});

test('the database cannot be written: the person learns that nothing was saved', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  world.records.failing = 'writes';
  expect(await world.type('UANA', 'away until friday <@UCAT>')).toBe(en.refusals.notRecorded);
});

test('twenty long titles fit into the message to the substitute', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  for (let n = 1; n <= 21; n += 1) {
    const task = `write_the_press_release_for_the_spring_campaign_of_the_year_${n}_in_all_markets`;
    await world.hook('human-input', { execution_id: `run-${n}`, task_id: task, task_output: 'Text' });
  }
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(5 * SECOND);
  const [only = ''] = notices(world, 'UCAT');
  for (const n of [1, 20]) expect(only).toContain(`of the year ${n} in all markets`);
  expect(only).not.toContain('of the year 21 in all markets');
  expect(only).toContain(en.lists.notAllListed('`/approvals mine`'));
});

test.each([
  ['is down for minutes', { status: 503 }],
  ['takes too many calls', { rateLimited: { retryAfter: 5 } }],
])(
  'Slack %s: the substitute is told when it is back, and nobody is told that they were not',
  async (_, failure) => {
    const slackFails = { on: 'chat.postMessage', times: 3, failure };
    const world = await createWorld({ settings: ANA_OR_CAT, slackFails });
    await world.type('UANA', 'away until friday <@UCAT>');
    await world.pass(10 * MINUTE);
    expect(notices(world, 'UCAT')).toHaveLength(1);
    expect(notices(world, 'UANA')).toEqual([]);
  },
);

test('the replica that recorded it dies for good: another one tells the substitute, once', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT, replicas: 2 });
  world.workspace.failures.plan({ on: 'chat.postMessage', failure: { noAnswer: true } });
  await world.type('UANA', 'away until friday <@UCAT>');
  const process = world.living(0) as Process;
  process.backAfter = undefined;
  world.kill(process);
  await world.pass(2 * HOUR);
  expect(notices(world, 'UCAT')).toHaveLength(1);
});

test('whoever no longer stands in is told so, in one sentence; the same substitute only of the new day', async () => {
  const world = await awayWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' } });
  await world.type('UANA', 'away until saturday <@UCAT>');
  await world.pass(2 * SECOND);
  await world.type('UANA', 'away until saturday <@UCAT>');
  await world.pass(2 * SECOND);
  await world.type('UANA', 'away until saturday <@UBEN>');
  await world.pass(2 * SECOND);
  await world.type('UANA', 'away off');
  await world.pass(7 * MINUTE);
  const [, ...cat] = notices(world, 'UCAT').map((one) => one.split('\n')[0]);
  expect(cat).toEqual([
    en.away.lastDayChanged('<@UANA>', en.away.day('2026-11-07')),
    en.away.released('<@UANA>'),
  ]);
  const ben = notices(world, 'UBEN').map((one) => one.split('\n')[0]);
  expect(ben).toEqual([en.away.notice('<@UANA>', en.away.day('2026-11-07')), en.away.released('<@UANA>')]);
});

test('the substitute goes away too: both are told that the person is asked again', async () => {
  const world = await awayWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' } });
  const answer = await world.type('UCAT', 'away until friday <@UBEN>');
  expect(answer).toContain(absencesTexts(spoken()).askedAgain('<@UANA>'));
  await world.pass(3 * SECOND);
  expect(notices(world, 'UANA').join()).toContain(en.away.substituteAway('<@UCAT>', FRIDAY));
  expect(await world.type('UANA', 'away')).toContain(absencesTexts(spoken()).alone('<@UCAT>'));
});

test('a card in the direct message of who is away: the channel tells the substitute, whose list has no link to it', async () => {
  const rules = ['approvers: [UANA, UCAT]', 'tasks:', '  - {match: draft, channel: UANA}'];
  const world = await createWorld({ rules, dialect: 'documented' });
  const pause = (run: string) =>
    world.hook('human-input', { execution_id: run, task_id: 'draft', task_output: `Text of ${run}` });
  await pause('run-1');
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(5 * SECOND);
  const [only = ''] = notices(world, 'UCAT');
  expect(only).toContain('*Draft*');
  expect(only).not.toContain('/archives/');
  await pause('run-2');
  await world.pass(5 * SECOND);
  expect(posted(world).at(-1)).toContain('<@UCAT>');
  expect(notices(world, 'UANA').at(-1)).toContain(insteadOf('UANA', 'UCAT'));
});

test('no approvers are named: the answer says that nobody is asked by name, and the list has what both may decide', async () => {
  const world = await createWorld({ settings: { APPROVERS: '' } });
  await world.shown();
  const answer = await world.type('UANA', 'away until friday <@UCAT>');
  expect(answer).toContain(absencesTexts(spoken()).openIn(['press']));
  await world.pass(3 * SECOND);
  expect(notices(world, 'UCAT').join()).toContain(en.away.waiting);
});

test('two of five have to approve: a substitute with a vote of their own replaces, while the others are enough', async () => {
  const world = await fivePeople({ APPROVERS: ALL.join(), APPROVALS_REQUIRED: '2' });
  expect(await world.type('UBEN', 'away until friday <@UCAT>')).toContain(
    absencesTexts(spoken()).severalIn(['press']),
  );
  await world.shown();
  for (const id of ['UANA', 'UBEN']) {
    expect(posted(world).at(-1)).not.toContain(`<@${id}>`);
    expect(cardSays(world)).toContain(insteadOf(id, 'UCAT'));
  }
});

test('somebody assigns it to who is away, where three have to approve: they are asked, since the votes would be too few', async () => {
  const world = await awayWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT', APPROVALS_REQUIRED: '3' } });
  await world.shown();
  await world.choose('UBEN', 'assign');
  await world.submit('UBEN', { assignee: 'UANA' });
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT', 'own_vote'));
});

test('only after an escalation they are asked: that can be handed over too', async () => {
  const settings = { APPROVERS: 'UBEN', ESCALATE_AFTER: '1h', ESCALATE_TO: 'UANA,UCAT', URGENT: 'true' };
  const world = await awayWorld({ settings });
  await world.shown();
  await world.pass(2 * HOUR);
  const [escalated = ''] = posted(world).slice(-1);
  expect(escalated).toContain('<@UCAT>');
  expect(escalated).not.toContain('<@UANA>');
});

test.each([
  ['groups', 'usergroups.users.list', { APPROVERS: 'SEDITORS' }],
  ['the members of the channel', 'conversations.members', { APPROVERS: '' }],
  ['the person', 'users.info', ANA_OR_CAT],
])('Slack does not name %s: nothing is saved, and nothing false is said', async (_, on, settings) => {
  const slackFails = { on, times: 100, failure: { error: 'internal_error' } };
  const world = await createWorld({ settings, slackFails });
  const answer = await world.type('UBEN', 'away until friday <@UCAT>');
  expect(answer).toBe(absencesTexts(spoken()).refused.cannot_check);
});

test('a large group that is called as such, and more people than a card names', async () => {
  const many = Array.from({ length: 26 }, (_, n) => `UM${n + 100}`);
  const people = [...FIVE, ...many.map((id) => ({ id, name: id.toLowerCase(), tz: 'Etc/UTC' }))];
  const members = people.map(({ id }) => id);
  const slack = {
    people,
    channels: [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }],
    groups: [{ id: 'SBIG', handle: 'big', users: members }],
  };
  const settings = { APPROVERS: [...many, 'UCAT', 'SBIG'].join(), NOTIFY: 'SBIG' };
  const world = await createWorld({ slack, settings });
  for (const id of many.slice(0, 14)) await world.type(id, 'away until friday <@UCAT>');
  await world.shown();
  expect(cardSays(world)).not.toContain('planned to be away');
  await world.restart({ NOTIFY: many.slice(0, 14).join() });
  await world.shown();
  expect(posted(world).at(-1)).not.toMatch(/<@UM1/);
  expect(cardSays(world).split('planned to be away')).toHaveLength(6);
  expect(cardSays(world)).toContain(en.lists.andMore(9));
  const home = await world.home('UCAT');
  expect(home).toContain(en.lists.andMore(4));
});

test('who is back and is reminded is no longer said to be replaced', async () => {
  const settings = { ...ANA_OR_CAT, REMIND_AFTER: '1h', URGENT: 'true' };
  const world = await awayWorld({ settings });
  await world.shown();
  expect(cardSays(world)).toContain(insteadOf('UANA', 'UCAT'));
  await world.type('UANA', 'away off');
  await world.pass(2 * HOUR);
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).not.toContain('planned to be away');
});

test('another day does not take back that they decide on an approval', async () => {
  const settings = { ...ANA_OR_CAT, REMIND_AFTER: '1h', URGENT: 'true' };
  const world = await awayWorld({ settings });
  await world.shown();
  await world.revise('UANA', 'Shorter');
  await world.pass(5 * SECOND);
  await world.type('UANA', 'away until saturday <@UCAT>');
  await world.pass(2 * HOUR);
  expect(posted(world).at(-1)).toContain('<@UANA>');
});

test('a substitute sees nothing of a run that says who decides, also when its record was damaged', async () => {
  const world = await createWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' } });
  await world.register('run-1', { approvers: ['UANA', 'UBEN'] });
  await world.hook('human-input', { execution_id: 'run-1', task_id: 'secret', task_output: 'Text' });
  await world.settle(
    world.records.of(world.stage.outside).commit({
      compare: [],
      puts: [{ key: 'execution/run-1/press', raw: 'damaged' }],
      deletes: [],
    }),
  );
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(5 * SECOND);
  expect(notices(world, 'UCAT').join()).toContain(en.away.nothingWaiting);
});

test('the form keeps what was chosen and says at the field what is wrong; *Change…* begins with what was said', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  const click = async (actionId: string) => {
    await world.settle(world.workspace.clickInView({ user: 'UANA', actionId }));
    await world.pass(3 * SECOND);
  };
  await world.home('UANA');
  await click('go_away');
  const wrong = await world.submit('UANA', { away_day: '2026-11-06', substitute: 'UBEN' });
  expect(JSON.stringify(wrong)).toContain(
    absencesTexts(spoken()).refused.not_able(absencesTexts(spoken()).thisPerson),
  );
  await world.submit('UANA', { away_day: '2026-11-06', substitute: 'UCAT' });
  await world.workspace.closeModal({ user: 'UANA' });
  await click('go_away');
  expect(world.form('UANA')).toContain('"initial_date":"2026-11-06"');
  expect(await world.home('UBEN'), 'decides nothing').not.toContain('go_away');
});

test.each([1, 2, 3, 4, 5, 6])(
  'a replica stands still after its write or call %i, another one goes on: one message for each person',
  async (at) => {
    const world = await createWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' }, replicas: 2 });
    world.strike(0, { at, when: 'after', freezeFor: 8 * SECOND });
    const text = 'away until friday <@UCAT>';
    const type = (user: string) =>
      world.workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text });
    const first = type('UANA');
    await world.pass(2 * SECOND);
    world.door = 1;
    await world.settle(Promise.all([first, type('UBEN')]));
    await world.pass(15 * MINUTE);
    const all = notices(world, 'UCAT').map((one) => one.split('\n')[0]);
    expect(new Set(all).size, all.join()).toBe(all.length);
    // What was not saved in time is not told.
    const isSaved = world.told('UANA').at(-1) !== absencesTexts(spoken()).perhapsSaved;
    for (const person of isSaved ? ['<@UANA>', '<@UBEN>'] : ['<@UBEN>'])
      expect(all).toContain(en.away.notice(person, FRIDAY));
  },
);

/** Whatever Cat was told last. */
const lastTold = (world: World) => notices(world, 'UCAT').at(-1)?.split('\n')[0];
const SATURDAY = en.away.day('2026-11-07');

test.each([
  ['another day', ['away until saturday <@UCAT>'], en.away.lastDayChanged('<@UANA>', SATURDAY)],
  [
    'another substitute and back again',
    ['away until friday <@UBEN>', 'away until saturday <@UCAT>'],
    en.away.lastDayChanged('<@UANA>', SATURDAY),
  ],
  ['that they are there', ['away off'], en.away.released('<@UANA>')],
])(
  'while Slack takes its time, a person says %s: what the substitute reads last is true',
  async (_, commands, last) => {
    const world = await createWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' }, replicas: 2 });
    world.strike(0, { at: 4, when: 'after', freezeFor: 8 * SECOND });
    const type = (text: string) =>
      world.workspace.command({ user: 'UANA', channel: 'CAPPROVALS', command: '/approvals', text });
    const first = type('away until friday <@UCAT>');
    await world.pass(2 * SECOND);
    world.door = 1;
    for (const command of commands) await world.settle(type(command));
    await world.settle(first);
    await world.pass(15 * MINUTE);
    expect(lastTold(world)).toBe(last);
  },
);

test('who never heard that they stand in need not hear that they do not', async () => {
  const slackFails = { on: 'chat.postMessage', times: 1, failure: { status: 503 } };
  const world = await createWorld({ settings: ANA_OR_CAT, slackFails });
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.type('UANA', 'away off');
  await world.pass(5 * MINUTE);
  expect(notices(world, 'UCAT')).toEqual([]);
});

test('two have to approve: only whoever may vote counts, whoever else is notified, excluded or gone', async () => {
  const two = { approvals: 'approvals_required: 2' };
  const people = [...FIVE, { id: 'UGONE', name: 'gone', deleted: true }];
  const slack = {
    people,
    channels: [{ id: 'CAPPROVALS', name: 'approvals', members: ALL, botIsMember: true }],
  };
  for (const rules of [
    ['approvers: [UANA, UCAT]', 'notify: [UANA, UCAT, UDAN]', two.approvals],
    ['approvers: [UANA, UCAT, UGONE]', two.approvals],
    ['approvers: [UANA, UCAT, UBEN]', 'exclude_requester: true', two.approvals],
  ]) {
    const world = await awayWorld({ rules, slack });
    await world.shown({ ...world.urls(), meta: { requested_by: 'UBEN' } });
    expect(posted(world).at(-1), rules.join()).toContain('<@UANA>');
    expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT', 'own_vote'));
  }
});

test('a substitute who has voted is not asked again for whom they stand in', async () => {
  const settings = {
    APPROVERS: 'UANA,UCAT,UBEN',
    APPROVALS_REQUIRED: '2',
    REMIND_AFTER: '1h',
    URGENT: 'true',
  };
  const world = await awayWorld({ settings });
  await world.shown();
  await world.click('UCAT', 'approve');
  await world.pass(70 * MINUTE);
  expect(posted(world).at(-1)).toContain('<@UBEN>');
  expect(posted(world).at(-1)).not.toContain('<@UCAT>');
});

test('at night a reminder asks whoever is awake, and the card does not say that a sleeping substitute was asked', async () => {
  const people = FIVE.map((one) => (one.id === 'UCAT' ? { ...one, tz: 'Asia/Tokyo' } : one));
  const settings = { APPROVERS: 'UANA,UBEN,UCAT', REMIND_AFTER: '3h' };
  const world = await createWorld({ settings, slack: { people } });
  await world.shown();
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.pass(4 * HOUR);
  expect(posted(world).at(-1)).toContain('<@UBEN>');
  expect(posted(world).at(-1)).not.toContain('<@UCAT>');
  expect(cardSays(world)).not.toContain('planned to be away');
});

test('a substitute outside the channel whom Slack takes no message for: the person is asked, and the card says why', async () => {
  const slack = {
    channels: [{ id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true }],
  };
  const world = await awayWorld({ slack });
  const when = (body: unknown) => (body as { channel?: string }).channel === 'UCAT';
  world.workspace.failures.plan({
    on: 'chat.postMessage',
    failure: { error: 'messages_tab_disabled' },
    when,
  });
  await world.shown();
  await world.pass(5 * SECOND);
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT', 'not_reached'));
});

test('the substitute asks the person with Assign to…: they are asked, and the card says that they are away', async () => {
  const world = await awayWorld();
  await world.shown();
  await world.choose('UCAT', 'assign');
  await world.submit('UCAT', { assignee: 'UANA' });
  await world.pass(2 * SECOND);
  expect(posted(world).at(-1)).toContain('<@UANA>');
  expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT', 'by_substitute'));
});

test('a guest who decides nothing is not offered to be away', async () => {
  const people = [...FIVE, { id: 'UGUEST', name: 'guest', guest: true }];
  const channels = [{ id: 'CAPPROVALS', name: 'approvals', members: [...ALL, 'UGUEST'], botIsMember: true }];
  const world = await createWorld({ settings: { APPROVERS: '' }, slack: { people, channels } });
  expect(await world.home('UANA')).toContain('go_away');
  expect(await world.home('UGUEST')).not.toContain('go_away');
});

test('Slack refuses messages for hours: a notice is tried once a minute, however often people ask for something', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  world.workspace.failures.plan({
    on: 'chat.postMessage',
    failure: { status: 503 },
    times: Number.POSITIVE_INFINITY,
  });
  await world.type('UANA', 'away until friday <@UCAT>');
  await world.type('UANA', 'away until thursday <@UCAT>');
  await world.pass(2 * HOUR);
  const tries = () => world.workspace.calls.filter(({ method }) => method === 'chat.postMessage').length;
  const before = tries();
  await world.pass(HOUR);
  expect(tries() - before).toBeLessThanOrEqual(60);
});

test.each(['dm', 'approvers'])(
  'a substitute loses the right before their message is out: who is away is asked, and the card says so (%s)',
  async (NOTIFY) => {
    const world = await awayWorld({
      settings: { ...ANA_OR_CAT, NOTIFY },
      slack: {
        channels: [{ id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true }],
      },
    });
    world.workspace.failures.plan({
      on: 'chat.postMessage',
      times: 6,
      failure: { status: 503 },
      when: (body) => JSON.stringify(body).includes('UCAT'),
    });
    const run = await world.shown();
    await world.register(run, { approvers: ['UANA'] });
    await world.pass(30 * MINUTE);
    expect(posted(world).filter((message) => message.includes('<@UANA>'))).toHaveLength(1);
    expect(cardSays(world)).toContain(askedThough('UANA', 'UCAT'));
    expect(notices(world, 'UCAT'), 'only that they stand in').toHaveLength(1);
  },
);

test('the substitute goes away again, until the same day: the person is told again', async () => {
  const world = await createWorld({ settings: { APPROVERS: 'UANA,UBEN,UCAT' } });
  const type = async (who: string, text: string) => {
    await world.type(who, text);
    await world.pass(3 * SECOND);
  };
  for (let time = 1; time <= 2; time += 1) {
    await type('UANA', 'away until friday <@UCAT>');
    await type('UCAT', 'away until friday <@UBEN>');
    expect(notices(world, 'UANA')).toHaveLength(time);
    await type('UCAT', 'away off');
    await type('UANA', 'away off');
  }
});

test('away and back twenty times within minutes is one message to the substitute; another follows when the person stays', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  for (let time = 1; time <= 20; time += 1) {
    await world.type('UANA', 'away until friday <@UCAT|cat>');
    await world.pass(20 * SECOND);
    await world.type('UANA', 'away off');
    await world.pass(20 * SECOND);
    if (time === 10) await world.restart();
  }
  const told = () => notices(world, 'UCAT').map((one) => one.split('\n')[0]);
  expect(told()).toEqual([en.away.notice('<@UANA>', FRIDAY)]);
  await world.pass(7 * MINUTE);
  expect(told().slice(1)).toEqual([en.away.released('<@UANA>')]);
  await world.pass(HOUR);
  expect(told()).toHaveLength(2);
});

test('the form is answered in its language by a process that does not know the person', async () => {
  const open = (world: World) => clickOnHome(world, 'go_away');
  const errors = await answerBlind(open, { away_day: '2026-11-06', substitute: 'UANA' });
  expect(errors).toEqual([speak('es', () => absencesTexts(spoken()).refused.cannot_check)]);
});

test('the form to be away keeps its day and its substitute where it comes late or the store fails, and can be sent again', async () => {
  const world = await createWorld({ settings: ANA_OR_CAT });
  await world.home('UANA');
  await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: ABSENCES_ACTIONS.goAway }));
  const late = await world.late(() => world.submit('UANA', { away_day: '2026-11-06', substitute: 'UCAT' }));
  expect(late.errors).toEqual({ [AWAY_DAY.block]: en.refusals.tooLate });
  world.records.failing = 'writes';
  const failed = await world.submit('UANA');
  world.records.failing = undefined;
  expect(failed.errors).toEqual({ [AWAY_DAY.block]: en.refusals.notRecorded });
  expect((await world.submit('UANA')).errors).toBeUndefined();
  expect(world.form('UANA')).toContain(FRIDAY);
});
