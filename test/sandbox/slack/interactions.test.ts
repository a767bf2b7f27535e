import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { card, clientOf, startBot, startStage, text, workspaceWith } from './fixtures.ts';

type Stage = Awaited<ReturnType<typeof startStage>>;
let stage: Stage;
let workspace: Stage['workspace'];
let client: Stage['client'];
let connect: Stage['connect'];
let postCard: Stage['postCard'];

beforeEach(async () => {
  stage = await startStage();
  ({ workspace, client, connect, postCard } = stage);
});
afterEach(async () => {
  await stage.stop();
});

describe('clicks', () => {
  it('reach Bolt as Slack shapes them, and are acked', async () => {
    const seen: unknown[] = [];
    await connect((app) =>
      app.action('approve', async ({ ack, body }) => {
        await ack();
        seen.push(body);
      }),
    );
    const ts = await postCard();
    const result = await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'approve' });
    expect(result).toMatchObject({ acked: true, status: 200, body: '' });
    expect(seen).toMatchObject([
      {
        type: 'block_actions',
        user: { id: 'U1', username: 'ana', team_id: 'T0SANDBOX' },
        container: { type: 'message', message_ts: ts, channel_id: 'C1' },
        channel: { id: 'C1', name: 'approvals' },
        message: { ts, blocks: [{ type: 'section' }, { block_id: 'decide' }] },
        actions: [
          { action_id: 'approve', block_id: 'decide', value: 'a1', type: 'button', style: 'primary' },
        ],
      },
    ]);
  });

  it('are possible only on what is there, unless stale', async () => {
    await connect((app) => app.action('approve', async ({ ack }) => ack()));
    const ts = await postCard();
    await client.chat.update({ channel: 'C1', ts, text: 'Done' });
    const click = { user: 'U1', channel: 'C1', ts, actionId: 'approve' };
    await expect(workspace.click(click)).rejects.toThrow('nothing to click');
    const stale = { stale: true, action: { block_id: 'decide', value: 'a1' } };
    expect(await workspace.click({ ...click, ...stale })).toMatchObject({ acked: true });
  });

  it('are lost when the ack is late or the handler fails', async () => {
    let lost: () => void = () => {};
    const isLost = new Promise<void>((resolve) => (lost = resolve));
    await connect((app) => {
      app.action('approve', async ({ ack }) => {
        await isLost;
        await ack().catch(() => {});
      });
      app.action('revise', async () => {
        throw new Error('before the ack');
      });
    });
    const ts = await postCard();
    const late = await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'approve' });
    expect(late).toMatchObject({ acked: false, status: 0 });
    lost();
    const failed = await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'revise' });
    expect(failed).toMatchObject({ acked: false, status: 500 });
  });

  it('come with a response_url of five uses', async () => {
    let url = '';
    await connect((app) =>
      app.action('approve', async ({ ack, body, respond }) => {
        await ack();
        if (body.type === 'block_actions') url = String(body.response_url);
        await respond({ text: 'Only you', replace_original: false });
      }),
    );
    const ts = await postCard();
    await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'approve' });
    await workspace.changed(() => workspace.ephemerals('U1').length === 1, { what: 'the answer' });
    expect(workspace.ephemerals('U1')).toMatchObject([
      { text: 'Only you', via: 'response_url', channel: 'C1' },
    ]);
    const use = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, await response.json()];
    };
    expect(await use({ text: 'Replaced', replace_original: true })).toEqual([200, { ok: true }]);
    expect(workspace.message('C1', ts)).toMatchObject({ text: 'Replaced', edited: 1 });
    expect(await use({ text: '' })).toEqual([400, { ok: false, error: 'no_text' }]);
    expect(await use({ text: 'All', response_type: 'in_channel' })).toEqual([200, { ok: true }]);
    expect(await use({ delete_original: true })).toEqual([200, { ok: true }]);
    expect(workspace.messages('C1').map((message) => message.text)).toEqual(['All']);
    expect(await use({ text: 'Sixth' })).toEqual([404, { ok: false, error: 'used_url' }]);
  });

  it('replace the clicked message where it stands, at the root and in a thread', async () => {
    await connect((app) =>
      app.action('approve', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'Approved', blocks: card.slice(0, 1), replace_original: true });
      }),
    );
    const root = await postCard();
    const reply = await postCard({ thread_ts: root });
    const other = await postCard({ thread_ts: root });
    const before = workspace.messages('C1');
    for (const ts of [reply, root]) {
      await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'approve' });
      await workspace.changed(() => workspace.message('C1', ts)?.edited === 1, { what: 'the change' });
    }
    const blocks = [expect.objectContaining({ type: 'section' })];
    const replaced = { text: 'Approved', blocks, edited: 1 };
    const [rootBefore, replyBefore, otherBefore] = before.slice(-3);
    expect([rootBefore?.ts, replyBefore?.ts, otherBefore?.ts]).toEqual([root, reply, other]);
    expect(workspace.messages('C1').slice(-3)).toEqual([
      { ...rootBefore, ...replaced },
      { ...replyBefore, ...replaced },
      otherBefore,
    ]);
    expect(workspace.message('C1', reply)).toMatchObject({ ts: reply, thread_ts: root });
    expect(workspace.ephemerals('U1')).toEqual([]);
  });

  it('tell that a response_url is over', async () => {
    const short = await workspaceWith({ responseUrlLifeMs: -1 });
    stage.stops.push(short.close);
    let status: unknown;
    const bot = await startBot(short.apiUrl, (app) =>
      app.action('approve', async ({ ack, respond }) => {
        await ack();
        await respond('late').catch((error) => {
          status = error.status ?? String(error);
        });
      }),
    );
    stage.stops.push(bot.stop);
    short.connectBot(bot.url);
    const posted = await clientOf(short.apiUrl).chat.postMessage({ channel: 'C1', text: 'x', blocks: card });
    await short.click({ user: 'U1', channel: 'C1', ts: String(posted.ts), actionId: 'approve' });
    await expect.poll(() => String(status)).toContain('404');
  });

  it('of outsiders carry their team, and private channels are closed to non-members', async () => {
    const teams: unknown[] = [];
    await connect((app) =>
      app.action('approve', async ({ ack, body }) => {
        await ack();
        teams.push(body.user.team_id);
      }),
    );
    const ts = await postCard();
    await workspace.click({ user: 'U3', channel: 'C1', ts, actionId: 'approve' });
    expect(teams).toEqual(['T0STRANGER']);
    workspace.joinBot('C3');
    const secret = await postCard({ channel: 'C3' });
    const click = workspace.click({ user: 'U2', channel: 'C3', ts: secret, actionId: 'approve' });
    await expect(click).rejects.toThrow('does not see');
  });
});

describe('other elements', () => {
  const options = ['a', 'b'].map((value) => ({ text: text(value), value }));

  it('of messages say what is selected, and the state keeps it', async () => {
    const bodies: unknown[] = [];
    await connect((app) =>
      app.action(/menu|pick/, async ({ ack, body }) => {
        await ack();
        bodies.push(body);
      }),
    );
    const elements = [
      { type: 'overflow' as const, action_id: 'menu', options },
      { type: 'static_select' as const, action_id: 'pick', options },
    ];
    const ts = await postCard({ blocks: [{ type: 'actions', block_id: 'more', elements }] });
    const click = { user: 'U1', channel: 'C1', ts };
    await expect(workspace.click({ ...click, actionId: 'menu' })).rejects.toThrow('say what is selected');
    await expect(workspace.click({ ...click, actionId: 'pick', selected: 'c' })).rejects.toThrow('a, b');
    await workspace.click({ ...click, actionId: 'menu', selected: 'b' });
    await workspace.click({ ...click, actionId: 'pick', selected: 'a' });
    expect(bodies).toMatchObject([
      { actions: [{ type: 'overflow', selected_option: { value: 'b' } }] },
      { state: { values: { more: { pick: { selected_option: { value: 'a' } } } } } },
    ]);
  });

  it('of an ephemeral are clickable by the person who sees it', async () => {
    const containers: unknown[] = [];
    await connect((app) =>
      app.action('approve', async ({ ack, body, respond }) => {
        await ack();
        containers.push(body);
        await respond({ delete_original: true });
      }),
    );
    await client.chat.postEphemeral({ channel: 'C1', user: 'U1', text: 'x', blocks: card });
    const ts = String(workspace.ephemerals('U1')[0]?.ts);
    const click = { channel: 'C1', ts, actionId: 'approve' };
    await expect(workspace.click({ ...click, user: 'U2' })).rejects.toThrow('no message');
    await workspace.click({ ...click, user: 'U1' });
    await workspace.changed((now) => now.ephemerals('U1').length === 0, { what: 'the ephemeral gone' });
    expect(containers).toMatchObject([{ container: { is_ephemeral: true } }]);
    expect(containers[0]).not.toHaveProperty('message');
  });
});

describe('commands', () => {
  it("show the ack's own text, or answer later", async () => {
    await connect((app) =>
      app.command('/approvals', async ({ ack, command, respond }) => {
        if (command.text === 'later') {
          await ack();
          await respond({ text: 'Later' });
        } else if (command.text === 'wrong') {
          await ack({ blocks: [{ type: 'nonsense' }] } as never);
        } else {
          await ack(`Nothing waits in <#${command.channel_id}>.`);
        }
      }),
    );
    const ask = (said?: string) =>
      workspace.command({ user: 'U1', channel: 'C1', command: '/approvals', ...(said && { text: said }) });
    expect(await ask()).toMatchObject({ acked: true, body: 'Nothing waits in <#C1>.' });
    expect(await ask('later')).toMatchObject({ acked: true });
    await workspace.changed(() => workspace.ephemerals('U1').length === 2, { what: 'the later answer' });
    expect(workspace.ephemerals('U1').map(({ via }) => via)).toEqual(['command ack', 'response_url']);
    expect(await ask('wrong')).toMatchObject({ refused: expect.stringContaining('invalid_blocks') });
    const other = workspace.command({ user: 'U1', channel: 'C1', command: '/other' });
    await expect(other).rejects.toThrow('/other');
  });
});

it('signs with its own secret only', async () => {
  await connect((app) => app.action('approve', async ({ ack }) => ack()));
  const forged = await workspaceWith({ signingSecret: 'another' });
  stage.stops.push(forged.close);
  const bot = await startBot(workspace.apiUrl, () => {});
  stage.stops.push(bot.stop);
  forged.connectBot(bot.url);
  const { ts } = await clientOf(forged.apiUrl).chat.postMessage({ channel: 'C1', text: 'x', blocks: card });
  const result = await forged.click({ user: 'U1', channel: 'C1', ts: String(ts), actionId: 'approve' });
  expect(result).toMatchObject({ acked: false, status: 401 });
});
