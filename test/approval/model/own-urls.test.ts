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
    [`HTTPS://BOT.Example:443/a%2fb/webhooks/press%20team/task?x=a+b|c&token=${token}`, ''],
    [`https://bot.example/webhooks/press%20team/task?a=%2f&&run=x.y&token=${token}`, '#part'],
  ])('keeps every other character as it was: %s', (url, fragment) => {
    const kept = url.replace('&run=x.y', '');
    expect(addTicket(`${url}${fragment}`, given)).toBe(`${kept}&run=${given.ticket}${fragment}`);
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

describe('a URL of somebody else', () => {
  test.each([
    'https://hooks.example/a%2fb/C%2F/?x=a+b&y=%20&&z=|{}^`"\'\\',
    'HTTPS://Hooks.EXAMPLE:443/../x/./?#part',
    'https://%C3%BC.example/%zz',
    'https://user:p%40ss@hooks.example',
  ])('is sent as it is: %s', (url) => {
    expect(addTicket(url, given)).toBe(url);
    expect(addTicket(url, { ...given, ticket: undefined })).toBe(url);
  });

  test.each([
    [
      'https://hooks.example/prüfung/%2f?q=ä+b|ü#ö',
      'https://hooks.example/pr%C3%BCfung/%2f?q=%C3%A4+b|%C3%BC#%C3%B6',
    ],
    ['https://Bücher.EXAMPLE:8443/A%2f', 'https://xn--bcher-kva.example:8443/A%2f'],
    ['https://jürgen:gehö@Bücher.example', 'https://j%C3%BCrgen:geh%C3%B6@xn--bcher-kva.example'],
    ['https://hooks.example/👍/\ud800', 'https://hooks.example/%F0%9F%91%8D/%EF%BF%BD'],
    ['https:hooks.example/ü', 'https:hooks.example/%C3%BC'],
  ])('is sent in ASCII, and is otherwise as it was: %s', (url, sent) => {
    expect(addTicket(url, given)).toBe(sent);
    expect(new URL(sent).href).toBe(new URL(url).href);
  });
});
