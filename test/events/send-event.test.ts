import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sendEvent } from '../../src/events/send-event.ts';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const event = { id: 'msg_1', type: 'run.started' as const, at: 1_000, data: { crew: 'press', run: 'e1' } };

/** A receiver over HTTP, until the test ends. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const answers = (status: number, headers: Record<string, string> = {}) =>
  serve((request, response) => {
    request.resume();
    response.writeHead(status, headers).end('x'.repeat(100_000));
  });
const send = (url: string) => sendEvent({ url, secret }, event, Date.now());

test('an event is a body that the library verifies', async () => {
  let verified: unknown;
  const url = await serve((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      verified = new Webhook(secret).verify(Buffer.concat(parts), request.headers as Record<string, string>);
      response.end();
    });
  });
  expect(await send(url)).toEqual({ kind: 'accepted' });
  expect(verified).toEqual({ type: event.type, timestamp: '1970-01-01T00:00:01.000Z', data: event.data });
});

test('a redirect is not followed', async () => {
  const followed: string[] = [];
  const elsewhere = await serve((request, response) => {
    followed.push(request.url ?? '');
    response.end();
  });
  for (const status of [301, 302, 307, 308])
    expect(await send(await answers(status, { location: elsewhere }))).toEqual({ kind: 'rejected', status });
  expect(followed).toEqual([]);
});

test.each([
  [204, {}, { kind: 'accepted' }],
  [400, {}, { kind: 'rejected', status: 400 }],
  [410, {}, { kind: 'gone' }],
  [429, { 'retry-after': '7' }, { kind: 'unavailable', reason: '429', later: 7_000 }],
  [503, { 'retry-after': '999999' }, { kind: 'unavailable', reason: '503', later: 3_600_000 }],
  [500, { 'retry-after': 'soon' }, { kind: 'unavailable', reason: '500' }],
])('an answer of %i with %j', async (status, headers, outcome) => {
  expect(await send(await answers(status, headers))).toEqual(outcome);
});

test('a receiver that cannot be reached is unavailable', async () => {
  expect(await send('http://127.0.0.1:9/')).toMatchObject({
    kind: 'unavailable',
    reason: expect.any(String),
  });
});

test('a receiver that has not answered within ten seconds is unavailable', async () => {
  const late = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal);
  onTestFinished(() => timeout.mockRestore());
  const url = await serve(() => late.abort(new DOMException('late', 'TimeoutError')));
  expect(await send(url)).toEqual({ kind: 'unavailable', reason: 'ETIMEDOUT' });
  expect(timeout.mock.calls).toEqual([[10_000]]);
});
