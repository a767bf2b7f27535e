import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startFlowDeployment } from '../../../../src/sandbox/crewai/flow/deployment.ts';
import { QUESTION, SECRET, START, startFlow } from './flow-world.ts';

describe.each([
  ['X-Crewai', 'x-crewai-signature', 'x-crewai-timestamp'],
  ['X-Signature', 'x-signature', 'x-timestamp'],
] as const)('with %s headers', (headers, signatureName, timestampName) => {
  test.each([
    ['whole', SECRET],
    ['hex', Buffer.from(SECRET.slice('whsec_'.length), 'hex')],
  ] as const)('a webhook is signed with the %s key over the time and the raw body', async (key, hmacKey) => {
    const { deployment, inbox } = await startFlow({ headers, key });
    const review = deployment.ask({ ...QUESTION, output: 'Größe: 3 “nets” 🐟' });
    expect(await review.webhookStatus()).toBe(202);
    const [webhook] = inbox.received;
    const timestamp = String(webhook?.headers[timestampName]);
    expect(timestamp).toBe(String(START / 1000));
    const digest = createHmac('sha256', hmacKey).update(`${timestamp}.${webhook?.text}`).digest('hex');
    expect(webhook?.headers[signatureName]).toBe(`sha256=${digest}`);
    expect(webhook?.headers['content-type']).toBe('application/json');
  });
});

test('a deployment whose secret is not hex cannot sign with its bytes', async () => {
  await expect(startFlowDeployment({ secret: 'whsec_press', key: 'hex' })).rejects.toThrow('not hex');
});

test('the flat webhook has the fields of the captures', async () => {
  const { deployment, inbox } = await startFlow();
  const review = deployment.ask({
    ...QUESTION,
    state: { topic: 'rain jackets', draft: 2 },
    metadata: { priority: 'high' },
    assignedToEmail: 'ana@example.com',
    slaTargetMinutes: 60,
    flowExecutionId: '5a8f2f0e-6f0b-4b0e-9d5e-7a4b9d6f0c21',
    requestId: 'hfr_01J9Z7Q2M4',
    responders: ['ana@example.com'],
    enforceRouting: true,
  });
  await review.webhookStatus();
  const token = new URL(review.callbackUrl).searchParams.get('token');
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(inbox.received[0]?.body).toEqual({
    event_type: 'new_request',
    id: 'hfr_01J9Z7Q2M4',
    status: 'pending',
    flow_id: '5a8f2f0e-6f0b-4b0e-9d5e-7a4b9d6f0c21',
    flow_class: 'ContentReviewFlow',
    method_name: 'review_article',
    message: QUESTION.message,
    output: QUESTION.output,
    emit: ['approved', 'needs_changes', 'rejected'],
    default_outcome: 'needs_changes',
    state: { topic: 'rain jackets', draft: 2 },
    metadata: { priority: 'high' },
    created_at: '2026-10-01T09:00:00Z',
    callback_url: review.callbackUrl,
    response_token: token,
    deployment_id: 4711,
    deployment_name: 'content-review',
    flow_execution_id: '5a8f2f0e-6f0b-4b0e-9d5e-7a4b9d6f0c21',
    organization_id: 12,
    assigned_to: { id: 7, email: 'ana@example.com', name: 'ana' },
    assigned_to_email: 'ana@example.com',
    assigned_at: '2026-10-01T09:00:00Z',
    sla_target_minutes: 60,
    routing: { effective_responders: [{ email: 'ana@example.com' }], enforce_routing_rules: true },
  });
});

test('a flat webhook lacks what a review does not have', async () => {
  const { deployment, inbox } = await startFlow();
  await deployment.ask({ method: 'review', message: 'Look' }).webhookStatus();
  const body = inbox.received[0]?.body ?? {};
  expect(body).toMatchObject({ output: null, emit: [], default_outcome: null, state: {}, metadata: {} });
  expect(body.id).toMatch(/^hfr_/);
  expect(body.flow_execution_id).toBe(body.flow_id);
  expect(Object.keys(body).filter((name) => /^assigned|^sla|^routing/.test(name))).toEqual([]);
});

test('the nested webhook has the fields of the documentation and no others', async () => {
  const { deployment, inbox } = await startFlow({ shape: 'nested' });
  const review = deployment.ask({
    ...QUESTION,
    flowId: 'flow_42',
    state: { article_id: 12345 },
    assignedToEmail: 'reviewer@example.com',
    slaTargetMinutes: 60,
  });
  await review.webhookStatus();
  expect(review.requestId).toMatch(/^[\da-f-]{36}$/);
  expect(inbox.received[0]?.body).toEqual({
    event: 'new_request',
    request: {
      id: review.requestId,
      flow_id: 'flow_42',
      method_name: 'review_article',
      message: QUESTION.message,
      emit_options: ['approved', 'needs_changes', 'rejected'],
      state: { article_id: 12345 },
      metadata: {},
      created_at: '2026-10-01T09:00:00Z',
    },
    deployment: { id: 4711, name: 'content-review', organization_id: 12 },
    callback_url: review.callbackUrl,
    assigned_to_email: 'reviewer@example.com',
  });
});

test('a webhook shows the state at the pause, whatever the flow does to it later', async () => {
  const { deployment, inbox } = await startFlow();
  const state = { draft: 1 };
  const review = deployment.ask({ ...QUESTION, state });
  state.draft = 2;
  await review.webhookStatus();
  expect(inbox.received[0]?.body.state).toEqual({ draft: 1 });
});

test.each([302, 400, 503])('a webhook that gets %i is not sent again', async (status) => {
  const { deployment, inbox, clock } = await startFlow({}, status);
  expect(await deployment.ask(QUESTION).webhookStatus()).toBe(status);
  await clock.advance(24 * 3_600_000);
  expect(inbox.received).toHaveLength(1);
  expect(deployment.webhooks).toMatchObject([{ kind: 'review', status }]);
});

test('a webhook that is not answered in time is not sent again', async () => {
  const { deployment, inbox, clock } = await startFlow({ webhookTimeoutMs: 30 }, 0);
  expect(await deployment.ask(QUESTION).webhookStatus()).toBeUndefined();
  await clock.advance(24 * 3_600_000);
  expect(inbox.received).toHaveLength(1);
  expect(deployment.webhooks).toMatchObject([{ error: 'no answer within 30 ms' }]);
});

test('a review that is asked before there is a webhook URL sends none, later ones do', async () => {
  const inbox = (await startFlow()).inbox;
  const deployment = await startFlowDeployment({ secret: SECRET });
  expect(await deployment.ask(QUESTION).webhookStatus()).toBeUndefined();
  expect(inbox.received).toEqual([]);
  deployment.sendTo(inbox.url);
  expect(await deployment.ask(QUESTION).webhookStatus()).toBe(202);
  expect(inbox.received).toHaveLength(1);
  await deployment.close();
});

test('a webhook can be lost, or arrive without its answer', async () => {
  const { deployment, inbox } = await startFlow();
  deployment.failures.plan({ on: 'webhook', failure: { reset: true } });
  deployment.failures.plan({ on: 'webhook', failure: { answerLost: true } });
  const statuses = [deployment.ask(QUESTION), deployment.ask(QUESTION)].map((each) => each.webhookStatus());
  expect(await Promise.all(statuses)).toEqual([undefined, undefined]);
  expect(inbox.received).toHaveLength(1);
});

test('an escalation is another event of the same request and can name another assignee', async () => {
  const { deployment, inbox } = await startFlow();
  const review = deployment.ask({ ...QUESTION, assignedToEmail: 'ana@example.com' });
  await review.webhookStatus();
  expect(await deployment.escalate(review.requestId)).toBe(202);
  expect(await deployment.escalate(review.requestId, { assignedToEmail: 'ben@example.com' })).toBe(202);
  const [first, second, third] = inbox.received.map(({ body }) => body);
  expect(second).toEqual({ ...first, event_type: 'escalation' });
  expect(third).toMatchObject({ id: first?.id, assigned_to: { email: 'ben@example.com' } });
});

test('only an open review can be escalated', async () => {
  const { deployment } = await startFlow();
  const review = deployment.ask(QUESTION);
  deployment.answerByEmail(review.requestId, 'approved');
  await expect(deployment.escalate(review.requestId)).rejects.toThrow('was answered via email');
  await expect(deployment.escalate('hfr_none')).rejects.toThrow('There is no review hfr_none');
});

test('a review can begin with an escalation', async () => {
  const { deployment, inbox } = await startFlow({ shape: 'nested' });
  await deployment.ask({ ...QUESTION, event: 'escalation' }).webhookStatus();
  expect(inbox.received[0]?.body.event).toBe('escalation');
});

test('a question is rejected that the decorator rejects, and a request id that is taken', async () => {
  const { deployment } = await startFlow();
  expect(() => deployment.ask({ ...QUESTION, defaultOutcome: 'shipped' })).toThrow('not an outcome of emit');
  expect(() => deployment.ask({ method: 'a', message: 'b', timeOutAfterMs: 1 })).toThrow('default outcome');
  deployment.ask({ ...QUESTION, requestId: 'hfr_1' });
  expect(() => deployment.ask({ ...QUESTION, requestId: 'hfr_1' })).toThrow('hfr_1 already');
  expect(deployment.reviews).toHaveLength(1);
});
