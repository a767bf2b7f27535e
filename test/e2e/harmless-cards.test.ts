import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { always, answered, clickOn, kickoff, ready, roots } from '../support/process-steps.ts';
import {
  approvalOf,
  draft,
  ephemeralsTo,
  IN_CI_BOTH,
  SECRET,
  sees,
  shown,
  withoutTickets,
} from '../support/world.ts';
import {
  completed,
  http,
  liveMentions,
  openModal,
  says,
  startWaiting,
  submit,
  threadSays,
  told,
  waits,
  wireValues,
} from './complaint-steps.ts';

describe.each(IN_CI_BOTH)('on the %s dialect', (dialect) => {
  test('a card that Slack rejects in each richer form loses its buttons in a plainer one', async () => {
    const output = () => `# Linen\n\n${`${'It is *soft* & <warm>. '.repeat(4)}\n\n`.repeat(1_000)}`;
    const { world, workspace, platform, execution, ts } = await startWaiting({
      dialect,
      tasks: [{ ...draft, output }],
    });
    const when = (body: unknown) => JSON.stringify(body).length > 2_300;
    workspace.failures.plan({ on: 'chat.update', failure: { error: 'msg_too_long' }, when, ...always });
    workspace.failures.plan({ on: 'response_url', failure: { status: 400 }, ...always });
    // The decision is on its way: its card still shows the output.
    platform.failures.plan({ on: 'resume', failure: { status: 503 }, ...always });
    await clickOn(world, ts, 'approve');
    expect((await says(world, ts, "I'll keep trying")).buttons).toEqual([]);
    platform.failures.clear();
    const card = await says(world, ts, 'CrewAI accepted it');
    expect(card).toMatchObject({ all: expect.stringContaining('Approved by <@UANA>'), buttons: [] });
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    expect(workspace.calls.some(({ method, answer }) => method === 'chat.update' && !answer)).toBe(true);
  });

  test('names and ids of 255 characters, in any script, leave what a button and a form carry as short as ever', async () => {
    const name = `${'👩‍👩‍👧‍👦'.repeat(23)}é.`;
    const { world, workspace, platform, bot, execution, card } = await startWaiting({
      dialect,
      tasks: [{ ...draft, name }],
    });
    const ids = { execution_id: '審'.repeat(255), task_id: '👍🏽'.repeat(63), task_name: 'ß'.repeat(255) };
    const pause = { ...ids, task_output: 'x', agent: '批'.repeat(2_000) };
    expect((await http.post(bot.webhook('human-input'), pause)).status).toBe(202);
    const widest = await sees(workspace, 'the longest names', (it) => it.ts !== card.ts && ready(it));
    await openModal(world, card.ts, 'UANA');
    const values = [...wireValues(world, widest.ts), ...wireValues(world, card.ts)] as { value: string }[];
    expect(values).toHaveLength(4);
    for (const { value } of values) expect(value).toMatch(/^[0-9A-Z]{16}\.1\.\w{8}$/);
    // With when its card was clicked.
    const metadata = /^[0-9A-Z]{16}\.1\.\w{8}@\d{13},U\w+,C\w+,[\d.]+$/;
    expect(workspace.openView('UANA')?.private_metadata).toMatch(metadata);

    await clickOn(world, widest.ts, 'approve');
    // The live platform takes every id.
    await says(world, widest.ts, dialect === 'live' ? answered(world) : "CrewAI doesn't know this run");
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await completed(world, execution);
    const [first] = platform.execution(execution).rounds;
    expect(platform.resumes.map(({ body }) => withoutTickets(body))).toMatchObject(
      dialect === 'live'
        ? [
            { executionId: ids.execution_id, taskId: ids.task_id },
            { executionId: execution, taskId: first?.taskId },
          ]
        : [
            { execution_id: ids.execution_id, task_id: ids.task_id },
            { execution_id: execution, task_id: name },
          ],
    );
  });

  test('no address that is shown or known decides anything when it is opened, as link scanners do', async () => {
    const { world, workspace, platform, bot, execution, card } = await startWaiting({
      dialect,
      settings: { APPROVERS: 'UANA' },
    });
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
    expect(everything).not.toMatch(/"url":/);
    const links = everything.match(/(?:https?:\/\/|127\.0\.0\.1:\d+\/)[^\s<>|"\\)]+/g) ?? [];
    expect(links.length).toBeGreaterThan(0);
    const isOurs = (link: string) => link.includes(new URL(bot.url).host);
    // The others only show a message of Slack.
    for (const link of links.filter((link) => !isOurs(link)))
      expect(link).toMatch(/^https:\/\/sandbox\.slack\.com\/archives\/CAPPROVALS\/p\d+$/);

    const kinds = ['task', 'human-input', 'step', 'crew'];
    const paths = [
      ...['', 'slack/events', 'healthz', 'readyz', 'metrics', 'approve', `approve/${id}`],
      ...kinds.map((kind) => `webhooks/press/${kind}?token=${SECRET}&action=approve&value=${id}.1`),
      `crews/press/executions/${execution}?token=${SECRET}`,
    ];
    const ours = links.filter(isOurs).map((link) => (link.startsWith('http') ? link : `http://${link}`));
    for (const url of [...paths.map((path) => `${bot.url}/${path}`), ...ours])
      for (const method of ['get', 'head', 'options']) await http.request({ method, url });
    expect(shown(workspace).find(({ ts }) => ts === card.ts)).toEqual(card);
    expect(platform.resumes).toEqual([]);
    await clickOn(world, card.ts, 'approve');
    await says(world, card.ts, 'Approved by <@UANA>');
  });

  test('nothing that is posted mentions anyone except those who decide, whatever the crew, CrewAI and people write', async () => {
    const calls = '<!channel> <!here|here> @everyone <@UCAT> <!subteam^SEDITORS> &lt;!channel&gt; @channel';
    const hostile = {
      ...draft,
      name: `draft ${calls}`,
      agent: `Writer ${calls}`,
      expectedOutput: calls,
      output: ({ feedback }: { feedback: string[] }) => `# ${calls}\n\n${calls} ${feedback.length}`,
    };
    const { world, workspace, platform, bot, card } = await startWaiting({ dialect, tasks: [hostile] });
    expect(card.all).toContain('everyone');
    await openModal(world, card.ts);
    expect(liveMentions(workspace.openView('UBEN'))).toEqual([]);
    const body = JSON.stringify({ message: `No: ${calls}` });
    platform.failures.plan({ on: 'resume', failure: { status: 422, body } });
    await submit(world, `Again, ${calls}`);
    const refused = await says(world, card.ts, texts.crewai.failures.rejected);
    expect(refused.buttons).toEqual(['Close without a decision']);
    await threadSays(world, card.ts, "your decision wasn't accepted");

    kickoff(world, bot);
    const other = await sees(workspace, 'another card', (it) => it.ts !== card.ts && ready(it));
    await openModal(world, other.ts);
    await submit(world, `Again, ${calls}`);
    const second = await waits(world, 'round 2');
    await clickOn(world, second.ts, 'approve');
    await says(world, second.ts, 'CrewAI accepted it');
    await threadSays(world, other.ts, 'has finished');
    const details = await ask(world, approvalOf(refused));
    expect(details.all).toContain('HTTP 422: No: ');

    const sent = workspace.calls.filter(({ method }) => /^chat\.(postMessage|update)$/.test(method));
    const mentions = [...sent.map(({ args }) => args), ...ephemeralsTo(workspace, 'UANA')].flatMap(
      liveMentions,
    );
    // An update notifies nobody: it has the mentions that the card had.
    expect(new Set(mentions)).toEqual(new Set(['<@UANA>', '<@UBEN>']));
    const posted = sent.filter(({ method }) => method === 'chat.postMessage');
    // The first card, the word to the decider, round 2 to who asked for it; the card between is in the same minute.
    expect(posted.filter(({ args }) => liveMentions(args).length > 0)).toHaveLength(3);
    for (const { method, args } of sent) {
      expect(args).toMatchObject({ parse: 'none' });
      expect(String(args.link_names ?? false)).toBe('false');
      // Only the round that waits is shown in the channel too.
      const isRound = JSON.stringify(args.blocks).includes('round 2') && method === 'chat.postMessage';
      expect('reply_broadcast' in args).toBe(isRound);
    }
    expect(roots(world)).toHaveLength(2);
    expect(['UANA', 'UBEN'].flatMap((user) => ephemeralsTo(workspace, user))).toHaveLength(1);
  });
});
