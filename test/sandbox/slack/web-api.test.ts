import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Workspace } from '../../../src/sandbox/slack/workspace.ts';
import { clientOf, refusal, SCOPES, TOKEN, workspaceWith } from './fixtures.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe('what Slack refuses', () => {
  let workspace: Workspace;
  let client: ReturnType<typeof clientOf>;
  beforeAll(async () => {
    workspace = await workspaceWith();
    client = clientOf(workspace.apiUrl);
  });
  afterAll(() => workspace.close());

  const post = (channel: string, more: object = {}) =>
    client.chat.postMessage({ channel, text: 'Hi', ...more });

  it('knows tokens and methods', async () => {
    expect(await refusal(clientOf(workspace.apiUrl, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(await refusal(client.apiCall('chat.shout'))).toBe('unknown_method');
    const anonymous = await fetch(`${workspace.apiUrl}auth.test`, { method: 'POST' });
    expect(await anonymous.json()).toEqual({ ok: false, error: 'not_authed' });
    expect(await client.auth.test()).toMatchObject({ ok: true, user_id: 'U0BOT', bot_id: 'B0SANDBOX' });
    const revoked = await workspaceWith();
    revoked.revokeToken();
    expect(await refusal(clientOf(revoked.apiUrl).auth.test())).toBe('token_revoked');
    await revoked.close();
  });

  it('wants the scope of each method', async () => {
    const few = await workspaceWith({ scopes: ['chat:write'] });
    const poor = clientOf(few.apiUrl);
    const calls = [
      poor.users.info({ user: 'U1' }),
      poor.users.lookupByEmail({ email: 'ana@example.com' }),
      poor.usergroups.users.list({ usergroup: 'S1' }),
      poor.conversations.info({ channel: 'C1' }),
      poor.conversations.join({ channel: 'C2' }),
      poor.conversations.list(),
      poor.conversations.open({ users: 'U1' }),
      poor.files.getUploadURLExternal({ filename: 'a.txt', length: 1 }),
    ];
    for (const call of calls) expect(await refusal(call)).toBe('missing_scope');
    expect(await refusal(poor.chat.postMessage({ channel: 'C2', text: 'Hi' }))).toBe('not_in_channel');
    expect(few.calls[0]?.answer).toMatchObject({ needed: 'users:read', provided: 'chat:write' });
    expect((await poor.chat.postMessage({ channel: 'U1', text: 'Hi' })).channel).toMatch(/^D/);
    await few.close();
  });

  it('knows channels', async () => {
    expect(await refusal(post('C3'))).toBe('channel_not_found');
    expect(await refusal(post('C4'))).toBe('is_archived');
    expect(await refusal(post('C9'))).toBe('channel_not_found');
    expect(await refusal(post('#nowhere'))).toBe('channel_not_found');
    expect(await post('C2')).toMatchObject({ channel: 'C2' });
    const { ts } = await post('#approvals');
    expect(workspace.message('C1', String(ts))).toMatchObject({ text: 'Hi', edited: 0, channel: 'C1' });
    const dm = await post('U1');
    expect(dm.channel).toMatch(/^D/);
    expect(
      await client.chat.update({ channel: String(dm.channel), ts: String(dm.ts), text: 'x' }),
    ).toBeTruthy();
    expect(await refusal(client.chat.update({ channel: 'U1', ts: String(dm.ts), text: 'x' }))).toBe(
      'channel_not_found',
    );
    expect(await refusal(client.chat.update({ channel: '#approvals', ts: String(ts), text: 'x' }))).toBe(
      'channel_not_found',
    );
    workspace.joinBot('C3');
    expect(await post('C3')).toMatchObject({ ok: true });
    workspace.removeBot('C3');
  });

  it('knows messages and threads', async () => {
    const { ts } = await post('C1', { blocks: [section('one')] });
    const reply = await post('C1', { thread_ts: ts });
    const nested = await post('C1', { thread_ts: reply.ts });
    expect(workspace.message('C1', String(nested.ts))?.thread_ts).toBe(ts);
    expect(await refusal(post('C1', { thread_ts: '1.000001' }))).toBe('thread_not_found');
    const update = (args: object) => client.apiCall('chat.update', { channel: 'C1', ts, ...args });
    expect(await refusal(update({ ts: '1.000001', text: 'x' }))).toBe('message_not_found');
    expect(await refusal(update({ text: 'x'.repeat(4_001) }))).toBe('msg_too_long');
    expect(await refusal(update({}))).toBe('no_text');
    expect(await refusal(client.apiCall('chat.postMessage', { channel: 'C1' }))).toBe('no_text');
    const theirs = workspace.say({ user: 'U1', channel: 'C1', text: 'mine' });
    expect(await refusal(update({ ts: theirs, text: 'x' }))).toBe('cant_update_message');
    expect(await refusal(client.chat.delete({ channel: 'C1', ts: theirs }))).toBe('cant_delete_message');
    await update({ text: 'plain' });
    expect(workspace.message('C1', String(ts))).toMatchObject({
      text: 'plain',
      edited: 1,
      blocks: undefined,
    });
    const { permalink } = await client.chat.getPermalink({ channel: 'C1', message_ts: String(reply.ts) });
    expect(permalink).toContain(`thread_ts=${ts}`);
    const all = workspace.messages('C1').map((message) => Number(message.ts));
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(new Set(all).size).toBe(all.length);
  });

  it('shows a reply in the channel too where `reply_broadcast` asks for it', async () => {
    const { ts } = await post('C1');
    const [broadcast, reply, root] = await Promise.all([
      post('C1', { thread_ts: ts, reply_broadcast: true }),
      post('C1', { thread_ts: ts }),
      post('C1', { reply_broadcast: true }),
    ]);
    expect(broadcast.message).toMatchObject({ subtype: 'thread_broadcast', thread_ts: ts });
    expect(workspace.message('C1', String(broadcast.ts))).toMatchObject({ broadcast: true });
    for (const other of [reply, root]) {
      expect(other.message).not.toHaveProperty('subtype');
      expect(workspace.message('C1', String(other.ts))).not.toHaveProperty('broadcast');
    }
  });

  it('does not edit in an archived channel', async () => {
    const other = await workspaceWith();
    const bot = clientOf(other.apiUrl);
    const { ts } = await bot.chat.postMessage({ channel: 'C1', text: 'Hi' });
    other.archive('C1');
    expect(await refusal(bot.chat.update({ channel: 'C1', ts: String(ts), text: 'x' }))).toBe('is_inactive');
    await other.close();
  });

  it('knows who can see an ephemeral', async () => {
    const whisper = (channel: string, user: string) =>
      client.chat.postEphemeral({ channel, user, text: 'Only you' });
    expect(await refusal(whisper('C1', 'U3'))).toBe('user_not_in_channel');
    expect(await refusal(whisper('C2', 'U1'))).toBe('not_in_channel');
    expect(await refusal(whisper('C3', 'U1'))).toBe('channel_not_found');
    expect(await refusal(whisper('#approvals', 'U1'))).toBe('channel_not_found');
    await whisper('C1', 'U2');
    expect(workspace.ephemerals('U2')).toMatchObject([{ text: 'Only you', via: 'chat.postEphemeral' }]);
  });

  it('wants the right types', async () => {
    expect(await refusal(client.apiCall('chat.postMessage', { text: 'Hi' }))).toBe('invalid_arguments');
    expect(await refusal(post('C1', { unfurl_links: 'perhaps' }))).toBe('invalid_arguments');
    expect(await refusal(post('C1', { blocks: 'no JSON' }))).toBe('invalid_blocks_format');
    expect(await refusal(post('C1', { metadata: { event_type: 'x' } }))).toBe('invalid_metadata_format');
    expect(await post('C1', { metadata: { event_type: 'x', event_payload: {} }, made_up: '1' })).toBeTruthy();
    const json = await fetch(`${workspace.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'C1', blocks: [section('JSON')] }),
    }).then((r) => r.json());
    expect(json).toMatchObject({ ok: true });
  });

  it('answers about people, groups and channels', async () => {
    expect((await client.users.info({ user: 'U1' })).user?.profile?.email).toBe('ana@example.com');
    expect((await client.users.info({ user: 'U2' })).user?.is_restricted).toBe(true);
    expect((await client.users.info({ user: 'U3' })).user).toMatchObject({ is_stranger: true });
    expect(await refusal(client.users.info({ user: 'U9' }))).toBe('user_not_found');
    expect((await client.users.lookupByEmail({ email: 'ANA@example.com' })).user?.id).toBe('U1');
    expect(await refusal(client.users.lookupByEmail({ email: 'x@example.com' }))).toBe('users_not_found');
    expect((await client.usergroups.users.list({ usergroup: 'S1' })).users).toEqual(['U1', 'U2']);
    expect(await refusal(client.usergroups.users.list({ usergroup: 'S9' }))).toBe('no_such_subteam');
    expect((await client.usergroups.list()).usergroups?.[0]?.handle).toBe('approvers');
    expect((await client.conversations.info({ channel: 'C1' })).channel?.is_member).toBe(true);
    expect(await refusal(client.conversations.info({ channel: 'C3' }))).toBe('channel_not_found');
    const first = await client.conversations.list({ limit: 2 });
    expect(first.channels?.map(({ id }) => id)).toEqual(['C1', 'C2']);
    const next = await client.conversations.list({
      limit: 2,
      cursor: String(first.response_metadata?.next_cursor),
    });
    expect(next.channels?.map(({ id }) => id)).toEqual(['C4']);
    const open = await client.conversations.open({ users: 'U2' });
    expect(open.channel?.id).toMatch(/^D/);
    expect(await refusal(client.conversations.info({ channel: String(open.channel?.id) }))).toBe(
      'missing_scope',
    );
  });

  it('lists the members of a channel in pages, as they are at each call', async () => {
    const crowd = await workspaceWith({
      people: Array.from({ length: 150 }, (_, n) => ({ id: `U${n}`, name: `person${n}` })),
      channels: [
        { id: 'C1', name: 'all', members: Array.from({ length: 150 }, (_, n) => `U${n}`), botIsMember: true },
      ],
    });
    const members = (more: object = {}) =>
      clientOf(crowd.apiUrl).conversations.members({ channel: 'C1', ...more });
    const first = await members();
    expect(first.members).toHaveLength(100);
    const rest = await members({ cursor: first.response_metadata?.next_cursor });
    expect(rest).toMatchObject({ members: { length: 51 }, response_metadata: { next_cursor: '' } });
    expect([...(first.members ?? []), ...(rest.members ?? [])].at(-1)).toBe('U0BOT');
    expect(await refusal(members({ limit: 1_001 }))).toBe('invalid_limit');
    expect(await refusal(members({ limit: 0 }))).toBe('invalid_limit');
    expect(await refusal(members({ cursor: 'nowhere' }))).toBe('invalid_cursor');
    crowd.leaveChannel({ user: 'U7', channel: 'C1' });
    expect((await members({ limit: 1_000 })).members).not.toContain('U7');
    crowd.joinChannel({ user: 'U7', channel: '#all' });
    crowd.joinChannel({ user: 'U7', channel: '#all' });
    const all = (await members({ limit: 1_000 })).members ?? [];
    expect(all.filter((id) => id === 'U7')).toEqual(['U7']);
    expect(all).toHaveLength(151);
    await crowd.close();
  });

  it('takes files, into channels that the bot is in', async () => {
    const file = { filename: 'output.md', content: 'Ünïcode', title: 'Output' };
    expect(await refusal(client.filesUploadV2({ ...file, channel_id: 'C2' }))).toBe('not_in_channel');
    const { ts } = await post('C1');
    await client.filesUploadV2({ ...file, channel_id: 'C1', thread_ts: String(ts) });
    const shared = workspace.files().find(({ channel }) => channel === 'C1');
    expect(shared?.content?.toString()).toBe('Ünïcode');
    expect(shared).toMatchObject({ title: 'Output', thread_ts: ts });
    const complete = client.files.completeUploadExternal({ files: [{ id: 'F1', title: 'x' }] });
    expect(await refusal(complete)).toBe('file_not_found');
  });

  it('publishes homes, guarded by their hash', async () => {
    const view = { type: 'home' as const, blocks: [section('Waiting: 0')] as never[] };
    const { view: first } = await client.views.publish({ user_id: 'U1', view });
    await client.views.publish({ user_id: 'U1', view, hash: String(first?.hash) });
    expect(await refusal(client.views.publish({ user_id: 'U1', view, hash: String(first?.hash) }))).toBe(
      'hash_conflict',
    );
    expect(await refusal(client.views.publish({ user_id: 'U9', view }))).toBe('invalid_arguments');
    expect(workspace.home('U1')).toMatchObject({ id: first?.id, type: 'home' });
  });

  it('keeps every call', () => {
    const call = workspace.calls.find(({ method, args }) => method === 'chat.postMessage' && args.blocks);
    expect(call).toMatchObject({ args: { blocks: [{ type: 'section' }] }, at: expect.any(Number) });
    expect(JSON.stringify(workspace.calls)).not.toContain(TOKEN);
  });

  it('grants all scopes of the manifest', () => expect(SCOPES).toHaveLength(10));
});

describe('planned failures', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await workspaceWith({ enforceRates: true });
  });
  afterAll(() => workspace.close());

  it('fails as told, then works', async () => {
    const client = clientOf(workspace.apiUrl);
    const post = (text: string) => client.chat.postMessage({ channel: 'C2', text });
    const { failures } = workspace;
    failures.plan({ on: 'chat.postMessage', failure: { status: 503 } });
    expect(await refusal(post('a'))).toContain('503');
    failures.plan({ on: 'chat.postMessage', failure: { rateLimited: { retryAfter: 7 } } });
    await expect(post('a')).rejects.toMatchObject({ retryAfter: 7 });
    failures.plan({ on: 'chat.postMessage', failure: { reset: true } });
    await expect(post('a')).rejects.toThrow();
    failures.plan({ on: 'chat.postMessage', failure: { error: 'internal_error' } });
    expect(await refusal(post('a'))).toBe('internal_error');
    expect(workspace.messages('C2')).toEqual([]);
    failures.plan({ on: 'chat.postMessage', failure: { answerLost: true }, when: isB });
    await post('a');
    await expect(post('b')).rejects.toThrow();
    expect(workspace.messages('C2').map(({ text }) => text)).toEqual(['a', 'b']);
    failures.plan({ on: 'chat.postMessage', failure: { noAnswer: true } });
    const hasty = fetch(`${workspace.apiUrl}chat.postMessage`, {
      method: 'POST',
      signal: AbortSignal.timeout(1_000),
    });
    await expect(hasty).rejects.toThrow();
  });

  it('limits posts a channel', async () => {
    const client = clientOf(workspace.apiUrl);
    const posts = [1, 2, 3, 4].map((n) => client.chat.postMessage({ channel: 'C1', text: `${n}` }));
    const outcomes = await Promise.allSettled(posts);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { retryAfter: 1 } }]);
  });

  it('limits calls of a method, and does not perform those beyond', async () => {
    const client = clientOf(workspace.apiUrl);
    const { channel = '', ts } = await client.chat.postMessage({ channel: 'U1', text: 'to be updated' });
    const update = (text: string) =>
      fetch(`${workspace.apiUrl}chat.update`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ channel, ts, text }),
      });
    for (let n = 1; n <= 50; n += 1) expect((await update(`${n}`)).status).toBe(200);
    const refused = await update('one too many');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toEqual({ ok: false, error: 'ratelimited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(workspace.message(channel, String(ts))).toMatchObject({ text: '50', edited: 50 });
  });

  it('waits for changes without polling', async () => {
    const client = clientOf(workspace.apiUrl);
    const done = workspace.changed(() => workspace.messages('C2').some(({ text }) => text === 'late'), {
      what: 'the late message',
    });
    await client.chat.postMessage({ channel: 'C2', text: 'late' });
    await done;
    const never = workspace.changed(() => false, { timeoutMs: 20, what: 'pigs fly' });
    await expect(never).rejects.toThrow('pigs fly');
  });
});

function isB(body: unknown): boolean {
  return (body as { text: string }).text === 'b';
}
