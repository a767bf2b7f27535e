import { expect, onTestFinished, test } from 'vitest';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { masked, maskedAuthorization } from '../../../src/sandbox/demo/mask.ts';
import { createWireLog } from '../../../src/sandbox/demo/wire-log.ts';
import { postAnswer, QUESTION, startFlow } from '../crewai/flow/flow-world.ts';

/** A crew and a Flow that has asked, and what goes over the wire between them and the bot. */
async function startWire(receiverStatus?: number) {
  const { deployment, bodies } = await startFlow({}, receiverStatus);
  const platform = await startPlatform({ token: 'a-token', tasks: [] });
  onTestFinished(platform.close);
  const wire = createWireLog({ crew: platform, flow: deployment });
  const review = deployment.ask(QUESTION);
  await review.webhookStatus();
  return { bodies, wire, review };
}

test('the wire shows a review and its callback with the token and the signature masked', async () => {
  const { wire, review } = await startWire();
  const body = { feedback: 'approved', source: 'slack' };
  await postAnswer(review.callbackUrl, body);
  const url = expect.stringMatching(/\/respond\?token=•••$/);
  expect(wire.latest()).toMatchObject([
    { id: 'flow-request-0', from: 'bot', url, body, status: 200 },
    {
      id: 'flow-webhook-0',
      from: 'CrewAI',
      headers: { 'x-crewai-signature': 'sha256=•••' },
      body: { callback_url: url, response_token: '•••' },
    },
  ]);
  const token = new URL(review.callbackUrl).searchParams.get('token') ?? '';
  const texts = [JSON.stringify(wire.latest()), wire.text('flow-request-0'), wire.text('flow-webhook-0')];
  for (const text of texts) expect(text).not.toContain(token);
});

test('a webhook that failed is sent again by the side that sent it, signed for that moment', async () => {
  const { wire, bodies } = await startWire(500);
  await wire.sendAgain('flow-webhook-0');
  expect(bodies()).toHaveLength(2);
  expect(wire.latest().map(({ id }) => id)).toContain('flow-webhook-1');
});

test('the wire masks tokens in URLs, in fields and in the Authorization header', () => {
  const authentication = { strategy: 'bearer', token: 'abc' };
  const given = { humanInputWebhook: { url: 'http://h', authentication }, list: ['http://h/?token=abc'] };
  const shown = masked({ ...given, taskWebhookUrl: 'http://h/task?token=abc&x=1', response_token: 'abc' });
  expect(JSON.stringify(shown)).not.toContain('abc');
  expect(shown).toMatchObject({ taskWebhookUrl: 'http://h/task?token=•••&x=1' });
  expect(maskedAuthorization('Bearer abc')).toBe('Bearer •••');
});
