import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { startFlowDeployment } from '../../../../src/sandbox/crewai/flow/deployment.ts';
import { postAnswer, QUESTION, SECRET, START, startFlow } from './flow-world.ts';

test('the callback URL takes one answer, verbatim', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  expect(review.answer()).toBeUndefined();
  const feedback = '  needs_changes:\n*shorter*, bitte & “so” <!here>  ';
  const { status, data } = await postAnswer(review.callbackUrl, { feedback, source: 'slack' });
  expect(status).toBe(200);
  expect(data).toMatchObject({
    status: 'accepted',
    request: { id: review.requestId, status: 'responded', feedback, outcome: null },
  });
  const answer = { feedback, source: 'slack', via: 'api', at: START };
  expect(review.answer()).toEqual(answer);
  expect(await review.answered).toEqual(answer);
  expect(deployment.requests).toMatchObject([
    { method: 'POST', body: { feedback, source: 'slack' }, status: 200 },
  ]);
});

test('the second answer gets 409 and the first one stays', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  await postAnswer(review.callbackUrl, { feedback: 'approved', source: 'slack' });
  const { status, data } = await postAnswer(review.callbackUrl, { feedback: 'rejected', source: 'slack' });
  expect(status).toBe(409);
  expect(data).toEqual({
    error: 'already_responded',
    message: 'Feedback already provided via api at 2026-10-01T09:00:00Z',
  });
  expect(review.answer()?.feedback).toBe('approved');
  expect(deployment.requests.map(({ body }) => body)).toMatchObject([
    { feedback: 'approved' },
    { feedback: 'rejected' },
  ]);
});

test.each([
  ['dashboard', 'answerByDashboard'],
  ['email', 'answerByEmail'],
] as const)('after an answer by %s the callback URL answers 409 with that way', async (via, answerBy) => {
  const { deployment, clock } = await startFlow();
  const review = deployment.ask(QUESTION);
  await clock.advance(90_000);
  deployment[answerBy](review.requestId, 'approved');
  expect(await review.answered).toEqual({ feedback: 'approved', source: via, via, at: START + 90_000 });
  const { status, data } = await postAnswer(review.callbackUrl, { feedback: 'rejected', source: 'slack' });
  expect(status).toBe(409);
  expect(data.message).toBe(`Feedback already provided via ${via} at 2026-10-01T09:01:30Z`);
  expect(() => deployment[answerBy](review.requestId, 'rejected')).toThrow(`was answered via ${via}`);
});

test('a review that times out answers itself with its default outcome', async () => {
  const { deployment, clock } = await startFlow();
  const review = deployment.ask({ ...QUESTION, timeOutAfterMs: 60_000 });
  await clock.advance(59_999);
  expect(review.answer()).toBeUndefined();
  await clock.advance(1);
  expect(await review.answered).toMatchObject({ feedback: 'needs_changes', via: 'timeout' });
  const { status, data } = await postAnswer(review.callbackUrl, { feedback: 'approved', source: 'slack' });
  expect(status).toBe(409);
  expect(data.message).toBe('Feedback already provided via timeout at 2026-10-01T09:01:00Z');
});

test('a review that was answered does not time out', async () => {
  const { deployment, clock } = await startFlow();
  const review = deployment.ask({ ...QUESTION, timeOutAfterMs: 60_000 });
  await postAnswer(review.callbackUrl, { feedback: 'approved' });
  await clock.advance(60_000);
  expect(review.answer()).toMatchObject({ feedback: 'approved', via: 'api', source: 'api' });
});

test('without a clock of the test a review times out in real time', async () => {
  const deployment = await startFlowDeployment({ secret: SECRET });
  onTestFinished(() => deployment.close());
  const review = deployment.ask({ ...QUESTION, timeOutAfterMs: 5 });
  await deployment.changed(() => review.answer(), { what: 'the time-out' });
  expect(review.answer()?.via).toBe('timeout');
});

test('a wrong token gets 401, an unknown request and every other path 404', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  const other = deployment.ask(QUESTION);
  const body = { feedback: 'approved', source: 'slack' };
  const [withoutToken = '', token] = review.callbackUrl.split('?');
  const otherToken = other.callbackUrl.split('?')[1];
  expect(otherToken).not.toBe(token);
  for (const url of [withoutToken, `${withoutToken}?${otherToken}`, `${withoutToken}?${token}&${token}`]) {
    expect(await postAnswer(url, body)).toMatchObject({ status: 401, data: { error: 'unauthorized' } });
  }
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
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  const { status, data } = await axios.post(review.callbackUrl, text, {
    headers: { 'content-type': contentType },
    transformRequest: (body: string) => body,
    validateStatus: () => true,
  });
  expect({ status, data }).toMatchObject({ status: 422, data: { error: 'unprocessable_entity' } });
  expect(review.answer()).toBeUndefined();
});

test('a lost answer was recorded, so sending it again gets 409', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  deployment.failures.plan({ on: 'respond', failure: { answerLost: true } });
  const body = { feedback: 'approved', source: 'slack' };
  await expect(postAnswer(review.callbackUrl, body)).rejects.toThrow();
  expect(review.answer()?.feedback).toBe('approved');
  expect((await postAnswer(review.callbackUrl, body)).status).toBe(409);
  expect(deployment.requests.map(({ fate }) => fate)).toEqual(['answer lost', 'answered']);
});

test.each([
  ['a reset', { reset: true }, undefined],
  ['a status', { status: 503 }, 503],
  ['a rate limit', { rateLimited: { retryAfter: 7 } }, 429],
] as const)('after %s the review is still open', async (_what, failure, expected) => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  deployment.failures.plan({ on: 'respond', failure });
  const body = { feedback: 'approved', source: 'slack' };
  const status = await postAnswer(review.callbackUrl, body).then(
    (response) => response.status,
    () => undefined,
  );
  expect(status).toBe(expected);
  expect(review.answer()).toBeUndefined();
  expect((await postAnswer(review.callbackUrl, body)).status).toBe(200);
});

test('a request that gets no answer is not recorded as one', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  deployment.failures.plan({ on: 'respond', failure: { noAnswer: true } });
  const abort = new AbortController();
  const sent = axios.post(review.callbackUrl, { feedback: 'approved' }, { signal: abort.signal });
  await deployment.changed(() => deployment.requests[0]?.fate === 'no answer');
  abort.abort();
  await expect(sent).rejects.toThrow();
  expect(review.answer()).toBeUndefined();
});

test('several answers at once: one is accepted', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  const sent = ['a', 'b', 'c', 'd'].map((feedback) => postAnswer(review.callbackUrl, { feedback }));
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 409, 409, 409]);
});
