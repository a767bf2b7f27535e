import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../../src/lib/errors.ts';
import { approve } from '../../../../src/slack/listeners/buttons/approve.ts';
import { giveUp } from '../../../../src/slack/listeners/buttons/give-up.ts';
import { retry } from '../../../../src/slack/listeners/buttons/retry.ts';
import { undo } from '../../../../src/slack/listeners/buttons/undo.ts';
import { rejectUnknownButton } from '../../../../src/slack/listeners/buttons/unknown-button.ts';
import {
  CARD_FOLLOWS,
  NOT_RECORDED,
  PERHAPS_RECORDED,
  RECORDED,
  UNKNOWN_APPROVAL,
  UNKNOWN_BUTTON,
} from '../../../../src/slack/views/text/sentences.ts';
import { buttonArgs, CARD, createFakes, EPHEMERAL, refused } from '../fakes.ts';

describe('a click on a card', () => {
  it.each([
    ['decide', approve, [{ action: 'approve' }]],
    ['retry', retry, []],
    ['undo', undo, []],
    ['giveUp', giveUp, []],
  ] as const)(
    'records %s with the card it was clicked on, and acks it without a reply',
    async (what, listener, more) => {
      const fakes = createFakes();
      await listener(fakes.context, buttonArgs(fakes));
      const target = { approvalId: fakes.approval.id, round: 1, output: 'hash', card: CARD, via: 'card' };
      expect(fakes.asked).toEqual([[what, target, 'UANA', ...more]]);
      expect([fakes.acks, fakes.replies]).toEqual([[undefined], []]);
    },
  );

  it('is replied to when the card does not show it within two seconds', async () => {
    const fakes = createFakes();
    await approve(fakes.context, buttonArgs(fakes));
    await fakes.clock.advance(1_999);
    expect(fakes.replies).toEqual([]);
    await fakes.clock.advance(1);
    expect(fakes.replies).toMatchObject([
      { place: { user: 'UANA', channel: CARD.channel }, text: CARD_FOLLOWS },
    ]);
  });

  it('that is refused is acked, and the reply says why', async () => {
    const fakes = createFakes({ answer: refused({ code: 'not_approver' }) });
    await approve(fakes.context, buttonArgs(fakes));
    expect(fakes.acks).toHaveLength(1);
    expect(fakes.texts()).toEqual(["You're not an approver of this crew, so nothing was recorded."]);
  });

  it.each([
    ['failed', new StoreError('The store is down.'), NOT_RECORDED],
    ['lost its answer', new StoreError('The store is slow.', undefined, { unsure: true }), PERHAPS_RECORDED],
  ])('is acked when the store %s, and the reply says what is known', async (_, error, sentence) => {
    const fakes = createFakes({ answer: error });
    await approve(fakes.context, buttonArgs(fakes));
    expect([fakes.acks.length, fakes.texts()]).toEqual([1, [sentence]]);
    expect(fakes.lines).toMatchObject([{ level: 'error', fact: 'decision not recorded' }]);
  });

  it('whose value is not ours records nothing', async () => {
    const fakes = createFakes();
    await approve(fakes.context, buttonArgs(fakes, { value: 'x' }));
    expect([fakes.asked, fakes.acks.length, fakes.texts()]).toEqual([[], 1, [UNKNOWN_APPROVAL]]);
  });

  it('in a thread is replied to in that thread', async () => {
    const fakes = createFakes();
    const body = { message: { ts: CARD.ts, thread_ts: '1700000000.000000' } };
    await rejectUnknownButton(fakes.context, buttonArgs(fakes, { body }));
    expect(fakes.replies).toMatchObject([{ place: { threadTs: '1700000000.000000' }, text: UNKNOWN_BUTTON }]);
  });
});

describe('a click elsewhere', () => {
  it('in a list is confirmed by a reply, and proves no access to a channel', async () => {
    const fakes = createFakes();
    await approve(fakes.context, buttonArgs(fakes, { body: EPHEMERAL }));
    expect(fakes.asked).toMatchObject([['decide', { via: 'list' }, 'UANA', {}]]);
    expect(fakes.asked[0]?.[1]).not.toHaveProperty('card');
    expect(fakes.texts()).toEqual([RECORDED]);
  });

  it('in the Home tab is recorded as such', async () => {
    const fakes = createFakes();
    await approve(fakes.context, buttonArgs(fakes, { body: { channel: undefined, message: undefined } }));
    expect(fakes.asked).toMatchObject([['decide', { via: 'home' }, 'UANA', {}]]);
    expect(fakes.replies).toEqual([]);
  });
});
