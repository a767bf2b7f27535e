import { expect, it } from 'vitest';
import { clientOf, postJson, refusal, refusals, startSlack, TOKEN } from './fixtures.ts';
import { createRates } from './rates.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** A workspace; `post` says "Hi" in a channel. */
async function startPosting(options: Parameters<typeof startSlack>[0] = {}) {
  const slack = await startSlack(options);
  const post = (channel: string, more: object = {}) =>
    slack.client.chat.postMessage({ channel, text: 'Hi', ...more });
  return { ...slack, post };
}

it('rejects wrong and revoked tokens and unknown methods, and keeps every call without the token', async () => {
  const { workspace, client } = await startSlack();
  const wrong = clientOf(workspace.apiUrl, 'xoxb-wrong').auth.test();
  expect(await refusals(wrong, client.apiCall('chat.shout'))).toEqual(['invalid_auth', 'unknown_method']);
  const anonymous = await fetch(`${workspace.apiUrl}auth.test`, { method: 'POST' });
  expect(await anonymous.json()).toEqual({ ok: false, error: 'not_authed' });
  expect(await client.auth.test()).toMatchObject({ ok: true, user_id: 'U0BOT', bot_id: 'B0SANDBOX' });
  await client.chat.postMessage({ channel: 'C1', blocks: [section('kept')] as never[], text: 'x' });
  const kept = {
    method: 'chat.postMessage',
    args: { blocks: [{ type: 'section' }] },
    at: expect.any(Number),
  };
  expect(workspace.calls.at(-1)).toMatchObject(kept);
  expect(JSON.stringify(workspace.calls)).not.toContain(TOKEN);
  workspace.revokeToken();
  expect(await refusal(client.auth.test())).toBe('token_revoked');
});

it('requires the scope of each method', async () => {
  const { workspace, client, post } = await startPosting({ scopes: ['chat:write'] });
  const calls = [
    client.users.info({ user: 'U1' }),
    client.users.lookupByEmail({ email: 'ana@example.com' }),
    client.usergroups.users.list({ usergroup: 'S1' }),
    client.conversations.info({ channel: 'C1' }),
    client.conversations.join({ channel: 'C2' }),
    client.conversations.list(),
    client.conversations.open({ users: 'U1' }),
    client.files.getUploadURLExternal({ filename: 'a.txt', length: 1 }),
  ];
  expect(await refusals(...calls)).toEqual(calls.map(() => 'missing_scope'));
  const { answer } = workspace.calls.find(({ method }) => method === 'users.info') ?? {};
  expect(answer).toMatchObject({ needed: 'users:read', provided: 'chat:write' });
  expect(await refusal(post('C2'))).toBe('not_in_channel');
  expect((await post('U1')).channel).toMatch(/^D/);
});

it('posts in channels that the bot sees, by id, name or person; updates by channel id only', async () => {
  const { workspace, client, post } = await startPosting();
  const unseen = ['C3', 'C9', '#nowhere', 'C4'].map((channel) => post(channel));
  expect(await refusals(...unseen)).toEqual([...Array(3).fill('channel_not_found'), 'is_archived']);
  expect(await post('C2')).toMatchObject({ channel: 'C2' });
  const { ts = '' } = await post('#approvals');
  expect(workspace.message('C1', ts)).toMatchObject({ text: 'Hi', edited: 0, channel: 'C1' });
  const dm = await post('U1');
  expect(dm.channel).toMatch(/^D/);
  const update = (channel = '', at = '') => client.chat.update({ channel, ts: at, text: 'x' });
  expect(await update(dm.channel, dm.ts)).toMatchObject({ ok: true });
  const byName = await refusals(update('U1', dm.ts), update('#approvals', ts));
  expect(byName).toEqual(['channel_not_found', 'channel_not_found']);
  workspace.joinBot('C3');
  expect(await post('C3')).toMatchObject({ ok: true });
  workspace.archive('C1');
  expect(await refusal(update('C1', ts))).toBe('is_inactive');
});

it('keeps replies in one thread and updates only messages of the bot, with text of up to 4,000', async () => {
  const { workspace, client, post } = await startPosting();
  const { ts = '' } = await post('C1', { blocks: [section('one')] });
  const reply = await post('C1', { thread_ts: ts });
  const nested = await post('C1', { thread_ts: reply.ts });
  expect(workspace.message('C1', nested.ts ?? '')?.thread_ts).toBe(ts);
  const update = (args: object) => client.apiCall('chat.update', { channel: 'C1', ts, ...args });
  const theirs = workspace.say({ user: 'U1', channel: 'C1', text: 'mine' });
  const refused = await refusals(
    post('C1', { thread_ts: '1.000001' }),
    update({ ts: '1.000001', text: 'x' }),
    update({ text: 'x'.repeat(4_001) }),
    update({}),
    client.apiCall('chat.postMessage', { channel: 'C1' }),
    update({ ts: theirs, text: 'x' }),
    client.chat.delete({ channel: 'C1', ts: theirs }),
  );
  expect(refused).toEqual([
    ...['thread_not_found', 'message_not_found', 'msg_too_long', 'no_text', 'no_text'],
    ...['cant_update_message', 'cant_delete_message'],
  ]);
  await update({ text: 'plain' });
  expect(workspace.message('C1', ts)).toMatchObject({ text: 'plain', edited: 1, blocks: undefined });
  const { permalink } = await client.chat.getPermalink({ channel: 'C1', message_ts: reply.ts ?? '' });
  expect(permalink).toContain(`thread_ts=${ts}`);
  const all = workspace.messages('C1').map((message) => Number(message.ts));
  expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
});

it('shows a reply in the channel too if `reply_broadcast` asks for it', async () => {
  const { workspace, post } = await startPosting();
  const { ts } = await post('C1');
  const broadcast = await post('C1', { thread_ts: ts, reply_broadcast: true });
  expect(broadcast.message).toMatchObject({ subtype: 'thread_broadcast', thread_ts: ts });
  expect(workspace.message('C1', broadcast.ts ?? '')).toMatchObject({ broadcast: true });
  for (const other of [await post('C1', { thread_ts: ts }), await post('C1', { reply_broadcast: true })]) {
    expect(other.message).not.toHaveProperty('subtype');
    expect(workspace.message('C1', other.ts ?? '')).not.toHaveProperty('broadcast');
  }
});

it('posts an ephemeral to members of channels that the bot is in', async () => {
  const { workspace, client } = await startSlack();
  const whisper = (channel: string, user: string) =>
    client.chat.postEphemeral({ channel, user, text: 'Only you' });
  expect(
    await refusals(
      whisper('C1', 'U3'),
      whisper('C2', 'U1'),
      whisper('C3', 'U1'),
      whisper('#approvals', 'U1'),
    ),
  ).toEqual(['user_not_in_channel', 'not_in_channel', 'channel_not_found', 'channel_not_found']);
  await whisper('C1', 'U2');
  expect(workspace.ephemerals('U2')).toMatchObject([{ text: 'Only you', via: 'chat.postEphemeral' }]);
});

it('requires arguments of the right types, as a form or as JSON, and ignores unknown ones', async () => {
  const { workspace, client, post } = await startPosting();
  const refused = await refusals(
    client.apiCall('chat.postMessage', { text: 'Hi' }),
    post('C1', { unfurl_links: 'perhaps' }),
    post('C1', { blocks: 'no JSON' }),
    post('C1', { metadata: { event_type: 'x' } }),
  );
  const formats = ['invalid_blocks_format', 'invalid_metadata_format'];
  expect(refused).toEqual(['invalid_arguments', 'invalid_arguments', ...formats]);
  const metadata = { event_type: 'x', event_payload: {} };
  expect(await post('C1', { metadata, made_up: '1' })).toMatchObject({ ok: true });
  const json = { channel: 'C1', blocks: [section('JSON')] };
  expect((await postJson(`${workspace.apiUrl}chat.postMessage`, json)).body).toMatchObject({ ok: true });
});

it('answers about people, groups and channels', async () => {
  const { client } = await startSlack();
  const user = async (id: string) => (await client.users.info({ user: id })).user;
  expect((await user('U1'))?.profile?.email).toBe('ana@example.com');
  expect(await user('U2')).toMatchObject({ is_restricted: true });
  expect(await user('U3')).toMatchObject({ is_stranger: true });
  expect((await client.users.lookupByEmail({ email: 'ANA@example.com' })).user?.id).toBe('U1');
  expect((await client.usergroups.users.list({ usergroup: 'S1' })).users).toEqual(['U1', 'U2']);
  expect((await client.usergroups.list()).usergroups?.[0]?.handle).toBe('approvers');
  expect((await client.conversations.info({ channel: 'C1' })).channel?.is_member).toBe(true);
  const { channel } = await client.conversations.open({ users: 'U2' });
  expect(channel?.id).toMatch(/^D/);
  const refused = await refusals(
    client.users.info({ user: 'U9' }),
    client.users.lookupByEmail({ email: 'x@example.com' }),
    client.usergroups.users.list({ usergroup: 'S9' }),
    client.conversations.info({ channel: 'C3' }),
    client.conversations.info({ channel: String(channel?.id) }),
  );
  const unknown = ['user_not_found', 'users_not_found', 'no_such_subteam', 'channel_not_found'];
  expect(refused).toEqual([...unknown, 'missing_scope']);
  const first = await client.conversations.list({ limit: 2 });
  expect(first.channels?.map(({ id }) => id)).toEqual(['C1', 'C2']);
  const cursor = String(first.response_metadata?.next_cursor);
  const next = await client.conversations.list({ limit: 2, cursor });
  expect(next.channels?.map(({ id }) => id)).toEqual(['C4']);
});

it('lists the members of a channel in pages, as they are at each call', async () => {
  const people = Array.from({ length: 150 }, (_, n) => ({ id: `U${n}`, name: `person${n}` }));
  const all = { id: 'C1', name: 'all', members: people.map(({ id }) => id), botIsMember: true };
  const { workspace, client } = await startSlack({ people, channels: [all] });
  const list = (more: object = {}) => client.conversations.members({ channel: 'C1', ...more });
  const first = await list();
  expect(first.members).toHaveLength(100);
  const rest = await list({ cursor: first.response_metadata?.next_cursor });
  expect(rest).toMatchObject({ members: { length: 51 }, response_metadata: { next_cursor: '' } });
  expect(rest.members?.at(-1)).toBe('U0BOT');
  const refused = await refusals(list({ limit: 1_001 }), list({ limit: 0 }), list({ cursor: 'nowhere' }));
  expect(refused).toEqual(['invalid_limit', 'invalid_limit', 'invalid_cursor']);
  workspace.leaveChannel({ user: 'U7', channel: 'C1' });
  expect((await list({ limit: 1_000 })).members).not.toContain('U7');
  for (const channel of ['#all', '#all']) workspace.joinChannel({ user: 'U7', channel });
  const { members = [] } = await list({ limit: 1_000 });
  expect(members.filter((id) => id === 'U7')).toEqual(['U7']);
  expect(members).toHaveLength(151);
});

it('takes files, into channels that the bot is in', async () => {
  const { workspace, client, post } = await startPosting();
  const file = { filename: 'output.md', content: 'Ünïcode', title: 'Output' };
  const { ts } = await post('C1');
  await client.filesUploadV2({ ...file, channel_id: 'C1', thread_ts: String(ts) });
  const [shared] = workspace.files();
  expect(shared).toMatchObject({ channel: 'C1', title: 'Output', thread_ts: ts });
  expect(shared?.content?.toString()).toBe('Ünïcode');
  const elsewhere = client.filesUploadV2({ ...file, channel_id: 'C2' });
  const unknown = client.files.completeUploadExternal({ files: [{ id: 'F1', title: 'x' }] });
  expect(await refusals(elsewhere, unknown)).toEqual(['not_in_channel', 'file_not_found']);
});

it('publishes homes, guarded by their hash', async () => {
  const { workspace, client } = await startSlack();
  const view = { type: 'home' as const, blocks: [section('Waiting: 0')] as never[] };
  const { view: first } = await client.views.publish({ user_id: 'U1', view });
  const guarded = { user_id: 'U1', view, hash: String(first?.hash) };
  await client.views.publish(guarded);
  const unknown = client.views.publish({ user_id: 'U9', view });
  expect(await refusals(client.views.publish(guarded), unknown)).toEqual([
    'hash_conflict',
    'invalid_arguments',
  ]);
  expect(workspace.home('U1')).toMatchObject({ id: first?.id, type: 'home' });
});

it('limits posts per channel and calls per method, and does not perform those beyond', async () => {
  const { workspace, post } = await startPosting({ retryAfter: createRates() });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => post('C1')));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { retryAfter: 1 } }]);
  const { channel = '', ts = '' } = await post('U1');
  const update = (text: string) => postJson(`${workspace.apiUrl}chat.update`, { channel, ts, text });
  for (let n = 1; n <= 50; n += 1) expect((await update(`${n}`)).status).toBe(200);
  const { headers, ...beyond } = await update('one too many');
  expect(beyond).toEqual({ status: 429, body: { ok: false, error: 'ratelimited' } });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(30);
  expect(workspace.message(channel, ts)).toMatchObject({ text: '50', edited: 50 });
});
