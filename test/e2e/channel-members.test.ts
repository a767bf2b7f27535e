import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { type Answered, answersTo, ask } from '../support/asking.ts';
import { always, clickOn, revisionOf, roots, seesModal, startRunWithCard } from '../support/process-steps.ts';
import {
  approvalOf,
  BOT_TOKEN,
  type Shown,
  sees,
  startBot,
  startWorld,
  type World,
} from '../support/world.ts';
import { wireValues } from './complaint-steps.ts';

const NOT_A_MEMBER = texts.refusals.decide.not_member;
const OUTPUT = 'recycled linen';
const people = ['UANA', 'UBEN', 'UDAN'].map((id) => ({ id, name: id.slice(1).toLowerCase() }));
/** Ana and Ben are in the channel of the crew, Dan is in the workspace only. */
const channels = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
  { id: 'CTOWN', name: 'town', members: people.map(({ id }) => id) },
];
const inTown = (user: string) => ({ user, channel: 'CTOWN' });

type Waiting = Awaited<ReturnType<typeof startWaiting>>;

/** A run of a crew without approvers waits for a decision; look-ups are open to everyone. */
async function startWaiting({ membersUnreadable = false } = {}) {
  const world = await startWorld(undefined, {}, { people, channels });
  const unreadable = { on: 'conversations.members', failure: { error: 'fetch_members_failed' }, ...always };
  if (membersUnreadable) world.workspace.failures.plan(unreadable);
  const bot = await startBot(world, { APPROVERS: '', LOOK_UPS: 'everyone' });
  const { execution, card } = await startRunWithCard(world, bot);
  const [approve] = wireValues(world, card.ts) as { value: string }[];
  // Which a forged button carries too.
  const value = approve?.value as string;
  return { world, execution, card, id: approvalOf(card), value };
}

const homeOf = ({ workspace }: World, user: string) => JSON.stringify(workspace.home(user)?.blocks ?? '');
async function opensHome(world: World, user: string, words: string): Promise<string> {
  await world.workspace.openHome({ user });
  await world.workspace.changed(() => homeOf(world, user).includes(words), { what: `${user}: ${words}` });
  return homeOf(world, user);
}

/** A click on a Home button that is not there, or is there no longer; resolves with what the person is told. */
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

/** A click on a button that a message of this channel does not have; resolves with what the person is told. */
async function clicksForged(
  { world, value }: Waiting,
  click: { user: string; channel: string; ts: string; actionId: string },
): Promise<string> {
  const before = answersTo(world, click.user).length;
  const action = { block_id: 'forged', type: 'button', value };
  await world.workspace.click({ ...click, stale: true, action });
  await world.workspace.changed(() => answersTo(world, click.user).length > before, { what: 'the answer' });
  return answersTo(world, click.user)[before]?.all as string;
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
  const headers = { authorization: `Bearer ${BOT_TOKEN}` };
  const sent = { method: 'POST', headers, body: new URLSearchParams(message) };
  return ((await (await fetch(`${workspace.apiUrl}chat.postMessage`, sent)).json()) as { ts: string }).ts;
}

/** Nothing was decided: the run still waits, and CrewAI has heard of nothing. */
function expectUndecided({ world, execution, card }: Waiting): void {
  expect(world.platform.resumes).toEqual([]);
  expect(world.platform.execution(execution).status).toBe('pending human input');
  expect(roots(world).find(({ ts }) => ts === card.ts)?.buttons).toContain('Approve');
}

const decided = (world: World, { ts }: Shown, by: string) =>
  sees(world.workspace, `approved by ${by}`, (it) => it.ts === ts && it.all.includes(`Approved by <@${by}>`));

test('where no approvers are named, someone outside the channel decides and reads nothing: not on the Home tab, in look-ups, by typing, nor by a click on another message', async () => {
  const run = await startWaiting();
  const { world, card, id } = run;
  const { workspace } = world;
  const home = await opensHome(world, 'UDAN', 'Nothing is waiting for you');
  expect(home).not.toContain(OUTPUT);
  expect(home).not.toMatch(/"(approve|request_revision|read_in_full)"/);
  for (const actionId of ['approve', 'request_revision'])
    expect(await clicksForgedHome(run, 'UDAN', actionId)).toBe(NOT_A_MEMBER);
  const told = await clicksForgedHome(run, 'UDAN', 'read_in_full');
  expect(told).toMatch(/[Oo]pen the card/);
  expect(told).not.toContain(OUTPUT);

  const dan = inTown('UDAN');
  const list = await ask(world, '', dan);
  expect(list.all).toContain('One approval is waiting');
  expect(list.buttons.map(({ label }) => label)).toEqual(['Open']);
  expect((await ask(world, 'waiting mine', dan)).all).toBe('Nothing is waiting for you.');
  const one: Answered = await ask(world, id, dan);
  expect(one.all).toContain('Round 1: waiting');
  expect(one.buttons).toEqual([]);
  for (const { all } of [list, one]) expect(all).not.toContain(OUTPUT);
  expect((await ask(world, `approve ${id}`, dan)).all).toBe(NOT_A_MEMBER);

  const text = 'Lunch at noon?';
  const ofPerson = workspace.say({ ...dan, text });
  const ofBot = await postAsBot(world, { channel: 'CTOWN', text });
  const others = () => [ofPerson, ofBot].map((ts) => JSON.stringify(workspace.message('CTOWN', ts)));
  const before = others();
  for (const ts of [list.ts, ofPerson, ofBot]) {
    for (const actionId of ['approve', 'request_revision'])
      expect(await clicksForged(run, { ...dan, ts, actionId })).toBe(NOT_A_MEMBER);
    expect(await clicksForged(run, { ...dan, ts, actionId: 'read_in_full' })).not.toContain(OUTPUT);
  }
  expect(workspace.openView('UDAN')).toBeUndefined();
  expectUndecided(run);
  await clickOn(world, card.ts, 'approve', 'UANA');
  await decided(world, card, 'UANA');
  expect(others()).toEqual(before);
  await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
});

test('while Slack does not say who is in the channel, the card and its form decide, all else leads to the card', async () => {
  const run = await startWaiting({ membersUnreadable: true });
  const { world, card, id } = run;
  const { workspace, platform } = world;
  const link = `<https://sandbox.slack.com/archives/CAPPROVALS/p${card.ts.replace('.', '')}|Open the card>`;
  const openCard = `${texts.refusals.decide.open_card} ${link}`;
  const home = await opensHome(world, 'UANA', "I can't check one more approval right now");
  expect(home).not.toContain(OUTPUT);
  expect(await clicksForgedHome(run, 'UANA', 'approve')).toBe(openCard);
  expect(await clicksForgedHome(run, 'UANA', 'request_revision')).toBe(openCard);
  const list = await ask(world, '', inTown('UANA'));
  expect(list.buttons.map(({ label }) => label)).toEqual(['Open']);
  expect(await clicksForged(run, { ...inTown('UANA'), ts: list.ts, actionId: 'approve' })).toBe(openCard);
  expect((await ask(world, `approve ${id}`, inTown('UANA'))).all).toBe(openCard);
  expectUndecided(run);

  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await seesModal(world, 'UBEN');
  const values = { feedback: { feedback: 'Shorter' } };
  expect(await workspace.submit({ user: 'UBEN', values })).toMatchObject({ acked: true, closed: true });
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  expect(platform.resumes[0]?.body).toMatchObject({ humanFeedback: revisionOf(world, 'Shorter') });
  const round2 = await sees(
    workspace,
    'round 2',
    (it) => it.ts !== card.ts && it.buttons.includes('Approve'),
  );
  await clickOn(world, round2.ts, 'approve', 'UANA');
  await decided(world, round2, 'UANA');
});
