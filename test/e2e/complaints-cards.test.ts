import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { answered, clickOn, kickoff, ready, roots, sendPause } from '../support/process-steps.ts';
import { alreadyApproved, closedBy } from '../support/sentences.ts';
import {
  approvalOf,
  draft,
  ephemeralsTo,
  IN_CI_BOTH,
  SECRET,
  sees,
  shown,
  startBot,
  startWorld,
  withoutTickets,
} from '../support/world.ts';
import {
  clickOld,
  completed,
  http,
  liveMentions,
  openModal,
  says,
  submit,
  told,
  wireValues,
} from './complaint-steps.ts';

const NO_APPROVER = texts.refusals.decide.not_approver;
const long = {
  ...draft,
  output: () => `# Linen\n\n${`${'It is *soft* & <warm>. '.repeat(4)}\n\n`.repeat(1_000)}`,
};
const hasMarkdown = (body: unknown) => JSON.stringify(body).includes('"type":"markdown"');

const APPROVERS = new Set(['<@UANA>', '<@UBEN>']);

describe.each(IN_CI_BOTH)('on the %s dialect', (dialect) => {
  describe('not here: the decision lands but `chat.update` fails on length and the buttons stay', () => {
    test.each([
      ['msg_blocks_too_long', 'for all but plain text', hasMarkdown],
      ['msg_too_long', 'for all but a few words', (body: unknown) => JSON.stringify(body).length > 2_300],
    ])('%s %s: a plainer card without buttons tells it', async (error, _, when) => {
      const world = await startWorld([long], { dialect });
      const { workspace, platform } = world;
      // By both ways.
      const times = Number.POSITIVE_INFINITY;
      workspace.failures.plan({ on: 'chat.update', times, failure: { error }, when });
      workspace.failures.plan({ on: 'response_url', times, failure: { status: 400 } });
      // CrewAI is silent: the decision is on its way, and its card still shows the output.
      platform.failures.plan({ on: 'resume', failure: { status: 503 } });
      kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      await clickOn(world, ts, 'approve');
      const sending = await says(world, ts, "I'll keep trying");
      expect(sending.buttons).toEqual([]);
      const card = await says(world, ts, 'CrewAI accepted it');
      expect(card.all).toContain('Approved by <@UANA>');
      expect(card.buttons).toEqual([]);
      expect(when(workspace.message('CAPPROVALS', ts))).toBe(false);
      expect(platform.resumes).toHaveLength(2);
      const refused = workspace.calls.filter(({ method, answer }) => method === 'chat.update' && !answer);
      expect(refused.length).toBeGreaterThan(0);
    });

    test('refused in every form: the buttons decide nothing more, and go as soon as Slack takes one', async () => {
      const world = await startWorld([long], { dialect });
      const { workspace, platform } = world;
      const times = Number.POSITIVE_INFINITY;
      workspace.failures.plan({ on: 'chat.update', times, failure: { error: 'msg_too_long' } });
      workspace.failures.plan({
        on: 'response_url',
        times,
        failure: { status: 400 },
        when: (body) => (body as { replace_original?: unknown }).replace_original === true,
      });
      kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      await clickOn(world, ts, 'approve');
      const updates = () => workspace.calls.filter(({ method }) => method === 'chat.update');
      await workspace.changed(() => updates().length >= 3, { what: 'every form' });
      expect(shown(workspace)[0]?.buttons).toHaveLength(2);
      await clickOn(world, ts, 'approve', 'UBEN');
      expect((await told(world, 'UBEN'))[0]).toContain(alreadyApproved('<@UANA>'));
      workspace.failures.clear();
      expect((await says(world, ts, 'CrewAI accepted it')).buttons).toEqual([]);
      expect(platform.resumes).toHaveLength(1);
    });
  });

  test('not here: a button value over 2,000. Names and ids of 255 characters, in any script, leave it as short as ever', async () => {
    const name = `${'👩‍👩‍👧‍👦'.repeat(23)}é`;
    expect(name).toHaveLength(254);
    const world = await startWorld([{ ...draft, name: `${name}.` }], { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const ids = { execution_id: '審'.repeat(255), task_id: '👍🏽'.repeat(63), task_name: 'ß'.repeat(255) };
    const pause = { ...ids, task_output: 'x', agent: '批'.repeat(2_000) };
    expect((await http.post(bot.webhook('human-input'), pause)).status).toBe(202);
    const widest = await sees(workspace, 'the card of the longest names', ready);
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card of a run', (it) => it.ts !== widest.ts && ready(it));

    await clickOn(world, widest.ts, 'approve');
    // The live platform takes every id.
    const known = dialect === 'live' ? answered(world) : "CrewAI doesn't know this run";
    await says(world, widest.ts, known);
    await openModal(world, card.ts, 'UANA');
    const values = [...wireValues(world, widest.ts), ...wireValues(world, card.ts)] as { value: string }[];
    expect(values).toHaveLength(dialect === 'live' ? 2 : 4);
    for (const { value } of values) expect(value).toMatch(/^[0-9A-Z]{16}\.1\.\w{8}$/);
    // With when its card was clicked.
    expect(workspace.openView('UANA')?.private_metadata).toMatch(
      /^[0-9A-Z]{16}\.1\.\w{8}@\d{13},U\w+,C\w+,[\d.]+$/,
    );
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await completed(world, execution);
    expect(platform.execution(execution)).toMatchObject({ status: 'completed', feedback: ['Approved.'] });
    const [pauseOfRun] = platform.execution(execution).rounds;
    expect(platform.resumes.map(({ body }) => withoutTickets(body))).toMatchObject(
      dialect === 'live'
        ? [
            { executionId: ids.execution_id, taskId: ids.task_id },
            { executionId: execution, taskId: pauseOfRun?.taskId },
          ]
        : [
            { execution_id: ids.execution_id, task_id: ids.task_id },
            { execution_id: execution, task_id: `${name}.` },
          ],
    );
  });

  test('not here: link scanners consume an approval link. No address that is shown or known decides anything when it is opened', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world, { APPROVERS: 'UANA' });
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    const id = approvalOf(card);
    await openModal(world, card.ts, 'UANA');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await told(world, 'UBEN');
    for (const text of ['', id]) await ask(world, text);
    const everything = JSON.stringify([
      workspace.messages('CAPPROVALS'),
      workspace.openView('UANA'),
      ['UANA', 'UBEN'].map((user) => ephemeralsTo(workspace, user)),
    ]);
    expect(ephemeralsTo(workspace, 'UANA')).toHaveLength(2);
    expect(everything).not.toMatch(/"url":/);
    const links = everything.match(/(?:https?:\/\/|127\.0\.0\.1:\d+\/)[^\s<>|"\\)]+/g) ?? [];
    expect(links.length).toBeGreaterThan(0);
    const abroad = links.filter((link) => !link.includes(new URL(bot.url).host));
    // What is not ours only shows a message of Slack.
    for (const link of abroad)
      expect(link).toMatch(/^https:\/\/sandbox\.slack\.com\/archives\/CAPPROVALS\/p\d+$/);

    const kinds = ['task', 'human-input', 'step', 'crew'];
    const paths = [
      ...[
        '',
        'slack/events',
        'healthz',
        'readyz',
        'metrics',
        'approve',
        `approve/${id}`,
        `approvals/${id}.1`,
      ],
      ...kinds.map((kind) => `webhooks/press/${kind}?token=${SECRET}&action=approve&value=${id}.1`),
      `crews/press/executions/${execution}?token=${SECRET}`,
    ];
    const ours = links.filter((link) => !abroad.includes(link));
    const opened = [
      ...paths.map((path) => `${bot.url}/${path}`),
      ...ours.map((link) => (link.startsWith('http') ? link : `http://${link}`)),
    ];
    for (const url of opened) {
      for (const method of ['get', 'head', 'options']) await http.request({ method, url });
    }
    const now = shown(workspace).find(({ ts }) => ts === card.ts);
    expect(now).toEqual(card);
    expect(platform.resumes).toEqual([]);
    await clickOn(world, card.ts, 'approve');
    expect((await says(world, card.ts, 'CrewAI accepted it')).all).toContain('Approved by <@UANA>');
    expect(platform.resumes).toHaveLength(1);
  });

  test('not here: no allow-list, so anyone approves. Who is no approver, or no longer, is told so and nothing is recorded', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const open = await startBot(world, { APPROVERS: '' });
    expect(open.logged.join('')).toContain(
      'no approvers configured: anyone in the channel except guests and external users decides',
    );
    await open.stop();

    const bot = await startBot(world, { APPROVERS: 'UANA,SEDITORS' });
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    const value = `${approvalOf(card)}.1`;
    for (const actionId of ['approve', 'request_revision', 'retry', 'give_up']) {
      await clickOld(world, { user: 'UCAT', ts: card.ts, actionId, value });
    }
    expect(await told(world, 'UCAT', 4)).toEqual(Array(4).fill(NO_APPROVER));
    expect(workspace.viewDepth('UCAT')).toBe(0);
    await openModal(world, card.ts);
    await bot.stop();

    await startBot(world, { APPROVERS: 'UANA' });
    const sent = await submit(world, 'Shorter');
    expect(sent).toMatchObject({ acked: true, closed: false, errors: { feedback: NO_APPROVER } });
    await clickOn(world, card.ts, 'approve', 'UBEN');
    expect(await told(world, 'UBEN')).toEqual([NO_APPROVER]);
    expect(platform.execution(execution).status).toBe('pending human input');
    await clickOn(world, card.ts, 'approve');
    expect((await says(world, card.ts, 'CrewAI accepted it')).all).toContain('Approved by <@UANA>');
    expect(platform.resumes).toHaveLength(1);
  });

  test('not here: told "approved" though the clicker did not count. Who is refused, late or overtaken is told that, and the card names whom it counted', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const webhook = (output: string) => sendPause(world, bot, { run: 'run-1', output });
    const unready = { on: 'resume', failure: { status: 503 }, times: Number.POSITIVE_INFINITY };
    platform.failures.plan(unready);
    await webhook('The first text');
    const card = await sees(workspace, 'the card', ready);

    await clickOn(world, card.ts, 'approve', 'UCAT');
    expect(await told(world, 'UCAT')).toEqual([NO_APPROVER]);
    expect(workspace.message('CAPPROVALS', card.ts)?.edited).toBe(0);
    await clickOn(world, card.ts, 'approve');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    expect((await told(world, 'UBEN'))[0]).toContain(alreadyApproved('<@UANA>'));
    const sending = await says(world, card.ts, "I'll keep trying");
    expect(sending.all).toContain('Approved by <@UANA>');
    expect(sending.all + sending.text).not.toMatch(/UBEN|UCAT/);

    if (dialect === 'live') return;

    // A pause that names its task replaces the one before; on the live dialect both can wait.
    await webhook('Another text');
    const closed = await says(world, card.ts, 'A newer output replaced this one');
    await sees(workspace, 'the word to the overtaken', ({ all }) =>
      all.includes("<@UANA>, your decision wasn't sent to CrewAI: a newer output came first."),
    );
    expect(closed.all + closed.text).not.toMatch(/approved|decided by/i);
    expect(ephemeralsTo(workspace, 'UANA')).toEqual([]);
  });

  test('not here: everyone pinged for everything. Nothing that is posted mentions anyone except those who decide', async () => {
    const calls = '<!channel> <!here|here> @everyone <@UCAT> <!subteam^SEDITORS> &lt;!channel&gt; @channel';
    const world = await startWorld(
      [
        {
          ...draft,
          name: `draft ${calls}`,
          agent: `Writer ${calls}`,
          expectedOutput: calls,
          output: ({ feedback }) => `# ${calls}\n\n${calls} ${feedback.length}`,
        },
      ],
      { dialect },
    );
    const { workspace, platform } = world;
    const bot = await startBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    expect(card.all).toContain('everyone');
    await clickOn(world, card.ts, 'approve', 'UCAT');
    await told(world, 'UCAT');
    expect(new Set(liveMentions(workspace.message('CAPPROVALS', card.ts)))).toEqual(APPROVERS);

    await openModal(world, card.ts);
    expect(liveMentions(workspace.openView('UBEN'))).toEqual([]);
    const message = JSON.stringify({ message: `No: ${calls}` });
    platform.failures.plan({ on: 'resume', failure: { status: 422, body: message } });
    await submit(world, `Again, ${calls}`);
    const refused = await says(world, card.ts, texts.crewai.failures.rejected);
    expect(refused.buttons).toEqual(['Close without a decision']);
    await sees(workspace, 'the note', ({ all }) => all.includes(texts.notes.close));
    await clickOn(world, card.ts, 'give_up', 'UBEN');
    await says(world, card.ts, closedBy('<@UBEN>'));
    kickoff(world, bot);
    const other = await sees(workspace, 'another card', (it) => it.ts !== card.ts && ready(it));
    await openModal(world, other.ts);
    await submit(world, `Again, ${calls}`);
    const second = await sees(workspace, 'round 2', (it) => it.all.includes('round 2') && ready(it));
    await clickOn(world, second.ts, 'approve');
    await says(world, second.ts, 'CrewAI accepted it');
    await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    await sees(workspace, 'the note', ({ all }) => all.includes("your decision wasn't accepted"));

    const sent = workspace.calls.filter(({ method }) => /^chat\.(postMessage|update)$/.test(method));
    const called = (of: (args: Record<string, unknown>) => boolean) =>
      new Set(sent.filter(({ args }) => of(args)).flatMap(({ args }) => liveMentions(args)));
    // An update notifies nobody: it has the mentions that the card had.
    for (const mention of called(() => true)) expect(APPROVERS).toContain(mention);
    const posted = sent.filter(({ method }) => method === 'chat.postMessage');
    const mentioning = posted.filter(({ args }) => liveMentions(args).length > 0);
    // The first card, the word to the decider, round 2 to who asked for it; the card between is in the same minute.
    expect(mentioning).toHaveLength(3);
    for (const { method, args } of sent) {
      expect(args).toMatchObject({ parse: 'none' });
      if (method === 'chat.postMessage') expect(args).toMatchObject({ link_names: 'false' });
      expect(String(args.link_names ?? false)).toBe('false');
      // Only the round that waits is shown in the channel too.
      const isRound = JSON.stringify(args.blocks).includes('round 2') && method === 'chat.postMessage';
      expect('reply_broadcast' in args).toBe(isRound);
    }
    expect(roots(world)).toHaveLength(2);
    expect(ephemeralsTo(workspace, 'UCAT')).toHaveLength(1);
    expect(['UANA', 'UBEN'].flatMap((user) => ephemeralsTo(workspace, user))).toEqual([]);
    expect((await ask(world, approvalOf(refused))).all).toContain('HTTP 422: No: ');
    for (const mention of liveMentions(ephemeralsTo(workspace, 'UANA'))) expect(APPROVERS).toContain(mention);
  });
});
