import { describe, expect, test } from 'vitest';
import { addTicket } from '../../../src/approval/model/crew/urls-to-send.ts';

const secret = 'a secret+of the crew';
const given = { crew: { name: 'press team' }, secret, ticket: '0000000000ABCDEF.0123456789abcdef0123' };
const token = encodeURIComponent(secret);
const own = `https://bot.example/webhooks/press%20team/task?token=${token}`;

describe('a webhook URL of the bot', () => {
  test.each([
    own,
    `http://10.0.0.1:3000/under/a/prefix/webhooks/press%20team/crew?a=1&token=${token}`,
    `${own}&run=0000000000ABCDEF.an-old-one`,
  ])('carries the ticket, once: %s', (url) => {
    const sent = new URL(addTicket(url, given));
    expect(sent.searchParams.getAll('run')).toEqual([given.ticket]);
    expect(sent.searchParams.get('token')).toBe(secret);
    expect(sent.host + sent.pathname).toBe(new URL(url).host + new URL(url).pathname);
  });

  test.each([
    { strategy: 'bearer', token: secret } as const,
    { strategy: 'basic', username: 'crew', password: secret } as const,
  ])('carries the ticket when its authentication has the secret: $strategy', (authentication) => {
    const url = 'https://bot.example/webhooks/press%20team/human-input';
    expect(addTicket(url, given, authentication)).toBe(`${url}?run=${given.ticket}`);
    expect(addTicket(url, given)).toBe(url);
  });

  test.each([
    ['of another crew', own.replace('press%20team', 'budget')],
    ['with another secret', own.replace(token, 'another-secret')],
    ['of another kind', own.replace('/task?', '/flow?')],
    ['of another service', `https://hooks.example/webhook?token=${token}&x=a+b`],
    ['that would be too long', `${own}&x=${'x'.repeat(1_990 - own.length)}`],
  ])('%s is sent unchanged', (_, url) => {
    expect(addTicket(url, given)).toBe(url);
  });
});
