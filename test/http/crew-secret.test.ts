import fc from 'fast-check';
import { expect, it } from 'vitest';
import { carriesSecret } from '../../src/http/crew-secret.ts';

const SECRET = 'a-webhook-secret-of-crewai';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
/** Whether a request with this header and this query carries the secret. */
const carries = (authorization: string | undefined, query = {}, secret = SECRET) =>
  carriesSecret({ headers: authorization === undefined ? {} : { authorization }, query }, secret);

it.each<[string, string | undefined, object?]>([
  ['a bearer token', `Bearer ${SECRET}`],
  ['a bearer token in lower case', `bearer ${SECRET}`],
  ['the Basic password of any user', basic(`crewai:${SECRET}`)],
  ['the Basic password of nobody', basic(`:${SECRET}`)],
  ['?token=', undefined, { token: SECRET }],
  ['?token= beside a wrong bearer token', 'Bearer wrong', { token: SECRET }],
])('a request carries the secret as %s', (_, authorization, query) => {
  expect(carries(authorization, query)).toBe(true);
});

const start = SECRET.slice(0, -1);
it.each(['', 'x', start, `${start}X`, ` ${SECRET}x`, SECRET.toUpperCase(), 'x'.repeat(SECRET.length)])(
  'no way carries the wrong secret %j',
  (wrong) => {
    for (const authorization of [`Bearer ${wrong}`, basic(`crewai:${wrong}`), wrong])
      expect(carries(authorization)).toBe(false);
    expect(carries(undefined, { token: wrong })).toBe(false);
  },
);

it.each([{ token: [SECRET] }, { token: { a: SECRET } }, { secret: SECRET }, { Token: SECRET }, {}])(
  'the query %j does not carry the secret',
  (query) => expect(carries(undefined, query)).toBe(false),
);

const secrets = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => text === text.trim());

it('each of the three ways carries any secret', () => {
  const users = fc.string().map((user) => user.replaceAll(':', ''));
  fc.assert(
    fc.property(secrets, users, (secret, user) => {
      expect(carries(`Bearer ${secret}`, {}, secret)).toBe(true);
      expect(carries(basic(`${user}:${secret}`), {}, secret)).toBe(true);
      expect(carries(undefined, { token: secret }, secret)).toBe(true);
    }),
  );
});

it('no way carries anything else, of any length', () => {
  const other = fc.oneof(fc.string(), fc.string({ minLength: 1_000, maxLength: 5_000 }));
  fc.assert(
    fc.property(secrets, other, (secret, given) => {
      fc.pre(given.trim() !== secret && !given.endsWith(`:${secret}`) && `user:${given}` !== secret);
      for (const authorization of [undefined, `Bearer ${given}`, basic(`user:${given}`), basic(given)])
        expect(carries(authorization, { token: given }, secret)).toBe(false);
    }),
  );
});
