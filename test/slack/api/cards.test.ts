import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Card, Round } from '../../../src/approval/model/round.ts';
import { type CardContent, CardError, type CardFailure } from '../../../src/approval/ports.ts';
import type { Failure } from '../../../src/sandbox/failures.ts';
import { createCards } from '../../../src/slack/api/cards.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { approval, decision, round, text } from '../records.ts';
import { startStage, TOKEN, UNANSWERED_AFTER } from '../stage.ts';

const note: Note = { kind: 'not_taken', decision: decision() };

/** Cards in a played Slack, with what is in the channel afterwards. */
async function start(options: Parameters<typeof startStage>[0] = {}) {
  const { workspace, client } = await startStage(options);
  const cards = createCards(client, { message: () => undefined, command: '/approvals' });
  const messages = () => workspace.messages('CAPPROVALS');
  return {
    workspace,
    client,
    cards,
    messages,
    threads: () => messages().map(({ thread_ts }) => thread_ts),
    shown: (at = 0) => readBlocks(messages()[at]?.blocks),
    /** Posts the first card. */
    postFirst: async () => ({ ...(await cards.post(content())), shown: '' }),
    refuse: (on: string, error: string, times = 1) =>
      workspace.failures.plan({ on, times, failure: { error } }),
  };
}

function readBlocks(blocks: unknown) {
  return { types: (blocks as { type: string }[]).map(({ type }) => type), says: JSON.stringify(blocks) };
}

/** The newest round of an approval. */
function content(more: Partial<Approval> = {}, output = '# Hello', rounds: Round[] = [round()]): CardContent {
  return { approval: approval(rounds, more), round: rounds.at(-1) ?? round(), output: text(output) };
}

/** A second round, whose first has this card. */
const second = (card: Card, more: Partial<Approval> = {}, output = 'Again') =>
  content(more, output, [round({ card }), round({ number: 2 })]);

async function failureOf(call: Promise<unknown>): Promise<CardFailure> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CardError);
  const { message, stack, cause, failure } = error as CardError;
  expect(JSON.stringify([message, stack, cause, failure])).not.toContain(TOKEN);
  return failure;
}

describe('a card', () => {
  it('is posted in its channel, and nothing in it notifies or unfolds', async () => {
    const { workspace, cards, messages, shown } = await start();
    const where = await cards.post(content({ channel: '#approvals' }));
    expect(where).toEqual({ channel: 'CAPPROVALS', ts: expect.any(String) });
    expect(messages()).toMatchObject([
      { ts: where.ts, text: 'press: Draft is waiting for a decision. Approve it or request a revision.' },
    ]);
    expect(messages()[0]?.thread_ts).toBeUndefined();
    expect(shown().types).toContain('markdown');
    const quiet = { parse: 'none', link_names: 'false', unfurl_links: 'false', unfurl_media: 'false' };
    expect(workspace.calls[0]?.args).toMatchObject(quiet);
  });

  it('is updated in its place', async () => {
    const { cards, postFirst, messages, shown } = await start();
    const first = await postFirst();
    await cards.update(content({}, 'Hello', [round({ status: 'run_ended' })]), first);
    expect(messages()).toHaveLength(1);
    expect(shown().says).toContain(', before anyone decided.');
    expect(shown().says).not.toContain('Approve');
  });

  it('of a later round is in the thread of the first, in its channel', async () => {
    const { cards, postFirst, threads } = await start();
    const first = await postFirst();
    await cards.post(second(first, { channel: '#elsewhere' }));
    expect(threads()).toEqual([undefined, first.ts]);
  });

  it('that moved from a direct message to a channel opens a thread there, for notes and later cards', async () => {
    const { cards, threads } = await start();
    const direct = round({ card: { channel: 'DANA', ts: '1700000000.000100', shown: '' } });
    const moved = { channel: 'CAPPROVALS', threadRound: 2 };
    const { ts, channel } = await cards.post(content(moved, 'Hi', [direct, round({ number: 2 })]));
    const two = [direct, round({ number: 2, card: { ts, channel, shown: '' } })];
    await cards.post(content(moved, 'Hi', [...two, round({ number: 3 })]));
    await cards.note(approval(two, moved), note, {});
    expect(threads()).toEqual([undefined, ts, ts]);
  });

  it('of a later round is posted at the root when the thread was deleted, and so is a note', async () => {
    const { client, cards, postFirst, messages, threads } = await start();
    const first = await postFirst();
    await client.chat.delete(first);
    const { ts } = await cards.post(second(first));
    expect(messages()).toMatchObject([{ ts }]);
    await cards.note(second(first).approval, note, {});
    expect(threads()).toEqual([undefined, undefined]);
  });

  it('with more Markdown than Slack shows is posted without it', async () => {
    const { workspace, cards, shown, refuse } = await start();
    refuse('chat.postMessage', 'invalid_blocks');
    await cards.post(content({}, '# Title\n'.repeat(3_000)));
    expect(workspace.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage']);
    expect(shown().types).not.toContain('markdown');
  });

  describe.each([
    ['invalid_blocks', 1],
    ['invalid_attachments', 1],
    ['msg_blocks_too_long', 1],
    ['invalid_blocks_format', 1],
    ['msg_too_long', 1],
    // Slack may say this in passing, so each form is tried twice.
    ['internal_error', 2],
  ])('that Slack rejects with %s', (error, tries) => {
    it('is posted without Markdown', async () => {
      const { cards, shown, refuse } = await start();
      refuse('chat.postMessage', error, tries);
      await cards.post(content());
      expect(shown().types).not.toContain('markdown');
      expect(shown().types).toContain('actions');
      expect(shown().says).toContain('# Hello');
    });

    it('twice is posted with the beginning of its output, and can still be decided', async () => {
      const { cards, shown, refuse } = await start();
      refuse('chat.postMessage', error, 2 * tries);
      await cards.post(content({}, `# Hello\n${'and more '.repeat(100)}`));
      expect(shown().types).toContain('actions');
      for (const part of ['# Hello', 'more characters are not shown here'])
        expect(shown().says).toContain(part);
    });

    it('is updated in a plainer form', async () => {
      const { cards, postFirst, shown, refuse } = await start();
      const first = await postFirst();
      refuse('chat.update', error, tries);
      await cards.update(content(), first);
      expect(shown().types).not.toContain('markdown');
    });

    it('in every form is tried again later', async () => {
      const { workspace, cards, messages, refuse } = await start();
      // Two of the forms of a short output are the same, and what was rejected is not sent again.
      refuse('chat.postMessage', error, 2 * tries);
      expect(await failureOf(cards.post(content()))).toEqual({ kind: 'try_again', reason: error });
      expect(workspace.calls).toHaveLength(2 * tries);
      expect(messages()).toEqual([]);
    });
  });
});

describe('what Slack did not do', () => {
  const READ_ONLY = 'restricted_action_read_only_channel';
  const BLOCKED = ['channel_not_found', 'not_in_channel', 'is_archived', READ_ONLY, 'missing_scope'];
  const blocked = (reason: string, of: 'channel' | 'token' = 'channel') =>
    ({ kind: 'blocked', reason, of }) as const;
  const tryAgain = { kind: 'try_again' as const, reason: expect.any(String) };
  const limited = { kind: 'try_again', reason: 'ratelimited', retryAfterMs: 7_000 } as const;

  it.each<[string, Failure, CardFailure]>([
    ['a rate limit', { rateLimited: { retryAfter: 7 } }, limited],
    ...BLOCKED.map((error): [string, Failure, CardFailure] => [error, { error }, blocked(error)]),
    ['a refused token', { error: 'invalid_auth' }, blocked('invalid_auth', 'token')],
    ['a revoked token', { error: 'token_revoked' }, blocked('token_revoked', 'token')],
    ['a deleted message', { error: 'message_not_found' }, { kind: 'gone', reason: 'message_not_found' }],
    ['an unknown refusal', { error: 'fatal_error' }, { kind: 'try_again', reason: 'fatal_error' }],
    ['a 503', { status: 503, body: 'Unavailable' }, tryAgain],
    ['a 500', { status: 500 }, tryAgain],
    ['no answer in time', { noAnswer: true }, tryAgain],
    ['a reset connection', { reset: true }, tryAgain],
    ['a lost answer', { answerLost: true }, tryAgain],
  ])(
    'for %s is reported after one call, of a card, an update and a note alike',
    async (_, failure, expected) => {
      const { workspace, cards, postFirst } = await start(
        'noAnswer' in failure ? { timeout: UNANSWERED_AFTER } : {},
      );
      const first = await postFirst();
      const before = workspace.calls.length;
      workspace.failures.plan({ on: 'chat.postMessage', times: 2, failure });
      workspace.failures.plan({ on: 'chat.update', failure });
      expect(await failureOf(cards.post(content()))).toEqual(expected);
      expect(await failureOf(cards.update(content(), first))).toEqual(expected);
      expect(await failureOf(cards.note(content().approval, note, {}))).toEqual(expected);
      expect(workspace.calls.length - before).toBe(3);
    },
  );

  it('is said by Slack itself: of channels, a deleted card and a revoked token', async () => {
    const { workspace, client, cards, postFirst } = await start();
    const post = (channel: string) => failureOf(cards.post(content({ channel })));
    expect(await post('CNOWHERE')).toEqual(blocked('channel_not_found'));
    expect(await post('COLD')).toEqual(blocked('is_archived'));
    // A private one without the bot.
    expect(await post('CSECRET')).toEqual(blocked('channel_not_found'));
    const first = await postFirst();
    await client.chat.delete(first);
    const gone = { kind: 'gone', reason: 'message_not_found' };
    expect(await failureOf(cards.update(content(), first))).toEqual(gone);
    workspace.revokeToken();
    expect(await post('CAPPROVALS')).toEqual(blocked('token_revoked', 'token'));
  });

  it('does not keep another channel waiting: a rate limit is of this call alone', async () => {
    const { workspace, cards } = await start();
    workspace.failures.plan({ on: 'chat.postMessage', failure: { rateLimited: { retryAfter: 60 } } });
    await failureOf(cards.post(content()));
    expect(await cards.post(content())).toMatchObject({ channel: 'CAPPROVALS' });
  });
});

describe('a note', () => {
  it("is posted in the thread of the approval's first card", async () => {
    const { cards, postFirst, threads } = await start();
    const first = await postFirst();
    await cards.note(second(first).approval, note, {});
    expect(threads()).toEqual([undefined, first.ts]);
  });

  it('with a result that Slack rejects as Markdown is posted as plain text', async () => {
    const { cards, shown, refuse } = await start();
    refuse('chat.postMessage', 'invalid_blocks');
    await cards.note(content().approval, { kind: 'run_result' }, { result: text('# Title\n'.repeat(3_000)) });
    expect(shown().types).not.toContain('markdown');
    expect(shown().says).toContain('more characters are not shown here');
  });

  it('with a result that Slack rejects in any form is posted without it', async () => {
    const { workspace, cards, messages } = await start();
    const failure = { error: 'invalid_blocks' };
    const when = (body: unknown) => JSON.stringify((body as { blocks: unknown }).blocks).includes('cursed');
    workspace.failures.plan({ on: 'chat.postMessage', times: Number.POSITIVE_INFINITY, failure, when });
    await cards.note(content().approval, { kind: 'run_result' }, { result: text('a cursed result') });
    expect(messages()).toHaveLength(1);
  });
});

describe('a file', () => {
  const long = Array.from({ length: 9_000 }, (_, n) => `after ${n}`).join('\n\n');

  it('is posted into the thread; if Slack rejects it, the thread says where to read the output', async () => {
    const { cards, postFirst, messages, threads, refuse } = await start();
    const first = await postFirst();
    await cards.file(second(first, {}, long));
    expect(threads()).toEqual([undefined, first.ts]);
    refuse('files.getUploadURLExternal', 'file_uploads_disabled');
    await cards.file(second(first, {}, long));
    expect(messages()[2]).toMatchObject({ thread_ts: first.ts, text: en.notes.outputFileRefused });
  });
});
