import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { ask } from './asking.ts';
import { createWorld, HOUR, MINUTE, SECOND, type World, type WorldOptions } from './world.ts';

// Each test says what should hold, and fails where it does not.

const ASK_SECRET = 'the-ask-secret-of-a-program';
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const SHIP = {
  title: 'Ship build 42?',
  text: 'All checks passed.',
  options: [
    { id: 'ship', label: 'Ship it' },
    { id: 'hold', label: 'Hold' },
  ],
};
const DRAFT = { title: 'Press release', text: '# Spring collection' };
const WITHOUT_URL = { CREWAI_BASE_URL: '', CREWAI_BEARER_TOKEN: '', WEBHOOK_SECRET: '', PUBLIC_URL: '' };
const CREWAI_RUN = 'e0000000-0000-4000-8000-000000000001';

async function createQuestionWorld({ settings, rules, ...options }: WorldOptions = {}) {
  const world = await createWorld({
    ...options,
    settings: { ASK_SECRET, ...settings },
    ...(rules ? { rules: [`ask_secret: ${ASK_SECRET}`, ...rules] } : {}),
  });
  const send = (method: string, path: string, body?: object | string) =>
    world.send(`crews/press/${path}`, body, { method, headers: bearer(ASK_SECRET) });
  const program = {
    send,
    put: (id: string, body: object | string) => send('PUT', `questions/${id}`, body),
    get: async (id: string) => (await send('GET', `questions/${id}`)).data,
    say: (id: string, word: string) => send('PUT', `questions/${id}/${word}`),
    drop: (id: string) => send('DELETE', `questions/${id}`),
    run: (run: string, body: object) => send('PUT', `runs/${run}`, body),
    /** A person starts a run in Slack, and the program fetches it: its id. */
    fetchStart: async (by = 'UANA', topic = 'x') => {
      await send('PUT', 'inputs', { inputs: ['topic'] });
      await world.type(by, 'run press');
      await world.submit(by, { 'input:topic': topic });
      return (await send('GET', 'starts')).data.start.id as string;
    },
  };
  return { world, program };
}

const mentionedIn = (text: string) => [...new Set(text.match(/<@U\w+>/g))];
const rootOf = (world: World, at = 0) =>
  JSON.stringify(world.workspace.messages('CAPPROVALS')[at]?.blocks ?? '');

// Blockers: who may decide.

test('a further round narrows who decides, as its question says', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('d1', DRAFT);
  await world.revise('UBEN', 'Shorter');
  await program.put('d2', { ...DRAFT, text: 'x', follows: 'd1', approvers: ['UANA'] });
  await world.click('UBEN', 'approve');
  expect(await program.get('d2')).toMatchObject({ status: 'waiting' });
});

test('a further round excludes its requester', async () => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA, UBEN]', 'exclude_requester: true'],
  });
  await program.put('d1', DRAFT);
  await world.revise('UANA', 'Shorter');
  await program.put('d2', { ...DRAFT, text: 'x', follows: 'd1', requested_by: 'UBEN' });
  await world.click('UBEN', 'approve');
  expect(await program.get('d2')).toMatchObject({ status: 'waiting' });
});

test('a further round has the title of the question that it follows, from which the rules come', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('d1', DRAFT);
  await world.revise('UANA', 'Shorter');
  const other = await program.put('d2', { title: 'Delete production', text: 'rm -rf', follows: 'd1' });
  expect(other).toMatchObject({
    status: 422,
    data: { message: expect.stringContaining('title must be the same') },
  });
  expect(world.cards()).toHaveLength(1);
});

test.each(['live', 'documented'] as const)(
  'a program cannot close a run of CrewAI that has no card yet (%s)',
  async (dialect) => {
    const { world, program } = await createQuestionWorld({ dialect });
    await program.run(CREWAI_RUN, { state: 'failed', reason: 'invented' });
    await world.hook('human-input', {
      execution_id: CREWAI_RUN,
      task_id: 't-1',
      task_output: 'Draft text',
    });
    expect(world.card().buttons).toContain('approve');
  },
);

test('a program cannot say that a run of CrewAI failed which a person has just started in Slack', async () => {
  const { world, program } = await createQuestionWorld({ crewai: { stepMs: 30_000 } });
  await world.type('UANA', 'run press');
  await world.submit('UANA', {});
  const run = /Run ([0-9a-f-]{36})/.exec(rootOf(world))?.[1];
  expect(run).toBeDefined();
  const said = await program.run(run as string, { state: 'failed', reason: 'invented' });
  await world.pass(MINUTE);
  expect(said.status).toBe(200);
  expect(rootOf(world)).not.toContain('invented');
});

test.each([
  [
    'PUT runs',
    (program: Awaited<ReturnType<typeof createQuestionWorld>>['program']) =>
      program.run(CREWAI_RUN, { state: 'running' }),
  ],
  [
    'a question of it',
    (program: Awaited<ReturnType<typeof createQuestionWorld>>['program']) =>
      program.put('q', { ...SHIP, run: CREWAI_RUN }),
  ],
] as const)(
  'what a program says of a run of CrewAI hides none of its pauses on the documented dialect: %s',
  async (_, says) => {
    const { world, program } = await createQuestionWorld({ dialect: 'documented' });
    await says(program);
    const receipt = await world.hook('task', {
      execution_id: CREWAI_RUN,
      kickoff_id: CREWAI_RUN,
      task_id: 't-1',
      name: 'draft',
      task_name: 'draft',
      description: 'd',
      expected_output: 'e',
      raw: 'Draft text',
      output: 'Draft text',
      agent: 'A',
    });
    expect(receipt.data).toMatchObject({ status: 'created' });
  },
);

test('the deadline of a further round is its own: no rule decides before the time on the card', async () => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA]', 'expire_after: 1h', 'on_expiry: approve'],
  });
  await program.put('d1', { ...DRAFT, expires_in: 60 });
  await world.revise('UANA', 'x');
  await program.put('d2', { ...DRAFT, text: 'y', follows: 'd1', expires_in: 3_600 });
  await world.pass(2 * MINUTE);
  expect(await program.get('d2')).toMatchObject({ status: 'waiting' });
});

// Wrong.

test('the deadline on a card is the one that counts', async () => {
  const { world, program } = await createQuestionWorld({ rules: ['approvers: [UANA]', 'expire_after: 1h'] });
  const day = /2026-11-03/;
  await program.put('q', { ...SHIP, expires_in: 86_400 });
  expect.soft(world.card().text).not.toMatch(day);
  await world.pass(61 * MINUTE);
  // Not "The deadline passed" beside a deadline of tomorrow.
  expect(world.card().text).not.toMatch(day);
});

test('a further round expires at the time on its card', async () => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA]', 'expire_after: 1h', 'on_expiry: approve'],
  });
  await program.put('e1', DRAFT);
  await world.revise('UANA', 'x');
  await program.put('e2', { ...DRAFT, text: 'y', follows: 'e1', expires_in: 60 });
  await world.pass(5 * MINUTE);
  expect(await program.get('e2')).toMatchObject({ status: 'answered' });
});

test('a lease does not end because the bot was away', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', { ...SHIP, lease: true });
  await world.pass(4 * MINUTE);
  await program.say('q', 'alive');
  const process = world.living(0);
  if (!process) throw new Error('no process');
  process.backAfter = 6 * MINUTE;
  world.kill(process);
  await world.pass(6 * MINUTE + 5 * SECOND);
  expect((await program.say('q', 'alive')).data).toMatchObject({ status: 'waiting' });
  expect(world.card().text).not.toContain('no longer running');
});

test('nor because the store rejected that the program is alive', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', { ...SHIP, lease: true });
  world.records.failing = 'writes';
  for (let minutes = 0; minutes < 6; minutes += 1) {
    await world.pass(MINUTE);
    expect((await program.say('q', 'alive')).status).toBe(503);
  }
  world.records.failing = undefined;
  await world.pass(30 * SECOND);
  expect((await program.say('q', 'alive')).data).toMatchObject({ status: 'waiting' });
});

test('direct messages only to someone who may decide: not to whom the question itself excludes', async () => {
  const { world, program } = await createQuestionWorld({ settings: { APPROVERS: 'UANA,UBEN' } });
  await program.put('q', { ...SHIP, channel: 'UANA', approvers: ['UBEN'] });
  expect.soft(world.cards('CAPPROVALS')).toHaveLength(1);
  expect(world.workspace.directMessages('UANA')).toEqual([]);
});

test('a question keeps the requester that it names, whoever started its run', async () => {
  const { world, program } = await createQuestionWorld({
    settings: { ...WITHOUT_URL, EXCLUDE_REQUESTER: 'true' },
  });
  const start = await program.fetchStart('UBEN');
  await program.put('q', { ...SHIP, run: 'r1', requested_by: 'UANA' });
  await world.click('UANA', 'choose_1');
  expect(world.told('UANA').at(-1)).toContain('You started this run');
  await program.send('PUT', `starts/${start}`, { status: 'started', run: 'r1' });
  await world.pass(5 * SECOND);
  await world.click('UANA', 'choose_1');
  expect(await program.get('q')).toMatchObject({ status: 'waiting' });
});

test('neither who started the run nor who asked the question is notified or counted, since neither decides', async () => {
  const settings = { ...WITHOUT_URL, EXCLUDE_REQUESTER: 'true', APPROVERS: 'UANA,UBEN,UCAT' };
  const { world, program } = await createQuestionWorld({
    settings: { ...settings, APPROVALS_REQUIRED: '2' },
  });
  const start = await program.fetchStart('UBEN');
  await program.send('PUT', `starts/${start}`, { status: 'started', run: 'r1' });
  await program.put('q', { ...SHIP, run: 'r1', requested_by: 'UANA' });
  const { text } = world.card();
  expect(mentionedIn(text)).toEqual(['<@UCAT>']);
  expect(text).toContain(texts.state.tooFewApprovers(1, 2));
  await world.pass(2 * HOUR);
  expect(world.card().text).toContain(texts.state.tooFewApprovers(1, 2));
});

test('no card goes to the person who started the run as a direct message, where they do not decide', async () => {
  const settings = { ...WITHOUT_URL, EXCLUDE_REQUESTER: 'true', APPROVERS: 'UANA,UBEN,UCAT' };
  const { world, program } = await createQuestionWorld({ settings });
  const start = await program.fetchStart('UBEN');
  await program.send('PUT', `starts/${start}`, { status: 'started', run: 'r1' });
  await program.put('q', { ...SHIP, run: 'r1', requested_by: 'UANA', channel: 'UBEN' });
  expect(mentionedIn(world.card().text)).toEqual(['<@UCAT>']);
});

/** People with addresses, all of them in the channel. */
const withAddresses = () => {
  const people = ['ana', 'ben', 'cat', 'dan'].map((name) => ({
    id: `U${name.toUpperCase()}`,
    name,
    tz: 'Etc/UTC',
    email: `${name}@example.com`,
  }));
  const members = people.map(({ id }) => id);
  return {
    people,
    channels: [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }],
    groups: [],
  };
};
const ASKED_BY_ANA = { requested_by: 'ana@example.com' };
const excluding = (settings: Record<string, string>) => ({
  slack: withAddresses(),
  settings: { ...WITHOUT_URL, EXCLUDE_REQUESTER: 'true', ...settings },
});

test('a requester known by an address is not mentioned on the first card, where they do not decide', async () => {
  const { world, program } = await createQuestionWorld(excluding({ APPROVERS: 'UANA,UBEN,UCAT' }));
  await program.put('q', { ...SHIP, ...ASKED_BY_ANA });
  expect(mentionedIn(world.card().text)).toEqual(['<@UBEN>', '<@UCAT>']);
});

test('after a restart only the person who asked for the revision is mentioned, where an address names the requester', async () => {
  const { world, program } = await createQuestionWorld(excluding({ APPROVERS: 'UBEN,UCAT' }));
  await program.put('d1', { ...DRAFT, ...ASKED_BY_ANA });
  await world.revise('UBEN', 'Shorter');
  await world.pass(2 * MINUTE);
  await world.restart();
  await world.pass(2 * MINUTE);
  await program.put('d2', { ...DRAFT, ...ASKED_BY_ANA, text: 'x', follows: 'd1' });
  await world.pass(5 * SECOND);
  expect(mentionedIn(world.card().text)).toEqual(['<@UBEN>']);
});

test('too few approvers are counted where an address names the requester', async () => {
  const { world, program } = await createQuestionWorld(
    excluding({ APPROVERS: 'UANA,UBEN', APPROVALS_REQUIRED: '2', NOTIFY: 'none' }),
  );
  await program.put('q', { ...SHIP, ...ASKED_BY_ANA });
  await world.restart();
  await world.pass(2 * HOUR);
  expect(world.card().text).toContain(texts.state.tooFewApprovers(1, 2));
});

test('an escalation asks nobody who started or asked and does not decide', async () => {
  const settings = { APPROVERS: 'UBEN,UCAT', ESCALATE_TO: 'UANA,UDAN', ESCALATE_AFTER: '1h' };
  const { world, program } = await createQuestionWorld(excluding(settings));
  await program.put('q', { ...SHIP, ...ASKED_BY_ANA });
  await world.pass(61 * MINUTE);
  const [, escalated] = world.workspace.messages('CAPPROVALS');
  expect(mentionedIn(escalated?.text ?? '')).toEqual(['<@UDAN>']);
});

test('an escalation to the requester alone tells nobody that they can decide', async () => {
  const settings = { APPROVERS: 'UBEN,UCAT', ESCALATE_TO: 'UANA', ESCALATE_AFTER: '1h' };
  const { world, program } = await createQuestionWorld(excluding(settings));
  await program.put('q', { ...SHIP, ...ASKED_BY_ANA });
  await world.pass(61 * MINUTE);
  expect(world.workspace.messages('CAPPROVALS')).toHaveLength(1);
});

test('an answer whose question was closed with its run is not read as answered', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', { ...SHIP, run: 'r1' });
  await world.click('UANA', 'choose_1');
  await program.run('r1', { state: 'finished' });
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('before the program picked it up');
  expect(await program.get('q')).toMatchObject({ status: 'closed' });
});

test.each(['ended', 'withdrawn'] as const)(
  'nobody is told that their decision was not sent when the program has read it: %s',
  async (how) => {
    const { world, program } = await createQuestionWorld();
    await program.put('q', { ...SHIP, run: 'r1' });
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect(await program.get('q')).toMatchObject({ status: 'answered' });
    if (how === 'ended') await program.run('r1', { state: 'finished' });
    else await program.drop('q');
    await world.pass(3 * SECOND);
    expect(world.notes().join()).not.toContain("wasn't sent");
  },
);

test('people can close what was decided and is not fetched', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', SHIP);
  await world.click('UANA', 'choose_1');
  await world.pass(HOUR);
  expect(world.card().buttons).toContain('give_up');
});

test('answers that were read and never confirmed do not keep a run from asking', async () => {
  const { world, program } = await createQuestionWorld({ settings: { APPROVERS: 'UANA' } });
  for (let n = 0; n < 100; n += 1) {
    await program.put(`q${n}`, { ...SHIP, run: 'nightly' });
    await world.pass(5 * SECOND);
    await world.click('UANA', 'choose_1');
    expect(await program.get(`q${n}`)).toMatchObject({ status: 'answered' });
  }
  expect((await program.put('one-more', { ...SHIP, run: 'nightly' })).status).toBe(201);
});

test('lists say of a question that its program has not fetched the decision, not that it is sent to CrewAI', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  await program.put('q', { ...SHIP, run: 'r1' });
  await world.click('UANA', 'choose_1');
  await world.pass(HOUR);
  const { approval } = world.card();
  const said = [await world.home('UANA')];
  for (const command of ['history', 'find ship', 'status r1', approval])
    said.push((await ask(world, command)).all);
  for (const text of said) expect.soft(text).not.toContain('CrewAI');
});

test('nothing names CrewAI where programs only ask: forms and unknown runs', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  await program.put('q', { ...SHIP, free_text: 'optional' });
  await world.choose('UANA', 'choose_note');
  expect.soft(world.form('UANA')).not.toContain('CrewAI');
  expect.soft((await ask(world, 'status nothing-known')).all).not.toContain('CrewAI');
  await world.type('UANA', 'run press');
  expect.soft(world.form('UANA')).not.toContain('CrewAI');
});

test('the status of a run that a program has started is known', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const start = await program.fetchStart();
  await program.send('PUT', `starts/${start}`, { status: 'started', run: 'run-one' });
  await world.pass(3 * SECOND);
  expect(rootOf(world)).toContain('Running');
  expect((await ask(world, 'status run-one')).all).not.toContain("doesn't know this run");
});

test('the status of a run that a program reported and never asked for is what it said', async () => {
  const { world, program } = await createQuestionWorld();
  await program.run('run-two', { state: 'failed', reason: 'No disk space' });
  expect((await ask(world, 'status run-two')).all).toContain('No disk space');
});

test('secrets are removed from the reasons that a program gives', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  await program.put('q', { ...DRAFT, run: 'r' });
  await program.run('r', { state: 'failed', reason: `401 for xoxb-world and ${ASK_SECRET}` });
  await world.pass(3 * SECOND);
  expect.soft(world.card().text).not.toContain('xoxb-world');
  expect.soft((await ask(world, 'status r')).all).not.toContain(ASK_SECRET);
  const start = await program.fetchStart();
  await program.send('PUT', `starts/${start}`, { status: 'refused', reason: `bad token ${ASK_SECRET}` });
  await world.pass(3 * SECOND);
  expect
    .soft(JSON.stringify(world.workspace.messages('CAPPROVALS')))
    .not.toContain(`bad token ${ASK_SECRET}`);
});

test('a run that failed, was taken up again and finished has its result, and its card says so', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', { ...DRAFT, run: 'r' });
  await world.click('UANA', 'approve');
  await program.say('q', 'received');
  await program.run('r', { state: 'failed', reason: 'disk full' });
  await program.run('r', { state: 'running' });
  expect.soft(world.card().text).not.toContain('The run failed');
  await program.run('r', { state: 'finished', result: 'THE RESULT' });
  await world.pass(5 * SECOND);
  expect.soft(world.card().text).not.toContain('The run failed');
  expect(world.thread(world.card().ts).join()).toContain('THE RESULT');
});

test('a list does not say of a run that failed, or goes on, that it has finished', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', { ...DRAFT, run: 'r' });
  await world.click('UANA', 'approve');
  await program.say('q', 'received');
  await program.run('r', { state: 'failed', reason: 'disk full' });
  expect.soft((await ask(world, 'status r')).all).not.toContain('has finished');
  await program.run('r', { state: 'running' });
  expect.soft((await ask(world, 'status r')).all).not.toContain('has finished');
});

test('a run that has finished cannot fail unless its program says before that it goes on', async () => {
  const { program } = await createQuestionWorld();
  await program.run('r', { state: 'finished' });
  expect(await program.run('r', { state: 'failed' })).toMatchObject({ status: 409 });
  await program.run('r', { state: 'running' });
  expect(await program.run('r', { state: 'failed', reason: 'after all' })).toMatchObject({ status: 200 });
});

test('a second start cannot be the run of the first: its message would say "Running" for ever', async () => {
  const { world, program } = await createQuestionWorld({ settings: WITHOUT_URL });
  const first = await program.fetchStart('UANA', 'one');
  const second = await program.fetchStart('UANA', 'two');
  await program.send('PUT', `starts/${first}`, { status: 'started', run: 'r1' });
  const said = await program.send('PUT', `starts/${second}`, { status: 'started', run: 'r1' });
  expect(said.status).toBe(409);
  await program.send('PUT', `starts/${second}`, { status: 'refused', why: 'already running' });
  await program.run('r1', { state: 'finished' });
  await world.pass(5 * SECOND);
  expect(rootOf(world, 1)).not.toContain('Running');
});

test('an id that was withdrawn a week ago is one question again, also in its old thread', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('d0', DRAFT);
  await world.revise('UANA', 'x');
  await program.put('q1', { ...DRAFT, text: 'y', follows: 'd0' });
  await program.drop('q1');
  await world.pass(7 * 24 * HOUR);
  const again = { ...DRAFT, text: 'z', follows: 'd0' };
  expect((await program.put('q1', again)).status).toBe(201);
  expect.soft((await program.put('q1', again)).status).toBe(200);
  expect.soft(await program.get('q1')).toMatchObject({ status: 'waiting' });
  expect(world.cards()).toHaveLength(3);
});

test('a question without a run is not of the run that has its id', async () => {
  const { program } = await createQuestionWorld();
  await program.put('X', SHIP);
  await program.put('Y', { ...SHIP, run: 'X' });
  await program.run('X', { state: 'finished' });
  expect(await program.get('X')).toMatchObject({ status: 'waiting' });
});

test('the id of a run has a limit, as that of a question', async () => {
  const { program } = await createQuestionWorld();
  // Postgres answers "index row size exceeds", so 503 for ever, and OPS_CHANNEL reads that it rejects writes.
  expect((await program.run('x'.repeat(3_000), { state: 'running' })).status).toBe(422);
});

test('what was settled makes asking in the same run no slower', async () => {
  const { world, program } = await createQuestionWorld();
  for (let n = 0; n < 40; n += 1) {
    await program.put(`q${n}`, { ...DRAFT, run: 'r' });
    await program.drop(`q${n}`);
  }
  let reads = 0;
  const { stage } = world;
  const operation = stage.operation.bind(stage);
  stage.operation = ((kind: 'read' | 'write', ...more: [never, never]) => {
    if (kind === 'read') reads += 1;
    return operation(kind, ...more);
  }) as typeof stage.operation;
  const asking = { method: 'PUT', headers: bearer(ASK_SECRET) };
  const count = async (id: string, run: string) => {
    reads = 0;
    await world.send(`crews/press/questions/${id}`, { ...DRAFT, run }, asking);
    return reads;
  };
  const ofNewRun = await count('first', 'another');
  expect(await count('last', 'r')).toBeLessThan(ofNewRun + 20);
});

// Ugly.

test('of requests that come at once no more than 64 wait', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', SHIP);
  let answered = 0;
  for (let n = 0; n < 200; n += 1)
    void world.network
      .request({
        url: 'http://bot.test/crews/press/questions/q?wait=25',
        method: 'GET',
        headers: bearer(ASK_SECRET),
        body: undefined,
      })
      .then(() => (answered += 1));
  await world.pass(3 * SECOND);
  expect(answered).toBe(200 - 64);
});

test('a question whose lease ended was not withdrawn', async () => {
  const { world, program } = await createQuestionWorld();
  await program.put('q', { ...SHIP, lease: true });
  await world.click('UANA', 'choose_1');
  await world.pass(6 * MINUTE);
  const { approval, ts } = world.card();
  expect.soft((await ask(world, approval)).all).not.toContain('withdrawn');
  expect.soft(world.thread(ts).join()).not.toContain('was withdrawn first');
  await world.click('UBEN', 'read_in_full');
});

test('the default of a question without options is named as its button is', async () => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA]', 'expire_after: 1h', 'on_expiry: default'],
  });
  await program.put('q', { ...DRAFT, default_option: 'revise' });
  expect(world.card().text).toContain('After that it is sent back.');
});

const ALIKE = [
  { id: 'hold', label: 'Continue' },
  { id: 'pay', label: 'Con\u00adtinue' },
];

test.each([
  ['are equal', 'Continue'],
  ['look the same', 'Con\u00adtinue'],
])('the default among labels that %s is named by the number of the option that is sent', async (_, label) => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA]', 'expire_after: 1h', 'on_expiry: default'],
  });
  const options = [
    { id: 'hold', label: 'Continue' },
    { id: 'pay', label },
  ];
  await program.put('q', { ...SHIP, options, default_option: 'pay' });
  expect(world.card().text).toContain('After that the answer is 2. Con');
  await world.pass(HOUR + 5 * SECOND);
  expect(await program.get('q')).toMatchObject({ answer: { option: 'pay' } });
  expect(world.thread(world.card().ts).join()).toContain('*2. Con');
});

test('an option whose label looks like another has its number wherever it is named', async () => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA, UBEN]', 'look_ups: members'],
  });
  await program.put('q', { ...SHIP, options: ALIKE });
  const { approval, ts } = world.card();
  await world.click('UANA', 'choose_2');
  await world.pass(5 * SECOND);
  await program.say('q', 'received');
  const named = {
    card: world.card().text,
    home: await world.home('UANA'),
    history: (await ask(world, 'history')).all,
    details: (await ask(world, approval)).all,
  };
  for (const [where, text] of Object.entries(named)) expect.soft(text, where).toContain('2. Con\u00adtinue');
  await program.put('next', { ...SHIP, options: ALIKE, text: 'All of it.', follows: 'q' });
  expect(world.card().text).toContain("This follows <@UANA>'s answer *2. Con\u00adtinue*");
  await world.click('UBEN', 'choose_1');
  await world.pass(5 * SECOND);
  await program.say('next', 'received');
  await world.pass(5 * SECOND);
  expect(JSON.stringify(world.workspace.message('CAPPROVALS', ts)?.blocks)).toContain('*1. Continue*');
  await program.put('closed', { ...SHIP, options: ALIKE, run: 'r2' });
  const closed = world.card().approval;
  await world.click('UANA', 'choose_2');
  await world.pass(5 * SECOND);
  await world.click('UBEN', 'give_up');
  expect((await ask(world, closed)).all).toContain('2. Con\u00adtinue');
});

test('a further round says that its run and its channel are ignored', async () => {
  const { world, program } = await createQuestionWorld({
    rules: ['approvers: [UANA]', 'channels: [CPRESS]'],
  });
  await program.put('a', { ...DRAFT, run: 'one' });
  const further = await program.put('b', {
    ...DRAFT,
    text: 'b',
    follows: 'a',
    run: 'two',
    channel: 'CPRESS',
  });
  expect(further.status === 422 || world.card().text.includes('Ignored')).toBe(true);
});

test('a deadline that is over when the question comes is refused, or its card is not born late', async () => {
  const { world, program } = await createQuestionWorld();
  const { status } = await program.put('q', { ...SHIP, expires_in: 1e-9 });
  expect(status === 422 || !world.card().text.includes('The deadline passed')).toBe(true);
});
