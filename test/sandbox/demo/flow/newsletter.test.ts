import { expect, onTestFinished, test } from 'vitest';
import { createNewsletter } from '../../../../src/sandbox/demo/flow/newsletter.ts';
import { postAnswer, startFlow } from '../../crewai/flow/flow-world.ts';

/** The Flow of the demo and the webhooks that it sends. */
async function startNewsletter() {
  const { deployment, inbox } = await startFlow();
  const newsletter = createNewsletter(deployment, { stepMs: 0, onChange: () => {} });
  onTestFinished(newsletter.stop);
  /** The review with this number, the first is 1, once its webhook has arrived. */
  async function asks(number: number) {
    await expect.poll(() => inbox.received.length).toBe(number);
    const review = deployment.reviews[number - 1];
    if (!review) throw new Error(`There is no review ${number}`);
    const answer = (feedback: string) => postAnswer(review.callbackUrl, { feedback, source: 'slack' });
    return { ...review, body: inbox.received[number - 1]?.body, answer };
  }
  return { newsletter, deployment, asks };
}

const latest = ({ newsletter }: Awaited<ReturnType<typeof startNewsletter>>) => newsletter.shown()[0];

test('asks with three outcomes, a question, a state, a default outcome and a deadline', async () => {
  const world = await startNewsletter();
  expect(world.newsletter.shown()).toEqual([]);
  world.newsletter.start();
  expect(latest(world)).toMatchObject({ status: 'running', drafts: [] });
  expect((await world.asks(1)).body).toMatchObject({
    method_name: 'review_newsletter',
    message: expect.stringContaining('subscribers?'),
    output: expect.stringMatching(/^# /),
    emit: ['Publish', 'Rework', 'Discard'],
    state: { draft: 1 },
    default_outcome: 'Discard',
    sla_target_minutes: 60,
  });
  expect(latest(world)).toMatchObject({ status: 'pending human input', result: undefined });
});

test.each([
  ['Publish', 'was sent to 12,480 subscribers'],
  ['Discard', 'nothing was sent'],
])('%s ends it with a result', async (outcome, result) => {
  const world = await startNewsletter();
  world.newsletter.start();
  await (await world.asks(1)).answer(outcome);
  expect(latest(world)).toMatchObject({
    status: 'completed',
    drafts: [{ answer: { text: outcome, via: 'api' } }],
    result: expect.stringContaining(result),
  });
});

test('Rework asks again with another draft in the same run, as often as it is chosen', async () => {
  const world = await startNewsletter();
  world.newsletter.start();
  const outputs: unknown[] = [];
  for (const number of [1, 2, 3]) {
    const review = await world.asks(number);
    expect(review.body).toMatchObject({ state: { draft: number }, flow_execution_id: latest(world)?.id });
    outputs.push(review.body?.output);
    await review.answer('Rework');
  }
  const { body, answer } = await world.asks(4);
  expect(new Set([...outputs, body?.output]).size).toBe(3);
  await answer('Publish');
  expect(latest(world)).toMatchObject({ status: 'completed', drafts: { length: 4 } });
});

test('an answer in own words counts as Rework, and the next draft says so', async () => {
  const { newsletter, asks } = await startNewsletter();
  newsletter.start();
  await (await asks(1)).answer('A bit shorter, please');
  const second = await asks(2);
  expect(second.body?.output).toContain('This demo has no model');
  await second.answer(' rework ');
  expect((await asks(3)).body?.output).not.toContain('This demo has no model');
});

test('is published in the dashboard once', async () => {
  const world = await startNewsletter();
  world.newsletter.start();
  const { requestId, answer } = await world.asks(1);
  world.newsletter.publishInDashboard(requestId);
  expect(latest(world)).toMatchObject({ drafts: [{ answer: { text: 'Publish', via: 'dashboard' } }] });
  expect((await answer('Discard')).status).toBe(409);
  expect(() => world.newsletter.publishInDashboard(requestId)).toThrow();
});

test('writes nothing while it is held', async () => {
  const world = await startNewsletter();
  world.newsletter.start();
  const first = await world.asks(1);
  world.newsletter.hold();
  await first.answer('Rework');
  await new Promise((resolve) => setImmediate(resolve));
  expect(latest(world)).toMatchObject({ status: 'running', drafts: { length: 1 } });
  world.newsletter.release();
  await world.asks(2);
});

test('shows each run, the latest first', async () => {
  const { newsletter, asks } = await startNewsletter();
  newsletter.start();
  await (await asks(1)).answer('Discard');
  newsletter.start();
  await asks(2);
  expect(newsletter.shown().map(({ status }) => status)).toEqual(['pending human input', 'completed']);
});
