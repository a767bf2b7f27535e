import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { type CallOptions, CrewApprovals } from '../../src/clients/client.ts';
import { readClientSettings } from '../../src/clients/client-settings.ts';

const SHIP = { title: 'Ship build 42?', text: 'All 312 tests passed.' };
const ANSWER = { option: 'approve', text: '', by: 'UANA', at: '2026-12-01T10:00:00Z' };

/** The pauses of the client, in seconds. Each of them lasts a thousandth of its time. */
const pauses = vi.hoisted(() => [] as number[]);
vi.mock('node:timers/promises', async (load) => {
  const { setTimeout: sleep } = await load<typeof import('node:timers/promises')>();
  return {
    setTimeout: (time: number, value: unknown, options: object) => {
      pauses.push(time / 1_000);
      return sleep(time / 1_000, value, options);
    },
  };
});
afterEach(() => void pauses.splice(0));

interface Said {
  status?: number;
  headers?: Record<string, string>;
  body?: object | string;
}
type Answering = (request: { method: string; path: string; body: string }) => Said | 'cut';

/** A bot that gives these answers. */
async function startScriptedBot(answer: Answering) {
  const requests: string[] = [];
  const listener: RequestListener = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()).join('');
    const path = (request.url ?? '').replace(/^\/crews\/press\//, '');
    requests.push(`${request.method} ${path}`);
    const said = answer({ method: request.method ?? '', path, body });
    if (said === 'cut') {
      request.socket.destroy();
      return;
    }
    const text = typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {});
    response.writeHead(said.status ?? 200, said.headers).end(text);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const retries: number[] = [];
  const onRetry: CallOptions['onRetry'] = ({ retryIn }) => void retries.push(retryIn);
  const client = new CrewApprovals({ url, crew: 'press', secret: 'a-secret', onRetry });
  return { client, url, requests, retries };
}

const fault = (status: number, more: object = {}): Said => ({
  status,
  body: { error: 'fault', message: 'Not now.' },
  ...more,
});

/** Gives the faults in this order, and then what the bot says. */
function failFirst(
  faults: (Said | 'cut')[],
  then: Said = { body: { id: 'q1', status: 'waiting' } },
): Answering {
  const left = [...faults];
  return () => left.shift() ?? then;
}

test.each<[string, Said | 'cut']>([
  ...[401, 403, 404, 429, 500, 502, 503, 504].map((status): [string, Said] => [
    String(status),
    fault(status),
  ]),
  ['a 422 of a proxy', { status: 422, body: '<html>' }],
  ['a 200 that is not JSON', { body: '<html>' }],
  ['a cut connection', 'cut'],
])('a request is sent again after %s', async (_, first) => {
  const { client, requests, retries } = await startScriptedBot(failFirst([first]));
  expect(await client.read('q1')).toEqual({ id: 'q1', status: 'waiting' });
  expect(requests).toEqual(['GET questions/q1', 'GET questions/q1']);
  expect([retries, pauses]).toEqual([[1], [1]]);
});

test.each([400, 413, 415, 422])(
  'a request that the bot rejects with %i is not sent again',
  async (status) => {
    const { client, requests } = await startScriptedBot(failFirst([fault(status)]));
    await expect(client.put('q1', SHIP)).rejects.toMatchObject({
      name: 'QuestionRejected',
      status,
      code: 'fault',
    });
    expect(requests).toHaveLength(1);
  },
);

test('the pauses between tries grow up to five minutes', async () => {
  const { client } = await startScriptedBot(failFirst(Array.from({ length: 11 }, () => fault(503))));
  await client.read('q1');
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('a pause is as long as Retry-After says, an hour at most, and never shorter than without it', async () => {
  const after = (seconds: string) => fault(429, { headers: { 'retry-after': seconds } });
  const faults = ['7', '1', '0', 'Tue, 01 Dec 2026 10:00:00 GMT', '999999999'].map(after);
  const { client } = await startScriptedBot(failFirst(faults));
  await client.read('q1');
  expect(pauses).toEqual([7, 2, 4, 8, 3_600]);
});

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) is not followed: the secret stays with the bot',
  async (status) => {
    const elsewhere = await startScriptedBot(() => ({
      body: { id: 'q1', status: 'answered', answer: ANSWER },
    }));
    const headers = { location: `${elsewhere.url}/crews/press/questions/q1` };
    const { client, requests } = await startScriptedBot(
      failFirst([fault(status, { headers }), fault(status, { headers })]),
    );
    expect(await client.read('q1')).toEqual({ id: 'q1', status: 'waiting' });
    expect(requests).toHaveLength(3);
    expect(elsewhere.requests).toEqual([]);
  },
);

/** Asks, and gives the requests that ask or read. `states`: what the bot says of the question, one after another. */
async function askThrough(states: Said[], id: string | undefined, before: (body: object) => void = () => {}) {
  const left = [...states];
  const asked: Record<string, unknown>[] = [];
  const { client, requests } = await startScriptedBot(({ method, path, body }) => {
    if (path.endsWith('/alive')) return fault(503);
    if (method === 'PUT' && !path.endsWith('/received')) asked.push(JSON.parse(body));
    if (method === 'GET') {
      const said = left.shift() ?? { body: { status: 'answered', answer: ANSWER } };
      before(said.body as object);
      return said;
    }
    return { body: { status: path.endsWith('/received') ? 'answered' : 'waiting', answer: ANSWER } };
  });
  const outcome = await client.ask(SHIP, id === undefined ? {} : { id }).catch((error: unknown) => error);
  const ids = requests.filter((one) => /^PUT questions\/[^/]+$/.test(one));
  return { outcome, asked, ids };
}

test.each(['build-42', undefined])(
  'a question that the bot does not know is asked again: id %j',
  async (id) => {
    const unknown = {
      status: 404,
      body: { error: 'unknown_question', message: 'There is no such question.' },
    };
    const { outcome, ids } = await askThrough([unknown, unknown], id);
    expect(outcome).toEqual(ANSWER);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(pauses.filter((one) => one === 5).length).toBeGreaterThanOrEqual(2);
  },
);

test('a question that was closed because its lease was renewed too late is asked again', async () => {
  const real = performance.now.bind(performance);
  let late = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => real() + late);
  onTestFinished(() => clock.mockRestore());
  const { outcome, asked, ids } = await askThrough(
    [{ body: { status: 'closed' } }],
    undefined,
    ({ status }: { status?: string }) => {
      if (status === 'closed') late = 301_000;
    },
  );
  expect(outcome).toEqual(ANSWER);
  expect(asked).toEqual([
    { ...SHIP, lease: true },
    { ...SHIP, lease: true, follows: ids[0]?.replace('PUT questions/', '') },
  ]);
});

test('a question that was closed while its lease was renewed is not asked again', async () => {
  const real = performance.now.bind(performance);
  let late = 0;
  let renewed = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => real() + late);
  onTestFinished(() => clock.mockRestore());
  const { client, requests } = await startScriptedBot(({ method, path }) => {
    if (path.endsWith('/alive')) renewed += 1;
    if (method === 'GET') late = 301_000;
    // At the second renewal, the client has heard of the first one.
    return { body: { status: method === 'GET' && renewed >= 2 ? 'closed' : 'waiting' } };
  });
  await expect(client.ask(SHIP)).rejects.toMatchObject({ name: 'QuestionClosed', status: 'closed' });
  expect(requests.filter((one) => /^PUT questions\/[^/]+$/.test(one))).toHaveLength(1);
});

test.each([
  [{ option: 'allow', by: 'UANA' }, true],
  [{ option: 'allow', by: '' }, false],
  [{ option: 'allow', by: null }, false],
  [{ option: 'allow' }, false],
  [{ option: 'block', by: 'UANA' }, false],
])('a call of a tool is allowed by a person only: %j %j', async (made, allowed) => {
  const answer = { text: '', at: ANSWER.at, ...made };
  const { client } = await startScriptedBot(() => ({ body: { status: 'answered', answer } }));
  expect(await client.tool({ title: 'pay', arguments: {} }, { id: 'pay' })).toMatchObject({ allowed });
});

test('a bot whose certificate is not trusted gets nothing', async () => {
  const pem = readFileSync('test/fixtures/untrusted-server.pem');
  let requests = 0;
  const server = createTlsServer({ key: pem, cert: pem }, (_, response) => {
    requests += 1;
    response.end('{"id":"q1","status":"waiting"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new CrewApprovals({ url, crew: 'press', secret: 'a-secret' });
  const onRetry: CallOptions['onRetry'] = (failure) => {
    throw failure;
  };
  await expect(client.read('q1', 0, { onRetry })).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(requests).toBe(0);
});

test('a client does not start where the environment switches off the checks of certificates', () => {
  const read = (value: string) => () =>
    readClientSettings(undefined, { NODE_TLS_REJECT_UNAUTHORIZED: value });
  for (const off of ['0', ' 0 ']) expect(read(off)).toThrow(/^NODE_TLS_REJECT_UNAUTHORIZED is 0/);
  expect(read('1')()).toEqual({});
});
