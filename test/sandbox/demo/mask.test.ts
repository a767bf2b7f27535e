import { describe, expect, test } from 'vitest';
import { masked, maskedAuthorization } from '../../../src/sandbox/demo/mask.ts';

describe('what the page shows of the wire', () => {
  test('has no secret', () => {
    const body = {
      taskWebhookUrl: 'http://h/task?token=abc&x=1',
      humanInputWebhook: { url: 'http://h', authentication: { strategy: 'bearer', token: 'abc' } },
      list: ['http://h/?token=abc'],
      response_token: 'abc',
    };
    expect(JSON.stringify(masked(body))).not.toContain('abc');
    expect(masked(body)).toMatchObject({ taskWebhookUrl: 'http://h/task?token=•••&x=1' });
    expect(maskedAuthorization('Bearer abc')).toBe('Bearer •••');
  });
});
