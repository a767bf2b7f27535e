import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import {
  always,
  answered,
  clickOn,
  kickoff,
  requestRevision,
  revisionOf,
  roots,
} from '../support/process-steps.ts';
import {
  approvalOf,
  DIALECTS,
  draft,
  IN_CI_BOTH,
  SECRET,
  sees,
  shown,
  startBot,
  startWorld,
} from '../support/world.ts';
import {
  clickOld,
  completed,
  http,
  openModal,
  ownCalendar,
  resumeElsewhere,
  says,
  startWaiting,
  submit,
  summary,
  threadSays,
  told,
  waits,
} from './complaint-steps.ts';

const lost = { on: 'resume', failure: { answerLost: true as const } };
const accepted = 'CrewAI accepted it';

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('a lost answer of /resume is settled by the next round, the next card or the end of the run, with one effect', async () => {
    const { world, workspace, platform, execution, ts } = await startWaiting({
      dialect,
      tasks: [draft, summary],
      run: { events: true },
    });
    platform.failures.plan(lost);
    await requestRevision(world, ts, 'Shorter');
    const second = await waits(world, '(round 2)');
    expect(second.thread_ts).toBe(ts);
    expect((await says(world, ts, texts.card.continued)).all).toContain('Revision requested by <@UBEN>');

    platform.failures.plan(lost);
    await clickOn(world, second.ts, 'approve');
    const next = await waits(world, '120 words');
    const settled = await says(world, second.ts, accepted);
    expect(settled).toMatchObject({ all: expect.stringContaining('Approved by <@UANA>'), buttons: [] });
    expect(next.thread_ts).toBeUndefined();
    const feedback = [revisionOf(world, 'Shorter'), 'Approved.'];
    expect(platform.execution(execution)).toMatchObject({ status: 'pending human input', feedback });

    platform.failures.plan(lost);
    await clickOn(world, next.ts, 'approve', 'UBEN');
    await completed(world, execution);
    await says(world, next.ts, accepted);
    await sees(workspace, 'the end', ({ all }) => all.includes('has finished'));
    expect(platform.execution(execution).feedback).toEqual([...feedback, 'Approved.']);
    // What was sent again before the evidence came was told that nothing waits.
    const again = platform.resumes.filter(({ fate }) => fate === 'answered');
    for (const { status } of again) expect(status).not.toBe(200);
    expect(roots(world)).toHaveLength(2);
    expect(shown(workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
  });

  test('a revision that CrewAI never answered is undelivered after a minute, and shown as no refusal; a person sends it', async () => {
    const pass = ownCalendar();
    const { world, workspace, platform, execution, ts } = await startWaiting({ dialect });
    platform.failures.plan({ on: 'resume', failure: { reset: true }, ...always });
    await requestRevision(world, ts, 'Shorter');
    await says(world, ts, "I'll keep trying");
    pass(61_000);
    const card = await says(world, ts, texts.card.mayHaveArrivedUnanswered);
    expect(card.buttons).toEqual(['Retry', 'Close without a decision']);
    await threadSays(world, ts, "may have reached CrewAI, but it didn't respond");
    expect(JSON.stringify(shown(workspace))).not.toMatch(/refus|reject|declin|denied/i);
    expect(platform.execution(execution).status).toBe('pending human input');
    platform.failures.clear();
    await clickOn(world, ts, 'retry');
    await waits(world, '(round 2)');
    await says(world, ts, texts.card.continued);
    expect(platform.execution(execution).feedback).toEqual([revisionOf(world, 'Shorter')]);
  });
});

describe.each(IN_CI_BOTH)('on the %s dialect', (dialect) => {
  test('webhooks that come ten times by both routes, before, while and after it is decided, are one card', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const authentication = { strategy: 'bearer' as const, token: SECRET };
    const humanInputWebhook = { url: `${bot.url}/webhooks/press/human-input`, authentication };
    const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
    const execution = platform.kickoff({ ...urls, humanInputWebhook, meta: urls });
    const { ts } = await waits(world, 'Spring collection');
    await platform.changed(() => platform.webhooks.filter(({ status }) => status === 202).length >= 2, {
      what: 'both routes',
    });
    const routes = platform.webhooks.filter(({ kind }) => kind === 'task' || kind === 'human-input');
    expect(routes.map(({ kind }) => kind)).toEqual(['task', 'human-input']);
    const expectDuplicates = async () => {
      const tenTimes = [...routes, ...routes, ...routes, ...routes, ...routes];
      const answers = await Promise.all(tenTimes.map(({ kind, body }) => http.post(bot.webhook(kind), body)));
      const said = answers.map(({ status, data }) => `${status} ${data.status} ${data.round}`);
      expect(new Set(said)).toEqual(new Set(['202 duplicate 1']));
    };
    await expectDuplicates();
    platform.hold();
    await Promise.all([clickOn(world, ts, 'approve'), expectDuplicates()]);
    await says(world, ts, answered(world));
    await expectDuplicates();
    platform.release();
    await says(world, ts, texts.card.continued);
    await threadSays(world, ts, 'has finished');
    await expectDuplicates();
    expect(platform.resumes).toHaveLength(1);
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    expect(roots(world)).toMatchObject([{ ts, buttons: [] }]);
    expect(shown(workspace)).toHaveLength(2);
  });
});

describe('a decision made in the console of CrewAI', () => {
  test('closes the card on the documented dialect: a revision by the next round, an approve at the click or the end', async () => {
    const started = await startWaiting({ dialect: 'documented', tasks: [draft, summary] });
    const { world, workspace, platform, bot, execution, card } = started;
    await openModal(world, card.ts);
    await resumeElsewhere(world, bot, execution, false);
    const second = await waits(world, '(round 2)');
    const closed = await says(world, card.ts, '|See the current card>');
    expect(closed.buttons).toEqual([]);
    expect(closed.all).toContain('A newer output replaced this one');
    expect(closed.all).not.toMatch(/Approved|<@/);
    expect(closed.all).toMatch(new RegExp(`/p${second.ts.replace('.', '')}\\?\\S+\\|See the current card>`));
    await clickOld(world, { ts: card.ts, actionId: 'approve', value: `${approvalOf(card)}.1` });
    expect((await told(world, 'UANA'))[0]).toContain(texts.refusals.superseded(2));
    expect(await submit(world, 'For the old one')).toMatchObject({ acked: true, closed: false });
    const over = JSON.stringify(workspace.openView('UBEN')?.blocks);
    for (const part of [texts.refusals.superseded(2), '"text":"For the old one"'])
      expect(over).toContain(part);

    // The next task waits already: whoever approves all the same is told.
    await resumeElsewhere(world, bot, execution, true);
    await says(world, second.ts, 'The run may have continued without a decision');
    const next = await waits(world, 'summary');
    expect((await clickOn(world, second.ts, 'approve')).acked).toBe(true);
    const resolved = await says(world, second.ts, 'This was resolved elsewhere');
    expect(resolved.buttons).toEqual([]);
    expect(resolved.all).not.toContain('accepted');
    await threadSays(world, card.ts, '<@UANA>, CrewAI was no longer waiting for your decision');
    expect(shown(workspace).find(({ ts }) => ts === next.ts)?.buttons).toHaveLength(2);

    const other = kickoff(world, bot);
    await resumeElsewhere(world, bot, execution, true);
    expect((await says(world, next.ts, ', before anyone decided.')).buttons).toEqual([]);
    await clickOld(world, { ts: next.ts, actionId: 'approve', value: `${approvalOf(next)}.1` });
    expect((await told(world, 'UANA', 2))[1]).toBe(texts.refusals.runEnded());
    const said = 'Said in the console';
    expect(platform.execution(execution).feedback).toEqual([said, 'Approved', 'Approved']);
    expect(platform.execution(other)).toMatchObject({ status: 'pending human input', feedback: [] });
  });

  test('opens another card on the live dialect: the older one warns, and releases nothing', async () => {
    const { world, workspace, platform, bot, execution, card } = await startWaiting({ dialect: 'live' });
    await resumeElsewhere(world, bot, execution, false);
    const next = await sees(workspace, 'the other card', (it) => it.ts !== card.ts && it.buttons.length > 0);
    await says(world, card.ts, 'The run may have continued without a decision');
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 2, { what: '/resume' });
    const feedback = ['Said in the console'];
    expect(platform.execution(execution)).toMatchObject({ status: 'pending human input', feedback });
    await clickOn(world, next.ts, 'approve', 'UBEN');
    await completed(world, execution);
  });
});
