import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { type Answered, answersTo, ask, press } from '../support/asking.ts';
import { always, clickOn, kickoff, ready, revisionOf } from '../support/process-steps.ts';
import { until } from '../support/until.ts';
import {
  approvalOf,
  BOT_TOKEN,
  type Bot,
  type Shown,
  sees,
  startBot,
  startWorld,
  type World,
} from '../support/world.ts';
import { ownCalendar, wireValues } from './complaint-steps.ts';

const NOT_A_MEMBER = texts.refusals.decide.not_member;
const OPEN_CARD = texts.refusals.decide.open_card;
const OUTPUT = 'recycled linen';

const people = ['UANA', 'UBEN', 'UDAN'].map((id) => ({ id, name: id.slice(1).toLowerCase() }));
/** Ana and Ben are in the channel of the crew, Dan is in the workspace only. */
const channels = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
  { id: 'CTOWN', name: 'town', members: people.map(({ id }) => id) },
];
const inTown = (user: string) => ({ user, channel: 'CTOWN' });
const unreadable = { on: 'conversations.members', failure: { error: 'fetch_members_failed' }, ...always };

interface Waiting {
  world: World;
  bot: Bot;
  execution: string;
  card: Shown;
  id: string;
  /** The value of the card's buttons, which a forged button carries too. */
  value: string;
}

/** A run of a crew without approvers waits for a decision. */
async function waiting(
  settings: Record<string, string> = {},
  { membersUnreadable = false } = {},
): Promise<Waiting> {
  const world = await startWorld(undefined, {}, { people, channels });
  if (membersUnreadable) world.workspace.failures.plan(unreadable);
  const bot = await startBot(world, { APPROVERS: '', ...settings });
  return { world, bot, ...(await nextRun(world, bot)) };
}

async function nextRun(world: World, bot: Bot): Promise<Omit<Waiting, 'world' | 'bot'>> {
  const before = new Set(world.workspace.messages('CAPPROVALS').map(({ ts }) => ts));
  const execution = kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', (it) => !before.has(it.ts) && ready(it));
  const [approve] = wireValues(world, card.ts) as { value: string }[];
  return { execution, card, id: approvalOf(card), value: approve?.value as string };
}

const homeOf = ({ workspace }: World, user: string) => JSON.stringify(workspace.home(user)?.blocks ?? '');
async function opensHome(world: World, user: string, words: string): Promise<string> {
  await world.workspace.openHome({ user });
  await world.workspace.changed(() => homeOf(world, user).includes(words), { what: `${user}: ${words}` });
  return homeOf(world, user);
}

/** A click on a Home button that is not there any more, or never was; resolves with what the person is told. */
async function clicksForgedHome({ world, value }: Waiting, user: string, actionId: string): Promise<string> {
  const { workspace } = world;
  const before = workspace.openView(user)?.id;
  const action = { block_id: 'forged', type: 'button', value };
  expect(await workspace.clickInView({ user, actionId, stale: true, action })).toMatchObject({ acked: true });
  const answered = () => workspace.openView(user) !== undefined && workspace.openView(user)?.id !== before;
  await workspace.changed(answered, { what: `the answer to ${actionId}` });
  const view = workspace.openView(user);
  await workspace.closeModal({ user });
  expect(view?.submit ?? null, 'there is nothing to send').toBeNull();
  return textsIn(view?.blocks).join('\n');
}

/** A click on a button that a row of the list does not have; resolves with what the person is told. */
async function clicksForgedRow(
  { world, value }: Waiting,
  { user, channel }: { user: string; channel: string },
  { list, actionId }: { list: Answered; actionId: string },
): Promise<string> {
  const before = answersTo(world, user).length;
  const action = { block_id: 'forged', type: 'button', value };
  await world.workspace.click({ user, channel, ts: list.ts, actionId, stale: true, action });
  await world.workspace.changed(() => answersTo(world, user).length > before, { what: 'the answer' });
  return answersTo(world, user)[before]?.all as string;
}

function textsIn(blocks: unknown): string[] {
  const texts: string[] = [];
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}

/** A message of the bot that is not a card; resolves with its ts. */
async function postAsBot({ workspace }: World, message: { channel: string; text: string }): Promise<string> {
  const response = await fetch(`${workspace.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOT_TOKEN}` },
    body: new URLSearchParams(message),
  });
  return ((await response.json()) as { ts: string }).ts;
}

/** Nothing was decided: the run still waits, and CrewAI has heard of nothing. */
function expectUndecided({ world, execution, card }: Waiting): void {
  expect(world.platform.resumes).toEqual([]);
  expect(world.platform.execution(execution).status).toBe('pending human input');
  const message = JSON.stringify(world.workspace.message('CAPPROVALS', card.ts));
  expect(message).toContain('"approve"');
  expect(message).not.toContain('Approved by');
}

const decided = (world: World, { ts }: Shown, by: string) =>
  sees(world.workspace, `approved by ${by}`, (it) => it.ts === ts && it.all.includes(`Approved by <@${by}>`));

describe('where no approvers are named, someone who is not in the channel', () => {
  test('has nothing to decide on the Home tab, and a Home button that they should not have is refused in one sentence', async () => {
    const run = await waiting();
    const { world, card } = run;
    const home = await opensHome(world, 'UDAN', 'Nothing is waiting for you');
    expect(home).not.toContain(OUTPUT);
    expect(home).not.toMatch(/"(approve|request_revision|read_in_full)"/);
    expect(await clicksForgedHome(run, 'UDAN', 'approve')).toBe(NOT_A_MEMBER);
    expect(await clicksForgedHome(run, 'UDAN', 'request_revision')).toBe(NOT_A_MEMBER);
    expectUndecided(run);
    await clickOn(world, card.ts, 'approve', 'UANA');
    await decided(world, card, 'UANA');
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
  });

  test.each(['a message of a person', 'a message of the bot'])(
    'decides and reads nothing by a click on %s in another channel, which stays as it is',
    async (whose) => {
      const run = await waiting();
      const { world, value } = run;
      const { workspace } = world;
      const text = 'Lunch at noon?';
      const ts = whose.endsWith('person')
        ? workspace.say({ user: 'UDAN', channel: 'CTOWN', text })
        : await postAsBot(world, { channel: 'CTOWN', text });
      const before = JSON.stringify(workspace.message('CTOWN', ts));
      const click = async (actionId: string) => {
        const said = answersTo(world, 'UDAN').length;
        const action = { block_id: 'forged', type: 'button', value };
        await workspace.click({ ...inTown('UDAN'), ts, actionId, stale: true, action });
        await workspace.changed(() => answersTo(world, 'UDAN').length > said, { what: 'the answer' });
        return answersTo(world, 'UDAN')[said]?.all;
      };
      expect(await click('approve')).toBe(NOT_A_MEMBER);
      expect(await click('request_revision')).toBe(NOT_A_MEMBER);
      expect(await click('read_in_full')).not.toContain(OUTPUT);
      expect(workspace.openView('UDAN')).toBeUndefined();
      expectUndecided(run);
      await clickOn(world, run.card.ts, 'approve', 'UANA');
      await decided(world, run.card, 'UANA');
      expect(JSON.stringify(workspace.message('CTOWN', ts))).toBe(before);
    },
  );

  test('does not read the output in full from Home', async () => {
    const run = await waiting();
    await opensHome(run.world, 'UDAN', 'Nothing is waiting for you');
    const told = await clicksForgedHome(run, 'UDAN', 'read_in_full');
    expect(told).toMatch(/[Oo]pen the card/);
    expect(told).not.toContain(OUTPUT);
    await opensHome(run.world, 'UANA', OUTPUT);
    const { world, value } = run;
    const action = { block_id: 'old', type: 'button', value };
    await world.workspace.clickInView({ user: 'UANA', actionId: 'read_in_full', stale: true, action });
    await world.workspace.changed(
      () => JSON.stringify(world.workspace.openView('UANA') ?? '').includes(OUTPUT),
      { what: 'the output for a member' },
    );
  });

  test('sees no output in look-ups that are open to everyone, and decides neither by typing nor by a row', async () => {
    const run = await waiting({ LOOK_UPS: 'everyone' });
    const { world, id } = run;
    const dan = inTown('UDAN');
    const list = await ask(world, '', dan);
    expect(list.all).toContain('One approval is waiting');
    expect(list.all).not.toContain(OUTPUT);
    expect(list.buttons.map(({ label }) => label)).toEqual(['Open']);
    expect((await ask(world, 'waiting mine', dan)).all).toBe('Nothing is waiting for you.');
    const one = await ask(world, id, dan);
    expect(one.all).toContain('Round 1: waiting');
    expect(one.all).not.toContain(OUTPUT);
    expect(one.buttons).toEqual([]);

    expect((await ask(world, `approve ${id}`, dan)).all).toBe(NOT_A_MEMBER);
    expect(await clicksForgedRow(run, dan, { list, actionId: 'approve' })).toBe(NOT_A_MEMBER);
    expect(await clicksForgedRow(run, dan, { list, actionId: 'request_revision' })).toBe(NOT_A_MEMBER);
    expect(await clicksForgedRow(run, dan, { list, actionId: 'read_in_full' })).not.toContain(OUTPUT);
    const before = answersTo(world, 'UDAN').length;
    await world.workspace.command({ ...dan, command: '/approvals', text: `revise ${id}` });
    await world.workspace.changed(() => answersTo(world, 'UDAN').length > before, { what: 'the answer' });
    expect(answersTo(world, 'UDAN')[before]?.all).toBe(NOT_A_MEMBER);
    expect(world.workspace.openView('UDAN')).toBeUndefined();
    expectUndecided(run);
  });
});

test('where no approvers are named, a member of the channel decides from Home, from a list and by typing', async () => {
  const run = await waiting();
  const { world, bot } = run;
  const { workspace, platform } = world;
  await opensHome(world, 'UDAN', 'Nothing is waiting for you');
  await opensHome(world, 'UANA', OUTPUT);
  await workspace.clickInView({ user: 'UANA', actionId: 'approve' });
  await decided(world, run.card, 'UANA');

  const second = await nextRun(world, bot);
  const list = await ask(world, '', inTown('UBEN'));
  expect(list.all).toContain(OUTPUT);
  await press(world, list, 'Approve', inTown('UBEN'));
  await decided(world, second.card, 'UBEN');

  const third = await nextRun(world, bot);
  expect((await ask(world, third.id, inTown('UBEN'))).all).toContain(OUTPUT);
  expect((await ask(world, `approve ${third.id}`, inTown('UBEN'))).all).toContain('You approved');
  await decided(world, third.card, 'UBEN');
  await platform.changed(() => platform.resumes.length === 3, { what: 'all three' });
});

describe('while Slack does not say who is in the channel', () => {
  test('the card decides, and everything else leads to the card', async () => {
    const run = await waiting({ LOOK_UPS: 'everyone' }, { membersUnreadable: true });
    const { world, card, id } = run;
    const link = `<https://sandbox.slack.com/archives/CAPPROVALS/p${card.ts.replace('.', '')}|Open the card>`;
    const home = await opensHome(world, 'UANA', "I can't check one more approval right now");
    expect(home).not.toContain(OUTPUT);
    expect(await clicksForgedHome(run, 'UANA', 'approve')).toBe(`${OPEN_CARD} ${link}`);
    expect(await clicksForgedHome(run, 'UANA', 'request_revision')).toBe(`${OPEN_CARD} ${link}`);
    const list = await ask(world, '', inTown('UANA'));
    expect(list.buttons.map(({ label }) => label)).toEqual(['Open']);
    expect(await clicksForgedRow(run, inTown('UANA'), { list, actionId: 'approve' })).toBe(
      `${OPEN_CARD} ${link}`,
    );
    expect((await ask(world, `approve ${id}`, inTown('UANA'))).all).toBe(`${OPEN_CARD} ${link}`);
    expectUndecided(run);
    await clickOn(world, card.ts, 'approve', 'UANA');
    await decided(world, card, 'UANA');
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
  });

  test('a modal that was opened on the card is sent', async () => {
    const run = await waiting({}, { membersUnreadable: true });
    const { workspace, platform } = run.world;
    expect(await clicksForgedHome(await withHome(run, 'UBEN'), 'UBEN', 'request_revision')).toContain(
      'Open the card',
    );
    await clickOn(run.world, run.card.ts, 'request_revision', 'UBEN');
    await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
    const values = { feedback: { feedback: 'Shorter' } };
    expect(await workspace.submit({ user: 'UBEN', values })).toMatchObject({ acked: true, closed: true });
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    expect(platform.resumes[0]?.body).toMatchObject({
      humanFeedback: revisionOf(run.world, 'Shorter'),
    });
  });

  test('the list that was read at the start decides for an hour, also of a channel that is named by its #name', async () => {
    const later = ownCalendar();
    const run = await waiting({ APPROVAL_CHANNEL: '#approvals' });
    const { world, card } = run;
    const read = () =>
      world.workspace.calls.some(({ method, answer }) => method === 'conversations.members' && answer?.ok);
    await until(() => expect(read(), 'the member list was read').toBe(true));
    world.workspace.failures.plan(unreadable);
    later(59 * 60_000);
    await opensHome(world, 'UANA', OUTPUT);
    await opensHome(world, 'UDAN', 'Nothing is waiting for you');
    expect(await clicksForgedHome(run, 'UDAN', 'approve')).toBe(NOT_A_MEMBER);
    await world.workspace.clickInView({ user: 'UANA', actionId: 'approve' });
    await decided(world, card, 'UANA');
  });

  async function withHome(run: Waiting, user: string): Promise<Waiting> {
    await opensHome(run.world, user, 'Your approvals');
    return run;
  }
});

test('someone who left the channel decides no more from views that are still open, and keeps the typed text', async () => {
  const later = ownCalendar();
  const run = await waiting();
  const { world } = run;
  const { workspace } = world;
  await opensHome(world, 'UBEN', OUTPUT);
  await workspace.clickInView({ user: 'UBEN', actionId: 'request_revision' });
  await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
  workspace.leaveChannel({ user: 'UBEN', channel: 'CAPPROVALS' });
  // The list is read again when it is used and older than five minutes.
  later(5 * 60_000);
  await until(async () => {
    await workspace.openHome({ user: 'UBEN' });
    expect(homeOf(world, 'UBEN')).toContain('Nothing is waiting for you');
  }, 10_000);

  const values = {
    feedback: { feedback: 'Shorter, and with the prices' },
    people_note: { people_note: 'Ask legal' },
  };
  expect(await workspace.submit({ user: 'UBEN', values })).toMatchObject({ acked: true, closed: false });
  const shown = textsIn(workspace.openView('UBEN')?.blocks).join('\n');
  for (const words of [NOT_A_MEMBER, 'Shorter, and with the prices', 'Ask legal'])
    expect(shown).toContain(words);
  await workspace.closeModal({ user: 'UBEN' });
  expect(await clicksForgedHome(run, 'UBEN', 'approve'), 'the button of the Home tab before').toBe(
    NOT_A_MEMBER,
  );
  expectUndecided(run);

  workspace.joinChannel({ user: 'UBEN', channel: 'CAPPROVALS' });
  later(10_000);
  await until(async () => {
    await workspace.openHome({ user: 'UBEN' });
    expect(homeOf(world, 'UBEN')).toContain(OUTPUT);
  }, 10_000);
  await workspace.clickInView({ user: 'UBEN', actionId: 'approve' });
  await decided(world, run.card, 'UBEN');
});
