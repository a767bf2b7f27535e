import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/lib/errors.ts';
import { SECRET } from '../support/world.ts';
import { startEndpoint } from './endpoint.ts';

const TASK = '/webhooks/press/task';
const good = { kickoff_id: 'run-1', name: 'draft', output: 'Hello' };
const MIB = 1_048_576;
const JSON_TYPE = { 'content-type': 'application/json' };
type Endpoint = Awaited<ReturnType<typeof startEndpoint>>;

/** Sends a request that is rejected: as JSON, in one sentence, without anything of our inside, and nothing is stored. */
async function expectRejection(
  { ask, commits }: Endpoint,
  [status, error]: [number, string],
  ...request: Parameters<Endpoint['ask']>
) {
  const before = commits();
  const answer = await ask(...request);
  expect([answer.status, answer.data]).toEqual([
    status,
    { error, message: expect.stringMatching(/^[^\n]{5,}\.$/) },
  ]);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(JSON.stringify(answer.data)).not.toMatch(/node_modules|\bat \w+ \(|\.ts:|\.js:/);
  expect(JSON.stringify([answer.data, answer.headers])).not.toContain(SECRET);
  expect(commits()).toBe(before);
  return answer;
}

describe('a webhook without the right secret', () => {
  it.each(['task', 'human-input', 'step', 'crew', 'events'])('is a 401: %s', async (kind) => {
    const endpoint = await startEndpoint();
    for (const config of [
      { params: {} },
      { params: { token: 'x'.repeat(6_000) } },
      { params: {}, headers: { ...JSON_TYPE, authorization: 'Bearer wrong' } },
    ]) {
      const request = [`/webhooks/press/${kind}`, { ...good, token: SECRET }, config] as const;
      const answer = await expectRejection(endpoint, [401, 'unauthorized'], ...request);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('is a 401 before its body is read, and when its URL has the secret in another form', async () => {
    const endpoint = await startEndpoint();
    const token = SECRET;
    for (const query of ['', `token=${token}&token=${token}`, `token[]=${token}`])
      await expectRejection(endpoint, [401, 'unauthorized'], `${TASK}?${query}`, '{broken', { params: {} });
  });
});

describe('a URL', () => {
  it('of an unknown crew, an unknown kind or nothing is a 404', async () => {
    const endpoint = await startEndpoint();
    for (const name of ['other', 'PRESS', '__proto__', 'constructor', '%00', 'press%20'])
      await expectRejection(endpoint, [404, 'unknown_crew'], `/webhooks/${name}/task`, good);
    for (const kind of ['flows', 'TASK', 'toString', '__proto__', 'task%2F']) {
      const answer = await expectRejection(endpoint, [404, 'unknown_kind'], `/webhooks/press/${kind}`, good);
      expect(answer.data.message).toBe('A webhook is one of task, human-input, step, crew, events, flow.');
    }
    const below = ['', '/press', '/press/task/more', '/%ff/task', '/press/%FF', '/%E0%A4%A/flow'];
    for (const path of ['/', '/healthz', '/.env', '//', ...below.map((rest) => `/webhooks${rest}`)])
      await expectRejection(endpoint, [404, 'not_found'], path, good);
  });

  it.each(['get', 'put', 'delete', 'patch'])('is a 404 for another method than POST: %s', async (method) => {
    await expectRejection(await startEndpoint(), [404, 'not_found'], TASK, undefined, { method });
  });
});

describe('a body', () => {
  it('that is not JSON is a 400', async () => {
    const endpoint = await startEndpoint();
    for (const body of ['{"kickoff_id": "run-1"', 'kickoff_id=run-1', '\0', Buffer.from([0x7b, 0xff]), ''])
      await expectRejection(endpoint, [400, 'not_json'], TASK, body);
  });

  it('of another type, charset or encoding is a 415', async () => {
    const endpoint = await startEndpoint();
    const types = ['', 'text/plain', 'text/json', 'text/html; charset=utf-8', 'application/jsonp'];
    const others = ['application/x-www-form-urlencoded', 'application/json; charset=klingon'];
    for (const headers of [
      ...[...types, ...others].map((type) => ({ 'content-type': type })),
      { ...JSON_TYPE, 'content-encoding': 'zip' },
      { ...JSON_TYPE, 'content-encoding': 'constructor' },
    ])
      await expectRejection(endpoint, [415, 'not_json_type'], TASK, JSON.stringify(good), { headers });
  });

  it.each(['application/json; charset=utf-8', 'application/vnd.crewai+json', 'Application/JSON'])(
    'of the type %s is accepted',
    async (type) => {
      const { ask } = await startEndpoint();
      const answer = await ask(TASK, JSON.stringify(good), { headers: { 'content-type': type } });
      const created = { status: 'created', approval: expect.any(String), round: 1 };
      expect([answer.status, answer.data]).toEqual([202, created]);
    },
  );

  it('with headers of more than 16 KiB is a 431, and the next one is accepted', async () => {
    const { ask, commits } = await startEndpoint();
    const { status } = await ask(TASK, good, { headers: { ...JSON_TYPE, 'x-long': 'x'.repeat(20_000) } });
    expect([status, commits()]).toEqual([431, 0]);
    expect((await ask(TASK, good)).status).toBe(202);
  });

  it('is a 413 above 8 MiB, a registration above 1 MiB, and accepted just below', async () => {
    const endpoint = await startEndpoint();
    const sized = (bytes: number) => {
      const frame = JSON.stringify({ ...good, output: '' }).length;
      return JSON.stringify({ ...good, output: 'x'.repeat(bytes - frame) });
    };
    for (const kind of ['task', 'human-input', 'step', 'crew', 'events'])
      await expectRejection(endpoint, [413, 'too_large'], `/webhooks/press/${kind}`, sized(8 * MIB + 1));
    expect((await endpoint.ask(TASK, sized(8 * MIB))).status).toBe(202);
    const path = '/crews/press/executions/run-1';
    const put = { method: 'put' };
    await expectRejection(endpoint, [413, 'too_large'], path, `{${' '.repeat(MIB - 1)}}`, put);
    expect((await endpoint.ask(path, `{${' '.repeat(MIB - 2)}}`, put)).status).toBe(200);
  });

  it('with wrong fields is a 422 that names each of them', async () => {
    const endpoint = await startEndpoint();
    for (const [kind, body, message] of [
      ['task', { kickoff_id: 'run-1' }, 'name is missing; output is missing.'],
      ['events', { event: {} }, 'events must be a list.'],
      ['task', '[]', 'body must be a JSON object.'],
    ] as const) {
      const path = `/webhooks/press/${kind}`;
      const answer = await expectRejection(endpoint, [422, 'invalid_fields'], path, body);
      expect(answer.data.message).toBe(message);
    }
  });

  const nest = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  const withOutput = (output: string, run = 'run-1') =>
    `{"kickoff_id":"${run}","name":"draft","output":${output}}`;

  it('that is nested deeper than 64 levels is a 422', async () => {
    const endpoint = await startEndpoint();
    for (const levels of [65, 1_000, 400_000])
      await expectRejection(endpoint, [422, 'too_deep'], TASK, withOutput(nest(levels - 1)));
    expect((await endpoint.ask(TASK, withOutput(nest(63)))).status).toBe(202);
  });

  it('is accepted when only a value that a duplicate key replaces is nested so', async () => {
    const { ask } = await startEndpoint();
    for (const levels of [400_000, 1_000]) {
      const output = `{"a":${nest(levels)},"a":1}`;
      const first = await ask(TASK, withOutput(output, `run-${levels}`));
      expect(first).toMatchObject({ status: 202, data: { status: 'created' } });
      const again = await ask(TASK, withOutput(JSON.stringify(output), `run-${levels}`));
      expect(again).toMatchObject({ status: 202, data: { status: 'duplicate' } });
    }
  });

  it('in UTF-8 with a byte order mark is accepted, whatever its numbers', async () => {
    const { ask } = await startEndpoint();
    const text = `\ufeff${withOutput('{"n":12345678901234567890,"n":1e400}')}`;
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await ask(TASK, text, { headers })).status).toBe(202);
  });

  it('cannot change prototypes', async () => {
    const { ask } = await startEndpoint();
    const body = withOutput('{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}');
    expect((await ask(TASK, body)).status).toBe(202);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a failure of ours', () => {
  const step = ['/webhooks/press/step', { kickoff_id: 'run-1' }] as const;

  it('of the store is a 503, so that the webhook is sent again', async () => {
    const error = new StoreError('disk is full at /var/lib/secret.db', new Error('SQLITE_FULL'));
    const endpoint = await startEndpoint(error);
    const answer = await expectRejection(endpoint, [503, 'store_unavailable'], ...step);
    expect(JSON.stringify(answer.data)).not.toContain('secret.db');
    expect(endpoint.lines.map(({ level, fact }) => [level, fact])).toEqual([['error', 'request not stored']]);
  });

  it('of another kind is a 500 that says no more', async () => {
    const endpoint = await startEndpoint(new TypeError(`cannot read ${SECRET} of undefined`));
    await expectRejection(endpoint, [500, 'internal_error'], ...step);
  });
});

it('run events are accepted, and duplicates and other types are named', async () => {
  const { ask } = await startEndpoint();
  const event = (over: object = {}) => ({
    id: 'event-1',
    execution_id: 'run-1',
    timestamp: new Date().toISOString(),
    type: 'task_started',
    data: { task_name: 'draft', emission_sequence: 1 },
    ...over,
  });
  const send = async (body: unknown) => {
    const { status, data } = await ask('/webhooks/press/events', body);
    return [status, data];
  };
  expect(await send({ events: [event()] })).toEqual([202, { status: 'noted' }]);
  expect(await send({ events: [event()] })).toEqual([202, { status: 'duplicate' }]);
  expect(await send({ events: [] })).toEqual([202, { status: 'noted' }]);
  const other = event({ type: 'llm_call_started' });
  expect(await send({ events: [other] })).toEqual([202, { status: 'noted', ignored: 1 }]);
  const next = event({ id: 'event-2', data: { task_name: 'publish', emission_sequence: 2 } });
  expect(await send([next])).toEqual([202, { status: 'noted' }]);
});
