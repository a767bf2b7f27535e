import type { BlockAction } from '@slack/bolt';
import { expect, it } from 'vitest';
import { card, postJson, startSlack, text } from './fixtures.ts';

type Respond = (message: object) => Promise<unknown>;

/** A workspace whose bot acks each click, records its payload and then does what the test says. */
async function startClicks(
  then: (respond: Respond) => Promise<unknown> = async () => {},
  options: object = {},
) {
  const slack = await startSlack(options);
  const bodies: BlockAction[] = [];
  await slack.connect((app) =>
    app.action(/./, async ({ ack, body, respond }) => {
      await ack();
      bodies.push(body as BlockAction);
      await then(respond as Respond);
    }),
  );
  return {
    ...slack,
    bodies,
    see: (what: string, check: () => boolean) => slack.workspace.changed(check, { what }),
  };
}

it('a click reaches Bolt as Slack shapes it, with the team of an outsider, and is acked', async () => {
  const { workspace, postCard, click, bodies } = await startClicks();
  const ts = await postCard();
  expect(await click(ts)).toMatchObject({ acked: true, status: 200, body: '' });
  await click(ts, 'approve', { user: 'U3' });
  const action = { action_id: 'approve', block_id: 'decide', value: 'a1', type: 'button', style: 'primary' };
  expect(bodies).toMatchObject([
    {
      type: 'block_actions',
      user: { id: 'U1', username: 'ana', team_id: 'T0SANDBOX' },
      container: { type: 'message', message_ts: ts, channel_id: 'C1' },
      channel: { id: 'C1', name: 'approvals' },
      message: { ts, blocks: [{ type: 'section' }, { block_id: 'decide' }] },
      actions: [action],
    },
    { user: { team_id: 'T0STRANGER' } },
  ]);
  workspace.joinBot('C3');
  const secret = await postCard({ channel: 'C3' });
  const unseen = click(secret, 'approve', { user: 'U2', channel: 'C3' });
  await expect(unseen).rejects.toThrow('does not see');
});

it('a click is lost when its ack does not come in time or the handler fails', async () => {
  const late = await startSlack({ ackDeadlineMs: 100 });
  await late.connect((app) => app.action('approve', async () => {}));
  expect(await late.click(await late.postCard())).toMatchObject({ acked: false, status: 0 });
  const failing = await startSlack();
  await failing.connect((app) => app.action('approve', () => Promise.reject(new Error('before the ack'))));
  expect(await failing.click(await failing.postCard())).toMatchObject({ acked: false, status: 500 });
});

it('a response_url can be used five times', async () => {
  const { workspace, postCard, click, bodies, see } = await startClicks((respond) =>
    respond({ text: 'Only you', replace_original: false }),
  );
  const ts = await postCard();
  await click(ts);
  await see('the answer', () => workspace.ephemerals('U1').length === 1);
  expect(workspace.ephemerals('U1')).toMatchObject([
    { text: 'Only you', via: 'response_url', channel: 'C1' },
  ]);
  const use = async (message: object) => {
    const { status, body } = await postJson(String(bodies[0]?.response_url), message);
    return [status, body];
  };
  const ok = [200, { ok: true }];
  expect(await use({ text: 'Replaced', replace_original: true })).toEqual(ok);
  expect(workspace.message('C1', ts)).toMatchObject({ text: 'Replaced', edited: 1 });
  expect(await use({ text: '' })).toEqual([400, { ok: false, error: 'no_text' }]);
  expect(await use({ text: 'All', response_type: 'in_channel' })).toEqual(ok);
  expect(await use({ delete_original: true })).toEqual(ok);
  expect(workspace.messages('C1').map((message) => message.text)).toEqual(['All']);
  expect(await use({ text: 'Sixth' })).toEqual([404, { ok: false, error: 'used_url' }]);
});

it('a response_url ends after its life', async () => {
  const { postCard, click, bodies } = await startClicks(undefined, { responseUrlLifeMs: -1 });
  await click(await postCard());
  const late = await postJson(String(bodies[0]?.response_url), { text: 'late' });
  expect(late).toMatchObject({ status: 404, body: { error: 'expired_url' } });
});

it('an answer replaces the clicked message in its place, at the root and in a thread', async () => {
  const answer = { text: 'Approved', blocks: card.slice(0, 1), replace_original: true };
  const { workspace, postCard, click, see } = await startClicks((respond) => respond(answer));
  const root = await postCard();
  const reply = await postCard({ thread_ts: root });
  const other = await postCard({ thread_ts: root });
  const [rootBefore, replyBefore, otherBefore] = workspace.messages('C1');
  expect([rootBefore?.ts, replyBefore?.ts, otherBefore?.ts]).toEqual([root, reply, other]);
  for (const ts of [reply, root]) {
    await click(ts);
    await see('the change', () => workspace.message('C1', ts)?.edited === 1);
  }
  const replaced = { text: 'Approved', blocks: [expect.objectContaining({ type: 'section' })], edited: 1 };
  const after = [{ ...rootBefore, ...replaced }, { ...replyBefore, ...replaced }, otherBefore];
  expect(workspace.messages('C1')).toEqual(after);
  expect(replyBefore).toMatchObject({ thread_ts: root });
  expect(workspace.ephemerals('U1')).toEqual([]);
});

it('a menu says what is selected, and the state of the message keeps it', async () => {
  const { postCard, click, bodies } = await startClicks();
  const options = ['a', 'b'].map((value) => ({ text: text(value), value }));
  const menus = { menu: 'overflow', pick: 'static_select' };
  const elements = Object.entries(menus).map(([action_id, type]) => ({ type, action_id, options }));
  const ts = await postCard({ blocks: [{ type: 'actions', block_id: 'more', elements }] });
  await expect(click(ts, 'menu')).rejects.toThrow('say what is selected');
  await expect(click(ts, 'pick', { selected: 'c' })).rejects.toThrow('a, b');
  await click(ts, 'menu', { selected: 'b' });
  await click(ts, 'pick', { selected: 'a' });
  expect(bodies).toMatchObject([
    { actions: [{ type: 'overflow', selected_option: { value: 'b' } }] },
    { state: { values: { more: { pick: { selected_option: { value: 'a' } } } } } },
  ]);
});

it('an ephemeral can be clicked by the person who sees it', async () => {
  const { workspace, client, click, bodies, see } = await startClicks((respond) =>
    respond({ delete_original: true }),
  );
  await client.chat.postEphemeral({ channel: 'C1', user: 'U1', text: 'x', blocks: card });
  const ts = String(workspace.ephemerals('U1')[0]?.ts);
  await expect(click(ts, 'approve', { user: 'U2' })).rejects.toThrow('no message');
  await click(ts);
  await see('the ephemeral gone', () => workspace.ephemerals('U1').length === 0);
  expect(bodies).toMatchObject([{ container: { is_ephemeral: true } }]);
  expect(bodies[0]).not.toHaveProperty('message');
});

it('a command shows the text of its ack, or is answered later', async () => {
  const { workspace, connect } = await startSlack();
  await connect((app) =>
    app.command('/approvals', async ({ ack, command, respond }) => {
      if (command.text === 'wrong') await ack({ blocks: [{ type: 'nonsense' }] } as never);
      else if (command.text === '') await ack(`Nothing waits in <#${command.channel_id}>.`);
      else {
        await ack();
        await respond({ text: 'Later' });
      }
    }),
  );
  const ask = (said: object = {}, command = '/approvals') =>
    workspace.command({ user: 'U1', channel: 'C1', command, ...said });
  expect(await ask()).toMatchObject({ acked: true, body: 'Nothing waits in <#C1>.' });
  expect(await ask({ text: 'later' })).toMatchObject({ acked: true });
  await workspace.changed(() => workspace.ephemerals('U1').length === 2, { what: 'the later answer' });
  expect(workspace.ephemerals('U1').map(({ via }) => via)).toEqual(['command ack', 'response_url']);
  expect(await ask({ text: 'wrong' })).toMatchObject({ refused: expect.stringContaining('invalid_blocks') });
  await expect(ask({}, '/other')).rejects.toThrow('/other');
});
