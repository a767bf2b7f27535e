import { expect, test } from 'vitest';
import { postAnswer, QUESTION, startFlow } from './flow-world.ts';

/** A flow that writes another draft until the article is approved. */
const LOOP = {
  ...QUESTION,
  state: { draft: 1 },
  onAnswer: (_review: unknown, feedback: string) =>
    feedback === 'approved' ? undefined : { output: `Revised: ${feedback}`, state: { draft: 2 } },
};

test('a flow can ask again in the same execution and method under a new request id', async () => {
  const { deployment, inbox } = await startFlow();
  const first = deployment.ask(LOOP);
  await postAnswer(first.callbackUrl, { feedback: 'needs_changes', source: 'slack' });
  const second = await first.next;
  expect(await second?.webhookStatus()).toBe(202);
  expect(deployment.reviews).toEqual([first, second]);
  expect(second?.requestId).not.toBe(first.requestId);
  expect(second?.flowExecutionId).toBe(first.flowExecutionId);
  expect(inbox.received.map(({ body }) => body)).toMatchObject([
    { output: QUESTION.output, state: { draft: 1 } },
    {
      event_type: 'new_request',
      id: second?.requestId,
      flow_execution_id: first.flowExecutionId,
      method_name: 'review_article',
      output: 'Revised: needs_changes',
      state: { draft: 2 },
    },
  ]);
  expect((await postAnswer(first.callbackUrl, { feedback: 'approved' })).status).toBe(409);

  deployment.answerByDashboard(second?.requestId ?? '', 'approved');
  expect(await second?.next).toBeUndefined();
  expect(deployment.reviews).toHaveLength(2);
});

test('the flow continues after an answer that was lost on its way, and after a time-out', async () => {
  const { deployment, clock } = await startFlow();
  const first = deployment.ask({ ...LOOP, timeOutAfterMs: 60_000 });
  deployment.failures.plan({ on: 'respond', failure: { answerLost: true } });
  await expect(postAnswer(first.callbackUrl, { feedback: 'rejected' })).rejects.toThrow();
  const second = await first.next;
  await clock.advance(60_000);
  expect(second?.answer()?.via).toBe('timeout');
  expect(await second?.next).toBeDefined();
});

test('a flow that asks once ends with its answer', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  await postAnswer(review.callbackUrl, { feedback: 'rejected' });
  expect(await review.next).toBeUndefined();
});

test('a flow can take time before it asks again', async () => {
  const { deployment } = await startFlow();
  const onAnswer = async () => {
    await Promise.resolve();
    return { method: 'review_translation' };
  };
  const review = deployment.ask({ ...QUESTION, onAnswer });
  deployment.answerByEmail(review.requestId, 'approved');
  const next = await review.next;
  await next?.webhookStatus();
  expect(deployment.webhooks.at(-1)?.body).toMatchObject({ method_name: 'review_translation' });
});
