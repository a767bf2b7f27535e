import axios from 'axios';
import { expect, test } from 'vitest';
import { postAnswer, QUESTION, START, startAsking } from './flow-world.ts';

const alreadyVia = (via: string, time: string) => ({
  status: 409,
  data: {
    error: 'already_responded',
    message: `Feedback already provided via ${via} at 2026-10-01T${time}Z`,
  },
});

test('the callback URL accepts one answer, verbatim; the first answer stays', async () => {
  const { deployment, review, respond } = await startAsking();
  expect(review.answer()).toBeUndefined();
  const feedback = '  needs_changes:\n*shorter*, bitte & “so” <!here>  ';
  const request = { id: review.requestId, status: 'responded', feedback, outcome: null };
  expect(await respond(feedback)).toMatchObject({ status: 200, data: { status: 'accepted', request } });
  expect(await respond('rejected')).toEqual(alreadyVia('api', '09:00:00'));
  expect(review.answer()).toEqual({ feedback, via: 'api', at: START });
  expect(deployment.requests).toMatchObject([
    { method: 'POST', body: { feedback, source: 'slack' }, status: 200 },
    { method: 'POST', body: { feedback: 'rejected', source: 'slack' }, status: 409 },
  ]);
});

test.each(['dashboard', 'email'] as const)(
  'after an answer by %s the callback URL answers 409 with that way',
  async (via) => {
    const { deployment, clock, review, respond } = await startAsking();
    await clock.advance(90_000);
    deployment.answerBy(via, review.requestId, 'approved');
    expect(review.answer()).toEqual({ feedback: 'approved', via, at: START + 90_000 });
    expect(await respond('rejected')).toEqual(alreadyVia(via, '09:01:30'));
    expect(() => deployment.answerBy(via, review.requestId, 'rejected')).toThrow(`was answered via ${via}`);
  },
);

test('a review that times out answers itself with its default outcome', async () => {
  const { clock, review, respond } = await startAsking({ timeOutAfterMs: 60_000 });
  await clock.advance(59_999);
  expect(review.answer()).toBeUndefined();
  await clock.advance(1);
  expect(review.answer()).toMatchObject({ feedback: 'needs_changes', via: 'timeout' });
  expect(await respond('approved')).toEqual(alreadyVia('timeout', '09:01:00'));
});

test('a review that was answered does not time out', async () => {
  const { clock, review } = await startAsking({ timeOutAfterMs: 60_000 });
  await postAnswer(review.callbackUrl, { feedback: 'approved' });
  await clock.advance(60_000);
  expect(review.answer()).toMatchObject({ feedback: 'approved', via: 'api' });
});

test('a wrong token gets 401, an unknown request and every other path 404', async () => {
  const { deployment, review } = await startAsking();
  const body = { feedback: 'approved', source: 'slack' };
  const [path = '', token] = review.callbackUrl.split('?');
  const [, otherToken] = deployment.ask(QUESTION).callbackUrl.split('?');
  expect(otherToken).not.toBe(token);
  for (const url of [path, `${path}?${otherToken}`, `${path}?${token}&${token}`])
    expect(await postAnswer(url, body)).toMatchObject({ status: 401, data: { error: 'unauthorized' } });
  const unknown = review.callbackUrl.replace(review.requestId, 'hfr_none');
  expect(await postAnswer(unknown, body)).toMatchObject({ status: 404, data: { error: 'not_found' } });
  expect((await postAnswer(`${deployment.baseUrl}/resume`, {})).status).toBe(404);
  expect((await axios.get(review.callbackUrl, { validateStatus: () => true })).status).toBe(404);
  expect(review.answer()).toBeUndefined();
});

test.each([
  ['not JSON', 'approved', 'application/json'],
  ['not JSON by its type', '{"feedback": "approved"}', 'text/plain'],
  ['not an object', '["approved"]', 'application/json'],
  ['without feedback', '{"source": "slack"}', 'application/json'],
  ['with a feedback that is not text', '{"feedback": true}', 'application/json'],
  ['with a blank feedback', '{"feedback": " "}', 'application/json'],
  ['empty', '', 'application/json'],
])('a body that is %s gets 422 and the review stays open', async (_what, text, contentType) => {
  const { review } = await startAsking();
  const answer = await postAnswer(review.callbackUrl, text, contentType);
  expect(answer).toMatchObject({ status: 422, data: { error: 'unprocessable_entity' } });
  expect(review.answer()).toBeUndefined();
});
