import { describe, expect, test } from 'vitest';
import { withBrackets } from '../slack/hostile.ts';
import { ask } from './asking.ts';
import { BOT_HOST } from './network.ts';
import { createWorld, DIALECTS, draft, SECOND, webhookUrl } from './world.ts';

/** What Slack would bring to life in a message or a view: mentions of people, groups and channels. */
function liveMentions(content: unknown): string[] {
  const found: string[] = [];
  const look = (text: string) => {
    const rest = text.replace(/<!date\^[^>]*>/g, '');
    found.push(...(rest.match(/<[!@#][^>]*>?|@(?:here|channel|everyone)/gi) ?? []));
  };
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { type, text } = value as { type?: unknown; text?: unknown };
    if (typeof text === 'string' && type === 'markdown') look(withBrackets(text));
    else if (typeof text === 'string' && type !== 'plain_text') look(text);
    for (const part of Object.values(value)) walk(part);
  };
  walk(content);
  return found;
}

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('names and ids of 255 characters, in any script, leave what a button and a form carry as short as ever', async () => {
    const world = await createWorld({ dialect });
    const ids = { execution_id: '審'.repeat(255), task_id: '👍🏽'.repeat(63), task_name: 'ß'.repeat(255) };
    const pause = { ...ids, task_output: 'x', agent: '批'.repeat(2_000) };
    expect((await world.hook('human-input', pause)).status).toBe(202);
    const { channel, ts } = world.card();
    const blocks = JSON.stringify(world.workspace.message(channel, ts)?.blocks);
    const values = [...blocks.matchAll(/"action_id":"(?:approve|request_revision)".*?"value":"([^"]*)"/g)];
    expect(values).toHaveLength(2);
    for (const [, value] of values) expect(value).toMatch(/^[0-9A-Z]{16}\.1\.\w{8}\/ce[\w-]{12}$/);
    await world.click('UANA', 'request_revision');
    // With when its card was clicked, and the language of the form.
    const metadata = /^[0-9A-Z]{16}\.1\.\w{8}\/ce[\w-]{12}@\d{13},U\w+,C\w+,[\d.]+~en$/;
    expect(world.workspace.openView('UANA')?.private_metadata).toMatch(metadata);
    await world.click('UBEN', 'approve');
    expect(world.resumes()).toMatchObject([
      dialect === 'live'
        ? { executionId: ids.execution_id, taskId: ids.task_id }
        : { execution_id: ids.execution_id, task_id: ids.task_id },
    ]);
  });

  test('no address that is shown or known decides anything when it is opened, as link scanners do', async () => {
    const world = await createWorld({ dialect, settings: { APPROVERS: 'UANA' } });
    const run = await world.shown();
    const card = world.card();
    await world.click('UANA', 'request_revision');
    await world.click('UBEN', 'approve');
    for (const text of ['', card.approval]) await ask(world, text);
    const everything = JSON.stringify([
      world.workspace.messages('CAPPROVALS'),
      world.workspace.openView('UANA'),
      ['UANA', 'UBEN'].map((user) => world.workspace.ephemerals(user)),
    ]);
    expect(everything).not.toMatch(/"url":/);
    const links = everything.match(/(?:https?:\/\/|bot\.test\/)[^\s<>|"\\)]+/g) ?? [];
    expect(links.length).toBeGreaterThan(0);
    const isOurs = (link: string) => link.includes(BOT_HOST);
    // The others only show a message of Slack.
    for (const link of links.filter((link) => !isOurs(link)))
      expect(link).toMatch(/^https:\/\/sandbox\.slack\.com\/archives\/CAPPROVALS\/p\d+$/);
    const paths = ['', 'slack/events', 'healthz', 'readyz', 'metrics', 'approve', `approve/${card.approval}`];
    const kinds = ['task', 'human-input', 'step', 'crew'];
    const urls = [
      ...[...paths, `crews/press/executions/${run}`].map((path) => `http://${BOT_HOST}/${path}`),
      ...kinds.map((kind) => `${webhookUrl(kind)}&action=approve&value=${card.approval}.1`),
      ...links.filter(isOurs).map((link) => (link.startsWith('http') ? link : `http://${link}`)),
    ];
    for (const url of urls)
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        await world.settle(world.network.request({ url, method, headers: {}, body: undefined }));
    await world.pass(5 * SECOND);
    expect([world.card(), world.resumes()]).toEqual([card, []]);
  });

  test('nothing that is posted mentions anyone except those who decide, whatever the crew, CrewAI and people write', async () => {
    const calls = '<!channel> <!here|here> @everyone <@UCAT> <!subteam^SEDITORS> &lt;!channel&gt; @channel';
    const hostile = {
      ...draft,
      name: `draft ${calls}`,
      agent: `Writer ${calls}`,
      expectedOutput: calls,
      writeOutput: ({ revisions }: { revisions: string[] }) => `# ${calls}\n\n${calls} ${revisions.length}`,
    };
    const world = await createWorld({ dialect, tasks: [hostile], settings: { APPROVERS: 'UANA,UBEN' } });
    const { workspace } = world;
    await world.shown();
    const refused = world.card();
    expect(refused.text).toContain('everyone');
    await world.click('UBEN', 'request_revision');
    expect(liveMentions(workspace.openView('UBEN'))).toEqual([]);
    const body = JSON.stringify({ message: `No: ${calls}` });
    world.platform.failures.plan({ on: 'resume', failure: { status: 422, body } });
    await world.submit('UBEN', { feedback: `Again, ${calls}` });
    expect(world.card()).toMatchObject({ state: 'refused', buttons: expect.arrayContaining(['give_up']) });
    expect(world.card().buttons).not.toContain('retry');
    expect(world.thread(refused.ts).join()).toContain("your decision wasn't accepted");

    await world.shown();
    await world.revise('UBEN', `Again, ${calls}`);
    await world.pass(3 * SECOND);
    await world.click('UANA', 'approve');
    await world.pass(3 * SECOND);
    expect(world.notes().join()).toContain('has finished');
    expect((await ask(world, refused.approval)).all).toContain('HTTP 422: No: ');

    const sent = workspace.calls.filter(({ method }) => /^chat\.(postMessage|update)$/.test(method));
    const mentions = [...sent.map(({ args }) => args), ...workspace.ephemerals('UANA')].flatMap(liveMentions);
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
  });
});
