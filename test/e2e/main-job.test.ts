import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import {
  always,
  clickOn,
  kickoff,
  ready,
  requestRevision,
  revisionOf,
  sendPause,
} from '../support/process-steps.ts';
import {
  approvalOf,
  DIALECTS,
  draft,
  ephemeralsTo,
  sees,
  shown,
  startBot,
  startWorld,
  withoutTickets,
} from '../support/world.ts';

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('a webhook becomes a card, an approval reaches CrewAI with every webhook URL, and the run goes on', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    platform.hold();
    const execution = kickoff(world, bot);
    platform.release();

    const card = await sees(workspace, 'the card', (message) => message.buttons.includes('Approve'));
    expect(card.buttons).toEqual(['Approve', 'Request revision']);
    const parts = ['Copywriter', 'draft_press_release', '# Spring collection', 'press'];
    for (const part of parts) expect(card.all).toContain(part);
    // The live platform's pause says nothing of what was expected.
    if (dialect === 'documented') expect(card.all).toContain('A press release of 300');

    platform.hold();
    const click = await clickOn(world, card.ts, 'approve');
    expect(click.acked).toBe(true);
    const taken = dialect === 'live' ? 'not confirmed yet' : 'CrewAI accepted it';
    const accepted = await sees(workspace, 'accepted', ({ all }) => all.includes(taken));
    expect(accepted.all).toContain('Approved by <@UANA>');
    expect(accepted.all).not.toContain(texts.card.continued);
    expect(accepted.buttons).toEqual([]);
    const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
    const [pause] = platform.execution(execution).rounds;
    expect(platform.resumes.map(({ body }) => withoutTickets(body))).toEqual([
      dialect === 'live'
        ? {
            executionId: execution,
            taskId: pause?.taskId,
            humanFeedback: 'Approved.',
            ...urls,
            humanInputWebhookUrl: bot.webhook('human-input'),
          }
        : {
            execution_id: execution,
            task_id: 'draft_press_release',
            human_feedback: 'Approved.',
            is_approve: true,
            ...urls,
          },
    ]);

    platform.release();
    await sees(workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
    const result = await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    expect(result.thread_ts).toBe(card.ts);
    const calls = workspace.calls.map(({ method }) => method).filter((method) => method.startsWith('chat.'));
    expect(calls.filter((method) => method === 'chat.postMessage')).toHaveLength(2);
    // The click itself updates its card once; one more if CrewAI takes its time to answer.
    expect(calls.length - 2).toBeGreaterThanOrEqual(1);
    expect(calls.length - 2).toBeLessThanOrEqual(2);
  });

  test('a revision is sent whole, its output comes back as round 2 in the thread, and the old card decides nothing', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);

    await clickOn(world, card.ts, 'request_revision', 'UBEN');
    await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
    const blank = await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: '  \n ' } } });
    expect(blank.errors).toEqual({ feedback: texts.refusals.feedbackMissing });
    const feedback = '  Shorter, & without <b>"quotes"</b>\n*please* ';
    const sent = await workspace.submit({ user: 'UBEN', values: { feedback: { feedback } } });
    expect(sent).toMatchObject({ acked: true, closed: true });

    const second = await sees(
      workspace,
      'round 2',
      ({ all, buttons }) => all.includes('round 2') && buttons.length > 0,
    );
    expect(second.thread_ts).toBe(card.ts);
    expect(second.all).toContain('This answers the request of <@UBEN>');
    expect(withoutTickets(platform.resumes[0]?.body)).toMatchObject(
      dialect === 'live'
        ? { humanFeedback: revisionOf(world, feedback) }
        : { human_feedback: feedback, is_approve: false },
    );
    await sees(
      workspace,
      'the first card closed',
      ({ ts, all }) => ts === card.ts && all.includes(texts.card.continued),
    );

    const button = { type: 'button', block_id: 'old', value: `${approvalOf(card)}.1` };
    const click = { user: 'UANA', channel: 'CAPPROVALS', ts: card.ts, actionId: 'approve' };
    await workspace.click({ ...click, stale: true, action: button });
    await workspace.changed(() => ephemeralsTo(workspace, 'UANA').length > 0, { what: 'the answer' });
    expect(ephemeralsTo(workspace, 'UANA')[0]?.text).toContain('<@UBEN> already requested a revision');
    expect(platform.resumes).toHaveLength(1);
  });

  test('an object through the human-input webhook is a card, and its own webhook goes back with the decision', async () => {
    const budget = {
      ...draft,
      name: 'approve_budget',
      output: () => ({ title: 'Budget', total_eur: 18500 }),
    };
    const world = await startWorld([budget], { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com/' });
    const authentication = { strategy: 'bearer' as const, token: 'a-webhook-secret-of-crewai' };
    const humanInputWebhook = { url: `${bot.url}/webhooks/press/human-input`, authentication };
    platform.kickoff({ humanInputWebhook });
    const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
    expect(card.all).toContain('**total\\_eur:** 18500');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    const own = 'https://bot.example.com/webhooks/press';
    expect(withoutTickets(platform.resumes[0]?.body)).toMatchObject({
      [dialect === 'live' ? 'taskId' : 'task_id']: expect.stringMatching(/^[0-9a-f-]{36}$/),
      taskWebhookUrl: `${own}/task?token=a-webhook-secret-of-crewai`,
      crewWebhookUrl: `${own}/crew?token=a-webhook-secret-of-crewai`,
      humanInputWebhook: { url: `${own}/human-input`, authentication },
    });
    expect(platform.resumes[0]?.body).not.toHaveProperty('stepWebhookUrl');
  });

  test('the same webhook twice is one card', async () => {
    const world = await startWorld([draft], { dialect });
    const bot = await startBot(world);
    const first = await sendPause(world, bot, { run: 'run-1', output: 'Hello' });
    const again = await sendPause(world, bot, { run: 'run-1', output: 'Hello' });
    expect([first.status, first.data]).toEqual([
      202,
      { status: 'created', approval: expect.any(String), round: 1 },
    ]);
    expect([again.status, again.data]).toEqual([202, { ...first.data, status: 'duplicate' }]);
    await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
    expect(shown(world.workspace)).toHaveLength(1);
  });
});

test('whoever is no approver is told so, and nothing is decided', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const bot = await startBot(world);
  kickoff(world, bot);
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
  for (const actionId of ['approve', 'request_revision']) {
    await workspace.click({ user: 'UCAT', channel: 'CAPPROVALS', ts: card.ts, actionId });
  }
  await workspace.changed(() => ephemeralsTo(workspace, 'UCAT').length === 2, { what: 'two answers' });
  expect(ephemeralsTo(workspace, 'UCAT').map(({ text }) => text)).toEqual(
    Array(2).fill(texts.refusals.decide.not_approver),
  );
  expect(platform.resumes).toHaveLength(0);
  expect(shown(workspace)[0]).toSatisfy(ready);
});

test('/approvals shows what waits, and one approval or execution by its id', async () => {
  const world = await startWorld();
  const { workspace } = world;
  const bot = await startBot(world);
  const looks = async (text: string) => {
    await ask(world, text, { channel: 'CPRESS' });
    return JSON.stringify(ephemeralsTo(workspace, 'UANA').at(-1));
  };
  expect(await looks('')).toContain('Nothing is waiting for a decision.');
  const execution = kickoff(world, bot);
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
  const id = approvalOf(card);

  const waiting = await looks('');
  expect(waiting).toContain('One approval is waiting');
  expect(waiting).toContain(id);
  for (const text of [id, id.toLowerCase(), execution, execution.slice(0, 6)]) {
    expect(await looks(text)).toContain('waiting for a decision');
  }
  expect(await looks('never-was-one')).toContain('I found no approval or run');
});

test('a workspace that refuses message metadata sees every card', async () => {
  const world = await startWorld();
  const { workspace } = world;
  const failure = { error: 'metadata_must_be_sent_from_app' };
  const when = (body: unknown) => (body as { metadata?: unknown }).metadata !== undefined;
  workspace.failures.plan({ on: '*', failure, when, ...always });
  kickoff(world, await startBot(world));
  const card = await sees(workspace, 'the card', ready);
  await requestRevision(world, card.ts, 'Shorter');
  const again = await sees(workspace, 'round 2', (message) => message.ts !== card.ts && ready(message));
  await clickOn(world, again.ts, 'approve');
  await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
  expect(workspace.calls.filter(({ args }) => 'metadata' in args)).toEqual([]);
});

test('PREVIEW of the environment puts the beginning of the output into the notification of the posted card', async () => {
  const world = await startWorld();
  kickoff(world, await startBot(world, { PREVIEW: 'true' }));
  const card = await sees(world.workspace, 'the card', ready);
  expect(card.text).toMatch(/ # Spring collection Made from \*recycled linen\*\.$/);
});
