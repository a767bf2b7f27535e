import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Card } from '../../../src/approval/model/round.ts';
import { type CardContent, CardError, type CardFailure } from '../../../src/approval/ports.ts';
import type { Failure } from '../../../src/sandbox/failures.ts';
import { createCards } from '../../../src/slack/api/cards.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import type { CardLinks } from '../../../src/slack/views/message-view.ts';
import { approval, decision, round, text } from '../records.ts';
import { startStage, TOKEN, UNANSWERED_AFTER } from '../stage.ts';

const links: CardLinks = { message: () => undefined, command: '/approvals' };
const note: Note = { kind: 'not_taken', decision: decision() };

async function start(options: Parameters<typeof startStage>[0] = {}) {
  const stage = await startStage(options);
  return { ...stage, cards: createCards(stage.client, links) };
}

function content(more: Partial<Approval> = {}, output = '# Hello'): CardContent {
  const of = approval([round()], more);
  return { approval: of, round: of.rounds[0] as CardContent['round'], output: text(output) };
}

/** A second round, whose first has this card. */
function second(card: Card): CardContent {
  const of = approval([round({ card }), round({ number: 2 })]);
  return { approval: of, round: of.rounds[1] as CardContent['round'], output: text('Again') };
}

async function failure(call: Promise<unknown>): Promise<CardFailure> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CardError);
  const { message, stack, cause } = error as CardError;
  expect(JSON.stringify([message, stack, cause, (error as CardError).failure])).not.toContain(TOKEN);
  return (error as CardError).failure;
}

const typesOf = (blocks: unknown) => (blocks as { type: string }[]).map(({ type }) => type);
const said = (blocks: unknown) => JSON.stringify(blocks);

describe('a card', () => {
  it('is posted, its answer tells where, and nothing in it notifies or unfolds', async () => {
    const { workspace, cards } = await start();
    const where = await cards.post(content({ channel: '#approvals' }));
    expect(where).toEqual({ channel: 'CAPPROVALS', ts: expect.any(String) });
    const message = workspace.message('CAPPROVALS', where.ts);
    expect(typesOf(message?.blocks)).toContain('markdown');
    expect(message?.text).toBe('press: draft is waiting for a decision. Approve it or request a revision.');
    expect(message?.thread_ts).toBeUndefined();
    expect(workspace.calls[0]?.args).toMatchObject({
      parse: 'none',
      link_names: 'false',
      unfurl_links: 'false',
      unfurl_media: 'false',
    });
  });

  it('is updated in its place', async () => {
    const { workspace, cards } = await start();
    const where = await cards.post(content());
    const settled = approval([round({ status: 'run_ended' })]);
    await cards.update(
      { approval: settled, round: settled.rounds[0] as CardContent['round'], output: text('Hello') },
      { ...where, shown: '' },
    );
    expect(workspace.messages('CAPPROVALS')).toHaveLength(1);
    const message = workspace.message('CAPPROVALS', where.ts);
    expect(said(message?.blocks)).toContain(', before anyone decided.');
    expect(said(message?.blocks)).not.toContain('Approve');
  });

  it('of a later round is in the thread of the first, in its channel', async () => {
    const { workspace, cards } = await start();
    const first = await cards.post(content());
    const moved = second({ ...first, shown: '' });
    const where = await cards.post({ ...moved, approval: { ...moved.approval, channel: '#elsewhere' } });
    expect(workspace.message('CAPPROVALS', where.ts)?.thread_ts).toBe(first.ts);
  });

  it('that moved from a direct message to a channel opens a thread there, which gets the notes and later cards', async () => {
    const { workspace, cards } = await start();
    const direct = { channel: 'DANA', ts: '1700000000.000100', shown: '' };
    const moved = { channel: 'CAPPROVALS', threadRound: 2 };
    const of = (rounds: Approval['rounds']) => approval(rounds, moved);
    const show = (rounds: Approval['rounds']) =>
      cards.post({ approval: of(rounds), round: rounds.at(-1) as CardContent['round'], output: text('Hi') });
    const where = await show([round({ card: direct }), round({ number: 2 })]);
    expect(workspace.message('CAPPROVALS', where.ts)?.thread_ts).toBeUndefined();
    const two = [round({ card: direct }), round({ number: 2, card: { ...where, shown: '' } })];
    await show([...two, round({ number: 3 })]);
    await cards.note(of(two), note, {});
    expect(workspace.messages('CAPPROVALS').map(({ thread_ts }) => thread_ts)).toEqual([
      undefined,
      where.ts,
      where.ts,
    ]);
  });

  it('of a later round is posted at the root when the thread was deleted', async () => {
    const { workspace, client, cards } = await start();
    const first = await cards.post(content());
    await client.chat.delete(first);
    const where = await cards.post(second({ ...first, shown: '' }));
    expect(workspace.message('CAPPROVALS', where.ts)).toMatchObject({ ts: where.ts });
    expect(workspace.message('CAPPROVALS', where.ts)?.thread_ts).toBeUndefined();
  });

  const refusals = [
    'invalid_blocks',
    'invalid_attachments',
    'msg_blocks_too_long',
    'invalid_blocks_format',
    'msg_too_long',
    'internal_error',
  ];
  describe.each(refusals)('that Slack refuses with %s', (error) => {
    // It can be said in passing, so each form is tried twice.
    const tries = error === 'internal_error' ? 2 : 1;

    it('is posted without Markdown', async () => {
      const { workspace, cards } = await start();
      workspace.failures.plan({ on: 'chat.postMessage', times: tries, failure: { error } });
      const { ts } = await cards.post(content());
      const { blocks } = workspace.message('CAPPROVALS', ts) ?? {};
      expect(typesOf(blocks)).not.toContain('markdown');
      expect(said(blocks)).toContain('# Hello');
      expect(typesOf(blocks)).toContain('actions');
    });

    it('twice is posted with the beginning of its output, and can still be decided', async () => {
      const { workspace, cards } = await start();
      workspace.failures.plan({ on: 'chat.postMessage', times: 2 * tries, failure: { error } });
      const { ts } = await cards.post(content({}, `# Hello\n${'and more '.repeat(100)}`));
      const { blocks } = workspace.message('CAPPROVALS', ts) ?? {};
      expect(said(blocks)).toContain('# Hello');
      expect(said(blocks)).toContain('more characters are not shown here');
      expect(typesOf(blocks)).toContain('actions');
    });

    it('is updated in a plainer form', async () => {
      const { workspace, cards } = await start();
      const where = await cards.post(content());
      workspace.failures.plan({ on: 'chat.update', times: tries, failure: { error } });
      await cards.update(content(), { ...where, shown: '' });
      expect(typesOf(workspace.message('CAPPROVALS', where.ts)?.blocks)).not.toContain('markdown');
    });

    it('in every form is tried again later', async () => {
      const { workspace, cards } = await start();
      workspace.failures.plan({ on: 'chat.postMessage', times: 3 * tries, failure: { error } });
      expect(await failure(cards.post(content()))).toEqual({ kind: 'try_again', reason: error });
      expect(workspace.calls).toHaveLength(3 * tries);
      expect(workspace.messages('CAPPROVALS')).toEqual([]);
    });
  });

  it('that Slack refuses to show with Markdown is posted without it', async () => {
    const { workspace, cards } = await start();
    workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'invalid_blocks' }, times: 1 });
    const { ts } = await cards.post(content({}, '# Title\n'.repeat(3_000)));
    expect(workspace.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage']);
    expect(typesOf(workspace.message('CAPPROVALS', ts)?.blocks)).not.toContain('markdown');
  });
});

describe('what Slack did not do', () => {
  const planned: [string, Failure, CardFailure][] = [
    [
      'a rate limit',
      { rateLimited: { retryAfter: 7 } },
      { kind: 'try_again', reason: 'ratelimited', retryAfterMs: 7_000 },
    ],
    [
      'a channel that is not there',
      { error: 'channel_not_found' },
      { kind: 'blocked', reason: 'channel_not_found', of: 'channel' },
    ],
    [
      'a channel that we are not in',
      { error: 'not_in_channel' },
      { kind: 'blocked', reason: 'not_in_channel', of: 'channel' },
    ],
    [
      'an archived channel',
      { error: 'is_archived' },
      { kind: 'blocked', reason: 'is_archived', of: 'channel' },
    ],
    [
      'a channel to read only',
      { error: 'restricted_action_read_only_channel' },
      { kind: 'blocked', reason: 'restricted_action_read_only_channel', of: 'channel' },
    ],
    [
      'a missing scope',
      { error: 'missing_scope' },
      { kind: 'blocked', reason: 'missing_scope', of: 'channel' },
    ],
    ['a refused token', { error: 'invalid_auth' }, { kind: 'blocked', reason: 'invalid_auth', of: 'token' }],
    [
      'a revoked token',
      { error: 'token_revoked' },
      { kind: 'blocked', reason: 'token_revoked', of: 'token' },
    ],
    [
      'a message that is not there',
      { error: 'message_not_found' },
      { kind: 'gone', reason: 'message_not_found' },
    ],
    ['an unknown refusal', { error: 'fatal_error' }, { kind: 'try_again', reason: 'fatal_error' }],
    ['a 503', { status: 503, body: 'Unavailable' }, { kind: 'try_again', reason: expect.any(String) }],
    ['a 500', { status: 500 }, { kind: 'try_again', reason: expect.any(String) }],
    ['no answer in time', { noAnswer: true }, { kind: 'try_again', reason: expect.any(String) }],
    ['a reset connection', { reset: true }, { kind: 'try_again', reason: expect.any(String) }],
    ['a lost answer', { answerLost: true }, { kind: 'try_again', reason: expect.any(String) }],
  ];

  it.each(planned)(
    'for %s is told as such after one call, of a card, an update and a note alike',
    async (_, broken, expected) => {
      const { workspace, cards } = await start('noAnswer' in broken ? { timeout: UNANSWERED_AFTER } : {});
      const where = await cards.post(content());
      const before = workspace.calls.length;
      workspace.failures.plan({ on: 'chat.postMessage', times: 2, failure: broken });
      workspace.failures.plan({ on: 'chat.update', failure: broken });
      expect(await failure(cards.post(content()))).toEqual(expected);
      expect(await failure(cards.update(content(), { ...where, shown: '' }))).toEqual(expected);
      expect(await failure(cards.note(content().approval, note, {}))).toEqual(expected);
      expect(workspace.calls.length - before).toBe(3);
    },
  );

  it('is said by Slack itself: no such channel, an archived one, a private one without us, a deleted card, a revoked token', async () => {
    const { workspace, client, cards } = await start();
    const post = (channel: string) => failure(cards.post(content({ channel })));
    expect(await post('CNOWHERE')).toEqual({ kind: 'blocked', reason: 'channel_not_found', of: 'channel' });
    expect(await post('COLD')).toEqual({ kind: 'blocked', reason: 'is_archived', of: 'channel' });
    expect(await post('CSECRET')).toEqual({ kind: 'blocked', reason: 'channel_not_found', of: 'channel' });
    const where = await cards.post(content());
    await client.chat.delete(where);
    const gone = await failure(cards.update(content(), { ...where, shown: '' }));
    expect(gone).toEqual({ kind: 'gone', reason: 'message_not_found' });
    workspace.revokeToken();
    expect(await post('CAPPROVALS')).toEqual({ kind: 'blocked', reason: 'token_revoked', of: 'token' });
  });

  it('does not keep another channel waiting: a rate limit is of this call alone', async () => {
    const { workspace, cards } = await start();
    workspace.failures.plan({ on: 'chat.postMessage', failure: { rateLimited: { retryAfter: 60 } } });
    await failure(cards.post(content()));
    expect(await cards.post(content())).toMatchObject({ channel: 'CAPPROVALS' });
  });
});

describe('a note', () => {
  it("is posted in the thread of the approval's first card", async () => {
    const { workspace, cards } = await start();
    const first = await cards.post(content());
    await cards.note(second({ ...first, shown: '' }).approval, note, {});
    expect(workspace.messages('CAPPROVALS')[1]).toMatchObject({ thread_ts: first.ts });
  });

  it('with a result that Slack refuses as Markdown is posted as plain text', async () => {
    const { workspace, cards } = await start();
    await cards.note(content().approval, { kind: 'run_result' }, { result: text('# Title\n'.repeat(3_000)) });
    const [message] = workspace.messages('CAPPROVALS');
    expect(typesOf(message?.blocks)).not.toContain('markdown');
    expect(said(message?.blocks)).toContain('more characters are not shown here');
  });

  it('of a deleted thread is posted outside it, rather than never', async () => {
    const { workspace, client, cards } = await start();
    const first = await cards.post(content());
    await client.chat.delete(first);
    await cards.note(second({ ...first, shown: '' }).approval, note, {});
    expect(workspace.messages('CAPPROVALS').map((message) => message.thread_ts)).toEqual([undefined]);
  });

  it('with a result that Slack refuses in any form is posted without it', async () => {
    const { workspace, cards } = await start();
    const shows = (body: unknown) => said((body as { blocks: unknown }).blocks).includes('cursed');
    workspace.failures.plan({
      on: 'chat.postMessage',
      times: Number.POSITIVE_INFINITY,
      failure: { error: 'invalid_blocks' },
      when: shows,
    });
    await cards.note(content().approval, { kind: 'run_result' }, { result: text('a cursed result') });
    expect(workspace.messages('CAPPROVALS')).toHaveLength(1);
  });
});

describe('a file', () => {
  const long = (word: string) => text(Array.from({ length: 9_000 }, (_, n) => `${word} ${n}`).join('\n\n'));

  it('is posted into the thread', async () => {
    const { workspace, cards } = await start();
    const first = await cards.post(content());
    await cards.file({ ...second({ ...first, shown: '' }), output: long('after') });
    expect(workspace.messages('CAPPROVALS')[1]).toMatchObject({ thread_ts: first.ts });
  });

  it('that Slack does not take is told, and where to read it instead', async () => {
    const { workspace, cards } = await start();
    const first = await cards.post(content());
    workspace.failures.plan({
      on: 'files.getUploadURLExternal',
      times: 1,
      failure: { error: 'file_uploads_disabled' },
    });
    const at = { ...second({ ...first, shown: '' }), output: long('after') };
    await cards.file(at);
    const said = workspace.messages('CAPPROVALS').map((message) => message.text);
    expect(said.slice(1)).toEqual([texts.notes.outputFileRefused]);
  });
});
