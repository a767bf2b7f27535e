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
  let read = 0;
  const app = express().post(
    '/slack/events',
    createRequestGate(() => NOW),
    (request, response) => {
      request.on('data', (chunk: Buffer) => {
        read += chunk.length;
      });
      request.on('end', () => response.end('read'));
    },
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  return {
    send: (headers: RawHeaders) => sendHeaders(port, headers),
    /** How many bytes of bodies were read. */
    read: () => read,
    connections: () => connections,
  };
}

const signed = (more: RawHeaders = {}): RawHeaders => ({
  'X-Slack-Signature': SIGNATURE,
  'X-Slack-Request-Timestamp': NOW / 1_000,
  'Content-Length': 100,
  ...more,
});

describe('before a byte of the body is read', () => {
  const wrong: Record<string, RawHeaders> = {
    'no signature': { 'X-Slack-Signature': undefined },
    'no time stamp': { 'X-Slack-Request-Timestamp': undefined },
    'neither of them': { 'X-Slack-Signature': undefined, 'X-Slack-Request-Timestamp': undefined },
    'a signature of another version': { 'X-Slack-Signature': SIGNATURE.replace('v0', 'v1') },
    'a signature that is cut': { 'X-Slack-Signature': SIGNATURE.slice(0, -1) },
    'a signature with letters beyond f': { 'X-Slack-Signature': `v0=${'xy'.repeat(32)}` },
    'two signatures': { 'X-Slack-Signature': `${SIGNATURE}, ${SIGNATURE}` },
    'a time stamp that is not a number': { 'X-Slack-Request-Timestamp': 'now' },
    'a time stamp with a fraction': { 'X-Slack-Request-Timestamp': `${NOW / 1_000}.5` },
    'a negative time stamp': { 'X-Slack-Request-Timestamp': -NOW / 1_000 },
    'a time stamp without end': { 'X-Slack-Request-Timestamp': '9'.repeat(400) },
    'a time stamp of six minutes ago': { 'X-Slack-Request-Timestamp': (NOW - 6 * MINUTE) / 1_000 },
  };

  it.each(Object.entries(wrong))(
    'a request with %s is answered 401, and its connection closed',
    async (_, more) => {
      const { send, read } = await serve();
      const request = send(signed({ ...more, 'Content-Length': LARGE }));
      expect(await request.status()).toBe(401);
      request.socket.write('x'.repeat(LARGE));
      await request.closed;
      expect(read()).toBe(0);
    },
  );

  it('a request whose length is over a mebibyte is answered 413, one that is just as long is read', async () => {
    const { send, read } = await serve();
    expect(await send(signed({ 'Content-Length': LARGEST_REQUEST + 1 })).status()).toBe(413);
    expect(read()).toBe(0);
    const longest = send(signed({ 'Content-Length': LARGEST_REQUEST }));
    longest.socket.write('x'.repeat(LARGEST_REQUEST));
    expect(await longest.status()).toBe(200);
    expect(read()).toBe(LARGEST_REQUEST);
  });
});

describe('a time stamp', () => {
  it('is taken unless it is more than five minutes old', async () => {
    const { send } = await serve();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -600, max: 600 }), async (seconds) => {
        const request = send(
          signed({ 'X-Slack-Request-Timestamp': NOW / 1_000 + seconds, 'Content-Length': 0 }),
        );
        expect(await request.status()).toBe(seconds >= -300 ? 200 : 401);
        request.socket.destroy();
      }),
      { numRuns: 40, examples: [[-300], [300], [-301], [301]] },
    );
  });
});

describe('bodies that come at once', () => {
  const held = async (server: Awaited<ReturnType<typeof serve>>, count: number, length: RawHeaders) => {
    const requests = Array.from({ length: count }, () => server.send(signed({ ...length, ...EXPECTING })));
    for (const request of requests) await request.waits();
    return requests;
  };

  it.each([
    ['of 500,000 bytes', { 'Content-Length': LARGE }],
    ['whose length is not told', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }],
  ])('%s: eight are read, a ninth is answered 503, and one of the usual size is read', async (_, length) => {
    const server = await serve();
    await held(server, 8, length);
    expect(await server.send(signed(length)).status()).toBe(503);
    const usual = server.send(signed());
    usual.socket.write('x'.repeat(100));
    expect(await usual.status()).toBe(200);
  });

  it('are counted until they have come, or their sender is gone', async () => {
    const server = await serve();
    const [first, second, ...others] = await held(server, 8, { 'Content-Length': LARGE });
    first?.socket.write('x'.repeat(LARGE));
    await expect.poll(server.read).toBe(LARGE);
    const [ninth] = await held(server, 1, { 'Content-Length': LARGE });
    expect(await server.send(signed({ 'Content-Length': LARGE })).status()).toBe(503);
    for (const one of [first, second, ninth, ...others]) one?.socket.destroy();
    await expect.poll(server.connections).toBe(0);
    await held(server, 8, { 'Content-Length': LARGE });
  });

  it('that are refused take no place', async () => {
    const server = await serve();
    for (let number = 0; number < 20; number += 1) {
      const unsigned = signed({ 'X-Slack-Signature': 'none', 'Content-Length': LARGE });
      expect(await server.send(unsigned).status()).toBe(401);
      expect(await server.send(signed({ 'Content-Length': 2 * LARGEST_REQUEST })).status()).toBe(413);
    }
    await held(server, 8, { 'Content-Length': LARGE });
  });
});
