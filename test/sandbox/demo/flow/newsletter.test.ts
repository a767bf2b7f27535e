import { expect, onTestFinished, test } from 'vitest';
import { createNewsletter } from '../../../../src/sandbox/demo/flow/newsletter.ts';
import { postAnswer, startFlow } from '../../crewai/flow/flow-world.ts';

/** The Flow of the demo, started, and the webhooks that it sends. */
async function startNewsletter() {
  const { deployment, bodies } = await startFlow();
  const newsletter = createNewsletter(deployment, { stepMs: 0, onChange: () => {} });
  onTestFinished(newsletter.stop);
  expect(newsletter.shown()).toEqual([]);
  newsletter.start();
  const latest = () => newsletter.shown()[0];
  expect(latest()).toMatchObject({ status: 'running', drafts: [] });
  /** Waits for the review with this number, the first is 1; gives its webhook. */
  async function asked(number: number) {
    await expect.poll(() => bodies().length).toBe(number);
    return bodies()[number - 1] ?? {};
  }
  /** Answers the review with this number, which then arrives. */
  async function answer(number: number, feedback: string) {
    await asked(number);
    return postAnswer(deployment.reviews[number - 1]?.callbackUrl ?? '', { feedback, source: 'slack' });
  }
  return { newsletter, latest, asked, answer };
}

test('it asks with three outcomes, a question, a state, a default outcome and a deadline', async () => {
  const { asked, latest } = await startNewsletter();
  expect(await asked(1)).toMatchObject({
    method_name: 'review_newsletter',
    message: expect.stringContaining('subscribers?'),
    output: expect.stringMatching(/^# /),
    emit: ['Publish', 'Rework', 'Discard'],
    state: { draft: 1 },
    default_outcome: 'Discard',
    sla_target_minutes: 60,
  });
  expect(latest()).toMatchObject({ status: 'pending human input', result: undefined });
});

test.each([
  ['Publish', 'was sent to 12,480 subscribers'],
  ['Discard', 'nothing was sent'],
])('%s ends it with a result', async (text, said) => {
  const { answer, latest } = await startNewsletter();
  await answer(1, text);
  const drafts = [{ answer: { text, via: 'api' } }];
  expect(latest()).toMatchObject({ status: 'completed', drafts, result: expect.stringContaining(said) });
});

test('Rework asks again with another draft in the same run, as often as it is chosen', async () => {
  const { asked, answer, latest } = await startNewsletter();
  const outputs: unknown[] = [];
  for (const draft of [1, 2, 3, 4]) {
    const body = await asked(draft);
    expect(body).toMatchObject({ state: { draft }, flow_execution_id: latest()?.id });
    outputs.push(body.output);
    await answer(draft, draft === 4 ? 'Publish' : 'Rework');
  }
  expect(new Set(outputs).size).toBe(3);
  expect(latest()).toMatchObject({ status: 'completed', drafts: { length: 4 } });
});

test('an answer in own words counts as Rework, and the next draft says so', async () => {
  const { asked, answer } = await startNewsletter();
  await answer(1, 'A bit shorter, please');
  expect((await asked(2)).output).toContain('This demo has no model');
  await answer(2, ' rework ');
  expect((await asked(3)).output).not.toContain('This demo has no model');
});

test('it is published in the dashboard once', async () => {
  const { newsletter, asked, answer, latest } = await startNewsletter();
  const requestId = String((await asked(1)).id);
  newsletter.publishInDashboard(requestId);
  expect(latest()).toMatchObject({ drafts: [{ answer: { text: 'Publish', via: 'dashboard' } }] });
  expect((await answer(1, 'Discard')).status).toBe(409);
  expect(() => newsletter.publishInDashboard(requestId)).toThrow();
});

test('it writes nothing while it is held', async () => {
  const { newsletter, asked, answer, latest } = await startNewsletter();
  await asked(1);
  newsletter.hold();
  await answer(1, 'Rework');
  await new Promise((resolve) => setImmediate(resolve));
  expect(latest()).toMatchObject({ status: 'running', drafts: { length: 1 } });
  newsletter.release();
  await asked(2);
});

test('each run is shown, the latest first', async () => {
  const { newsletter, asked, answer } = await startNewsletter();
  await answer(1, 'Discard');
  newsletter.start();
  await asked(2);
  expect(newsletter.shown().map(({ status }) => status)).toEqual(['pending human input', 'completed']);
});
