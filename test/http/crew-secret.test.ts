import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import axios, { type AxiosRequestConfig } from 'axios';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { createBodyHandlers } from '../../src/http/body.ts';
import { handleErrors, notFound } from '../../src/http/errors.ts';
import { type BodyReading, buildWebhooksRouter } from '../../src/http/webhooks.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { noStarts } from '../approval/worker/worker-world.ts';
import { crew, endpointsOf } from '../crewai/records.ts';
import { collectingLog } from '../slack/stage.ts';
import { buildTestApp } from '../support/app.ts';
import { fixedDialect } from '../support/dialects.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type Bot, SECRET, sees, startBot, startWorld, type World } from '../support/world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const good = { kickoff_id: 'run-1', name: 'draft', output: 'Hello' };

async function start() {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  return { world, bot };
}

/** How many records the store holds of webhooks; the dialect of the crew is learned in the background. */
function records({ settings }: World): number {
  const database = new DatabaseSync((settings.STORE_URL as string).slice('sqlite://'.length), {
    readOnly: true,
  });
  try {
    const counted = database.prepare("SELECT count(*) AS count FROM records WHERE key NOT LIKE 'dialect/%'");
    return (counted.get() as { count: number }).count;
  } finally {
    database.close();
  }
}

function ask(url: string, data: unknown, config: AxiosRequestConfig = {}) {
  // As it is: axios would write a text as JSON.
  const body = typeof data === 'string' ? Buffer.from(data) : data;
  return axios.post<Record<string, unknown>>(url, body, {
    validateStatus: () => true,
    headers: JSON_TYPE,
    maxRedirects: 0,
    ...config,
  });
}
type Answered = Awaited<ReturnType<typeof ask>>;

/** A refusal says why as JSON, in one sentence, and nothing of our inside. */
function expectRefusal(answer: Answered, status: number, error: string) {
  expect([answer.status, answer.data.error]).toEqual([status, error]);
  expect(answer.data).toEqual({ error, message: expect.stringMatching(/^[^\n]{5,}\.$/) });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers).not.toHaveProperty('x-powered-by');
  expect(JSON.stringify(answer.data)).not.toMatch(/node_modules|\bat \w+ \(|\.ts:|\.js:/);
  expect(JSON.stringify([answer.data, answer.headers])).not.toContain(SECRET);
}

/** The request is refused so, and the store is as it was. */
async function refused(world: World, status: number, error: string, request: () => Promise<Answered>) {
  const before = records(world);
  const answer = await request();
  expectRefusal(answer, status, error);
  expect(records(world)).toBe(before);
  return answer;
}

describe('the secret of a webhook', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it.each<[string, Record<string, string>, string]>([
    ['a bearer token', { authorization: `Bearer ${SECRET}` }, ''],
    ['a bearer token in small letters', { authorization: `bearer ${SECRET}` }, ''],
    ['the Basic password of any user', basic(`crewai:${SECRET}`), ''],
    ['the Basic password of nobody', basic(`:${SECRET}`), ''],
    ['?token=', {}, `?token=${SECRET}`],
    ['?token= beside a wrong bearer token', { authorization: 'Bearer wrong' }, `?token=${SECRET}`],
  ])('is taken as %s', async (_, headers, query) => {
    const { world, bot } = await start();
    const answer = await ask(`${bot.url}/webhooks/press/task${query}`, good, {
      headers: { ...JSON_TYPE, ...headers },
    });
    expect([answer.status, answer.data]).toEqual([
      202,
      { status: 'created', approval: expect.any(String), round: 1 },
    ]);
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    expect(records(world)).toBeGreaterThan(0);
  });

  it('is missing or wrong: 401, of every kind, by every way and of any length, and nothing is stored', async () => {
    const { world, bot } = await start();
    const wrong = [
      '',
      'x',
      SECRET.slice(0, -1),
      `${SECRET}x`,
      ` ${SECRET}x`,
      SECRET.toUpperCase(),
      `${SECRET.slice(0, -1)}X`,
      'x'.repeat(SECRET.length),
      'x'.repeat(6_000),
    ];
    const url = `${bot.url}/webhooks/press`;
    for (const kind of ['task', 'human-input', 'step', 'crew']) {
      await refused(world, 401, 'unauthorized', () => ask(`${url}/${kind}`, good));
    }
    for (const secret of wrong) {
      for (const authorization of [`Bearer ${secret}`, basic(`crewai:${secret}`).authorization, secret]) {
        const headers = { ...JSON_TYPE, authorization };
        const answer = await refused(world, 401, 'unauthorized', () => ask(`${url}/task`, good, { headers }));
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
      const query = `?token=${encodeURIComponent(secret)}`;
      await refused(world, 401, 'unauthorized', () => ask(`${url}/task${query}`, good));
    }
    for (const query of [
      `?token=${SECRET}&token=${SECRET}`,
      `?token[]=${SECRET}`,
      `?secret=${SECRET}`,
      `?Token=${SECRET}`,
    ]) {
      await refused(world, 401, 'unauthorized', () => ask(`${url}/task${query}`, good));
    }
    const inBody = { ...good, token: SECRET };
    await refused(world, 401, 'unauthorized', () => ask(`${url}/task`, inBody));
  });

  it('is asked for before the body is read', async () => {
    const { world, bot } = await start();
    await refused(world, 401, 'unauthorized', () => ask(`${bot.url}/webhooks/press/task`, '{broken'));
    await refused(world, 401, 'unauthorized', () => ask(`${bot.url}/webhooks/press/task`, {}));
  });
});

describe('an address', () => {
  it('of an unknown crew, an unknown kind or nothing is a 404, and nothing is stored', async () => {
    const { world, bot } = await start();
    const at = (path: string) => () => ask(`${bot.url}${path}?token=${SECRET}`, good);
    for (const name of ['other', 'PRESS', '__proto__', 'constructor', '%00', 'press%20']) {
      await refused(world, 404, 'unknown_crew', at(`/webhooks/${name}/task`));
    }
    for (const kind of ['flows', 'TASK', 'toString', '__proto__', 'task%2F']) {
      const { data } = await refused(world, 404, 'unknown_kind', at(`/webhooks/press/${kind}`));
      expect(data.message).toBe('A webhook is one of task, human-input, step, crew, events, flow.');
    }
    for (const path of [
      '/',
      '/webhooks',
      '/webhooks/press',
      '/webhooks/press/task/more',
      '/healthz',
      '/.env',
      '//',
    ]) {
      await refused(world, 404, 'not_found', at(path));
    }
  });

  it('that is asked in another way than POST is a 404', async () => {
    const { world, bot } = await start();
    for (const method of ['get', 'put', 'delete', 'patch']) {
      await refused(world, 404, 'not_found', () =>
        axios.request({ method, url: bot.webhook('task'), validateStatus: () => true }),
      );
    }
  });

  it('that cannot be decoded is a 404', async () => {
    const { world, bot } = await start();
    for (const path of ['/webhooks/%ff/task', '/webhooks/press/%FF', '/webhooks/%E0%A4%A/flow'])
      await refused(world, 404, 'not_found', () => ask(`${bot.url}${path}?token=${SECRET}`, good));
  });
});

describe('a body', () => {
  it.each([
    ['broken', '{"kickoff_id": "run-1"'],
    ['a form', 'kickoff_id=run-1'],
    ['no JSON', 'undefined'],
    ['NUL', '\0'],
    ['half UTF-8', Buffer.from([0x7b, 0xff])],
  ])('that is %s is a 400', async (_, body) => {
    const { world, bot } = await start();
    await refused(world, 400, 'not_json', () => ask(bot.webhook('task'), body));
  });

  it('that is empty is a 400', async () => {
    const { world, bot } = await start();
    await refused(world, 400, 'not_json', () => ask(bot.webhook('task'), ''));
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a text', 'text/plain'],
    ['almost JSON', 'application/jsonp'],
    ['something JSON-like', 'text/json'],
    ['a page', 'text/html; charset=utf-8'],
  ])('that calls itself %s is a 415', async (_, type) => {
    const { world, bot } = await start();
    const headers = { 'content-type': type };
    await refused(world, 415, 'not_json_type', () =>
      ask(bot.webhook('task'), JSON.stringify(good), { headers }),
    );
  });

  it('without a type is a 415, and one of an unknown charset or encoding too', async () => {
    const { world, bot } = await start();
    const url = bot.webhook('task');
    const bare = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(Buffer.from(JSON.stringify(good))),
    });
    expect([bare.status, ((await bare.json()) as { error: string }).error]).toEqual([415, 'not_json_type']);
    for (const headers of [
      { 'content-type': 'application/json; charset=klingon' },
      { ...JSON_TYPE, 'content-encoding': 'zip' },
      { ...JSON_TYPE, 'content-encoding': 'constructor' },
    ]) {
      const data = JSON.stringify(good);
      await refused(world, 415, 'not_json_type', () => ask(url, data, { headers }));
    }
  });

  it.each(['application/json; charset=utf-8', 'application/vnd.crewai+json', 'Application/JSON'])(
    'of the type %s is taken',
    async (type) => {
      const { bot } = await start();
      const headers = { 'content-type': type };
      expect((await ask(bot.webhook('task'), JSON.stringify(good), { headers })).status).toBe(202);
    },
  );

  it('with headers of more than 16 KiB is a 431, and the next one is taken', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await startBot(world);
    const body = { name: 'draft', output: 'x', kickoff_id: 'run-1' };
    const before = records(world);
    const long = await ask(bot.webhook('task'), body, {
      headers: { ...JSON_TYPE, 'x-long': 'x'.repeat(20_000) },
    });
    expect([long.status, records(world)]).toEqual([431, before]);
    expect((await ask(bot.webhook('task'), body)).status).toBe(202);
  });

  it('of more than 8 MiB is a 413, with and without its length, and one just below is taken', async () => {
    const { world, bot } = await start();
    const sized = (bytes: number) => {
      const frame = JSON.stringify({ ...good, output: '' }).length;
      return JSON.stringify({ ...good, output: 'x'.repeat(bytes - frame) });
    };
    const LIMIT = 8 * 1024 * 1024;
    await refused(world, 413, 'too_large', () => ask(bot.webhook('task'), sized(LIMIT + 1)));
    await refused(world, 413, 'too_large', () => ask(bot.webhook('task'), sized(2 * LIMIT)));
    await refused(world, 413, 'too_large', async () => {
      const chunks = async function* () {
        yield new Uint8Array(Buffer.from(sized(LIMIT + 1)));
      };
      const init = { method: 'POST', headers: JSON_TYPE, body: chunks(), duplex: 'half' };
      const answer = await fetch(bot.webhook('task'), init as unknown as RequestInit);
      const data = (await answer.json()) as Record<string, unknown>;
      return {
        status: answer.status,
        data,
        headers: Object.fromEntries(answer.headers),
      } as unknown as Answered;
    });
    for (const kind of ['human-input', 'step', 'crew', 'events'])
      await refused(world, 413, 'too_large', () => ask(bot.webhook(kind), sized(LIMIT + 1)));
    expect((await ask(bot.webhook('task'), sized(LIMIT))).status).toBe(202);
  });

  it('of a registration of more than 1 MiB is a 413', async () => {
    const { world, bot } = await start();
    const url = `${bot.url}/crews/press/executions/run-1?token=${SECRET}`;
    const put = (bytes: number) =>
      axios.put(url, Buffer.from(`{${' '.repeat(bytes - 2)}}`), {
        validateStatus: () => true,
        headers: JSON_TYPE,
      });
    await refused(world, 413, 'too_large', () => put(1024 * 1024 + 1));
    expect((await put(1024 * 1024)).status).toBe(200);
  });

  it('that lacks fields, or has wrong or too long ones, is a 422 that names each of them', async () => {
    const { world, bot } = await start();
    const named = async (kind: string, body: unknown) =>
      (await refused(world, 422, 'invalid_fields', () => ask(bot.webhook(kind), JSON.stringify(body)))).data
        .message;
    expect(await named('task', {})).toBe('kickoff_id is missing.');
    expect(await named('task', { kickoff_id: 'run-1' })).toBe('name is missing; output is missing.');
    expect(await named('task', { ...good, kickoff_id: 'x'.repeat(256), name: 7 })).toBe(
      'kickoff_id must be at most 255 characters long; name must be a text.',
    );
    expect(await named('human-input', {})).toBe(
      'execution_id is missing; task_id is missing; task_output is missing.',
    );
    expect(await named('step', {})).toBe('kickoff_id is missing.');
    expect(await named('crew', { kickoff_id: '' })).toBe('kickoff_id must not be empty.');
    for (const body of [[], 'text', 7, null, true]) {
      expect(await named('task', body)).toBe('body must be a JSON object.');
    }
  });

  it('that is nested deeper than 64 levels is a 422, however deep', async () => {
    const { world, bot } = await start();
    const nested = (levels: number) =>
      `{"kickoff_id":"run-1","name":"draft","output":${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}}`;
    for (const levels of [65, 1_000, 400_000]) {
      await refused(world, 422, 'too_deep', () => ask(bot.webhook('task'), nested(levels)));
    }
    expect((await ask(bot.webhook('task'), nested(64))).status).toBe(202);
  });

  it('is accepted when only a value that a duplicate key replaces is nested so', async () => {
    const { bot } = await start();
    for (const levels of [400_000, 1_000]) {
      const output = `{"a":${'['.repeat(levels)}1${']'.repeat(levels)},"a":1}`;
      const body = (run: string, value: string) => `{"kickoff_id":"${run}","name":"draft","output":${value}}`;
      const first = await ask(bot.webhook('task'), body(`run-${levels}`, output));
      expect(first).toMatchObject({ status: 202, data: { status: 'created' } });
      const again = await ask(bot.webhook('task'), body(`run-${levels}`, JSON.stringify(output)));
      expect(again).toMatchObject({ status: 202, data: { status: 'duplicate' } });
    }
  });

  it('in UTF-8 with a byte order mark is taken, whatever its numbers', async () => {
    const { bot } = await start();
    const text = '\ufeff{"kickoff_id":"run-1","name":"draft","output":{"n":12345678901234567890,"n":1e400}}';
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await ask(bot.webhook('task'), Buffer.from(text), { headers })).status).toBe(202);
  });

  it('that tries to change prototypes changes none', async () => {
    const { bot } = await start();
    const body =
      '{"kickoff_id":"run-1","name":"draft","output":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}';
    expect((await ask(bot.webhook('task'), body)).status).toBe(202);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a store that fails', () => {
  async function serve(error: Error) {
    const { log, lines } = collectingLog();
    const app = express().disable('x-powered-by');
    app.use(
      buildWebhooksRouter(
        buildTestApp({
          clock: createFakeClock(),
          log,
          dialects: fixedDialect(),
          crewAI: noStarts,
          store: { originalId: () => Promise.reject(error) } as unknown as ApprovalStore,
        }),
        endpointsOf(crew, '', { secret: SECRET }),
        createBodyHandlers(),
        (async () => ({
          facts: { executionId: 'run-1', meta: { urls: {} }, warnings: [], kind: 'step' },
        })) as BodyReading,
      ),
      notFound,
      handleErrors(log),
    );
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/press/task?token=${SECRET}`;
    return { answer: await ask(url, good), lines };
  }

  it('makes a webhook a 503, so that it is sent again', async () => {
    const { answer, lines } = await serve(
      new StoreError('disk is full at /var/lib/secret.db', new Error('SQLITE_FULL')),
    );
    expectRefusal(answer, 503, 'store_unavailable');
    expect(JSON.stringify(answer.data)).not.toContain('secret.db');
    expect(lines.map(({ level, fact }) => [level, fact])).toEqual([['error', 'request not stored']]);
  });

  it('is told apart from a fault of ours, a 500, which is never a 2xx nor says more', async () => {
    const { answer } = await serve(new TypeError(`cannot read ${SECRET} of undefined`));
    expectRefusal(answer, 500, 'internal_error');
  });
});

describe('health', () => {
  const get = (bot: Bot, path: string) => axios.get(`${bot.url}${path}`, { validateStatus: () => true });

  it('is told without a secret: alive and ready', async () => {
    const { bot } = await start();
    const [alive, ready] = [await get(bot, '/healthz'), await get(bot, '/readyz')];
    expect([alive.status, alive.data]).toEqual([200, { status: 'ok' }]);
    expect([ready.status, ready.data]).toEqual([200, { status: 'ready' }]);
    for (const { headers } of [alive, ready]) expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('while Slack is out of reach: alive, takes webhooks, and not ready by what', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    world.workspace.failures.plan({
      on: 'auth.test',
      times: Number.POSITIVE_INFINITY,
      failure: { status: 503 },
    });
    const bot = await startBot(world);
    expect((await get(bot, '/healthz')).status).toBe(200);
    const ready = await get(bot, '/readyz');
    expect([ready.status, ready.data]).toEqual([
      503,
      { status: 'not_ready', faults: { slack: 'Slack has not been reached yet' } },
    ]);
    expect((await ask(bot.webhook('task'), good)).status).toBe(202);
    await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
  });
});
