import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** One request, and which answers are documented for one like it. */
export interface FuzzRequest {
  kind: 'webhook' | 'registration' | 'click' | 'submission' | 'command' | 'event';
  /** `valid`: nothing is wrong with it; `hostile`: its shape is right; `broken`: nothing needs to be. */
  about: 'valid' | 'hostile' | 'broken';
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
  answers: readonly number[];
}

export function json(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** More than any endpoint takes, compressed. */
const TOO_LARGE = gzipSync(`{"a":"${'x'.repeat(9_000_000)}"}`);

export const TYPE = { 'content-type': 'application/json' };

/** What is wrong around a body: its encoding, its type, its length, the secret, the address. */
export function brokenAround(
  request: fc.Arbitrary<Omit<FuzzRequest, 'about' | 'answers'>>,
  address: { secret: string },
): fc.Arbitrary<FuzzRequest> {
  const REFUSALS = [400, 401, 404, 413, 415, 422, 431, 503];
  type Change = (
    request: Omit<FuzzRequest, 'about' | 'answers'>,
  ) => Partial<FuzzRequest> & { answers: number[] };
  const changes: Change[] = [
    ({ body }) => ({ body: String(body).slice(0, String(body).length >> 1), answers: [400, 422] }),
    ({ body }) => ({ body: `${body}]`, answers: [400] }),
    () => ({ body: '', answers: [400] }),
    () => ({ body: Buffer.from([0xff, 0xfe, 0x7b, 0x00]), answers: [400] }),
    ({ body }) => ({ body: Buffer.from(String(body), 'utf16le'), answers: [400, 422] }),
    ({ body }) => ({ body: `\ufeff${body}`, answers: [200, 202, 400, 422] }),
    () => ({ body: 'null', answers: [400, 422] }),
    () => ({ body: '[]', answers: [422] }),
    () => ({ body: '"text"', answers: [422] }),
    () => ({ body: `${'['.repeat(20_000)}${']'.repeat(20_000)}`, answers: [422] }),
    // A registration may have 1 MiB, a webhook 8; all that are being read together 32.
    () => ({ body: `{"a":"${'x'.repeat(1_100_000)}"}`, answers: [413, 422, 503] }),
    ({ headers }) => ({ headers: { ...headers, 'content-type': 'text/plain' }, answers: [415] }),
    ({ headers }) => ({ headers: { ...headers, 'content-type': '\u00ff;;==' }, answers: [415] }),
    ({ headers }) => ({
      headers: { ...headers, 'content-type': 'application/json; charset=klingon' },
      answers: [415],
    }),
    ({ headers }) => ({ headers: { ...headers, 'content-encoding': 'gzip' }, answers: [400] }),
    ({ headers }) => ({ headers: { ...headers, 'content-encoding': 'x-none' }, answers: [415] }),
    ({ headers, body }) => ({
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: gzipSync(body),
      answers: [200, 202, 400, 422],
    }),
    ({ headers }) => ({
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: TOO_LARGE,
      answers: [413, 503],
    }),
    ({ headers }) => ({ headers: { ...headers, 'x-long': 'x'.repeat(20_000) }, answers: [431] }),
    ({ path }) => ({ path: path.replace(encodeURIComponent(address.secret), 'wrong'), answers: [401] }),
    ({ path }) => ({ path: path.replace(/token=[^&]*/, 'token[]=a&token=b'), answers: [401] }),
    ({ path }) => ({ path: path.replace('/press/', '/__proto__/'), answers: [404] }),
    ({ path }) => ({ path: path.replace('/press/', '/%ff/'), answers: [400, 404] }),
    ({ path }) => ({ path: `${path.replace('?', '/more?')}`, answers: [404] }),
    ({ path }) => ({ path: path.replace(/^\/\w+\//, '/%2e%2e/'), answers: [404] }),
    () => ({ method: 'DELETE', answers: [404] }),
    () => ({ method: 'PATCH', answers: [404] }),
  ];
  return fc.tuple(request, fc.constantFrom(...changes), fc.boolean()).map(([whole, change, twice]) => {
    const first = { ...whole, ...change(whole) };
    if (!twice) return { ...first, about: 'broken' };
    const second = changes[String(first.body).length % changes.length] ?? change;
    return { ...first, ...second(first), about: 'broken', answers: [200, 202, ...REFUSALS] };
  });
}

/** What Slack sends, with its signature. */
export function signed(
  body: string | Buffer,
  secret: string,
  contentType = 'application/x-www-form-urlencoded',
  at = Math.floor(Date.now() / 1_000),
): { headers: Record<string, string>; body: string | Buffer } {
  const digest = createHmac('sha256', secret).update(`v0:${at}:`).update(body).digest('hex');
  const headers = {
    'content-type': contentType,
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${digest}`,
  };
  return { headers, body };
}
