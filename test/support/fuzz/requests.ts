import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** A request and the documented answers for requests like it. */
export interface FuzzRequest {
  kind: 'webhook' | 'registration' | 'click' | 'submission' | 'command' | 'event';
  /** `valid`: nothing is wrong; `hostile`: the shape is right; `broken`: nothing needs to be right. */
  about: 'valid' | 'hostile' | 'broken';
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
  answers: readonly number[];
}

export const json = (value: unknown): string => JSON.stringify(value) ?? '';

export const TYPE = { 'content-type': 'application/json' };

/** More than any endpoint accepts, compressed. */
const TOO_LARGE = gzipSync(`{"a":"${'x'.repeat(9_000_000)}"}`);
const REFUSALS = [400, 401, 404, 413, 415, 422, 431, 503];

type Bare = Omit<FuzzRequest, 'about' | 'answers'>;
type Change = (request: Bare) => Partial<Bare> & { answers: number[] };

/** Requests with an error around the body: in its encoding, type or length, the secret or the address. */
export function brokenAround(
  request: fc.Arbitrary<Bare>,
  { secret }: { secret: string },
): fc.Arbitrary<FuzzRequest> {
  const bodyAs =
    (write: (body: string) => string | Buffer, ...answers: number[]): Change =>
    ({ body }) => ({ body: write(String(body)), answers });
  const headersAs =
    (
      extraHeaders: Record<string, string>,
      answers: number[],
      write = (body: string | Buffer) => body,
    ): Change =>
    ({ headers, body }) => ({ headers: { ...headers, ...extraHeaders }, body: write(body), answers });
  const pathAs =
    (write: (path: string) => string, ...answers: number[]): Change =>
    ({ path }) => ({ path: write(path), answers });
  const gzip = { 'content-encoding': 'gzip' };
  const changes: Change[] = [
    bodyAs((body) => body.slice(0, body.length >> 1), 400, 422),
    bodyAs((body) => `${body}]`, 400),
    bodyAs(() => '', 400),
    bodyAs(() => Buffer.from([0xff, 0xfe, 0x7b, 0x00]), 400),
    bodyAs((body) => Buffer.from(body, 'utf16le'), 400, 422),
    bodyAs((body) => `\ufeff${body}`, 200, 202, 400, 422),
    bodyAs(() => 'null', 400, 422),
    bodyAs(() => '[]', 422),
    bodyAs(() => '"text"', 422),
    bodyAs(() => `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 422),
    // A registration may have 1 MiB, a webhook 8 MiB, and all bodies being read together 32 MiB.
    bodyAs(() => `{"a":"${'x'.repeat(1_100_000)}"}`, 413, 422, 503),
    headersAs({ 'content-type': 'text/plain' }, [415]),
    headersAs({ 'content-type': '\u00ff;;==' }, [415]),
    headersAs({ 'content-type': 'application/json; charset=klingon' }, [415]),
    headersAs(gzip, [400]),
    headersAs({ 'content-encoding': 'x-none' }, [415]),
    headersAs(gzip, [200, 202, 400, 422], (body) => gzipSync(body)),
    headersAs(gzip, [413, 503], () => TOO_LARGE),
    headersAs({ 'x-long': 'x'.repeat(20_000) }, [431]),
    pathAs((path) => path.replace(encodeURIComponent(secret), 'wrong'), 401),
    pathAs((path) => path.replace(/token=[^&]*/, 'token[]=a&token=b'), 401),
    pathAs((path) => path.replace('/press/', '/__proto__/'), 404),
    pathAs((path) => path.replace('/press/', '/%ff/'), 400, 404),
    pathAs((path) => path.replace('?', '/more?'), 404),
    pathAs((path) => path.replace(/^\/\w+\//, '/%2e%2e/'), 404),
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

/** Signs a body as Slack does. */
export function signed(
  body: string | Buffer,
  secret: string,
  contentType = 'application/x-www-form-urlencoded',
  at = Math.floor(Date.now() / 1_000),
) {
  const digest = createHmac('sha256', secret).update(`v0:${at}:`).update(body).digest('hex');
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${digest}`,
  };
  return { headers, body };
}
