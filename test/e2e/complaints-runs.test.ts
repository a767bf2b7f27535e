import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import {
  always,
  answered,
  clickOn,
  kickoff,
  ready,
  requestRevision,
  revisionOf,
  roots,
} from '../support/process-steps.ts';
import {
  approvalOf,
  draft,
  IN_CI_BOTH,
  SECRET,
  sees,
  shown,
  startBot,
  startWorld,
  type World,
  withoutTickets,
} from '../support/world.ts';
import {
  clickOld,
  completed,
  http,
  openModal,
  ownCalendar,
  resumeElsewhere,
  saidElsewhere,
  says,
  submit,
  told,
} from './complaint-steps.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const lost = { on: 'resume', failure: { answerLost: true as const } };
const summary = { ...draft, name: 'summary', output: () => 'A short text' };

describe.each(IN_CI_BOTH)('on the %s dialect', (dialect) => {
  test('not here: the workflow sends the approval again in a loop. Ten times by both routes, before, while and after it is decided: one card', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const authentication = { strategy: 'bearer' as const, token: SECRET };
    const humanInputWebhook = { url: `${bot.url}/webhooks/press/human-input`, authentication };
    const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
    const execution = platform.kickoff({ ...urls, humanInputWebhook, meta: urls });
    const { ts } = await sees(workspace, 'the card', ready);
    await platform.changed(() => platform.webhooks.filter(({ status }) => status === 202).length >= 2, {
      what: 'both routes',
    });
    const routes = platform.webhooks.filter(({ kind }) => kind === 'task' || kind === 'human-input');
    expect(routes.map(({ kind }) => kind)).toEqual(['task', 'human-input']);
    const tenTimes = async () => {
      const loop = Array.from({ length: 10 }, (_, n) => routes[n % 2] as (typeof routes)[number]);
      const answers = await Promise.all(loop.map(({ kind, body }) => http.post(bot.webhook(kind), body)));
      return new Set(answers.map(({ status, data }) => `${status} ${data.status} ${data.round}`));
    };
    const redelivery = new Set(['202 duplicate 1']);

    expect(await tenTimes()).toEqual(redelivery);
    platform.hold();
    const [, whileDecided] = await Promise.all([clickOn(world, ts, 'approve'), tenTimes()]);
    expect(whileDecided).toEqual(redelivery);
    await says(world, ts, answered(world));
    expect(await tenTimes()).toEqual(redelivery);
    platform.release();
    await says(world, ts, texts.card.continued);
    await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    expect(await tenTimes()).toEqual(redelivery);
    expect(platform.resumes).toHaveLength(1);
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    expect(roots(world)).toMatchObject([{ ts, buttons: [] }]);
    expect(shown(workspace)).toHaveLength(2);
  });

  describe('not here: expiry read as a refusal', () => {
    test('a card that waited for more than a year was decided by nobody, and can be', async () => {
      const pass = ownCalendar();
      const world = await startWorld(undefined, { dialect });
      const { workspace, platform } = world;
      const bot = await startBot(world);
      const execution = kickoff(world, bot);
      const card = await sees(workspace, 'the card', ready);
      await bot.stop();
      pass(400 * DAY);
      const later = await startBot(world);
      kickoff(world, later);
      await sees(workspace, 'a later card', (it) => it.ts !== card.ts && ready(it));
      expect(shown(workspace)).toContainEqual(card);
      expect(platform.resumes).toEqual([]);
      await clickOn(world, card.ts, 'approve');
      await says(world, card.ts, 'CrewAI accepted it');
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    });

    test('an approval that CrewAI never answered is not sent as a refusal, nor shown as one: a person says what becomes of it', async () => {
      const pass = ownCalendar();
      const world = await startWorld(undefined, { dialect });
      const { workspace, platform } = world;
      const execution = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      platform.failures.plan({ on: 'resume', failure: { reset: true }, ...always });
      await clickOn(world, ts, 'approve');
      await says(world, ts, "I'll keep trying");
      pass(61 * MINUTE);
      const card = await says(world, ts, texts.card.mayHaveArrivedUnanswered);
      expect(card.buttons).toEqual(['Retry', 'Close without a decision']);
      await sees(workspace, 'the note', ({ all }) =>
        all.includes("may have reached CrewAI, but it didn't respond"),
      );
      expect(JSON.stringify(shown(workspace))).not.toMatch(/refus|reject|declin|denied|revision requested/i);
      expect(platform.execution(execution).status).toBe('pending human input');

      platform.failures.clear();
      await clickOn(world, ts, 'retry', 'UBEN');
      await completed(world, execution);
      await says(world, ts, 'CrewAI accepted it');
      expect(platform.resumes.length).toBeGreaterThan(1);
      const approves = dialect === 'live' ? { humanFeedback: 'Approved.' } : { is_approve: true };
      for (const { body } of platform.resumes) expect(withoutTickets(body)).toMatchObject(approves);
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    });
  });

  describe('not here: sent again after a lost answer', () => {
    test('a revision is not sent again after its minute, when it would hit an output that nobody saw', async () => {
      const pass = ownCalendar();
      const world = await startWorld(undefined, { dialect });
      const { workspace, platform } = world;
      const execution = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      platform.hold();
      platform.failures.plan(lost);
      await requestRevision(world, ts, 'Shorter');
      await says(world, ts, "I'll keep trying");
      pass(MINUTE + 1_000);
      const undelivered = await says(world, ts, texts.card.mayHaveArrivedUnanswered);
      expect(undelivered.buttons).toEqual(['Retry', 'Close without a decision']);
      platform.release();
      const second = await sees(workspace, 'round 2', (it) => it.all.includes('round 2') && ready(it));
      expect((await says(world, ts, texts.card.continued)).buttons).toEqual([]);
      await clickOn(world, second.ts, 'approve');
      await completed(world, execution);
      expect(platform.resumes.map(({ body }) => withoutTickets(body))).toMatchObject(
        dialect === 'live'
          ? [{ humanFeedback: revisionOf(world, 'Shorter') }, { humanFeedback: 'Approved.' }]
          : [{ human_feedback: 'Shorter', is_approve: false }, { is_approve: true }],
      );
      expect(platform.execution(execution).feedback).toEqual([revisionOf(world, 'Shorter'), 'Approved.']);
    });
  });
});

// By a task's name and "not pending" the documented API tells more than the live one.
describe('on the documented dialect', () => {
  const dialect = 'documented';

  test('not here: the workflow sends the approval again in a loop. An older output in the loop opens no card, and closes none', async () => {
    const world = await startWorld(undefined, { dialect });
    const bot = await startBot(world);
    const send = async (output: string) =>
      (await http.post(bot.webhook('task'), { kickoff_id: 'run-1', name: 'draft', output })).data;
    expect(await send('A')).toMatchObject({ status: 'created', round: 1 });
    const first = await sees(world.workspace, 'the card', ready);
    expect(await send('B')).toMatchObject({ status: 'created', round: 2 });
    const second = await sees(world.workspace, 'round 2', (it) => it.ts !== first.ts && ready(it));
    const answers = await Promise.all('ABABABABAB'.split('').map(send));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill('duplicate'));
    await clickOn(world, second.ts, 'approve');
    await says(world, second.ts, 'Approved by <@UANA>');
    const cards = shown(world.workspace).filter(({ approval }) => approval !== undefined);
    expect(cards).toMatchObject([{ ts: first.ts }, { ts: second.ts, thread_ts: first.ts }]);
  });

  test('not here: approving a new card decides an old one. Neither does the old one decide the new one, nor one run another', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await openModal(world, card.ts);
    const old = `${approvalOf(card)}.1`;
    // Its output is replaced without a decision of ours: the old card has none that could be mistaken for the new one's.
    await resumeElsewhere(world, bot, execution, false);
    const second = await sees(workspace, 'round 2', (it) => it.all.includes('round 2') && ready(it));
    await says(world, card.ts, 'A newer output replaced this one');
    await clickOld(world, { ts: card.ts, actionId: 'approve', value: old });
    expect((await told(world, 'UANA'))[0]).toContain(texts.refusals.superseded(2));
    const sent = await submit(world, 'For the old one');
    expect(sent).toMatchObject({ acked: true, closed: false });
    const over = JSON.stringify(workspace.openView('UBEN')?.blocks);
    expect(over).toContain(texts.refusals.superseded(2));
    expect(over).toContain('"text":"For the old one"');
    expect(platform.resumes).toHaveLength(1);

    const twin = kickoff(world, bot);
    const twinCard = await sees(workspace, "the other run's card", (it) => !it.thread_ts && ready(it));
    await clickOn(world, second.ts, 'approve');
    await completed(world, execution);
    await says(world, second.ts, 'Approved by <@UANA>');
    const after = shown(workspace).find(({ ts }) => ts === card.ts);
    expect(after?.all).toContain('A newer output replaced this one');
    expect(after?.all).not.toMatch(/Approved|<@/);
    expect(platform.execution(execution).feedback).toEqual([saidElsewhere(world, false), 'Approved.']);
    expect(platform.execution(twin)).toMatchObject({ status: 'pending human input', feedback: [] });
    expect(shown(workspace).find(({ ts }) => ts === twinCard.ts)?.buttons).toHaveLength(2);
  });

  describe('not here: buttons alive after a decision made elsewhere', () => {
    async function waiting(world: World) {
      const bot = await startBot(world);
      const execution = kickoff(world, bot);
      const card = await sees(world.workspace, 'the card', ready);
      return { bot, execution, card, old: { ts: card.ts, value: `${approvalOf(card)}.1` } };
    }

    test('the run continued to its end: no buttons, and the card says that nobody decided', async () => {
      const world = await startWorld(undefined, { dialect });
      const { bot, execution, card, old } = await waiting(world);
      await resumeElsewhere(world, bot, execution, true);
      expect((await says(world, card.ts, ', before anyone decided.')).buttons).toEqual([]);
      await clickOld(world, { ...old, actionId: 'approve' });
      expect(await told(world, 'UANA')).toEqual([texts.refusals.runEnded()]);
      expect(world.platform.resumes).toHaveLength(1);
    });

    test('the task was run again: no buttons on the old card, they are on the new one', async () => {
      const world = await startWorld(undefined, { dialect });
      const { bot, execution, card, old } = await waiting(world);
      await resumeElsewhere(world, bot, execution, false);
      const second = await sees(world.workspace, 'round 2', (it) => it.all.includes('round 2') && ready(it));
      const closed = await says(world, card.ts, '|See the current card>');
      expect(closed.buttons).toEqual([]);
      expect(closed.all).toMatch(
        new RegExp(`/p${second.ts.replace('.', '')}\\?\\S+\\|See the current card>`),
      );
      await clickOld(world, { ...old, actionId: 'approve' });
      expect((await told(world, 'UANA'))[0]).toContain(texts.refusals.superseded(2));
      expect(world.platform.execution(execution).status).toBe('pending human input');
      expect(world.platform.resumes).toHaveLength(1);
    });

    test('the next task waits already: the card warns, and who approves all the same is told that it did not count', async () => {
      const world = await startWorld([draft, summary], { dialect });
      const { workspace, platform } = world;
      const { bot, execution, card } = await waiting(world);
      await resumeElsewhere(world, bot, execution, true);
      await says(world, card.ts, 'The run may have continued without a decision');
      const next = await sees(workspace, 'the next card', (it) => it.all.includes('summary') && ready(it));
      expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
      const closed = await says(world, card.ts, 'This was resolved elsewhere');
      expect(closed.buttons).toEqual([]);
      expect(closed.all).not.toContain('accepted');
      await sees(workspace, 'the word to the clicker', ({ thread_ts, all }) =>
        Boolean(
          thread_ts === card.ts && all.includes('<@UANA>, CrewAI was no longer waiting for your decision'),
        ),
      );
      expect(platform.execution(execution)).toMatchObject({
        status: 'pending human input',
        feedback: ['Said in the console'],
      });
      expect(shown(workspace).find(({ ts }) => ts === next.ts)?.buttons).toHaveLength(2);
    });
  });

  describe('not here: sent again after a lost answer', () => {
    test('an approval that CrewAI took is not taken twice, and does not decide the next card', async () => {
      const world = await startWorld([draft, summary], { dialect });
      const { workspace, platform } = world;
      const execution = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      platform.failures.plan(lost);
      await clickOn(world, ts, 'approve');
      const next = await sees(workspace, 'the next card', (it) => it.all.includes('summary') && ready(it));
      const card = await says(world, ts, 'CrewAI accepted it');
      expect(card.all).toContain('Approved by <@UANA>');
      const [first, ...others] = platform.resumes.map(({ fate, status }) => `${fate} ${status}`);
      expect(first).toBe('answer lost 200');
      // The next card usually proves the decision before it is sent again.
      for (const other of others) expect(other).toBe('answered 400');
      expect(platform.execution(execution)).toMatchObject({
        status: 'pending human input',
        feedback: ['Approved.'],
      });
      expect(shown(workspace).find((it) => it.ts === next.ts)?.buttons).toHaveLength(2);
    });
  });
});
