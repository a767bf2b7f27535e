import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { readFixture } from '../press-crew.ts';
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
  const { deployment, bodies } = await startFlow({ newRequestId: () => 'hfr_01J9Z7Q2M4' });
  const review = deployment.ask({
    ...QUESTION,
    ...ASSIGNED,
    metadata: { priority: 'high' },
    flowExecutionId,
    responders: ['ana@example.com'],
    enforceRouting: true,
  });
  await review.webhookStatus();
  const token = new URL(review.callbackUrl).searchParams.get('token');
  expect(token).toMatch(/^[\w-]{32}$/);
  const [body = {}] = bodies();
  const { triggered_by_user_id: _, ...captured } = readFixture('flow-review-flat');
  expect(Object.keys(body).sort()).toEqual(Object.keys(captured).sort());
  const { id, metadata, emit, default_outcome, created_at, sla_target_minutes, routing } = captured;
  expect(body).toMatchObject({
    id,
    metadata,
    emit,
    default_outcome,
    created_at,
    sla_target_minutes,
    routing,
  });
  const ids = { flow_id: flowExecutionId, flow_execution_id: flowExecutionId };
  const callback = { callback_url: review.callbackUrl, response_token: token };
  expect(body).toMatchObject({ ...ids, ...callback, assigned_to: { email: 'ana@example.com' } });
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
  const [body = {}] = bodies();
  const documented = readFixture('flow-request');
  expect(Object.keys(body).sort()).toEqual(Object.keys(documented).sort());
  const { request } = body as { request: object };
  expect(Object.keys(request).sort()).toEqual(Object.keys(documented.request as object).sort());
  expect(request).toMatchObject({ id: review.requestId, flow_id: 'flow_42', emit_options: QUESTION.emit });
  const { callbackUrl: callback_url } = review;
  expect(body).toMatchObject({ event: 'new_request', callback_url, assigned_to_email: 'ana@example.com' });
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
  deployment.answerBy('email', review.requestId, 'approved');
  await expect(deployment.escalate(review.requestId)).rejects.toThrow('was answered via email');
  await expect(deployment.escalate('hfr_none')).rejects.toThrow('There is no review hfr_none');
});

test('a review can begin with an escalation', async () => {
  const { deployment, bodies } = await startFlow({ shape: 'nested', beginsEscalated: true });
  await deployment.ask(QUESTION).webhookStatus();
  expect(bodies()).toMatchObject([{ event: 'escalation' }]);
});
