import { expect, test } from 'vitest';
import { masked, maskedAuthorization } from '../../../src/sandbox/demo/mask.ts';

test('the wire masks tokens in URLs, in fields and in the Authorization header', () => {
  const authentication = { strategy: 'bearer', token: 'abc' };
  const given = { humanInputWebhook: { url: 'http://h', authentication }, list: ['http://h/?token=abc'] };
  const shown = masked({ ...given, taskWebhookUrl: 'http://h/task?token=abc&x=1', response_token: 'abc' });
  expect(JSON.stringify(shown)).not.toContain('abc');
  expect(shown).toMatchObject({ taskWebhookUrl: 'http://h/task?token=•••&x=1' });
  expect(maskedAuthorization('Bearer abc')).toBe('Bearer •••');
});
