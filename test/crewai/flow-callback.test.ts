import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Review } from '../../src/approval/model/round.ts';
import { answerReview, readReviewAnswer } from '../../src/crewai/flow-callback.ts';
import { crew, decision } from './records.ts';
import { says, serve } from './serve.ts';

const CALLBACK = 'https://app.crewai.com/requests/hfr_0123456789/respond?token=secret-token-1234';
const read = (status: number, body: unknown, callback = CALLBACK) =>
  readReviewAnswer(
    { status, retryAfter: undefined, body: typeof body === 'string' ? body : JSON.stringify(body) },
    0,
    callback,
  );

describe('the answer of a callback', () => {
  test('is an acceptance only where it says so', () => {
    const accepted = { kind: 'accepted', dialect: 'documented' };
    expect(read(200, { status: 'accepted', request: { id: '1' } })).toEqual(accepted);
    for (const body of [{ status: 'resumed' }, { kickoff_id: 'x' }, {}, 'OK', '<html>'])
      expect(read(200, body)).toMatchObject({ kind: 'unknown' });
  });

  test.each([
    ['Feedback already provided via dashboard at 2026-10-01', 'dashboard'],
    ['Feedback already provided via email at 2026-10-01', 'email'],
    ['Feedback already provided via e-mail', 'email'],
    ['Feedback already provided via timeout', 'timeout'],
  ])('of 409 "%s" names the way: %s', (message, via) => {
    expect(read(409, { error: 'already_responded', message })).toEqual({ kind: 'not_pending', via });
  });

  test('of 409 without a known way only says that somebody else answered', () => {
    const messages = ['', 'Feedback already provided', 'Feedback already provided via api at 2026-10-01'];
    for (const body of [{}, ...messages.map((message) => ({ message })), 'gone'])
      expect(read(409, body)).toEqual({ kind: 'not_pending' });
  });

  test.each([
    ['refused', [302, 401, 404, 422]],
    ['not_reached', [429, 503]],
    ['unknown', [500, 504]],
  ])('is %s for the statuses %j', (kind, statuses) => {
    for (const status of statuses)
      expect(read(status, { error: 'x', message: 'said' })).toMatchObject({ kind });
  });

  test('never repeats the callback or its secrets, whatever CrewAI says', () => {
    const secret = fc.constantFrom(CALLBACK, 'secret-token-1234', 'hfr_0123456789');
    const words = fc.array(fc.oneof(secret, fc.string())).map((all) => all.join(' '));
    fc.assert(
      fc.property(fc.constantFrom(200, 401, 409, 422, 500), words, (status, said) => {
        const outcome = JSON.stringify(read(status, { error: said, message: said }));
        for (const hidden of ['secret-token-1234', 'hfr_0123456789']) expect(outcome).not.toContain(hidden);
      }),
    );
    const callback = 'https://app.crewai.com/a%20secret%20path/respond?token=a%2Bsecret%2Btoken';
    const message = 'a%20secret%20path, a secret path, a%2Bsecret%2Btoken and a+secret+token are wrong';
    const failure = { detail: '…, …, … and … are wrong' };
    expect(read(422, { message }, callback)).toMatchObject({ failure });
  });
});

describe('a review is refused', () => {
  const answer = (review: Review, callbackHosts: string[]) =>
    answerReview(
      review,
      decision({ action: 'choose', option: 0, feedback: 'publish' }),
      { crew, callbackHosts },
      { clock: { now: Date.now }, timeout: 10_000, countCall() {} },
    );
  const NOT_ALLOWED = { kind: 'refused', failure: { kind: 'refused', detail: 'CALLBACK_NOT_ALLOWED' } };

  test('without a call to a host that is not allowed, and without following a redirect', async () => {
    const { seen, url } = await serve(says(307, '', { location: '/elsewhere' }));
    const review = { options: ['publish'], callbackUrl: `${url}/callback` };
    expect(await answer(review, ['*.crewai.com'])).toEqual(NOT_ALLOWED);
    expect(seen).toEqual([]);
    const outcome = await answer(review, [new URL(url).host]);
    expect(outcome).toMatchObject({ kind: 'refused', failure: { status: 307 } });
    expect(seen.map(({ url }) => url)).toEqual(['/callback']);
  });

  test('when its callback is no longer stored', async () => {
    expect(await answer({ options: [] }, ['*'])).toEqual(NOT_ALLOWED);
  });
});
