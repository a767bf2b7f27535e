import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BotCalls } from '../../src/clients/bot-calls.ts';
import {
  type CallOptions,
  CrewApprovals,
  isAllowedByPerson,
  type PersonAnswer,
  type ProgramQuestion,
  QuestionRejected,
  writeToolArguments,
} from '../../src/clients/client.ts';
import { readClientSettings } from '../../src/clients/client-settings.ts';
import { readExactMembers } from '../../src/clients/exact-json.ts';
import { judgeCall } from '../../src/clients/tool-calls.ts';
import { buildCallQuestionId, decideCalls } from '../../src/clients/waiting-calls.ts';

/** An expectation, or one for each language. */
type Own<T> = T | { javascript?: T; python?: T };
type Reply =
  | 'cut'
  | { status?: number; headers?: Record<string, string>; body?: unknown; state?: Record<string, unknown> };
interface Case {
  name?: string;
  error?: Own<string>;
  [field: string]: unknown;
}
const { replies, ...groups } = JSON.parse(readFileSync('test/clients/cases.json', 'utf8')) as {
  replies: Record<string, Reply>;
} & Record<string, Case[]>;
const { pauses: retryPauses, ...rest } = groups as unknown as { pauses: number[] } & Record<string, Case[]>;
const single = rest as unknown as {
  final_error: { error: Own<string> };
  lease: { alive_every: number; wait: Own<string> };
  refused: { error: string; cases: { name: string; replies: [number, string][]; ends?: string }[] };
};

/** What this client does. */
function own<T>(expected: Own<T> | undefined): T | undefined {
  const isByLanguage =
    typeof expected === 'object' &&
    expected !== null &&
    Object.keys(expected).every((key) => key === 'javascript' || key === 'python') &&
    Object.keys(expected).length > 0;
  return isByLanguage ? (expected as { javascript?: T }).javascript : (expected as T | undefined);
}

/** Runs each case of a group. */
function eachCase(group: string, check: (one: Case) => unknown): void {
  const cases = rest[group] ?? [];
  test.each(
    cases.map((one, at) => [one.name ?? JSON.stringify(one.url ?? one.id ?? one.given ?? at), one] as const),
  )(`${group}: %s`, async (_, one) => void (await check(one)));
}

function expectMade<T>(one: Case, make: () => T): T | undefined {
  const error = own(one.error);
  if (error === undefined) return make();
  expect(make).toThrow(expect.objectContaining({ message: error }));
  return undefined;
}

const BOT_URL = 'https://approvals.example.com';
const SHIP = { title: 'Ship?' };

/** The pauses of the client in seconds, among what it does. Each lasts a thousandth of its time, 0.3 s at most. */
const doings = vi.hoisted(() => [] as string[]);
vi.mock('node:timers/promises', async (load) => {
  const { setTimeout: sleep } = await load<typeof import('node:timers/promises')>();
  return {
    setTimeout: (time: number, value: unknown, options: object) => {
      doings.push(`pause: ${time / 1_000}`);
      return sleep(Math.min(time / 1_000, 300), value, options);
    },
  };
});
afterEach(() => {
  doings.splice(0);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Moves the clock of the clients. */
function mockClock() {
  const real = performance.now.bind(performance);
  const clock = { ahead: 0 };
  vi.spyOn(performance, 'now').mockImplementation(() => real() + clock.ahead * 1_000);
  return clock;
}

/** Gives these replies to requests, instead of a bot. `before`: called with a reply before it is given. */
function script(given: [string, Reply][], before: (name: string) => void = () => {}) {
  const left = [...given];
  const sent = {
    bodies: [] as string[],
    ids: [] as string[],
    waits: [] as string[],
    retries: [] as unknown[],
  };
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const [, , , , id = '', word] = new URL(url).pathname.split('/');
    if (word === 'alive') return build({ state: { status: 'waiting' } }, id);
    const names = { GET: 'read', DELETE: 'withdraw', PUT: word ?? 'ask' } as Record<string, string>;
    const what = names[init.method ?? ''] ?? '';
    const [name, reply] = left.shift() ?? ['nothing', replies.busy as Reply];
    doings.push(`${what}: ${name}`);
    sent.ids.push(id);
    const wait = new URL(url).searchParams.get('wait');
    if (wait !== null) sent.waits.push(wait);
    if (what === 'ask') sent.bodies.push(String(init.body));
    before(name);
    return build(reply, id);
  });
  const onRetry: CallOptions['onRetry'] = ({ message, retryIn }) =>
    void sent.retries.push([message, retryIn]);
  return { client: new CrewApprovals({ url: BOT_URL, crew: 'press', secret: 's', onRetry }), sent, left };
}

function build(reply: Reply, id: string): Response {
  if (reply === 'cut') throw new TypeError('fetch failed', { cause: { code: 'UND_ERR_SOCKET' } });
  const { status = 200, headers = {}, body = {}, state } = reply;
  if (state?.status === 'unknown') return build(replies['no such question'] as Reply, id);
  const text = typeof body === 'string' ? body : JSON.stringify(state ? { id, ...state } : body);
  return new Response(text.replaceAll('{id}', id), { status, headers });
}

const nameReplies = (names: string[]) => names.map((name): [string, Reply] => [name, replies[name] as Reply]);

/** What becomes of a question. */
async function ask(client: CrewApprovals, one: Case) {
  const question = (one.ask ?? SHIP) as ProgramQuestion;
  try {
    return { answer: await client.ask(question, { id: one.id as string | undefined }) };
  } catch (error) {
    const { name, message } = error as Error;
    const ends: Record<string, string> = { QuestionClosed: 'closed', QuestionRejected: 'rejected' };
    return { [ends[name] ?? 'failed']: message };
  }
}

/** Requests and pauses in their order, without pauses before the next read, of a lease, and for what is confirmed. */
function readSteps(): string[] {
  const confirmed = doings.findIndex((one) => one.startsWith('received'));
  return doings.filter((one, at) => {
    const isLimit = one === 'pause: 5' && at === confirmed + 1 && confirmed >= 0;
    const isNextRead = one === 'pause: 1' && doings[at - 1] === 'read: waiting';
    return !isLimit && !isNextRead && one !== `pause: ${single.lease.alive_every}`;
  });
}

test('every group of cases is run', () => {
  const run =
    'addresses crews secrets ids bodies sizes arguments values decisions calls call_ids lease retried';
  const all = `${run} retry_after pauses final final_error refused stories about`.split(' ');
  expect(Object.keys(groups).sort()).toEqual(all.sort());
});

describe('cases of both clients', () => {
  eachCase('addresses', (one) => {
    const make = () => new CrewApprovals({ url: one.url as string, crew: 'press', secret: 's' });
    expect(expectMade(one, make)?.bot.origin).toBe(own(one.origin));
  });

  eachCase('crews', async (one) => {
    const urls: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      urls.push(url);
      return new Response('{"id":"q1","status":"waiting"}');
    });
    await expectMade(
      one,
      () => new CrewApprovals({ url: BOT_URL, crew: one.crew as string, secret: 's' }),
    )?.read('q1');
    expect(urls).toEqual(one.error ? [] : [`${BOT_URL}${one.path}/questions/q1`]);
  });

  eachCase('secrets', (one) => {
    expectMade(one, () => new CrewApprovals({ url: BOT_URL, crew: 'press', secret: one.secret as string }));
  });

  eachCase('ids', async (one) => {
    const { client, sent } = script(nameReplies(['asked']));
    const id = (one.id as string).repeat((one.times as number | undefined) ?? 1);
    const put = await client.put(id, SHIP).catch((error: Error) => error.message);
    expect([put, sent.ids.map(decodeURIComponent)]).toEqual(one.error ? [one.error, []] : [undefined, [id]]);
  });

  eachCase('bodies', async (one) => {
    const { client, sent } = script(nameReplies(['asked', 'answered', 'answered']));
    await ask(client, one);
    expect(JSON.parse(sent.bodies[0] ?? '')).toEqual(one.body ?? one.ask);
    if (one.output) expect(readExactMembers(sent.bodies[0] ?? '').get('output')).toBe(one.output);
  });

  eachCase('sizes', async (one) => {
    const { client, sent } = script(nameReplies(['asked', 'answered', 'answered']));
    const empty = Buffer.byteLength(JSON.stringify({ title: 'Ship?', text: 'é' }));
    const text = `é${'x'.repeat((one.bytes as number) - empty)}`;
    const outcome = await ask(client, { id: 'build-42', ask: { title: 'Ship?', text } });
    expect(sent.bodies.map((body) => Buffer.byteLength(body))).toEqual(one.error ? [] : [one.bytes]);
    if (one.error) expect(outcome).toEqual({ rejected: one.error });
  });

  eachCase('arguments', async (one) => {
    const { client, sent } = script(nameReplies(['asked', 'allowed', 'allowed']));
    await client.tool({ title: 'pay', argumentsText: one.given as string }, { id: 'c1' });
    expect(readExactMembers(sent.bodies[0] ?? '').get('output')).toBe(own(one.shown) ?? one.given);
  });

  const values: Record<string, unknown> = {
    nothing: null,
    'the largest safe integer': Number.MAX_SAFE_INTEGER,
    NaN: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    'a function': () => {},
    'an object of a class of the program': new (class {})(),
    bytes: Buffer.from('a'),
    'minus zero': -0,
    'a date and time in UTC': new Date('2026-01-02T03:04:05Z'),
    'a set of a and b': new Set(['a', 'b']),
    'half of a surrogate pair': '\ud800',
  };
  eachCase('values', (one) => {
    expect(values).toHaveProperty([one.value as string]);
    const write = () => writeToolArguments({ value: values[one.value as string] });
    const shown = own(one.shown);
    if (shown === undefined) expect(write).toThrow(TypeError);
    else expect(write()).toBe(`{"value":${shown}}`);
  });

  eachCase('decisions', (one) => {
    const answer = one.answer as PersonAnswer;
    expect(isAllowedByPerson(answer)).toBe(one.allowed);
    const judged = judgeCall(answer);
    expect(judged?.allowed ?? false).toBe(one.allowed);
    if (!one.allowed) expect(judged?.reason).toBe(one.refusal);
  });

  eachCase('calls', async (one) => {
    const { client } = script(nameReplies(['asked', one.reply as string, one.reply as string]));
    const call = { id: 'c1', tool: 'pay', readArguments: () => ({}), allowed: 0 };
    const decided = await decideCalls(client, [call], { run: 'order-7' }).catch(
      (error: Error) => error.message,
    );
    expect(decided).toEqual(one.error ?? [{ refusal: one.refusal }]);
  });

  eachCase('call_ids', ({ run, call, attempt, id }) => {
    expect(buildCallQuestionId(run as string, call as string, attempt as number)).toBe(own(id));
  });

  eachCase('retried', async (one) => {
    const bad: [string, Reply] = [one.name as string, one.reply as Reply];
    const good = nameReplies(['asked', 'answered', 'answered']);
    const { client, sent } = script(good.flatMap((reply) => [bad, reply]));
    await ask(client, { id: 'build-42' });
    // The last request comes after the last retry was reported.
    await expect.poll(() => sent.ids).toHaveLength(6);
    expect(sent.retries).toEqual(Array(3).fill([own(one.reason as Own<string>), 1]));
  });

  eachCase('retry_after', async (one) => {
    const { status, body } = replies.busy as Exclude<Reply, 'cut'>;
    const busy: Reply = { status, body, headers: { 'retry-after': one.header as string } } as Reply;
    const { client, sent } = script([['busy', busy], ...nameReplies(['asked'])]);
    await client.put('q1', SHIP);
    expect(sent.retries).toEqual([['503 Not now.', one.pause]]);
    expect(doings).toContain(`pause: ${one.pause}`);
  });

  test('pauses', async () => {
    const { client } = script(nameReplies([...retryPauses.map(() => 'busy'), 'asked']));
    await client.put('q1', SHIP);
    const waited = doings.filter((one) => one.startsWith('pause'));
    expect(waited).toEqual(retryPauses.map((seconds) => `pause: ${seconds}`));
  });

  test.each(rest.final as Case[])('final: $status', async ({ status, code, message }) => {
    const reply = { status, body: { error: code, message } } as Reply;
    const { client, sent } = script([['rejected', reply]]);
    const error = (await client.ask(SHIP, { id: 'build-42' }).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(QuestionRejected);
    expect(error).toMatchObject({ status, code });
    const text = own(single.final_error.error)?.replace('{status}', String(status));
    expect(error.message).toBe(text?.replace('{message}', message as string));
    expect(sent.ids).toHaveLength(1);
  });

  test.each(single.refused.cases)('refused: $name', async ({ replies: given, ends }) => {
    const clock = mockClock();
    const queue = given.map(([at, name]) => ({
      at,
      reply: name === 'cut' ? 'cut' : (replies[name] as Reply),
    }));
    vi.stubGlobal('fetch', async () => {
      const { at = 0, reply = 'cut' } = queue.shift() ?? {};
      clock.ahead = at;
      return build(reply as Reply, 'build-42');
    });
    const onRetry: CallOptions['onRetry'] = () => {
      if (queue.length === 0) throw new Error('goes on');
    };
    const calls = new BotCalls({ url: BOT_URL, crew: 'press', secret: 's' }, onRetry);
    const call = () => calls.call('PUT', 'questions/build-42', { body: '{}' });
    const said = async () => {
      while (queue.length > 0) await call();
    };
    const error = await said().catch((thrown: Error) => thrown.message);
    expect(error).toBe(ends ? single.refused.error.replace('{reason}', ends) : 'goes on');
    expect(queue).toEqual([]);
  });

  eachCase('stories', async (one) => {
    const clock = mockClock();
    const steps = own(one.steps as Own<string[]>) ?? [];
    const names = steps.filter((step) => !step.startsWith('pause')).map((step) => step.replace(/^\w+: /, ''));
    const { client, sent, left } = script(nameReplies(names), (name) => {
      if (name === 'closed') clock.ahead += (one.silence as number | undefined) ?? 0;
    });
    const outcome = await ask(client, one);
    await expect.poll(() => left).toEqual([]);
    const ends = ['answer', 'closed', 'rejected', 'failed'].flatMap((name) => {
      const end = own(one[name] as Own<unknown>);
      return end === undefined ? [] : [[name, end]];
    });
    const expected = JSON.stringify(Object.fromEntries(ends)).replaceAll('{id}', sent.ids.at(-1) ?? '');
    expect(outcome).toEqual(JSON.parse(expected));
    expect(readSteps()).toEqual(steps);
    const bodies = sent.bodies.map((body) => JSON.parse(body.replaceAll(sent.ids[0] ?? '', '{before}')));
    if (one.bodies) expect(bodies).toEqual(one.bodies);
  });

  test('lease', async () => {
    const { client, sent } = script(nameReplies(['asked', 'waiting', 'answered', 'answered']));
    await ask(client, {});
    expect(sent.waits).toEqual([own(single.lease.wait), own(single.lease.wait)]);
    expect(doings).toContain(`pause: ${single.lease.alive_every}`);
  });
});

/** A bot over HTTP that says this. */
async function startHttpBot(
  answer: (method: string, path: string) => [status: number, body: object, location?: string],
) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url.replace('/crews/press/', '')}`);
    const [status, body, location] = answer(method, url);
    response.writeHead(status, location ? { location } : {}).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const onRetry = () => {};
  return { client: new CrewApprovals({ url, crew: 'press', secret: 'a-secret', onRetry }), url, requests };
}

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) is not followed: the secret stays with the bot',
  async (status) => {
    const waiting = { id: 'q1', status: 'waiting' };
    const elsewhere = await startHttpBot(() => [200, waiting]);
    let left = 2;
    const { client, requests } = await startHttpBot((_, path) => {
      left -= 1;
      return left >= 0 ? [status, {}, `${elsewhere.url}${path}`] : [200, waiting];
    });
    expect(await client.read('q1')).toEqual(waiting);
    expect(requests).toHaveLength(3);
    expect(elsewhere.requests).toEqual([]);
  },
);

test('a question that was closed while its lease was renewed is not asked again', async () => {
  const clock = mockClock();
  let renewed = 0;
  const { client, requests } = await startHttpBot((method, path) => {
    if (path.endsWith('/alive')) renewed += 1;
    if (method === 'GET') clock.ahead = 301;
    // At the second renewal, the client has heard of the first one.
    return [200, { status: method === 'GET' && renewed >= 2 ? 'closed' : 'waiting' }];
  });
  await expect(client.ask(SHIP)).rejects.toMatchObject({ name: 'QuestionClosed', status: 'closed' });
  expect(requests.filter((one) => /^PUT questions\/[^/]+$/.test(one))).toHaveLength(1);
});

test('a renewal after the bot has closed the question is none: the question is asked again', async () => {
  const clock = mockClock();
  let renewed = 0;
  const { client, requests } = await startHttpBot((method, path) => {
    if (path.endsWith('/alive')) renewed += 1;
    if (method === 'GET') clock.ahead = 301;
    const isAskedAgain = renewed >= 2 && requests.filter(isQuestion).length > 1;
    if (isAskedAgain && (method === 'GET' || path.endsWith('/received')))
      return [200, { status: 'answered', answer: { option: 'approve' } }];
    // At the second renewal, the client has heard of the first one.
    return [200, { status: renewed >= 1 && (method !== 'GET' || renewed >= 2) ? 'closed' : 'waiting' }];
  });
  const isQuestion = (one: string) => /^PUT questions\/[^/]+$/.test(one);
  expect(await client.ask(SHIP)).toMatchObject({ option: 'approve' });
  expect(requests.filter(isQuestion)).toHaveLength(2);
});

test('a lease is renewed again after a renewal that something else answered', async () => {
  mockClock();
  let renewed = 0;
  const { client } = await startHttpBot((_, path) => {
    if (path.endsWith('/alive')) renewed += 1;
    if (path.endsWith('/alive') && renewed === 1) return [200, { hello: 'from a proxy' }];
    return [200, { status: renewed >= 2 ? 'closed' : 'waiting' }];
  });
  await expect(client.ask(SHIP)).rejects.toMatchObject({ name: 'QuestionClosed' });
  expect(renewed).toBeGreaterThanOrEqual(2);
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
