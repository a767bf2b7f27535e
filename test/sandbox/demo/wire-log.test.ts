import { expect, onTestFinished, test } from 'vitest';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { createWireLog } from '../../../src/sandbox/demo/wire-log.ts';
import { postAnswer, QUESTION, startFlow } from '../crewai/flow/flow-world.ts';

/** A crew and a Flow that has asked, and what goes over the wire between them and the bot. */
async function startWire(inboxStatus?: number) {
  const { deployment, inbox } = await startFlow({}, inboxStatus);
  const platform = await startPlatform({ token: 'a-token', tasks: [] });
  onTestFinished(platform.close);
  const wire = createWireLog({ crew: platform, flow: deployment });
  const review = deployment.ask(QUESTION);
  await review.webhookStatus();
  return { deployment, inbox, wire, review };
}

test('the review and its callback are shown with the token and the signature masked', async () => {
  const { wire, review } = await startWire();
  await postAnswer(review.callbackUrl, { feedback: 'approved', source: 'slack' });
  const [callback, webhook] = wire.latest();
  expect(callback).toMatchObject({
    id: 'flow-request-0',
    from: 'bot',
    url: expect.stringMatching(/\/respond\?token=•••$/),
    body: { feedback: 'approved', source: 'slack' },
    status: 200,
  });
  expect(webhook).toMatchObject({
    id: 'flow-webhook-0',
    from: 'CrewAI',
    headers: { 'x-crewai-signature': 'sha256=•••' },
    body: { callback_url: expect.stringMatching(/\?token=•••$/), response_token: '•••' },
  });
  const token = new URL(review.callbackUrl).searchParams.get('token') ?? '';
  const texts = [JSON.stringify(wire.latest()), wire.text('flow-request-0'), wire.text('flow-webhook-0')];
  for (const text of texts) expect(text).not.toContain(token);
});

test('a webhook that failed is sent again by the side that sent it, signed for that moment', async () => {
  const { wire, inbox } = await startWire(500);
  await wire.sendAgain('flow-webhook-0');
  expect(inbox.received.map(({ body }) => body.id)).toHaveLength(2);
  expect(wire.latest().map(({ id }) => id)).toContain('flow-webhook-1');
});
