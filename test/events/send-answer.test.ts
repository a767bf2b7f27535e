import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Endpoints } from '../../src/approval/model/crew/endpoint.ts';
import { createAnswerPushes, findHostRule } from '../../src/events/send-answer.ts';
import { behindProxy, startProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const clock = { now: () => Date.now() };

/** A program over HTTP, until the test ends: its host with the port. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends an answer where the settings allow these hosts. `found`: what DNS says at each look. */
function createPushes(
  hosts: string[],
  { found = [], timeout = 8_000 }: { found?: string[][]; timeout?: number } = {},
) {
  const asked: string[] = [];
  const resolve = (host: string, _: object, callback: (error: null, all: LookupAddress[]) => void) => {
    asked.push(host);
    const now = found[Math.min(asked.length, found.length) - 1] ?? [];
    callback(
      null,
      now.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  const endpoints = new Map([['press', { answers: { hosts, secret } }]]) as unknown as Endpoints;
  const pushes = createAnswerPushes({ endpoints, clock, timeout, resolve: resolve as never });
  const push = (url: string) =>
    pushes.push('press', { url, id: 'msg_1', body: { id: 'q1', status: 'closed' } });
  return { push, pushes, asked };
}

test('an answer goes through the proxy of the environment, except where the bot checks the address itself', async () => {
  const host = await serve((_, response) => void response.end());
  const { passed } = await startProxy();
  const named = new URL(behindProxy(`http://${host}/hook`, 'hooks.test'));
  const { push } = createPushes([named.host, 'public.test'], { found: [['10.0.0.1']] });
  expect(await push(named.href)).toEqual({ kind: 'taken' });
  expect(passed).toEqual(['hooks.test/hook']);
  expect(await push('https://public.test/hook')).toMatchObject({ kind: 'not_allowed' });
  expect(passed).toHaveLength(1);
});

test('an answer is a body that the library verifies', async () => {
  let verified: unknown;
  const host = await serve((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      verified = new Webhook(secret).verify(Buffer.concat(parts), request.headers as Record<string, string>);
      response.writeHead(204).end();
    });
  });
  const { push, asked } = createPushes([host]);
  expect(await push(`http://${host}/hook?a=b`)).toEqual({ kind: 'taken' });
  expect(verified).toEqual({ id: 'q1', status: 'closed' });
  expect(asked).toEqual([]);
});

test.each([
  [200, {}, { kind: 'taken' }],
  [299, {}, { kind: 'taken' }],
  [410, {}, { kind: 'gone' }],
  [302, { location: 'http://127.0.0.1:1/' }, { kind: 'failed', reason: '302' }],
  [307, { location: '/elsewhere' }, { kind: 'failed', reason: '307' }],
  [404, {}, { kind: 'failed', reason: '404' }],
  [500, {}, { kind: 'failed', reason: '500' }],
  [503, { 'retry-after': '60' }, { kind: 'failed', reason: '503', retryAfterMs: 60_000 }],
  [429, { 'retry-after': '999999' }, { kind: 'failed', reason: '429', retryAfterMs: 3_600_000 }],
])('the answer %i %j of a program', async (status, headers, outcome) => {
  const paths: unknown[] = [];
  const host = await serve((request, response) => {
    paths.push(request.url);
    response.writeHead(status, headers as Record<string, string>).end('a body');
  });
  expect(await createPushes([host]).push(`http://${host}/hook`)).toEqual(outcome);
  expect(paths).toEqual(['/hook']);
});

test('the body of a response is not read, and a program that hangs is left', async () => {
  const closed = vi.fn();
  const endless = await serve((request, response) => {
    request.resume();
    response.writeHead(200);
    const more = setInterval(() => response.write('x'.repeat(64 * 1024)), 1);
    response.on('close', () => {
      clearInterval(more);
      closed();
    });
  });
  expect(await createPushes([endless]).push(`http://${endless}/`)).toEqual({ kind: 'taken' });
  await until(() => expect(closed).toHaveBeenCalled());
  const silent = await serve(() => {});
  const { push } = createPushes([silent], { timeout: 100 });
  expect(await push(`http://${silent}/`)).toEqual({ kind: 'failed', reason: 'ETIMEDOUT' });
});

test('a program that does not listen is not reached', async () => {
  const { push } = createPushes(['127.0.0.1:1']);
  expect(await push('http://127.0.0.1:1/')).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' });
});

test.each([
  ['127.0.0.1'],
  ['169.254.169.254'],
  ['10.1.2.3'],
  ['::1'],
  ['fd00:ec2::254'],
  ['::ffff:127.0.0.1'],
])('a host that resolves to %s is not called, at its first look and at a later one', async (address) => {
  // One that is public has no program in this test.
  const found = [[address], ['192.0.2.1', address], [address]];
  const { push, asked } = createPushes(['hooks.test'], { found });
  for (const _ of found)
    expect(await push('https://hooks.test/')).toEqual({ kind: 'not_allowed', reason: 'PRIVATE_ADDRESS' });
  expect(asked).toHaveLength(3);
});

test('an address as a host is checked without DNS', async () => {
  const { push, asked } = createPushes(['127.0.0.1', '169.254.169.254']);
  for (const url of ['https://127.0.0.1/', 'https://169.254.169.254/latest/meta-data'])
    expect(await push(url)).toEqual({ kind: 'not_allowed', reason: 'PRIVATE_ADDRESS' });
  expect(asked).toEqual([]);
});

test('a host of the settings means https on 443; with its port also http and private addresses', () => {
  const hosts = ['hooks.example.com', 'N8N.internal:5678'];
  const allow = (url: string) => findHostRule(url, hosts);
  expect(allow('https://hooks.example.com/a?b=c')).toBe('public');
  expect(allow('https://HOOKS.example.com:443/')).toBe('public');
  for (const url of ['http://n8n.internal:5678/x', 'https://n8n.internal:5678/x'])
    expect(allow(url)).toBe('named');
  for (const url of [
    'http://hooks.example.com/',
    'http://hooks.example.com:443/',
    'https://hooks.example.com:8443/',
    'https://a.hooks.example.com/',
    'https://hooks.example.com.evil.test/',
    'https://n8n.internal/',
    'http://n8n.internal:5679/',
    'https://ana@hooks.example.com/',
    'https://hooks.example.com@evil.test/',
    'https://hooks.example.com/#part',
    'ftp://hooks.example.com/',
    'https://[::1]/',
    '',
  ])
    expect(allow(url), url).toBeUndefined();
});

test('a crew without allowed hosts sends nothing', async () => {
  const called = vi.fn();
  const server = createTcpServer(called);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { push, pushes } = createPushes([]);
  expect(await push(url)).toEqual({ kind: 'not_allowed', reason: 'HOST_NOT_ALLOWED' });
  expect(pushes.mayPush('press', url)).toBe(false);
  expect(pushes.mayPush('another', url)).toBe(false);
  expect(called).not.toHaveBeenCalled();
});
