import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerReview, readReviewAnswer } from '../../src/crewai/flow-callback.ts';
import { crew } from './records.ts';

const CALLBACK = 'https://app.crewai.com/requests/hfr_0123456789/respond?token=secret-token-1234';
const read = (status: number, body: unknown) =>
  readReviewAnswer(
    { status, retryAfter: undefined, body: typeof body === 'string' ? body : JSON.stringify(body) },
    0,
    CALLBACK,
  );
const decision = { action: 'choose' as const, option: 0, feedback: 'publish', by: 'UANA', at: 0 };

describe('the answer of a callback', () => {
  test('is an acceptance only where it says so', () => {
    expect(read(200, { status: 'accepted', request: { id: '1' } })).toEqual({
      kind: 'accepted',
      dialect: 'documented',
    });
    for (const body of [{ status: 'resumed' }, { kickoff_id: 'x' }, {}, 'OK', '<html>'])
      expect(read(200, body)).toMatchObject({ kind: 'unknown' });
  });

  test.each([
    ['Feedback already provided via dashboard at 2026-10-01', 'dashboard'],
    ['Feedback already provided via email at 2026-10-01', 'email'],
    ['Feedback already provided via e-mail', 'email'],
    ['Feedback already provided via timeout', 'timeout'],
  ])('409 "%s" says that it was answered via %s', (message, via) => {
    expect(read(409, { error: 'already_responded', message })).toEqual({ kind: 'not_pending', via });
  });

  test('409 without a way says only that it was answered', () => {
    for (const body of [
      {},
      { message: '' },
      { message: 'Feedback already provided' },
      { message: 'Feedback already provided via api at 2026-10-01' },
      'gone',
    ])
      expect(read(409, body)).toEqual({ kind: 'not_pending' });
  });

  test.each([
    [401, 'refused'],
    [404, 'refused'],
    [422, 'refused'],
    [302, 'refused'],
    [429, 'not_reached'],
    [503, 'not_reached'],
    [500, 'unknown'],
    [504, 'unknown'],
  ])('%s is %s', (status, kind) => {
    expect(read(status, { error: 'x', message: 'said' })).toMatchObject({ kind });
  });

  test('never repeats the callback or its secrets, whatever CrewAI says', () => {
    const secret = fc.constantFrom(CALLBACK, 'secret-token-1234', 'hfr_0123456789');
    fc.assert(
      fc.property(
        fc.constantFrom(200, 401, 409, 422, 500),
        fc.array(fc.oneof(secret, fc.string())),
        (status, words) => {
          const outcome = JSON.stringify(read(status, { error: words.join(' '), message: words.join(' ') }));
          for (const hidden of ['secret-token-1234', 'hfr_0123456789']) expect(outcome).not.toContain(hidden);
        },
      ),
    );
  });

  test('never repeats a secret of the callback in the way in which it is written there, nor as it is meant', () => {
    const callback = 'https://app.crewai.com/a%20secret%20path/respond?token=a%2Bsecret%2Btoken';
    const said = 'a%20secret%20path, a secret path, a%2Bsecret%2Btoken and a+secret+token are wrong';
    const answer = { status: 422, retryAfter: undefined, body: JSON.stringify({ message: said }) };
    expect(readReviewAnswer(answer, 0, callback)).toMatchObject({
      failure: { detail: '…, …, … and … are wrong' },
    });
  });
});

test('a host that is not allowed is not called, nor is a redirect followed', async () => {
  const called: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    called.push(request.url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const review = { options: ['publish'], callbackUrl: `http://127.0.0.1:${port}/callback` };
  const how = { clock: { now: Date.now }, timeout: 2_000 };
  expect(await answerReview(review, decision, { crew, callbackHosts: ['*.crewai.com'] }, how)).toEqual({
    kind: 'refused',
    failure: { kind: 'refused', detail: 'CALLBACK_NOT_ALLOWED' },
  });
  expect(called).toEqual([]);
  expect(
    await answerReview(review, decision, { crew, callbackHosts: [`127.0.0.1:${port}`] }, how),
  ).toMatchObject({
    kind: 'refused',
    failure: { status: 307 },
  });
  expect(called).toEqual(['/callback']);
});

test('a review whose callback is gone is not answered', async () => {
  const endpoint = { crew, callbackHosts: ['*'] };
  const how = { clock: { now: Date.now }, timeout: 1 };
  const outcome = await answerReview({ options: [] }, decision, endpoint, how);
  expect(outcome).toMatchObject({ kind: 'refused' });
});
