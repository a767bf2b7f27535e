import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { QUESTION, SECRET, START, startAsking, startFlow } from './flow-world.ts';

const BYTES = Buffer.from(SECRET.slice('whsec_'.length), 'hex');

test.each([
  ['X-Crewai', 'whole', SECRET, 'x-crewai-signature', 'x-crewai-timestamp'],
  ['X-Crewai', 'hex', BYTES, 'x-crewai-signature', 'x-crewai-timestamp'],
  ['X-Signature', 'whole', SECRET, 'x-signature', 'x-timestamp'],
  ['X-Signature', 'hex', BYTES, 'x-signature', 'x-timestamp'],
] as const)(
  'a webhook has a signature over the time and the raw body (%s headers, %s key)',
  async (...row) => {
    const [headers, key, hmacKey, signatureName, timestampName] = row;
    const { deployment, received } = await startFlow({ headers, key });
    expect(await deployment.ask({ ...QUESTION, output: 'Größe: 3 “nets” 🐟' }).webhookStatus()).toBe(202);
    const timestamp = String(START / 1000);
    const signed = `${timestamp}.${received()[0]?.text}`;
    expect(received()[0]?.headers).toMatchObject({
      [timestampName]: timestamp,
      [signatureName]: `sha256=${createHmac('sha256', hmacKey).update(signed).digest('hex')}`,
      'content-type': 'application/json',
    });
  },
);

const ASSIGNED = { assignedToEmail: 'ana@example.com', slaTargetMinutes: 60, state: { draft: 2 } };

test('the flat webhook has the fields of the captures', async () => {
  const flowExecutionId = '5a8f2f0e-6f0b-4b0e-9d5e-7a4b9d6f0c21';
  const { review, bodies } = await startAsking({
    ...ASSIGNED,
    metadata: { priority: 'high' },
    flowExecutionId,
    requestId: 'hfr_01J9Z7Q2M4',
    responders: ['ana@example.com'],
    enforceRouting: true,
  });
  await review.webhookStatus();
  const token = new URL(review.callbackUrl).searchParams.get('token');
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(bodies()).toEqual([
    {
      event_type: 'new_request',
      id: 'hfr_01J9Z7Q2M4',
      status: 'pending',
      flow_id: flowExecutionId,
      flow_class: 'ContentReviewFlow',
      method_name: 'review_article',
      message: QUESTION.message,
      output: QUESTION.output,
      emit: ['approved', 'needs_changes', 'rejected'],
      default_outcome: 'needs_changes',
      state: { draft: 2 },
      metadata: { priority: 'high' },
      created_at: '2026-10-01T09:00:00Z',
      callback_url: review.callbackUrl,
      response_token: token,
      deployment_id: 4711,
      deployment_name: 'content-review',
      flow_execution_id: flowExecutionId,
      organization_id: 12,
      assigned_to: { id: 7, email: 'ana@example.com', name: 'ana' },
      assigned_to_email: 'ana@example.com',
      assigned_at: '2026-10-01T09:00:00Z',
      sla_target_minutes: 60,
      routing: { effective_responders: [{ email: 'ana@example.com' }], enforce_routing_rules: true },
    },
  ]);
});

test('a flat webhook lacks what a review does not have', async () => {
  const { deployment, bodies } = await startFlow();
  await deployment.ask({ method: 'review', message: 'Look' }).webhookStatus();
  const body = bodies()[0] ?? {};
  expect(body).toMatchObject({ output: null, emit: [], default_outcome: null, state: {}, metadata: {} });
  expect(body.id).toMatch(/^hfr_/);
  expect(body.flow_execution_id).toBe(body.flow_id);
  expect(Object.keys(body).filter((name) => /^assigned|^sla|^routing/.test(name))).toEqual([]);
});

test('the nested webhook has the fields of the documentation and no others', async () => {
  const { deployment, bodies } = await startFlow({ shape: 'nested' });
  const review = deployment.ask({ ...QUESTION, flowId: 'flow_42', ...ASSIGNED });
  await review.webhookStatus();
  expect(review.requestId).toMatch(/^[\da-f-]{36}$/);
  expect(bodies()).toEqual([
    {
      event: 'new_request',
      request: {
        id: review.requestId,
        flow_id: 'flow_42',
        method_name: 'review_article',
        message: QUESTION.message,
        emit_options: ['approved', 'needs_changes', 'rejected'],
        state: { draft: 2 },
        metadata: {},
        created_at: '2026-10-01T09:00:00Z',
      },
      deployment: { id: 4711, name: 'content-review', organization_id: 12 },
      callback_url: review.callbackUrl,
      assigned_to_email: 'ana@example.com',
    },
  ]);
});

test.each([
  [302, {}, { status: 302 }],
  [400, {}, { status: 400 }],
  [503, {}, { status: 503 }],
  [0, { webhookTimeoutMs: 30 }, { error: 'no answer within 30 ms' }],
])('a webhook that gets %i is not sent again', async (receiverStatus, options, outcome) => {
  const { deployment, received, clock } = await startFlow(options, receiverStatus);
  expect(await deployment.ask(QUESTION).webhookStatus()).toBe(receiverStatus || undefined);
  await clock.advance(24 * 3_600_000);
  expect(deployment.webhooks).toMatchObject([{ kind: 'review', ...outcome }]);
  expect(received().length).toBeLessThanOrEqual(1);
});

test('an escalation is another event of the same open review and can name another assignee', async () => {
  const { deployment, review, bodies } = await startAsking(ASSIGNED);
  await review.webhookStatus();
  expect(await deployment.escalate(review.requestId)).toBe(202);
  expect(await deployment.escalate(review.requestId, { assignedToEmail: 'ben@example.com' })).toBe(202);
  const [first, second, third] = bodies();
  expect(second).toEqual({ ...first, event_type: 'escalation' });
  expect(third).toMatchObject({ id: first?.id, assigned_to: { email: 'ben@example.com' } });
  deployment.answerByEmail(review.requestId, 'approved');
  await expect(deployment.escalate(review.requestId)).rejects.toThrow('was answered via email');
  await expect(deployment.escalate('hfr_none')).rejects.toThrow('There is no review hfr_none');
});

test('a review can begin with an escalation', async () => {
  const { deployment, bodies } = await startFlow({ shape: 'nested' });
  await deployment.ask({ ...QUESTION, event: 'escalation' }).webhookStatus();
  expect(bodies()).toMatchObject([{ event: 'escalation' }]);
});
