import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { DEFAULT_DIALECT, type Dialect } from '../../src/sandbox/crewai/dialect.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { answersTo, ask, reports } from '../support/asking.ts';
import { clickOn, kickoff, revisionOf } from '../support/process-steps.ts';
import { alreadyApproved, closedBy } from '../support/sentences.ts';
import { until } from '../support/until.ts';
import { type Bot, sees, startBot, startWorld, type World } from '../support/world.ts';

/** An approval of a run of CrewAI's, whose card Slack does not take. */
async function withoutCard(settings: Record<string, string> = {}, dialect: Dialect = DEFAULT_DIALECT) {
  const world = await startWorld(undefined, { dialect });
  world.workspace.archive('CAPPROVALS');
  const bot = await startBot(world, settings);
  kickoff(world, bot);
  const says = async (text: string, user = 'UANA') =>
    (await ask(world, text, { user, channel: 'CPRESS' })).all;
  const id = await until(async () => {
    const found = /`([0-9A-Z]{10,16})`/.exec(await says(''))?.[1];
    expect(found).toBeDefined();
    return found as string;
  }, 10_000);
  return { world, bot, id, says };
}

async function revises(world: World, text: string, feedback: string, user = 'UANA') {
  await world.workspace.command({ user, channel: 'CPRESS', command: '/approvals', text });
  await world.workspace.changed(() => world.workspace.openView(user) !== undefined, { what: 'the modal' });
  return world.workspace.submit({ user, values: { feedback: { feedback } } });
}

describe('a card that could not be posted', () => {
  test('is listed as one, shown with its output and approved by its id, with a note for CrewAI', async () => {
    const { world, id, says } = await withoutCard({}, 'documented');
    expect(await says('')).toContain('no card in Slack yet');
    expect(await says(id)).toContain('Made from *recycled linen*');
    expect(await says(`approve ${id.toLowerCase()} Looks good, <b>all</b> of it`)).toBe(
      `You approved *draft_press_release* (round 1). \`/approvals ${id}\` shows the outcome.`,
    );
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
    expect(world.platform.resumes[0]?.body).toMatchObject({
      is_approve: true,
      human_feedback: 'Looks good, <b>all</b> of it',
    });
    expect(await says(`approve ${id}`)).toContain(alreadyApproved('<@UANA>'));
    expect(await says(id), 'its note too').toContain('Looks good, &lt;b&gt;all&lt;/b&gt; of it');
    expect(world.platform.resumes).toHaveLength(1);
  });

  test('is revised by its id in a modal; a later round is decided only by its number', async () => {
    const { world, id, says } = await withoutCard();
    expect(await revises(world, `revise ${id}`, 'Shorter')).toMatchObject({ closed: true });
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
    expect(world.platform.resumes[0]?.body).toMatchObject({
      humanFeedback: revisionOf(world, 'Shorter'),
    });
    await until(async () => expect(await says('')).toContain(`\`${id}.2\``));

    const refused = await says(`approve ${id}`);
    expect(refused).toContain('already requested a revision');
    expect(world.platform.resumes).toHaveLength(1);
    expect(await says(`approve ${id}.3`)).toBe(
      `\`${id}\` has 2 rounds and no round 3, so nothing was recorded. \`/approvals ${id}\` shows it.`,
    );
    expect(await says(`approve ${id}.2`)).toContain('You approved *draft_press_release* (round 2)');
    await world.platform.changed(() => world.platform.resumes.length === 2, { what: 'the second /resume' });
  });

  test('whose output was replaced before anyone decided is not approved by the bare id, but told how', async () => {
    const { world, bot, id, says } = await withoutCard({}, 'documented');
    const { name, execution } = (await taskOf(world)) as { name: string; execution: string };
    await axios.post(bot.webhook('task'), { name, output: 'Another output', kickoff_id: execution });
    const refused = await says(`approve ${id}`);
    expect(refused).toContain(texts.refusals.superseded(2));
    expect(refused).toContain(`\`/approvals approve ${id}.2\` approves it`);
    expect(world.platform.resumes).toHaveLength(0);
    await world.workspace.command({
      user: 'UANA',
      channel: 'CPRESS',
      command: '/approvals',
      text: `revise ${id}`,
    });
    await world.workspace.changed(
      () => answersTo(world, 'UANA').at(-1)?.all.includes(texts.refusals.superseded(2)) ?? false,
      {
        what: 'why not',
      },
    );
    expect(world.workspace.openView('UANA')).toBeUndefined();
  });
});

async function taskOf(world: World) {
  const body = world.platform.webhooks[0]?.body as { name?: string; task_name?: string; kickoff_id: string };
  return { name: body.name ?? body.task_name, execution: body.kickoff_id };
}

test('whoever is no approver decides nothing by typing, and a note that is too long is said', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  const id = await reports(bot, 'task_1', 'run-1');
  expect((await ask(world, `approve ${id}`, { user: 'UCAT' })).all).toBe(texts.refusals.decide.not_approver);
  expect((await ask(world, `approve ${id} ${'x'.repeat(3_001)}`)).all).toContain(
    'longer than 3,000 characters',
  );
  expect((await ask(world, 'approve ZZZZZZZZZ0')).all).toContain('I found no approval');
  expect((await ask(world, `${id}`)).all).toContain('Round 1: waiting');
});

describe('the menu of a card', () => {
  const DETAILS = { user: 'UCAT', channel: 'CAPPROVALS', callbackId: 'approval_details' };

  async function details(world: World, ts: string) {
    await world.workspace.shortcut({ ...DETAILS, ts });
    await world.workspace.changed(() => world.workspace.openView('UCAT') !== undefined, {
      what: 'the modal',
    });
    const view = JSON.stringify(world.workspace.openView('UCAT'));
    await world.workspace.closeModal({ user: 'UCAT' });
    return view;
  }

  async function carded(): Promise<{ world: World; bot: Bot; ts: string }> {
    const world = await startWorld();
    const bot = await startBot(world);
    kickoff(world, bot);
    const { ts } = await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
    return { world, bot, ts };
  }

  test('opens its details while it waits, once it is decided, in a thread, and after the run has ended', async () => {
    const { world, ts } = await carded();
    expect(await details(world, ts)).toContain('Round 1: waiting');
    await world.workspace.click({ user: 'UBEN', channel: 'CAPPROVALS', ts, actionId: 'request_revision' });
    await world.workspace.changed(() => world.workspace.openView('UBEN') !== undefined, { what: 'modal' });
    await world.workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });
    const second = await sees(
      world.workspace,
      'round 2',
      ({ all, buttons }) => all.includes('round 2') && buttons.length > 0,
    );
    expect(second.thread_ts).toBe(ts);
    for (const card of [ts, second.ts]) {
      const view = await details(world, card);
      expect(view).toContain('Round 1: revision requested');
      expect(view).toContain('Round 2: waiting');
      expect(view).toContain('>Shorter');
    }
    await clickOn(world, second.ts, 'approve');
    await sees(
      world.workspace,
      'the end',
      ({ ts: card, all }) => card === second.ts && all.includes('Approved'),
    );
    expect(await details(world, second.ts)).toContain('Round 2: approved');
  });

  test('says of a card that CrewAI refused what became of it', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await startBot(world);
    await reports(bot, 'task_1', 'run-that-crewai-does-not-know');
    const { ts } = await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
    await world.workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'approve' });
    await sees(world.workspace, 'refused', (it) => it.ts === ts && it.all.includes('Retry'));
    expect(await details(world, ts)).toContain('decided, rejected by CrewAI · <@UANA>');
    await world.workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'give_up' });
    await sees(world.workspace, 'given up', ({ all }) => all.includes(closedBy('<@UANA>')));
    expect(await details(world, ts)).toContain('closed without a decision · <@UANA>');
  });

  test('says of another message that it is no card, and shows nothing to whoever may not look', async () => {
    const world = await startWorld(
      [],
      {},
      {
        channels: [
          { id: 'CAPPROVALS', name: 'approvals', members: ['UANA'], botIsMember: true },
          { id: 'CPRESS', name: 'press', members: ['UANA', 'UCAT'], botIsMember: true },
        ],
      },
    );
    const bot = await startBot(world);
    await reports(bot, 'task_1', 'run-1');
    const card = await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
    const ts = world.workspace.say({ user: 'UANA', channel: 'CPRESS', text: 'Lunch?' });
    await world.workspace.shortcut({ ...DETAILS, channel: 'CPRESS', ts });
    await world.workspace.changed(() => answersTo(world, 'UCAT').length === 1, { what: 'a sentence' });
    expect(answersTo(world, 'UCAT')[0]?.all).toContain("This message isn't an approval card");
    await world.workspace.shortcut({ ...DETAILS, ts: card.ts });
    await world.workspace.changed(() => answersTo(world, 'UCAT').length === 2, { what: 'a sentence' });
    expect(answersTo(world, 'UCAT')[1]?.all).toContain(texts.refusals.mayNotLook);
    expect(world.workspace.openView('UCAT')).toBeUndefined();
  });
});
