import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRequestGate, LARGEST_REQUEST } from '../../../src/slack/app/request-gate.ts';
import { EXPECTING, type RawHeaders, sendHeaders } from '../../support/raw-request.ts';

const NOW = Date.UTC(2026, 2, 3, 9, 5);
const MINUTE = 60_000;
const SIGNATURE = `v0=${'0a'.repeat(32)}`;
const LARGE = 500_000;

/** A server behind the gate that answers 200 once it has read a body. */
async function serve() {
  const seen = { bytes: 0, connections: 0 };
  const gate = createRequestGate(() => NOW);
  const app = express().post('/slack/events', gate, (request, response) => {
    request.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
    });
    request.on('end', () => response.end('read'));
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.on('connection', (socket) => {
    seen.connections += 1;
    socket.once('close', () => {
      seen.connections -= 1;
    });
  });
  const { port } = server.address() as AddressInfo;
  const send = (headers: RawHeaders) => sendHeaders(port, headers);
  return { send, read: () => seen.bytes, connections: () => seen.connections };
}

const signed = (more: RawHeaders = {}): RawHeaders => ({
  'X-Slack-Signature': SIGNATURE,
  'X-Slack-Request-Timestamp': NOW / 1_000,
  'Content-Length': 100,
  ...more,
});

describe('before a byte of the body is read', () => {
  const at = (value: unknown) => ({ 'X-Slack-Request-Timestamp': value }) as RawHeaders;
  const by = (value: string | undefined): RawHeaders => ({ 'X-Slack-Signature': value });

  it.each<[string, RawHeaders]>([
    ['no signature', by(undefined)],
    ['no time stamp', at(undefined)],
    ['a signature of another version', by(SIGNATURE.replace('v0', 'v1'))],
    ['a signature that is cut', by(SIGNATURE.slice(0, -1))],
    ['a signature with letters beyond f', by(`v0=${'xy'.repeat(32)}`)],
    ['two signatures', by(`${SIGNATURE}, ${SIGNATURE}`)],
    ['a time stamp that is not a number', at('now')],
    ['a time stamp with a fraction', at(`${NOW / 1_000}.5`)],
    ['an endless time stamp', at('9'.repeat(400))],
    ['a time stamp of six minutes ago', at((NOW - 6 * MINUTE) / 1_000)],
  ])('rejects a request with %s as 401, and closes its connection', async (_, more) => {
    const { send, read } = await serve();
    const request = send(signed({ ...more, 'Content-Length': LARGE }));
    expect(await request.status()).toBe(401);
    request.socket.write('x'.repeat(LARGE));
    await request.closed;
    expect(read()).toBe(0);
  });

  it('rejects a request of more than a mebibyte as 413, and reads one that is just as long', async () => {
    const { send, read } = await serve();
    expect(await send(signed({ 'Content-Length': LARGEST_REQUEST + 1 })).status()).toBe(413);
    expect(read()).toBe(0);
    const longest = send(signed({ 'Content-Length': LARGEST_REQUEST }));
    longest.socket.write('x'.repeat(LARGEST_REQUEST));
    expect(await longest.status()).toBe(200);
    expect(read()).toBe(LARGEST_REQUEST);
  });

  it('accepts a time stamp unless it is more than five minutes old', async () => {
    const { send } = await serve();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -600, max: 600 }), async (seconds) => {
        const request = send(signed({ ...at(NOW / 1_000 + seconds), 'Content-Length': 0 }));
        expect(await request.status()).toBe(seconds >= -300 ? 200 : 401);
        request.socket.destroy();
      }),
      { numRuns: 40, examples: [[-300], [300], [-301], [301]] },
    );
  });
});

describe('large bodies that come at once', () => {
  const large = { 'Content-Length': LARGE };
  const hold = async (server: Awaited<ReturnType<typeof serve>>, count: number, length: RawHeaders) => {
    const requests = Array.from({ length: count }, () => server.send(signed({ ...length, ...EXPECTING })));
    for (const request of requests) await request.waits();
    return requests;
  };

  it.each([
    ['of 500,000 bytes', large],
    ['of unknown length', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }],
  ])('%s: reads eight, rejects a ninth as 503, and reads one of the usual size', async (_, length) => {
    const server = await serve();
    await hold(server, 8, length);
    expect(await server.send(signed(length)).status()).toBe(503);
    const usual = server.send(signed());
    usual.socket.write('x'.repeat(100));
    expect(await usual.status()).toBe(200);
  });

  it('count until they have come, or their sender is gone', async () => {
    const server = await serve();
    const [first, ...others] = await hold(server, 8, large);
    first?.socket.write('x'.repeat(LARGE));
    await expect.poll(server.read).toBe(LARGE);
    const [ninth] = await hold(server, 1, large);
    expect(await server.send(signed(large)).status()).toBe(503);
    for (const one of [first, ninth, ...others]) one?.socket.destroy();
    await expect.poll(server.connections).toBe(0);
    await hold(server, 8, large);
  });

  it('do not count when they are rejected', async () => {
    const server = await serve();
    for (let number = 0; number < 20; number += 1) {
      expect(await server.send(signed({ 'X-Slack-Signature': 'none', ...large })).status()).toBe(401);
      expect(await server.send(signed({ 'Content-Length': 2 * LARGEST_REQUEST })).status()).toBe(413);
    }
    await hold(server, 8, large);
  });
});
