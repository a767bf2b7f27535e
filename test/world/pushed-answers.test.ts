import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import type { Log } from '../../src/approval/ports.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { createWorld, HOUR, MINUTE, type Process, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const ANSWER_SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ....').toString('base64')}`;
const PROGRAM = 'program.test:5678';
const URL_OF_PROGRAM = `http://${PROGRAM}/webhook-waiting/77?signature=abc`;
const DAY = 24 * HOUR;

const SHIP = {
  title: 'Ship build 42?',
  text: 'All checks passed.',
  callback_url: URL_OF_PROGRAM,
  options: [
    { id: 'ship', label: 'Ship it' },
    { id: 'hold', label: 'Hold' },
  ],
};

interface Pushed {
  id: string;
  at: number;
  path: string | undefined;
  body: { id: string; status: string; answer?: { option: string }; crew: string; run?: string };
}

/** A world with a program that is sent the answers of its questions. `answers`: its status, by the number of the request. */
async function createPushWorld({ settings, ...options }: WorldOptions = {}) {
  const pushed: Pushed[] = [];
  const program = { answers: (_: number): number | 'hangs' => 204, headers: {} as Record<string, string> };
  const listen = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const {
        'webhook-id': id,
        'webhook-timestamp': stamp,
        'webhook-signature': signature,
      } = request.headers;
      // The library compares the time with its own clock, and the world has another one.
      const signed = new Webhook(ANSWER_SECRET).sign(String(id), new Date(Number(stamp) * 1_000), body);
      expect(signature).toBe(signed);
      pushed.push({ id: String(id), at: Number(stamp), path: request.url, body: JSON.parse(body) });
      const status = program.answers(pushed.length);
      if (status !== 'hangs') response.writeHead(status, program.headers).end();
    });
  };
  const world = await createWorld({
    ...options,
    settings: { ASK_SECRET, ANSWER_SECRET, ANSWER_HOSTS: PROGRAM, ...settings },
    hosts: { [PROGRAM]: listen },
  });
  const send = (method: string, path: string, body?: object) =>
    world.send(`crews/press/${path}`, body, { method, headers: { authorization: `Bearer ${ASK_SECRET}` } });
  return {
    world,
    pushed,
    program,
    put: (id: string, body: object = SHIP) => send('PUT', `questions/${id}`, body),
    get: async (id: string) => (await send('GET', `questions/${id}`)).data,
    say: (id: string) => send('PUT', `questions/${id}/received`),
    drop: (id: string) => send('DELETE', `questions/${id}`),
    endRun: (run: string) => send('PUT', `runs/${run}`, { state: 'finished' }),
    failRun: (run: string) => send('PUT', `runs/${run}`, { state: 'failed', reason: 'Boom' }),
  };
}

type PushWorld = Awaited<ReturnType<typeof createPushWorld>>;

/** A question that was asked and answered. */
async function createAnswered(options: WorldOptions = {}, plan: (of: PushWorld) => void = () => {}) {
  const of = await createPushWorld(options);
  plan(of);
  expect((await of.put('q1')).status).toBe(201);
  await of.world.click('UANA', 'choose_1');
  await of.world.pass(3 * SECOND);
  return of;
}

/** The history of all approvals. */
async function listFacts(world: World): Promise<string[]> {
  const records = world.records.of(world.stage.outside);
  const silent: Log = { info() {}, warn() {}, error() {} };
  const period = { since: 0, until: Number.MAX_SAFE_INTEGER };
  const facts: string[] = [];
  const reads = async () => {
    const trail = readAuditTrail(records, createApprovalStore(records, silent), period, () => {});
    for await (const { what, origin, detail } of trail)
      facts.push([what, origin ?? '-', detail ?? '-'].join(' '));
  };
  await world.settle(reads());
  return facts;
}

const statusesOf = (pushed: readonly Pushed[]) => pushed.map(({ body }) => body.status);

test('an answer is sent to the URL of its question as GET gives it; with a 2xx the card says that the program has it', async () => {
  const { world, pushed, get, put } = await createPushWorld();
  await put('q1', { ...SHIP, run: 'run-7' });
  await world.click('UANA', 'choose_1');
  await world.pass(3 * SECOND);
  const known = await get('q1');
  expect(known).toMatchObject({ status: 'answered', answer: { option: 'ship', by: 'UANA' } });
  expect(pushed).toEqual([
    {
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      at: expect.any(Number),
      path: '/webhook-waiting/77?signature=abc',
      body: { ...known, crew: 'press', run: 'run-7' },
    },
  ]);
  expect(world.card().text).toContain(texts.state.received());
  await world.pass(DAY);
  expect(pushed).toHaveLength(1);
});

test('what a program does not take is sent again under the same id, ever later, until it does', async () => {
  const { world, pushed, get } = await createAnswered({}, ({ program }) => {
    program.answers = (number) => (number < 6 ? 500 : 200);
  });
  expect(world.card().text).toContain(texts.state.notFetched);
  await world.pass(10 * MINUTE);
  expect(pushed).toHaveLength(6);
  expect(new Set(pushed.map(({ id }) => id)).size).toBe(1);
  expect(world.card().text).toContain(texts.state.received());
  expect((await get('q1')).status).toBe('answered');
  expect(await listFacts(world)).toContain('answered program -');
});

test('a program that hangs counts as one that did not take it', async () => {
  const { world, pushed } = await createAnswered({}, ({ program }) => {
    program.answers = (number) => (number === 1 ? 'hangs' : 200);
  });
  expect(world.card().text).toContain(texts.state.notFetched);
  await world.pass(MINUTE);
  expect(pushed).toHaveLength(2);
  expect(world.card().text).toContain(texts.state.received());
});

test('Retry-After is kept', async () => {
  const { world, pushed } = await createAnswered({}, ({ program }) => {
    program.headers = { 'retry-after': '1800' };
    program.answers = (number) => (number === 1 ? 503 : 200);
  });
  await world.pass(29 * MINUTE);
  expect(pushed).toHaveLength(1);
  await world.pass(2 * MINUTE);
  expect(pushed).toHaveLength(2);
});

test('nothing is sent while the decision can be undone', async () => {
  const { world, pushed, get } = await createAnswered({ settings: { UNDO_WINDOW: '30 s' } });
  expect(pushed).toEqual([]);
  await world.click('UANA', 'undo');
  await world.pass(MINUTE);
  expect(pushed).toEqual([]);
  await world.click('UANA', 'choose_2');
  await world.pass(20 * SECOND);
  expect([pushed, (await get('q1')).status]).toEqual([[], 'waiting']);
  await world.pass(15 * SECOND);
  expect(pushed.map(({ body }) => body.answer?.option)).toEqual(['hold']);
});

/** A question of a run that ends, as its program says, while the answer is on its way to the program. */
async function endWhilePushed(end: 'finished' | 'failed', takes: number) {
  const of = await createPushWorld();
  const { world, pushed, program } = of;
  program.answers = (number) => (number === 1 ? takes : 200);
  await of.put('q1', { ...SHIP, run: 'run-7' });
  world.network.delays = ({ url }) => (url === URL_OF_PROGRAM ? 6 * SECOND : 0);
  await world.click('UANA', 'choose_1');
  await until(world, () => pushed.length === 1);
  await (end === 'finished' ? of.endRun('run-7') : of.failRun('run-7'));
  const during = (await of.get('q1')).status;
  world.network.delays = () => 0;
  await world.pass(10 * SECOND);
  return { ...of, during, card: world.card() };
}

async function until(world: World, isSo: () => boolean): Promise<void> {
  for (let seconds = 0; !isSo() && seconds < 10; seconds += 1) await world.pass(SECOND);
}

test.each(['finished', 'failed'] as const)(
  'an answer that is on its way when its run has %s stays answered once its program accepts it, and the card says so',
  async (end) => {
    const { during, pushed, get, card } = await endWhilePushed(end, 200);
    expect(during).toBe('answered');
    expect((await get('q1')).status).toBe('answered');
    expect(statusesOf(pushed)).toEqual(['answered']);
    expect(card.text).toContain(texts.state.received());
  },
);

test.each(['finished', 'failed'] as const)(
  'an answer that is on its way when its run has %s is closed once its program does not accept it',
  async (end) => {
    const { during, pushed, get, card, world } = await endWhilePushed(end, 500);
    expect(during).toBe('answered');
    expect((await get('q1')).status).toBe('closed');
    expect(statusesOf(pushed)).toEqual(['answered', 'closed']);
    expect(card.text).not.toContain(texts.state.received());
    expect(await listFacts(world)).toContainEqual(expect.stringMatching(/^run_ended /));
  },
);

test('after seven days the card says that the program did not take it, nothing more is sent, and GET goes on', async () => {
  const { world, pushed, program, get } = await createAnswered({}, ({ program }) => {
    program.answers = () => 404;
  });
  await world.pass(7 * DAY - MINUTE);
  const { length } = pushed;
  // Once an hour or more often, and never more than a few times in the first minute.
  expect(length).toBeGreaterThan(150);
  expect(length).toBeLessThan(500);
  expect(world.card().text).toContain(texts.state.notFetched);
  await world.pass(2 * HOUR);
  const given = pushed.length;
  expect(world.card().text).toContain(texts.state.pushFailed.not_taken);
  expect(world.card().text).not.toContain(texts.state.notFetched);
  expect(await listFacts(world)).toContain('not_taken - late');
  await world.pass(3 * DAY);
  expect(pushed).toHaveLength(given);
  expect((await get('q1')).answer).toMatchObject({ option: 'ship' });
  // That it is closed is another answer.
  program.answers = () => 200;
  await world.click('UBEN', 'give_up');
  await world.pass(3 * SECOND);
  expect(statusesOf(pushed.slice(given))).toEqual(['closed']);
  expect(world.card().text).not.toContain(texts.state.pushFailed.not_taken);
});

test('a program that answers 410 is sent nothing more, and the card says so', async () => {
  const { world, pushed, get } = await createAnswered({}, ({ program }) => {
    program.answers = () => 410;
  });
  expect(world.card().text).toContain(texts.state.pushFailed.not_taken);
  await world.pass(DAY);
  expect(pushed).toHaveLength(1);
  expect(await listFacts(world)).toContain('not_taken program gone');
  expect((await get('q1')).answer).toMatchObject({ option: 'ship' });
  // Nor that it was closed.
  await world.click('UBEN', 'give_up');
  await world.pass(DAY);
  expect(pushed).toHaveLength(1);
});

test('a redirect is not followed', async () => {
  const { world, pushed } = await createAnswered({}, ({ program }) => {
    program.headers = { location: `http://${PROGRAM}/elsewhere` };
    program.answers = (number) => (number === 1 ? 307 : 200);
  });
  await world.pass(MINUTE);
  expect(pushed.map(({ path }) => path)).toEqual(Array(2).fill('/webhook-waiting/77?signature=abc'));
});

test('a program that says meanwhile that it has the answer is sent nothing more', async () => {
  const { world, pushed, say } = await createAnswered({}, ({ program }) => {
    program.answers = () => 500;
  });
  expect((await say('q1')).status).toBe(200);
  const { length } = pushed;
  await world.pass(DAY);
  expect(pushed).toHaveLength(length);
  expect(world.card().text).toContain(texts.state.received());
});

test('a question that is closed is sent as closed, under an id of its own; one that is withdrawn is not sent', async () => {
  const { world, pushed, program, put, get, drop, say } = await createPushWorld();
  await put('q1');
  await world.choose('UANA', 'give_up');
  await world.submit('UANA', {});
  await world.pass(3 * SECOND);
  expect(pushed.map(({ body }) => body)).toMatchObject([{ id: 'q1', status: 'closed', crew: 'press' }]);
  expect((await get('q1')).status).toBe('closed');
  await put('q2', { ...SHIP, title: 'Ship build 43?' });
  expect((await drop('q2')).status).toBe(200);
  await world.pass(HOUR);
  expect(pushed).toHaveLength(1);
  // Closed after it was decided and not taken.
  program.answers = () => 500;
  await put('q3', { ...SHIP, title: 'Ship build 44?' });
  await world.click('UANA', 'choose_1');
  await world.pass(3 * SECOND);
  await world.click('UBEN', 'give_up');
  await world.pass(MINUTE);
  const ofThird = pushed.slice(1);
  expect(new Set(ofThird.map(({ id, body }) => `${id} ${body.status}`)).size).toBe(2);
  expect(statusesOf(ofThird)).toEqual([...statusesOf(ofThird)].sort());
  expect(statusesOf(ofThird)).toContain('closed');
  const { length } = pushed;
  expect((await say('q3')).status).toBe(200);
  await world.pass(DAY);
  expect(pushed).toHaveLength(length);
});

test('a question whose run ends, or whose program is no longer alive, is sent as closed', async () => {
  const { world, pushed, put, endRun } = await createPushWorld();
  await put('q1', { ...SHIP, run: 'run-7' });
  await put('q2', { ...SHIP, title: 'Ship build 43?', lease: true });
  await endRun('run-7');
  await world.pass(6 * MINUTE);
  expect(pushed.map(({ body }) => body)).toMatchObject([
    { id: 'q1', status: 'closed', crew: 'press', run: 'run-7' },
    { id: 'q2', status: 'closed', crew: 'press' },
  ]);
});

test('a host that the settings do not allow is 422; asking again under its id is answered as before', async () => {
  const { world, put } = await createPushWorld();
  const refused = async (callback_url: string) => {
    const { status, data } = await put('q1', { ...SHIP, callback_url });
    expect(status).toBe(422);
    return data.message as string;
  };
  for (const url of [
    'http://other.test:5678/',
    'http://program.test/',
    'http://program.test:5679/',
    'http://127.0.0.1/',
  ])
    expect(await refused(url)).toContain('callback_url is at a host that ANSWER_HOSTS');
  for (const url of [
    `http://ana:secret@${PROGRAM}/`,
    `http://${PROGRAM}/#part`,
    `http://${PROGRAM}/${'x'.repeat(2_000)}`,
    `ftp://${PROGRAM}/`,
    'program.test',
  ])
    expect(await refused(url)).toContain('callback_url must be ');
  expect((await put('q1')).status).toBe(201);
  await world.restart({ ANSWER_HOSTS: '', ANSWER_SECRET: '' });
  expect((await put('q1')).status).toBe(200);
});

test('a host that was taken out of the settings is not called; the log and the card say so, and it is sent once it is back', async () => {
  const { world, pushed, put } = await createPushWorld();
  await put('q1');
  await world.restart({ ANSWER_HOSTS: 'other.test:5678' });
  await world.click('UANA', 'choose_1');
  await world.pass(DAY);
  expect(pushed).toEqual([]);
  expect(world.card().text).toContain(texts.state.pushFailed.not_allowed);
  const refused = world.logged.filter(({ fact }) => String(fact).includes('ANSWER_HOSTS does not allow'));
  expect(refused[0]).toMatchObject({ level: 'warn', question: 'q1', reason: 'HOST_NOT_ALLOWED' });
  expect(JSON.stringify(world.logged)).not.toContain('signature=abc');
  await world.restart({ ANSWER_HOSTS: PROGRAM });
  await world.pass(2 * HOUR);
  expect(pushed).toHaveLength(1);
  expect(world.card().text).toContain(texts.state.received());
});

test('a process that is killed around the call sends the answer again under the same id', async () => {
  let repeated = 0;
  for (const when of ['before', 'after'] as const)
    for (let at = 1; at <= 6; at += 1) {
      const { world, pushed, put } = await createPushWorld();
      await put('q1');
      world.strike(0, { at, when });
      await world.click('UANA', 'choose_1');
      await world.pass(MINUTE);
      // A click that was not recorded is made again.
      if (pushed.length === 0) await world.click('UANA', 'choose_1');
      await world.pass(MINUTE);
      expect(new Set(pushed.map(({ id }) => id)).size, `${when} ${at}`).toBe(1);
      expect(pushed.length).toBeLessThanOrEqual(2);
      repeated += pushed.length - 1;
      expect(world.card().text).toContain(texts.state.received());
    }
  expect(repeated).toBeGreaterThan(0);
});

test('of two replicas one makes each attempt, also when the other one dies', async () => {
  const { world, pushed, program } = await createAnswered({ replicas: 2 }, ({ program }) => {
    program.answers = (number) => (number < 5 ? 500 : 200);
  });
  await world.pass(MINUTE);
  world.kill(world.processes[0] as Process);
  await world.pass(10 * MINUTE);
  expect(pushed).toHaveLength(5);
  // No two of them at the same moment.
  expect(new Set(pushed.map(({ at }) => at)).size).toBe(5);
  expect(program.answers(5)).toBe(200);
  expect(world.card().text).toContain(texts.state.received());
});

test('a call that was allowed before is sent as allowed, under its own id', async () => {
  const { world, pushed, put, get } = await createPushWorld();
  const call = {
    title: 'read_page',
    kind: 'tool',
    output: { url: 'https://example.com' },
    run: 'run-7',
    callback_url: URL_OF_PROGRAM,
  };
  await put('c1', call);
  await world.click('UANA', 'choose_3');
  await world.pass(3 * SECOND);
  await put('c2', call);
  await world.pass(3 * SECOND);
  expect(pushed.map(({ body }) => [body.id, body.status, body.answer?.option])).toEqual([
    ['c1', 'answered', 'allow'],
    ['c2', 'answered', 'allow'],
  ]);
  expect(pushed[1]?.body).toEqual({ ...(await get('c2')), crew: 'press', run: 'run-7' });
  await world.pass(DAY);
  expect(pushed).toHaveLength(2);
});

test('a call that was allowed before whose program takes nothing is said on its card, until the program has fetched it', async () => {
  const { world, pushed, program, put, say } = await createPushWorld();
  const call = { title: 'read_page', kind: 'tool', output: { page: 1 }, run: 'run-7' };
  await put('c1', call);
  await world.click('UANA', 'choose_3');
  await say('c1');
  program.answers = () => 410;
  await put('c2', { ...call, callback_url: URL_OF_PROGRAM });
  await world.pass(3 * SECOND);
  expect(pushed.map(({ body }) => body.id)).toEqual(['c2']);
  expect(world.card().text).toContain(texts.state.pushFailed.not_taken);
  expect((await say('c2')).status).toBe(200);
  await world.pass(3 * SECOND);
  expect(world.card().text).not.toContain(texts.state.pushFailed.not_taken);
});

test('an answer of which nobody was told while the bot was away for a week is sent once it is back', async () => {
  const { world, pushed, put } = await createPushWorld();
  await put('q1');
  const [process] = world.processes as [Process];
  process.backAfter = 8 * DAY;
  world.strike(0, { at: 2, when: 'after' });
  await world.click('UANA', 'choose_1');
  await world.pass(9 * DAY);
  expect(pushed.map(({ body }) => body.status)).toEqual(['answered']);
  expect(world.card().text).toContain(texts.state.received());
});
