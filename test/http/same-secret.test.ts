import fc from 'fast-check';
import { expect, it } from 'vitest';
import { carriesSecret } from '../../src/http/crew-secret.ts';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const secrets = fc
  .string({ minLength: 1, maxLength: 60 })
  .filter((text) => text === text.trim() && text !== '');

it('whoever has the secret comes in by each of the three ways', () => {
  fc.assert(
    fc.property(
      secrets,
      fc.string().map((user) => user.replaceAll(':', '')),
      (secret, user) => {
        expect(carriesSecret({ headers: { authorization: `Bearer ${secret}` }, query: {} }, secret)).toBe(
          true,
        );
        expect(carriesSecret({ headers: basic(`${user}:${secret}`), query: {} }, secret)).toBe(true);
        expect(carriesSecret({ headers: {}, query: { token: secret } }, secret)).toBe(true);
      },
    ),
  );
});

it('nobody comes in with anything else, of whatever length', () => {
  const other = fc.oneof(fc.string(), fc.string({ minLength: 1_000, maxLength: 5_000 }));
  fc.assert(
    fc.property(secrets, other, (secret, given) => {
      fc.pre(given.trim() !== secret);
      const query = { token: given };
      for (const headers of [
        {},
        { authorization: `Bearer ${given}` },
        basic(`user:${given}`),
        basic(given),
      ]) {
        if (given.endsWith(`:${secret}`) || `user:${given}` === secret) return;
        expect(carriesSecret({ headers, query }, secret)).toBe(false);
      }
    }),
  );
});

it('a token that is a list or an object opens nothing', () => {
  for (const token of [['secret'], { a: 'secret' }, undefined]) {
    expect(carriesSecret({ headers: {}, query: { token } }, 'secret')).toBe(false);
  }
});
