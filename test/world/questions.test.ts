import { expect, test } from 'vitest';
import type { Log } from '../../src/approval/ports.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { scaleLimit } from '../support/limits.ts';
import { putRecord } from '../support/records.ts';
import { ask } from './asking.ts';
import type { Fate } from './stage.ts';
import { createWorld, HOUR, MINUTE, type Process, SECOND, World, type WorldOptions } from './world.ts';

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
  expect(await program.get('q1')).toMatchObject({ status: 200, data: { id: 'q1', status: 'waiting' } });
  await world.click('UANA', 'choose_2');
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('<@UANA> chose *Hold*');
  expect(world.card().text).toContain(texts.state.notFetched);
  const seen = [{ by: 'UANA', place: 'card', whole: true, asked: false }];
  const answer = { option: 'hold', text: '', by: 'UANA', at: expect.stringMatching(/^\d{4}-.*Z$/), seen };
  expect((await program.get('q1')).data).toMatchObject({ id: 'q1', status: 'answered', answer });
  // Reading changes nothing.
  expect(world.card().text).toContain(texts.state.notFetched);
  expect((await program.say('q1', 'received')).status).toBe(200);
  expect(world.card().text).toContain(texts.state.received());
  expect((await program.say('q1', 'received')).data).toMatchObject({ status: 'answered', answer });
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
  expect(second.text).toContain("This answers <@UBEN>'s request");
  expect(second.buttons).toContain('what_changed');
  expect(world.cards()[0]?.text).toContain(texts.state.received());
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

test('a question can have one option, and be one for a text only', async () => {
  const { world, program } = await createQuestionWorld();
  const options = [{ id: 'answer', label: 'Answer' }];
  await program.put('q1', { title: 'Who signs?', text: 'A letter', options, free_text: 'required' });
  expect(world.card().buttons.filter((id) => id !== 'more')).toEqual(['write_1']);
  await world.click('UANA', 'write_1');
  await world.submit('UANA', { feedback: 'Ana', people_note: '', option: '0' });
  expect((await program.get('q1')).data.answer).toMatchObject({ option: 'answer', text: 'Ana' });
  expect((await program.put('q2', { ...SHIP, options: [] })).data.message).toContain('must be at least 1');
});

test('where a text has to be given, Approve opens a form too', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q1', { ...DRAFT, free_text: 'required' });
  const { buttons } = world.card();
  expect(buttons.slice(0, 2)).toEqual(['approve_with_text', 'request_revision']);
  await world.click('UANA', 'approve_with_text');
  await world.submit('UANA', { feedback: 'For the spring issue', people_note: '' });
  expect((await program.get('q1')).data.answer).toMatchObject({
    option: 'approve',
    text: 'For the spring issue',
  });
});

test('a tool is allowed or blocked, whatever its program calls that', async () => {
  const { world, program } = await createQuestionWorld();
  const options = [
    { id: 'allow', label: 'Block' },
    { id: 'block', label: 'Allow' },
  ];
  for (const [id, more] of Object.entries({ q1: { options }, q2: {} })) {
    await program.put(id, { title: 'Pay?', text: 'x', kind: 'tool', ...more });
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await program.get(id)).data.answer).toMatchObject({ option: 'allow' });
    expect(world.card().text).toContain('chose *Allow*');
  }
});

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
  for (const status of [(await program.put('q1')).status, (await program.get('q1')).status])
    expect(status).toBe(410);
  expect((await program.drop('q1')).status).toBe(200);
  await world.pass(7 * 24 * HOUR - HOUR);
  expect((await program.get('q1')).status).toBe(410);
  await world.pass(HOUR);
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
  expect((await program.get('q1')).data).toMatchObject({ id: 'q1', status: 'closed' });
  await world.click('UANA', 'approve', second);
  await world.pass(6 * MINUTE);
  expect(world.cards()[1]?.text).toContain('no longer running');
  expect(world.thread(second?.ts ?? '').join()).toContain('the program that asked is no longer running');
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

test('what the program does after each option stands on the card, and after the answer what it does', async () => {
  const { world, program } = await createQuestionWorld({ rules: ['approvers: [UANA]'] });
  const [ship, hold] = SHIP.options;
  const options = [{ ...ship, next: 'Deploys <build 42> to production.' }, hold];
  await program.put('q', { ...SHIP, options });
  expect(world.card().text).toContain(`${ship?.label} → Deploys &lt;build 42&gt; to production.`);
  expect(world.card().text).not.toContain(`${hold?.label} →`);
  await world.click('UANA', 'choose_1');
  await program.get('q');
  await program.say('q', 'received');
  expect(world.card().text).toContain('has received the answer: Deploys &lt;build 42&gt; to production.');
  const wrong = await program.put('w', { ...SHIP, options: [{ ...ship, next: 'x'.repeat(101) }, hold] });
  expect([wrong.status, JSON.stringify(wrong.data)]).toEqual([
    422,
    expect.stringContaining('options.0.next must be at most 100 characters long'),
  ]);
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
    expect(world.cards()[0]?.text.includes('After that the answer is Hold.')).toBe(onExpiry === 'default');
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

test('a run of a program and one of CrewAI with the same id have nothing to do with each other', async () => {
  const { world, program } = await createQuestionWorld();
  const run = await world.shown();
  expect((await program.send('PUT', `runs/${run}`, { state: 'failed' })).status).toBe(200);
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
    [{ ...SHIP, output: 1 }, /output must not be combined with text/],
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

test('a new question has an id of 1 to 100 letters, digits and .:@_-; one that was stored under another stays what it is', async () => {
  const { world, program } = await createQuestionWorld();
  expect((await program.put('x'.repeat(100))).status).toBe(201);
  expect((await program.put('Build_42:a@b.c-d')).status).toBe(201);
  for (const id of ['x'.repeat(101), 'a b', 'a,b', 'a/b', 'prüfung', '👍', '<b>', '%'])
    expect(await program.put(encodeURIComponent(id)), id).toMatchObject({
      status: 422,
      data: { error: 'invalid_fields', message: expect.stringMatching(/^id must be 1 to 100 letters/) },
    });
  expect(world.cards()).toHaveLength(2);
  await program.put('q1');
  const id = 'of an earlier build, é';
  const records = world.records.of(world.stage.outside);
  for (const kind of ['approval', 'question'])
    for (const { key, raw } of await world.settle(records.range(kind, { limit: 10, after: undefined }))) {
      const moved = key.replace('/q1/', `/${encodeURIComponent(id)}/`);
      await world.settle(putRecord(records, moved, raw.replaceAll('"q1"', JSON.stringify(id))));
    }
  const old = encodeURIComponent(id);
  expect((await program.get(old)).data).toMatchObject({ id, status: 'waiting' });
  expect((await program.put(old)).status).toBe(200);
  await world.click('UANA', 'choose_1');
  await world.pass(3 * SECOND);
  expect((await program.say(old, 'received')).data).toMatchObject({ id, status: 'answered' });
  expect((await program.drop(old)).status).toBe(200);
});

test.each<[string, number, (text: string) => [path: string, body: object]]>([
  ['title', 300, (title) => ['questions/q', { ...SHIP, title }]],
  ['message', 10_000, (message) => ['questions/q', { ...SHIP, message }]],
  ['agent', 300, (agent) => ['questions/q', { ...SHIP, agent }]],
  ['options.0.id', 64, (id) => ['questions/q', { ...SHIP, options: [{ id, label: 'Ship' }] }]],
  ['options.0.label', 250, (label) => ['questions/q', { ...SHIP, options: [{ id: 'ship', label }] }]],
  ['run', 255, (run) => ['questions/q', { ...SHIP, run }]],
  ['reason', 2_000, (reason) => ['runs/run-1', { state: 'failed', reason }]],
  ['run', 255, (run) => [`runs/${run}`, { state: 'running' }]],
  ['inputs.0', 255, (name) => ['inputs', { inputs: [name] }]],
  ['inputs', 1_000, (text) => ['inputs', { inputs: [...text].map((_, at) => `input ${at}`) }]],
  ['required_inputs', 1_000, (text) => ['inputs', { inputs: [], required_inputs: [...text] }]],
])('%s is at most %i long', async (field, max, build) => {
  const { program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const put = (text: string) => program.send('PUT', ...build(text));
  expect((await put('x'.repeat(max))).status).toBeLessThan(300);
  expect(await put('x'.repeat(max + 1))).toMatchObject({
    status: 422,
    data: { error: 'invalid_fields', message: expect.stringMatching(new RegExp(`^${field} `)) },
  });
});

test.each([
  ['follows', 255, 'questions/q', { ...SHIP, follows: 'x'.repeat(256) }],
  ['reason', 2_000, 'starts/s', { status: 'refused', reason: 'x'.repeat(2_001) }],
  ['run', 255, 'starts/s', { status: 'started', run: 'x'.repeat(256) }],
])('%s is at most %i long there: %s', async (field, _, path, body) => {
  const { program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const { status, data } = await program.send('PUT', path, body);
  expect([status, data.message]).toEqual([422, expect.stringMatching(new RegExp(`^${field} `))]);
});

test('an answer names at most twenty wrong fields, each cut', async () => {
  const { program } = await createQuestionWorld();
  const unknown = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${n}-${'x'.repeat(500)}`, n]));
  const { status, data } = await program.put('q1', { ...SHIP, ...unknown });
  expect(status).toBe(422);
  const named = data.message.split('; ');
  expect(named).toHaveLength(21);
  expect(named[0]).toMatch(/^0-x{97}… is not a known field$/);
  expect(named[20]).toBe('10 more.');
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

/** The crew has no base URL: programs carry its starts out. */
const WITHOUT_URL = {
  CREWAI_BASE_URL: '',
  CREWAI_BEARER_TOKEN: '',
  WEBHOOK_SECRET: '',
  PUBLIC_URL: '',
};

async function startFromSlack(world: World, topic = 'rain jackets') {
  await world.type('UANA', 'run press');
  await world.submit('UANA', { 'input:topic': topic });
}

const message = (world: World) => JSON.stringify(world.workspace.messages('CAPPROVALS')[0]?.blocks ?? '');

test('a start from Slack is fetched by one program, which says that it runs; its cards are in its thread', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  expect(await program.send('PUT', 'inputs', { inputs: ['topic'] })).toMatchObject({ status: 200 });
  expect((await program.send('GET', 'starts')).data).toEqual({});
  const waiting = program.send('GET', 'starts?wait=25');
  await startFromSlack(world);
  const { start } = (await waiting).data;
  expect(start).toEqual({ id: expect.any(String), inputs: { topic: 'rain jackets' }, requested_by: 'UANA' });
  expect((await program.send('GET', 'starts')).data).toEqual({});
  const said = await program.send('PUT', `starts/${start.id}`, { status: 'started', run: 'run-1' });
  expect(said.status).toBe(200);
  expect((await program.send('PUT', `starts/${start.id}`, { status: 'started', run: 'run-1' })).status).toBe(
    200,
  );
  expect((await program.send('PUT', `starts/${start.id}`, { status: 'started', run: 'run-2' })).status).toBe(
    409,
  );
  expect(message(world)).toContain('Running');
  await program.put('q1', { ...DRAFT, run: 'run-1' });
  const root = world.workspace.messages('CAPPROVALS')[0];
  expect(world.card().threadTs).toBe(root?.ts);
  await world.click('UBEN', 'approve');
  await program.say('q1', 'received');
  await program.send('PUT', 'runs/run-1', { state: 'finished', result: { done: true } });
  await world.pass(5 * SECOND);
  expect(message(world)).toContain('Finished');
  expect(world.thread(root?.ts ?? '').join()).toContain('Done');
});

test('programs that fetch at the same moment get a start each, and no start is fetched twice', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  await program.send('PUT', 'inputs', { inputs: ['topic'] });
  for (const topic of ['one', 'two']) await startFromSlack(world, topic);
  const fetched = await Promise.all([1, 2, 3].map(() => program.send('GET', 'starts')));
  const topics = fetched.map(({ data }) => data.start?.inputs.topic ?? 'none');
  expect(topics.toSorted()).toEqual(['none', 'one', 'two']);
});

test('a start asks for the values of a schema, and its program gets them typed', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const fields = {
    type: 'object',
    properties: {
      day: { type: 'string', title: 'Day', format: 'date' },
      pieces: { type: 'integer', title: 'Pieces', minimum: 1 },
      note: { type: 'string', title: 'Note' },
    },
    required: ['day', 'pieces'],
  };
  expect((await program.send('PUT', 'inputs', { fields })).data).toEqual({
    inputs: ['day', 'pieces', 'note'],
  });
  await world.type('UANA', 'run press');
  await world.submitForm('UANA', { Day: '2026-12-24', Pieces: '3' });
  expect((await program.send('GET', 'starts')).data.start.inputs).toEqual({ day: '2026-12-24', pieces: 3 });
});

test('the form of a start that comes late stays open with what was entered, and starts one run when it is sent again', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const plan = { type: 'array', title: 'Plan', items: { enum: ['a', 'b'] } };
  const day = { type: 'string', title: 'Day', format: 'date' };
  await program.send('PUT', 'inputs', { fields: { type: 'object', properties: { day, plan } } });
  await world.type('UANA', 'run press');
  const sent = await world.late(() => world.submitForm('UANA', { Day: '2026-12-24', Plan: ['b'] }));
  expect(Object.values(sent.errors ?? {})).toEqual([texts.refusals.tooLate]);
  expect((await program.send('GET', 'starts')).data).toEqual({});
  await world.submitForm('UANA', {});
  expect((await program.send('GET', 'starts')).data.start.inputs).toEqual({ day: '2026-12-24', plan: ['b'] });
});

test.each([
  ['asks for another input', ['day', 'plan', 'topic']],
  ['does not ask for one of them any more', ['day']],
])('a start whose program %s once its form is open starts nothing, and says so', async (_, names) => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const declare = (named: string[]) => {
    const properties = Object.fromEntries(named.map((name) => [name, { type: 'string', title: name }]));
    return program.send('PUT', 'inputs', { fields: { type: 'object', properties, required: named } });
  };
  await declare(['day', 'plan']);
  await world.type('UANA', 'run press');
  await declare(names);
  const sent = await world.submitForm('UANA', { day: 'Monday', plan: 'b' });
  expect(Object.values(sent.errors ?? {})).toEqual([
    expect.stringContaining('inputs of this crew have changed'),
  ]);
  expect((await program.send('GET', 'starts')).data).toEqual({});
  await declare(['day', 'plan']);
  await world.submitForm('UANA', {});
  expect((await program.send('GET', 'starts')).data.start.inputs).toEqual({ day: 'Monday', plan: 'b' });
});

test('a start whose program died is fetched again after a minute; one that is refused or never fetched says so', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  await program.send('PUT', 'inputs', { inputs: ['topic'] });
  await startFromSlack(world);
  const first = (await program.send('GET', 'starts')).data.start;
  await world.pass(MINUTE);
  expect((await program.send('GET', 'starts')).data.start).toEqual(first);
  await program.send('PUT', `starts/${first.id}`, { status: 'refused', reason: 'No key for the model' });
  await world.pass(3 * SECOND);
  expect(message(world)).toContain('Not started: No key for the model');
  await startFromSlack(world, 'umbrellas');
  await world.pass(11 * MINUTE);
  expect((await program.send('GET', 'starts')).data).toEqual({});
  expect(
    world.workspace
      .messages('CAPPROVALS')
      .map(({ blocks }) => JSON.stringify(blocks))
      .join(),
  ).toContain('no program of this crew picked it up within ten minutes');
  expect((await program.send('PUT', 'starts/nothing', { status: 'started', run: 'run-3' })).status).toBe(404);
  expect((await program.send('PUT', `starts/${first.id}`, { status: 'going' })).status).toBe(422);
});

test('webhooks of a crew that has no webhook secret are rejected, also those with an empty one', async () => {
  const { world } = await createQuestionWorld({ settings: WITHOUT_URL });
  for (const authorization of ['Bearer ', 'Basic OmE=', 'Basic Og=='])
    expect((await world.hook('task', { execution_id: 'e1' }, { authorization })).status).toBe(401);
  expect((await world.read('crews/press/executions/x')).status).toBe(404);
});

/** Asks, decides and fetches, again and again until it is done, with the process killed at this point. */
async function askThroughDeath(fate: Fate): Promise<{ killed: boolean; seen: object }> {
  const world = await World.create({ settings: { ASK_SECRET }, fate });
  try {
    const program = programOf(world);
    const until = async (
      done: (answer: Awaited<ReturnType<typeof program.get>>) => boolean,
      again: typeof program.get,
    ) => {
      for (let tries = 0; tries < 20; tries += 1) {
        const answer = await again('q1');
        if (done(answer)) return answer;
      }
      throw new Error('never done');
    };
    await until(
      ({ status }) => status === 200 || status === 201,
      () => program.put('q1'),
    );
    await world.pass(20 * SECOND);
    const { data } = await until(
      ({ data }) => data.status === 'answered',
      async (id) => {
        // A person clicks again as long as the card offers it.
        if (world.card().buttons.includes('choose_1')) await world.click('UANA', 'choose_1');
        await world.pass(5 * SECOND);
        return program.get(id);
      },
    );
    await until(
      ({ status }) => status === 200,
      (id) => program.say(id, 'received'),
    );
    await world.pass(MINUTE);
    const card = world.card();
    const [first] = world.processes as [Process];
    return {
      killed: !first.actor.alive,
      seen: {
        answer: data.answer.option,
        cards: new Set(world.cards().map(({ approval }) => approval)).size,
        isFetched: card.text.includes(texts.state.received()) || world.cards().length > 1,
        decidedBy: card.text.includes('<@UANA> chose') || world.cards().length > 1,
      },
    };
  } finally {
    world.end();
  }
}

test('a process that is killed at any point loses no question and no answer', {
  timeout: scaleLimit(240_000),
}, async () => {
  const every = process.env.CI ? 1 : 10;
  let points = 0;
  for (let at = 1, isOver = false; !isOver; at += every)
    for (const when of ['before', 'after'] as const) {
      const { killed, seen } = await askThroughDeath({ at, when });
      expect({ at, when, ...seen }).toEqual({
        at,
        when,
        answer: 'ship',
        cards: 1,
        isFetched: true,
        decidedBy: true,
      });
      if (killed) points += 1;
      else isOver = true;
    }
  expect(points).toBeGreaterThanOrEqual(process.env.CI ? 36 : 4);
});

/** As long as a program may write them, and the same in the first 200 characters. */
const longOptions = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `o${n}`,
    label: `${'& ship to all markets '.repeat(10)}number ${n}`,
  }));

test.each([12, 100])(
  '%i long options are read whole before the choice and on the settled card',
  async (count) => {
    const { world, program } = await createQuestionWorld();
    const options = longOptions(count);
    await program.put('q1', { ...SHIP, options });
    const card = world.card();
    expect(card.buttons).toEqual(['choose_from_list', 'read_options', 'more']);
    expect(await world.home('UANA')).toContain('"read_options"');
    await world.click('UANA', 'read_options');
    const pages = [world.form('UANA')];
    while (pages.at(-1)?.includes('page_after')) {
      await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'page_after' }));
      await world.pass(SECOND);
      pages.push(world.form('UANA'));
    }
    for (const [at, { label }] of options.entries()) expect(pages.join()).toContain(`${at + 1}. ${label}`);
    await world.choose('UANA', 'choose_note');
    for (const [at, { label }] of options.entries())
      expect(world.form('UANA')).toContain(`${at + 1}. ${label}`);
    await world.submit('UANA', { option: '6', feedback: 'As agreed.' });
    await world.pass(5 * SECOND);
    expect(blocksText(world)).toContain(options[6]?.label);
  },
);

test('options that fit are listed whole on the card where a button may cut them', async () => {
  const { world, program } = await createQuestionWorld();
  const labels = ['Ship it to all markets after the review', 'Hold'];
  await program.put('q1', { ...SHIP, options: labels.map((label, at) => ({ id: `o${at}`, label })) });
  expect(world.card().text).toContain(`1. ${labels[0]}\n2. Hold`);
  expect(world.card().buttons).not.toContain('read_options');
});

test('options that look the same have numbers before and after the choice', async () => {
  const { world, program } = await createQuestionWorld();
  const options = ['Ship', 'Ship\u200b', 'Hold'].map((label, at) => ({ id: `o${at}`, label }));
  await program.put('q1', { ...SHIP, options });
  expect(blocksText(world)).toMatch(/"1\. Ship.*"2\. Ship.*"3\. Hold/);
  await world.click('UANA', 'choose_2');
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('*2. Ship');
  expect((await program.get('q1')).data.answer.option).toBe('o1');
});

const blocksText = (world: World, { channel, ts } = world.card()) =>
  JSON.stringify(world.workspace.message(channel, ts)?.blocks);
