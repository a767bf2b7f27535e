import { expect, test } from 'vitest';
import type { Log } from '../../src/approval/ports.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { ask } from './asking.ts';
import { createWorld, HOUR, MINUTE, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** A program that asks with this secret. */
function programOf(world: World, secret = ASK_SECRET) {
  const send = (method: string, path: string, body?: object | string) =>
    world.send(`crews/press/${path}`, body, { method, headers: bearer(secret) });
  return {
    put: (id: string, body: object | string = SHIP) => send('PUT', `questions/${id}`, body),
    get: (path: string) => send('GET', `questions/${path}`),
    say: (id: string, word: 'received' | 'alive') => send('PUT', `questions/${id}/${word}`),
    drop: (id: string) => send('DELETE', `questions/${id}`),
    send,
  };
}

const SHIP = {
  title: 'Ship build 42?',
  text: 'All *checks* passed.',
  message: 'The build of tonight.',
  options: [
    { id: 'ship', label: 'Ship it', style: 'primary' },
    { id: 'hold', label: 'Hold', style: 'danger' },
  ],
};
const DRAFT = { title: 'Press release', text: '# Spring collection' };

async function createQuestionWorld({ settings, ...options }: WorldOptions = {}) {
  const world = await createWorld({ ...options, settings: { ASK_SECRET, ...settings } });
  return { world, program: programOf(world) };
}

test('a question becomes a card; the option that is clicked is its answer, and the card says how far it got', async () => {
  const { world, program } = await createQuestionWorld();
  expect(await program.put('q1')).toMatchObject({ status: 201, data: { id: 'q1', round: 1 } });
  const card = world.card();
  for (const words of ['press asks: *Ship build 42?*', 'The build of tonight.', 'All *checks* passed.'])
    expect(card.text).toContain(words);
  expect(card.buttons).toEqual(expect.arrayContaining(['choose_1', 'choose_2', 'more']));
  expect(card.buttons).not.toContain('approve');
  expect(await program.get('q1')).toEqual({ status: 200, data: { id: 'q1', status: 'waiting' } });
  await world.click('UANA', 'choose_2');
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('*Hold* chosen by <@UANA>');
  expect(world.card().text).toContain(texts.card.notFetched);
  const answer = { option: 'hold', text: '', by: 'UANA', at: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect((await program.get('q1')).data).toEqual({ id: 'q1', status: 'answered', answer });
  // Reading changes nothing.
  expect(world.card().text).toContain(texts.card.notFetched);
  expect((await program.say('q1', 'received')).status).toBe(200);
  expect(world.card().text).toContain(texts.card.fetched);
  expect((await program.say('q1', 'received')).data).toMatchObject({ status: 'answered', answer });
  expect(await ask(world, `choose ${card.approval} ship`)).toMatchObject({
    all: expect.stringContaining('already chose *Hold*'),
  });
  expect(world.resumes()).toEqual([]);
});

test('without options it is approved, or a revision is requested; what follows it is its next round', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('d1', { ...DRAFT, run: 'run-7' });
  const first = world.card();
  expect(first.buttons).toEqual(expect.arrayContaining(['approve', 'request_revision']));
  await world.revise('UBEN', 'Shorter, please');
  expect((await program.get('d1')).data.answer).toMatchObject({ option: 'revise', text: 'Shorter, please' });
  // That it asks further proves that it has the answer.
  const next = { ...DRAFT, text: '# Spring', run: 'run-7', follows: 'd1' };
  expect((await program.put('d2', next)).data).toMatchObject({ approval: first.approval, round: 2 });
  const second = world.card();
  expect(second).toMatchObject({ round: 2, threadTs: first.ts });
  expect(second.text).toContain('This answers the request of <@UBEN>');
  expect(second.buttons).toContain('what_changed');
  expect(world.cards()[0]?.text).toContain(texts.card.fetched);
  await world.click('UANA', 'approve');
  expect((await program.get('d2')).data.answer).toMatchObject({ option: 'approve', text: '' });
  expect((await program.put('d3', { ...next, follows: 'nothing' })).data.message).toContain('follows');
});

test.each(['optional', 'required'] as const)(
  'a text goes with an option where it is %s',
  async (freeText) => {
    const { world, program } = await createQuestionWorld();
    await program.put('q1', { ...SHIP, free_text: freeText });
    if (freeText === 'required') {
      const { all } = await ask(world, `choose ${world.card().approval} ship`);
      expect(all).toContain('A text goes with each answer here');
      await world.click('UANA', 'write_2');
      expect(world.form('UANA')).toContain('"initial_option":{"text":{"type":"plain_text","text":"Hold"');
    } else await world.choose('UANA', 'choose_note');
    await world.submit('UANA', { feedback: 'After the backup', people_note: 'As agreed.', option: '1' });
    const { data } = await program.get('q1');
    expect(data.answer).toMatchObject({ option: 'hold', text: 'After the backup', by: 'UANA' });
    expect(world.card().text).toContain('After the backup');
    expect(world.thread(world.card().ts).join()).toContain('As agreed.');
  },
);

test('an id is one question: the same again changes nothing, other content is refused, a withdrawn one is gone for a week', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q1');
  const reordered = Object.fromEntries(Object.entries(SHIP).reverse());
  expect((await program.put('q1', reordered)).status).toBe(200);
  expect(await program.put('q1', { ...SHIP, title: 'Ship build 43?' })).toMatchObject({
    status: 409,
    data: { error: 'other_content' },
  });
  expect(world.cards()).toHaveLength(1);
  expect(await program.drop('q1')).toMatchObject({ status: 200, data: { status: 'withdrawn' } });
  expect(world.card().text).toContain('withdrew this question');
  expect(world.card().buttons).not.toContain('choose_1');
  expect(await ask(world, `choose ${world.card().approval} ship`)).toMatchObject({
    all: expect.stringContaining('This question was withdrawn'),
  });
  for (const status of [(await program.put('q1')).status, (await program.get('q1')).status])
    expect(status).toBe(410);
  expect((await program.drop('q1')).status).toBe(200);
  await world.pass(7 * 24 * HOUR);
  expect((await program.get('q1')).status).toBe(404);
  expect((await program.put('q1')).status).toBe(201);
  expect(world.cards()).toHaveLength(2);
});

test('a request waits until its question is answered, at once by this process and within a second by another', async () => {
  const { world, program } = await createQuestionWorld({ replicas: 2 });
  await program.put('q1');
  await program.put('q2', DRAFT);
  for (const [door, slot] of [
    [0, 0],
    [1, 0],
  ] as const) {
    world.door = slot;
    const id = door === 0 ? 'q1' : 'q2';
    let answered: unknown;
    const reading = world.network
      .request({
        url: `http://bot.test/crews/press/questions?ids=${id}&wait=25`,
        method: 'GET',
        headers: bearer(ASK_SECRET),
        body: undefined,
      })
      .then((answer) => {
        answered = JSON.parse(answer?.body ?? '');
      });
    await world.pass(10 * SECOND);
    expect(answered).toBeUndefined();
    // A click reaches the other process, the second time.
    world.door = door;
    await world.click(
      'UANA',
      id === 'q1' ? 'choose_1' : 'approve',
      id === 'q1' ? world.cards()[0] : world.cards()[1],
    );
    await world.pass(2 * SECOND);
    expect(answered).toMatchObject({ questions: [{ id, status: 'answered' }] });
    await reading;
  }
  const began = world.stage.now();
  expect((await program.get('q2?wait=25')).data.status).toBe('answered');
  expect(world.stage.now() - began).toBeLessThan(5 * SECOND);
});

test('a wait ends after its time, when too many wait, and when the bot stops', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q1');
  const began = world.stage.now();
  expect((await program.get('q1?wait=3')).data.status).toBe('waiting');
  expect(world.stage.now() - began).toBeGreaterThanOrEqual(3 * SECOND);
  const answered: number[] = [];
  for (let n = 0; n < 64; n += 1)
    void world.network
      .request({
        url: 'http://bot.test/crews/press/questions/q1?wait=25',
        method: 'GET',
        headers: bearer(ASK_SECRET),
        body: undefined,
      })
      .then((answer) => answered.push(answer?.status ?? 0));
  await world.pass(SECOND);
  expect(answered).toEqual([]);
  const before = world.stage.now();
  expect((await program.get('q1?wait=25')).data.status).toBe('waiting');
  expect(world.stage.now() - before).toBeLessThan(5 * SECOND);
  void world.living(0)?.app?.stop();
  await world.pass(SECOND);
  expect(answered).toHaveLength(64);
  expect(new Set(answered)).toEqual(new Set([200]));
});

test('an answer is sent after the time to undo it, and not before', async () => {
  const { world, program } = await createQuestionWorld({ settings: { UNDO_WINDOW: '30 s' } });
  await program.put('q1');
  await world.click('UANA', 'choose_1');
  await world.pass(SECOND);
  expect(world.card().buttons).toContain('undo');
  expect((await program.get('q1')).data.status).toBe('waiting');
  expect((await program.say('q1', 'received')).status).toBe(409);
  await world.click('UANA', 'undo');
  await world.pass(MINUTE);
  expect((await program.get('q1')).data.status).toBe('waiting');
  await world.click('UANA', 'choose_2');
  await world.pass(MINUTE);
  expect(world.card().buttons).not.toContain('undo');
  expect((await program.get('q1')).data).toMatchObject({ status: 'answered', answer: { option: 'hold' } });
});

test('a question whose program says nothing more is closed, and its card says why', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q1', { ...SHIP, lease: true });
  await program.put('q2', { ...DRAFT, lease: true });
  for (let minutes = 0; minutes < 8; minutes += 4) {
    await world.pass(4 * MINUTE);
    expect((await program.say('q2', 'alive')).data.status).toBe('waiting');
  }
  const [first, second] = world.cards();
  expect(first?.text).toContain('no longer running');
  expect(second?.buttons).toContain('approve');
  expect((await program.get('q1')).data).toEqual({ id: 'q1', status: 'closed' });
  await world.click('UANA', 'approve', second);
  await world.pass(6 * MINUTE);
  expect(world.cards()[1]?.text).toContain('no longer running');
  expect(world.thread(second?.ts ?? '').join()).toContain('the question was withdrawn first');
});

test('the crew, the run and the question only narrow who decides, and votes are counted as for every approval', async () => {
  const { world, program } = await createQuestionWorld({
    rules: [
      `ask_secret: ${ASK_SECRET}`,
      'approvers: [UANA, UBEN]',
      'approvals_required: 2',
      'exclude_requester: true',
      'channels: [CPRESS]',
    ],
  });
  await program.put('q1', {
    ...SHIP,
    requested_by: 'UCAT',
    approvers: ['UANA', 'UBEN', 'UCAT'],
    channel: 'CNOWHERE',
  });
  const card = world.card();
  expect(card.text).toContain('its channel isn');
  await world.click('UCAT', 'choose_1');
  expect(world.told('UCAT').at(-1)).toContain('nothing was recorded');
  await world.click('UANA', 'choose_1');
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('*Ship it* 1 of 2: <@UANA>');
  expect((await program.get('q1')).data.status).toBe('waiting');
  await world.click('UBEN', 'choose_1');
  expect((await program.get('q1')).data.answer).toMatchObject({ option: 'ship', by: 'UBEN' });
  await program.put('q2', { ...SHIP, requested_by: 'UANA', channel: 'CPRESS' });
  await world.click('UANA', 'choose_1', world.card('CPRESS'));
  expect(world.told('UANA').at(-1)).toContain('You started this run');
});

test('nobody answers: the default option is taken where the settings say so, and a tool never runs by itself', async () => {
  const rules = [`ask_secret: ${ASK_SECRET}`, 'approvers: [UANA]', 'expire_after: 1h'];
  for (const [onExpiry, status] of [
    ['default', 'answered'],
    ['approve', 'waiting'],
    ['keep', 'waiting'],
  ] as const) {
    const { world, program } = await createQuestionWorld({ rules: [...rules, `on_expiry: ${onExpiry}`] });
    await program.put('q1', { ...SHIP, default_option: 'hold', expires_in: 600 });
    await program.put('q2', {
      ...SHIP,
      kind: 'tool',
      options: [
        { id: 'allow', label: 'Allow' },
        { id: 'block', label: 'Block' },
      ],
    });
    expect(world.cards()[0]?.text.includes('Without an answer: Hold')).toBe(onExpiry === 'default');
    await world.pass(11 * MINUTE);
    expect((await program.get('q1')).data.status).toBe(status);
    expect((await program.get('q2')).data.status).toBe('waiting');
    await world.pass(HOUR);
    expect((await program.get('q2')).data.status).toBe('waiting');
  }
});

test('a run that its program ends closes what still waits, and the thread has the result', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q1', { ...SHIP, run: 'run-9' });
  await program.put('q2', { ...DRAFT, run: 'run-9' });
  await world.click('UANA', 'choose_1', world.cards()[0]);
  await world.pass(SECOND);
  await program.say('q1', 'received');
  const ended = await program.send('PUT', 'runs/run-9', { state: 'finished', result: 'Build 42 is live.' });
  expect(ended).toMatchObject({ status: 200, data: { run: 'run-9', state: 'finished' } });
  await world.pass(3 * SECOND);
  expect(world.cards()[1]?.text).toContain('The run ended');
  expect((await program.get('q2')).data.status).toBe('closed');
  expect(
    world.workspace
      .messages('CAPPROVALS')
      .map(({ text }) => text)
      .join(),
  ).toContain('has finished');
  expect((await ask(world, 'status run-9')).all).toContain('finished');
  // Asking further says that it goes on.
  await program.put('q3', { ...SHIP, run: 'run-9' });
  expect(world.card().buttons).toContain('choose_1');
  await program.send('PUT', 'runs/run-9', { state: 'failed', reason: 'No disk space' });
  expect(world.card().text).toContain('No disk space');
  expect((await ask(world, 'status run-9')).all).toContain('No disk space');
});

test('a program cannot end a run of CrewAI', async () => {
  const { world, program } = await createQuestionWorld();
  const run = await world.shown();
  expect(await program.send('PUT', `runs/${run}`, { state: 'failed' })).toMatchObject({
    status: 409,
    data: { error: 'run_of_crewai' },
  });
  expect(world.card().buttons).toContain('approve');
});

test('it needs its own secret, as a bearer token, and names every wrong field', async () => {
  const { world, program } = await createQuestionWorld();
  const wrong = programOf(world, 'a-webhook-secret-of-crewai');
  expect((await wrong.put('q1')).status).toBe(401);
  expect((await wrong.get('q1')).status).toBe(401);
  const other = await world.send('crews/nobody/questions/q1', SHIP, {
    method: 'PUT',
    headers: bearer(ASK_SECRET),
  });
  expect(other.status).toBe(404);
  const options = Array.from({ length: 200 }, (_, at) => ({ id: `o${at}`, label: 'x' }));
  const bad: [object | string, RegExp][] = [
    [{}, /title is missing/],
    [{ title: 'Ship?' }, /text is missing/],
    [{ ...SHIP, output: 1 }, /output must not stand beside text/],
    [{ ...SHIP, options }, /options must be at most 100/],
    [{ ...SHIP, options: [options[0], options[0]] }, /options must each have an id of its own/],
    [{ ...SHIP, default_option: 'wait' }, /default_option is not the id of an option/],
    [{ ...SHIP, kind: 'tool' }, /options of a tool must be allow and block/],
    [
      { ...SHIP, expires_in: -1, free_text: 'maybe', colour: 1 },
      /free_text.*expires_in.*colour is not a field|expires_in.*colour/s,
    ],
    [{ ...SHIP, requested_by: 'somebody' }, /requested_by must be a Slack user ID or an email address/],
    ['[1]', /body must be a JSON object/],
  ];
  for (const [body, message] of bad) {
    const answer = await program.put('q1', body);
    expect(answer.status).toBe(422);
    expect(answer.data.message).toMatch(message);
  }
  expect((await program.put('q1', '{"title":')).status).toBe(400);
  expect((await program.put('q1', { ...SHIP, text: 'x'.repeat(1_100_000) })).status).toBe(413);
  expect((await program.get('q1?wait=soon')).status).toBe(422);
  expect((await program.get('nothing')).status).toBe(404);
  expect((await program.say('nothing', 'received')).status).toBe(404);
  expect((await program.drop('nothing')).status).toBe(404);
  expect(world.cards()).toEqual([]);
});

test('a crew without the secret has no such API', async () => {
  const world = await createWorld();
  expect((await programOf(world).put('q1')).status).toBe(404);
});

test('an output is shown as it came, and mentions nobody', async () => {
  const { world, program } = await createQuestionWorld();
  const body = `{"title": "Pay <!channel>?", "output": {"amount": 10000000000000000001, "to": "<@UBEN>"}}`;
  await program.put('q1', body);
  const { text } = world.card();
  expect(text).toContain('10000000000000000001');
  expect(text).not.toMatch(/<!channel>|<@UBEN>\W*,?\W*"/);
});

test('more than 100 open questions of one run: the next is told to come later', async () => {
  const { program } = await createQuestionWorld();
  for (let n = 0; n < 100; n += 1)
    expect((await program.put(`q${n}`, { ...DRAFT, run: 'run-1' })).status).toBe(201);
  expect((await program.put('one-more', { ...DRAFT, run: 'run-1' })).status).toBe(429);
  expect((await program.put('of-another-run', DRAFT)).status).toBe(201);
});

test('the audit trail says that a program asked, fetched and withdrew', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q1');
  await world.click('UANA', 'choose_1');
  await program.say('q1', 'received');
  await program.put('q2', DRAFT);
  await program.drop('q2');
  const records = world.records.of(world.stage.outside);
  const silent = { info() {}, warn() {}, error() {} } as unknown as Log;
  const period = { since: 0, until: Number.MAX_SAFE_INTEGER };
  const told: string[] = [];
  const reads = async () => {
    for await (const { what, origin } of readAuditTrail(
      records,
      createApprovalStore(records, silent),
      period,
      () => {},
    ))
      told.push(`${what} by ${origin}`);
  };
  await world.settle(reads());
  for (const line of ['answered by program', 'withdrawn by program', 'decided by card'])
    expect(told).toContain(line);
});
