import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Approval } from '../../../../src/approval/model/approval.ts';
import { StoreError } from '../../../../src/lib/errors.ts';
import { readCommand } from '../../../../src/slack/listeners/command/read-command.ts';
import { runCommand } from '../../../../src/slack/listeners/command/run-command.ts';
import { NOT_RECORDED, PERHAPS_RECORDED } from '../../../../src/slack/views/text/sentences.ts';
import { approval, decision, reviewApproval, round, roundIn } from '../../records.ts';
import { commandArgs, createFakes, refused, startResponseUrl } from '../fakes.ts';

afterEach(() => void vi.useRealTimers());

const review = reviewApproval();
const ID = review.id;
const sent = reviewApproval(
  {},
  { status: 'sending', decision: decision({ action: 'choose', option: 0, feedback: 'publish' }) },
);

/** What the ack of a command says. */
async function run(text: string, of: Approval = review, world: Parameters<typeof createFakes>[0] = {}) {
  const fakes = createFakes({ approval: of, ...world });
  await runCommand(fakes.context, commandArgs(fakes, text));
  const decided = fakes.asked
    .filter(([what]) => what === 'decide')
    .map(([, target, by, given]) => [target, by, given]);
  return { decided, said: JSON.stringify(fakes.acks) };
}

describe('what is typed behind choose', () => {
  it.each([
    [`choose ${ID} publish`, { round: 1, option: 'publish' }],
    [`choose ${ID}.2 publish it  today`, { round: 2, option: 'publish it  today' }],
    [`CHOOSE \`${ID}\` a &amp; b &lt;c&gt;`, { round: 1, option: 'a & b <c>' }],
  ])('%j is a choice', (text, more) => {
    expect(readCommand(text, 0)).toEqual({ kind: 'choose', id: ID, ...more });
  });

  it.each([
    ['choose', 'Name the approval by its ID'],
    ['choose nonsense! publish', 'Name the approval by its ID'],
    [`choose ${ID}`, 'Name the approval and one of its options'],
  ])('%j is answered with an example', (text, sentence) => {
    expect(readCommand(text, 0)).toEqual({ kind: 'wrong', sentence: expect.stringContaining(sentence) });
  });
});

describe('a typed choice', () => {
  it.each([
    ['its text', 'rewrite', 1],
    ['its text in another case', 'Publish', 0],
    ['its number', '3', 2],
  ])('by %s is recorded for the round', async (_, typed, option) => {
    const { decided, said } = await run(`choose ${ID} ${typed}`, review, {
      answer: { done: true, approval: sent },
    });
    const target = { approvalId: ID, round: 1, via: 'command' };
    expect(decided).toEqual([[target, 'UANA', { action: 'choose', option }]]);
    expect(said).toContain(
      `You chose *${['publish', 'rewrite', 'discard'][option]}* for *review_report* (round 1)`,
    );
  });

  it('is a vote while Others have to choose it too', async () => {
    expect((await run(`choose ${ID} publish`)).said).toContain('Others have to choose it too');
  });

  it('of a text that looks like a number is that text', async () => {
    const options = ['3', '2', '1'];
    expect((await run(`choose ${ID} 1`, reviewApproval({ options }))).decided).toMatchObject([
      [{}, 'UANA', { option: 2 }],
    ]);
  });

  it.each([
    ['an unknown text', 'nonsense', ['publish', 'rewrite'], "isn't one of its options"],
    ['a number beyond the options', '3', ['publish', 'rewrite'], "isn't one of its options"],
    ['the number 0', '0', ['publish', 'rewrite'], "isn't one of its options"],
    [
      'a text that two options have in other cases',
      'PUBLISH',
      ['publish', 'Publish'],
      "isn't one of its options",
    ],
    ['any text where there are no options', 'publish', [], 'use *Other answer…* on its card'],
  ])('of %s records nothing, and the answer says why', async (_, typed, options, sentence) => {
    const { decided, said } = await run(`choose ${ID} ${typed}`, reviewApproval({ options }));
    expect([decided, said]).toEqual([[], expect.stringContaining(sentence)]);
  });

  it.each([
    [
      'a person who is not an approver',
      { answer: refused({ code: 'not_approver' }) },
      "You're not an approver",
    ],
    ['a person who may not look', { found: { code: 'may_not_look' } }, 'Only approvers'],
    ['an unknown id', { found: [] }, 'I found no approval'],
    [
      'an id that begins several',
      { found: [review, { ...review, id: `${ID}Z` }] },
      'Please type more of its ID',
    ],
    ['a store that fails', { answer: new StoreError('Down.') }, NOT_RECORDED],
    ['a store that fails at the look-up', { found: new StoreError('Down.') }, NOT_RECORDED],
    [
      'a store that lost its answer',
      { answer: new StoreError('Slow.', undefined, { unsure: true }) },
      PERHAPS_RECORDED,
    ],
  ])('is answered with a sentence for %s', async (_, world, sentence) => {
    expect((await run(`choose ${ID} publish`, review, world)).said).toContain(sentence);
  });

  it('of a round that does not exist yet, or of a crew, records nothing that was not asked', async () => {
    expect((await run(`choose ${ID}.2 publish`)).said).toContain('has one round and no round 2');
    const crew = approval([round()]);
    const answer = refused({ code: 'no_such_option' });
    const { decided, said } = await run(`choose ${ID} publish`, crew, { answer });
    expect(decided).toMatchObject([[{}, 'UANA', { action: 'choose' }]]);
    expect(said).toContain('Decide this with Approve or Request revision');
  });

  it('of an older round says that there is a newer output', async () => {
    const newer = {
      ...review,
      rounds: [roundIn('superseded'), ...review.rounds.map((one) => ({ ...one, number: 2 }))],
    };
    const answer = refused({ code: 'superseded', current: 2 }, newer);
    expect((await run(`choose ${ID} publish`, newer, { answer })).said).toContain(
      'There is a newer output (round 2)',
    );
  });

  it('that takes longer than Slack waits is acked in time, and answered by the response_url', async () => {
    const [fakes, { url, bodies }] = [createFakes({ approval: review }), await startResponseUrl()];
    let resolve = (_: unknown) => {};
    const late = new Promise((done) => {
      resolve = done;
    });
    Object.assign(fakes.context.decisions, { decide: () => late });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = runCommand(fakes.context, commandArgs(fakes, `choose ${ID} publish`, url));
    await vi.advanceTimersByTimeAsync(2_400);
    vi.useRealTimers();
    resolve({ done: true, approval: sent });
    await running;
    expect([fakes.acks, bodies]).toMatchObject([
      [undefined],
      [{ text: expect.stringContaining('You chose *publish*') }],
    ]);
  });
});
