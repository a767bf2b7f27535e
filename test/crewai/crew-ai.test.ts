import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { startPlatform } from '../../src/sandbox/crewai/platform.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { approval, round } from '../slack/records.ts';
import { fixedDialect } from '../support/dialects.ts';
import { crew, decision, endpointsOf, execution } from './records.ts';
import { serve } from './serve.ts';

const TOKEN = 'crew-token-that-nobody-may-see';

async function resume(baseUrl: string, { timeout = 8_000, token = TOKEN } = {}) {
  const crews = new CrewAIClient({
    endpoints: endpointsOf(crew, baseUrl, { bearerToken: token }),
    dialects: fixedDialect(),
    clock: createSystemClock(),
    timeout,
  });
  const outcome = await crews.resume({
    approval: approval([round()]),
    round: round(),
    decision: decision(),
    execution: execution(),
  });
  expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  return outcome;
}

it('a decision is one POST of JSON to /resume with the bearer token', async () => {
  const { seen, url } = await serve((_, response) =>
    response.end('{"status":"resumed","message":"Going on"}'),
  );
  expect(await resume(`${url}/deployed//`)).toEqual({
    kind: 'accepted',
    dialect: 'documented',
    says: 'resumed',
  });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({
    method: 'POST',
    url: '/deployed/resume',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'content-type': expect.stringMatching(/^application\/json/),
      accept: 'application/json',
    },
  });
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    execution_id: 'run-1',
    task_id: 'draft',
    human_feedback: 'Approved.',
    is_approve: true,
  });
});

it.each([301, 302, 303, 307, 308])(
  'a redirect by %i is not followed, and the token is not sent on',
  async (status) => {
    const elsewhere = await serve((_, response) => response.end('{}'));
    const { seen, url } = await serve((_, response) =>
      response.writeHead(status, { location: `${elsewhere.url}/resume` }).end(),
    );
    expect(await resume(url)).toEqual({ kind: 'refused', failure: { kind: 'refused', status } });
    expect(seen).toHaveLength(1);
    expect(elsewhere.seen).toEqual([]);
  },
);

it('an answer that does not come in time is unknown', async () => {
  const { seen, url } = await serve(() => {});
  expect(await resume(url, { timeout: 1_000 })).toEqual({
    kind: 'unknown',
    failure: { kind: 'unknown', detail: 'ETIMEDOUT' },
  });
  expect(seen).toHaveLength(1);
});

it('an answer whose body does not end in time is unknown', async () => {
  const { url } = await serve((_, response) => void response.writeHead(200).write('{"status":'));
  expect((await resume(url, { timeout: 1_000 })).kind).toBe('unknown');
});

it('a connection that is reset is unknown', async () => {
  const { url } = await serve((request) => void request.socket.destroy());
  expect(await resume(url)).toEqual({ kind: 'unknown', failure: { kind: 'unknown', detail: 'ECONNRESET' } });
});

it('an answer that breaks off is unknown', async () => {
  const { url } = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"status": "resumed"', () => request.socket.destroy());
  });
  expect((await resume(url)).kind).toBe('unknown');
});

it('an answer that is no HTTP is unknown', async () => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  expect((await resume(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).kind).toBe('unknown');
});

it.each(['127.0.0.1', 'localhost'])('a refused connection to %s was certainly not reached', async (host) => {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  expect(await resume(`http://${host}:${port}`)).toEqual({
    kind: 'not_reached',
    failure: { kind: 'not_reached', detail: 'ECONNREFUSED' },
  });
});

it('a server without TLS under https was certainly not reached', async () => {
  const { seen, url } = await serve((_, response) => response.end('{}'));
  expect((await resume(url.replace('http:', 'https:'))).kind).toBe('not_reached');
  expect(seen).toEqual([]);
});

it('an answer of more than 256 KiB is unknown, and not read to its end', async () => {
  const { url } = await serve((_, response) => {
    const more = () => {
      if (!response.destroyed) response.write(`"${'x'.repeat(64 * 1024)}`, more);
    };
    response.writeHead(200);
    more();
  });
  expect((await resume(url, { timeout: 5_000 })).kind).toBe('unknown');
});

it.each<[number, string]>([
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [429, 'not_reached'],
  [500, 'unknown'],
  [503, 'not_reached'],
])('an answer of %i is %s', async (status, kind) => {
  const { url } = await serve((_, response) =>
    response.writeHead(status, { 'retry-after': '2' }).end('<html>proxy</html>'),
  );
  const outcome = await resume(url);
  expect(outcome.kind).toBe(kind);
  if (kind !== 'refused') expect(outcome).toMatchObject({ retryAfterMs: 2_000 });
});

it('the sandbox platform answers as documented: nobody knows a made-up run, and another token is refused', async () => {
  const platform = await startPlatform({ dialect: 'documented', token: TOKEN, tasks: [] });
  onTestFinished(platform.close);
  expect(await resume(platform.baseUrl)).toMatchObject({ kind: 'refused', failure: { status: 404 } });
  expect(await resume(platform.baseUrl, { token: 'another' })).toMatchObject({ failure: { status: 401 } });
});

it('a crew that is in the settings no more is a refusal', async () => {
  const crews = new CrewAIClient({
    endpoints: new Map(),
    dialects: fixedDialect(),
    clock: createSystemClock(),
  });
  const outcome = await crews.resume({
    approval: approval([round()]),
    round: round(),
    decision: decision(),
    execution: execution(),
  });
  expect(outcome).toMatchObject({
    kind: 'refused',
    failure: { detail: 'CREW_GONE' },
  });
});
