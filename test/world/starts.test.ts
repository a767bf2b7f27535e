import { describe, expect, test } from 'vitest';
import { es } from '../../src/slack/texts/texts.ts';
import { readCard } from './cards.ts';
import {
  answers,
  approved,
  end,
  event,
  FINISHED,
  type Happens,
  happen,
  type PlayedRun,
  pause,
  playRun,
  revised,
  slowly,
  statusIs,
  step,
  task,
  ticketed,
  wait,
} from './played-run.ts';
import { createWorld, DIALECTS, MINUTE, type Process, SECOND } from './world.ts';

type Options = NonNullable<Parameters<typeof playRun>[0]>;
type Said = PlayedRun['always'];
const [unavailable, lost, refused] = [503, 504, 401].map((status): Said => ({ status, body: {} })) as [
  Said,
  Said,
  Said,
];

async function open(run: PlayedRun, user = 'UANA', channel = 'CAPPROVALS') {
  await run.world.type(user, 'run press', channel);
  return run.world.workspace.openView(user);
}

/** The same form is sent so many times at once. */
async function submit(run: PlayedRun, { user = 'UANA', topic = 'rain jackets', times = 1 } = {}) {
  const { workspace } = run.world;
  const values = { 'input:topic': { input: topic } };
  const all = Array.from({ length: times }, () => workspace.submit({ user, values }).catch(() => undefined));
  await run.world.settle(Promise.all(all));
  await run.pass(3 * SECOND);
}

/** A person starts the crew from Slack. */
async function start(run: PlayedRun): Promise<void> {
  await open(run);
  await submit(run);
}

const STATES = ['Starting…', 'Running', 'Finished', 'may have started it', 'Not started', 'The run failed'];
/** What the message of a run says, and what was written into its thread or to the person. */
function look(run: PlayedRun) {
  const all = run.world.workspace.messages('CAPPROVALS').filter((message) => !readCard(message));
  const roots = all.filter(({ thread_ts }) => thread_ts === undefined);
  const said = JSON.stringify(roots.at(-1)?.blocks ?? '');
  const threads = all.flatMap(({ thread_ts, text }) => (thread_ts === undefined ? [] : [text]));
  return { state: STATES.find((state) => said.includes(state)), threads, roots: roots.length };
}

const play = (options: Options = {}) => playRun({ inputs: ['topic'], ...options });
const NOT_STARTED = expect.stringContaining("wasn't started");
const UNSURE = expect.stringContaining('may have started the run');
const SILENT = expect.stringContaining('reported nothing about this run');
const FAILED = ':x: <@UANA>, the run of *press* failed: boom.';
const boom = (run = 'e1'): Happens => event('crew_kickoff_failed', { run, error: 'boom' });
const archive: Happens = ({ world }) =>
  world.workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'is_archived' } });

describe('a run that is started from Slack', () => {
  // biome-ignore format: a table
  test.each<
    [
      string,
      { kickoffs?: Said[]; before?: Happens[]; after?: Happens[] } & Options,
      string,
      unknown[],
      number?,
    ]
  >([
    ['is posted, and started once', {}, 'Running', []],
    ['is reported once when nothing is heard of it for SILENT_AFTER',
      { after: [wait(9 * MINUTE), wait(60 * MINUTE)] }, 'Running', [SILENT]],
    ['is not reported when a webhook came', { after: [task('draft'), wait(60 * MINUTE)], dialect: 'live' },
      'Running', []],
    ['has failed when CrewAI says so',
      { after: [statusIs({ state: 'FAILED', error: 'boom' }), wait(12 * MINUTE)], dialect: 'live' },
      'The run failed', [expect.stringContaining('failed')]],
    ['has finished when CrewAI says so',
      { after: [statusIs({ state: 'SUCCESS' }), wait(12 * MINUTE)], dialect: 'live' }, 'Finished', []],
    ['ends once, by events and webhooks, before and after',
      { after: twice(event('crew_kickoff_completed', { id: 'end' }), end()) }, 'Finished', [FINISHED]],
    ['that fails is reported once in its thread', { after: [pause(1, 'A release'), boom(), boom()] },
      'The run failed', [FAILED]],
    ['is asked for again while CrewAI is not there, for a minute',
      { kickoffs: Array(5).fill(unavailable), after: [wait(2 * MINUTE)] }, 'Running', []],
    ['is not started when CrewAI is away for ten minutes',
      { kickoffs: Array(200).fill(unavailable), after: [wait(60 * MINUTE)] }, 'Not started', [NOT_STARTED]],
    ['is not started when CrewAI wants to be asked later than that',
      { kickoffs: [{ status: 503, body: {}, headers: { 'retry-after': '3600' } }], after: [wait(5 * MINUTE)] },
      'Not started', [NOT_STARTED], 1],
    ['is not started when CrewAI rejects it', { kickoffs: [refused], after: [end()] }, 'Not started',
      [NOT_STARTED], 1],
    ['is reported when the answer to its start was lost, and not started again',
      { kickoffs: [lost], after: [wait(60 * MINUTE)] }, 'may have started it', [UNSURE], 1],
    ['is known by its first event when the answer to its start was lost',
      { kickoffs: [lost], after: [ticketed((sent) => event('crew_kickoff_started', { run: 'e7' }, sent)), ticketed((sent) => event('crew_kickoff_failed', { run: 'e7', error: 'boom' }, sent))] },
      'The run failed', [UNSURE, FAILED], 1],
    ['is not joined with a second run that was started with the same URLs',
      { after: [ticketed((sent) => event('crew_kickoff_started', { run: 'x9' }, sent)), ticketed((sent) => end('Another result', { run: 'x9', ...sent }))] },
      'Running', []],
    ['is not started again after a crash during the call, but proved by a webhook of its ticket',
      { kickoffs: ['no_answer'], before: [diesInCall], after: [wait(MINUTE), ticketed((sent) => step({ run: 'e7', ...sent })), end('The result', { run: 'e7' })] },
      'Finished', [UNSURE, FINISHED], 1],
    ['is started once after a crash before the call',
      { before: [({ world }) => world.strike(0, { at: 2, when: 'after' })], after: [wait(2 * MINUTE)] },
      'Running', [], 1],
    ['is known though its answer could be stored only when the store was back',
      { before: [storeFailsAtAnswer], after: [wait(2 * MINUTE)] }, 'Running', [], 1],
    ['is not started where its message cannot be posted', { before: [archive], after: [wait(MINUTE)] },
      undefined as unknown as string, [], 0],
    ['waits for Slack when that is out of order',
      { before: [({ world }) => world.workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'internal_error' } })], after: [wait(MINUTE)] },
      'Running', [], 1],
    ['is posted, started and noted once by two replicas',
      { replicas: 2, kickoffs: [refused], after: [wait(MINUTE)] }, 'Not started', [NOT_STARTED], 1],
    ['keeps the late answer to a call that counted as lost',
      { replicas: 2, before: [slowly(30 * SECOND, '/kickoff')], after: [wait(MINUTE)] }, 'Running', [UNSURE], 1],
    ['is known by a webhook that comes before the answer, whatever that says',
      { kickoffs: [lost], before: [slowly(6 * SECOND, '/kickoff')], after: [ticketed((sent) => step({ run: 'e7', ...sent })), wait(MINUTE)] },
      'Running', [], 1],
    ['is known by a webhook that comes before the answer, which never comes',
      { kickoffs: ['no_answer'], after: [ticketed((sent) => step({ run: 'e7', ...sent })), wait(60 * MINUTE), end('The result', { run: 'e7' })] },
      'Finished', [FINISHED], 1],
    ['is known by an event that comes before the answer, which never comes',
      { kickoffs: ['no_answer'], after: [ticketed((sent) => event('crew_kickoff_started', { run: 'e7' }, sent)), wait(60 * MINUTE), boom('e7')] },
      'The run failed', [FAILED], 1],
    ['that failed before CrewAI answered has failed once the answer names it',
      { before: [slowly(6 * SECOND, '/kickoff')], after: [boom(), wait(MINUTE)] }, 'The run failed', [FAILED], 1],
  ])('%s', async (_, { kickoffs = [], before = [], after = [], ...options }, state, notes, calls) => {
    const run = await play({ dialect: 'documented', ...options });
    run.kickoffAnswers.push(...kickoffs);
    await open(run);
    for (const one of before) await one(run);
    await submit(run);
    await happen(run, ...after);
    expect(look(run)).toEqual({ state, threads: notes, roots: state === undefined ? 0 : 1 });
    if (calls !== undefined) expect(run.kickoffs()).toHaveLength(calls);
  });

  test('is started once by a process that stood still before the call, and not reported as perhaps started', async () => {
    const run = await happen(await play(), open);
    run.world.strike(0, { at: 5, when: 'after', freezeFor: 4 * SECOND });
    await submit(run);
    await run.pass(2 * MINUTE);
    expect(run.world.facts()).toContain('step delayed, retrying');
    expect(look(run)).toMatchObject({ state: 'Running', threads: [] });
    expect(run.kickoffs()).toHaveLength(1);
  });

  test('has its result also where its answer was lost and an event ties it under the id of a continuation', async () => {
    const run = await play();
    run.kickoffAnswers.push(lost);
    await start(run);
    await happen(run, pause(1, 'A release', { run: 'e1' }), slowly(8 * SECOND), approved(answers.live('e2')));
    await happen(
      run,
      ticketed((sent) => event('crew_kickoff_started', { run: 'e2' }, sent)),
      wait(20 * SECOND),
    );
    await happen(run, end('Ten thousand jackets', { run: 'e2' }), wait(10 * SECOND));
    expect(look(run).state).toBe('Finished');
    expect(JSON.stringify(run.world.workspace.messages('CAPPROVALS'))).toContain('Ten thousand jackets');
  });

  test('tells the person directly when its message could not be posted', async () => {
    const run = await play();
    await open(run);
    archive(run);
    await submit(run);
    await run.pass(MINUTE);
    const direct = run.world.workspace.calls.filter(
      ({ method, args }) => method === 'chat.postMessage' && args?.channel === 'UANA',
    );
    expect(JSON.stringify(direct)).toContain("wasn't started");
  });

  test('tells the person directly in their language', async () => {
    const run = await play({ locales: { ana: 'es-MX' } });
    await open(run);
    archive(run);
    await submit(run);
    await run.pass(MINUTE);
    expect(run.world.workspace.directMessages('UANA').map(({ text }) => text)).toEqual([
      `:x: ${es.runs.noteNotStarted('<@UANA>', '*press*', 'is_archived')}`,
    ]);
  });

  test('is sent with hidden inputs, which nobody sees, also where an error names them', async () => {
    const settings = { INPUTS: JSON.stringify({ api_key: { hidden: 'a-constant' } }) };
    const run = await play({ inputs: ['topic', 'api_key'], settings });
    const form = await open(run);
    expect(JSON.stringify(form)).not.toContain('api_key');
    await submit(run);
    expect(run.kickoffs()).toMatchObject([{ inputs: { topic: 'rain jackets', api_key: 'a-constant' } }]);
    await happen(run, event('crew_kickoff_failed', { error: 'AuthError: a-constant is not a key' }));
    expect(look(run).threads).toEqual([expect.stringContaining('AuthError: … is not a key')]);
    expect(JSON.stringify(run.world.workspace.messages('CAPPROVALS'))).not.toContain('a-constant');
  });

  test('has its cards in its thread, for the person who started it, whatever `meta` says', async () => {
    const settings = { CHANNELS: 'CPRESS', EXCLUDE_REQUESTER: 'true' };
    const run = await play({ settings });
    await start(run);
    await run.pause(1, 'A release', { meta: { channel: 'CPRESS', requested_by: 'UBEN' } });
    const [root] = run.world.workspace.messages('CAPPROVALS');
    expect(run.card().threadTs).toBe(root?.ts);
    expect(await run.approve(-1, 'UANA')).toContain('You started this run');
    await happen(run, approved(answers.live('e2'), -1, 'UBEN'), boom('e2'));
    expect(look(run)).toMatchObject({
      state: 'The run failed',
      threads: [':x: <@UANA> <@UBEN>, the run of *press* failed: boom.'],
    });
    expect(run.cards()).toEqual(['1 A release: sent, run failed']);
  });

  test('shows after a restart what Slack had refused to show', async () => {
    const run = await play();
    await open(run);
    run.world.workspace.failures.plan({ on: 'chat.update', failure: { error: 'is_archived' } });
    await submit(run);
    expect(look(run).state).toBe('Starting…');
    await run.world.restart();
    await run.pass(10 * SECOND);
    expect(look(run).state).toBe('Running');
  });

  test('posts its result once a token that Slack rejected works again', async () => {
    const run = await play();
    await start(run);
    run.world.workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'token_revoked' } });
    await happen(run, end());
    expect(look(run).threads).toEqual([]);
    await run.pass(70 * MINUTE);
    expect(look(run)).toMatchObject({ state: 'Finished', threads: [FINISHED] });
  });

  test('posts its result at once, also while Slack does not let its message be updated', async () => {
    const run = await play();
    await start(run);
    run.world.workspace.failures.plan({ on: 'chat.update', failure: { error: 'is_archived' } });
    await happen(run, event('crew_kickoff_completed', { id: 'end' }), end());
    expect(look(run).threads).toEqual([FINISHED]);
  });

  test('that CrewAI could not start for ten minutes says what CrewAI answered last', async () => {
    const run = await play({ dialect: 'documented' });
    run.kickoffAnswers.push(...Array(200).fill(unavailable));
    await start(run);
    await run.pass(60 * MINUTE);
    const [root] = run.world.workspace.messages('CAPPROVALS');
    expect(JSON.stringify(root)).toContain('Not started: CrewAI reported an error');
  });

  test.each([
    ['by its meta', (sent: { ticket: string }) => ({ meta: { request_id: sent.ticket.split('.')[0] } })],
    ['by its ticket, once a step has brought that', () => ({})],
  ])('whose first pause comes before the answer, which never comes, has its card: %s', async (how, about) => {
    const run = await play({ settings: { EXCLUDE_REQUESTER: 'true' } });
    run.kickoffAnswers.push('no_answer');
    await start(run);
    const [root] = run.world.workspace.messages('CAPPROVALS');
    if (how.startsWith('by its ticket'))
      await happen(
        run,
        ticketed((sent) => step({ run: 'e7', ...sent })),
      );
    await happen(
      run,
      ticketed((sent) => pause(1, 'A release', { run: 'e7', ...sent, ...about(sent) })),
    );
    expect(run.cards()).toEqual(['1 A release: waiting']);
    expect(run.card().threadTs).toBe(root?.ts);
    await run.pass(60 * MINUTE);
    expect(await run.approve(-1, 'UANA')).toContain('You started this run');
    await happen(run, approved(answers.live('e8'), -1, 'UBEN'), end('The result', { run: 'e8' }));
    expect(run.cards()).toEqual(['1 A release: continued']);
    expect(look(run)).toMatchObject({ state: 'Finished', threads: [FINISHED] });
    expect(run.kickoffs()).toHaveLength(1);
  });

  test('is not claimed by the webhook of another run that names its id', async () => {
    const run = await play();
    await start(run);
    const [requestId] = (/[?&]run=([\w-]+)\./.exec(JSON.stringify(run.kickoffs())) ?? []).slice(1);
    await run.end('Not its result', { run: 'x9', meta: { request_id: requestId, requestId } });
    expect(look(run)).toMatchObject({ state: 'Running', threads: [] });
    await happen(run, end());
    expect(look(run)).toMatchObject({ state: 'Finished', threads: [FINISHED] });
  });
});

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('a run that is missing an input is started again from its message, and goes to its result in one thread', async () => {
    const world = await createWorld({
      dialect,
      crewai: {
        inputs: ['topic', 'mood', 'tone', 'city', '__proto__', 'api_key'],
        requiredInputs: ['topic'],
      },
      rules: [
        'approvers: [UANA, UBEN]',
        'inputs:',
        '  topic: {label: What about, default: spring, multiline: true}',
        '  mood: {choices: [dry, warm], default: warm}',
        '  api_key: {hidden: a-hidden-constant}',
        '  __proto__: {label: An awkward name}',
      ],
    });
    const { workspace, platform } = world;
    const body =
      dialect === 'live'
        ? { detail: 'Missing inputs: tone' }
        : { error: 'x', message: 'Missing required inputs', details: { missing_inputs: ['tone'] } };
    platform.failures.plan({ on: 'kickoff', failure: { status: 422, body: JSON.stringify(body) } });
    /** The messages at the root of the channel, whole. */
    const roots = () =>
      workspace
        .messages('CAPPROVALS')
        .filter(({ thread_ts }) => thread_ts === undefined)
        .map(({ ts, text, blocks }) => ({ ts, all: `${text}\n${JSON.stringify(blocks)}` }));
    await world.type('UANA', 'run press');
    const fields = world.form('UANA');
    for (const words of ['What about', 'spring', 'warm', 'An awkward name']) expect(fields).toContain(words);
    expect(fields).not.toContain('api_key');
    await world.submit('UANA', { 'input:topic': 'rain' });
    await world.pass(2 * SECOND);
    const [failed] = roots();
    expect(failed?.all).toContain('CrewAI is missing the input *tone*');

    await world.click('UANA', 'run_again', { ts: failed?.ts ?? '' });
    await world.pass(2 * SECOND);
    expect(world.form('UANA')).toContain('CrewAI needs this input.');
    const first = workspace.openView('UANA')?.blocks.find(({ block_id }) => block_id === 'input:topic');
    expect(first).toMatchObject({ element: { initial_value: 'rain' } });
    const values = { 'input:tone': 'dry', 'input:__proto__': 'awkward' };
    expect(await world.submit('UANA', values)).toMatchObject({ acked: true, closed: true });
    await world.pass(3 * SECOND);
    const message = roots()[1];
    for (const words of ['Running', '<@UANA> started *press*', '*topic*: rain', 'awkward'])
      expect(message?.all).toContain(words);
    const sent = platform.requests.filter(({ path }) => path === '/kickoff')[1]?.body;
    expect(sent).toMatchObject({
      meta: { requested_by: 'UANA', channel: 'CAPPROVALS', thread: message?.ts },
      webhooks: { authentication: { strategy: 'bearer' } },
      taskWebhookUrl: expect.any(String),
    });
    expect(Object.entries((sent as { inputs: object }).inputs).toSorted()).toEqual([
      ['__proto__', 'awkward'],
      ['api_key', 'a-hidden-constant'],
      ['mood', 'warm'],
      ['tone', 'dry'],
      ['topic', 'rain'],
    ]);

    expect(world.card()).toMatchObject({ state: 'waiting', threadTs: message?.ts });
    await world.click('UBEN', 'approve');
    await world.pass(10 * SECOND);
    expect(roots()).toHaveLength(2);
    expect(roots()[1]?.all).toContain('Finished');
    const results = workspace.messages('CAPPROVALS').filter(({ text }) => text.includes('has finished'));
    expect(results.map(({ thread_ts }) => thread_ts)).toEqual([message?.ts]);
    expect(world.resumes()).toHaveLength(1);
    expect(JSON.stringify(workspace.messages('CAPPROVALS'))).not.toContain('a-hidden-constant');
  });
});

describe('the ticket of a start', () => {
  const failedAs = (id: string) =>
    ticketed((sent) => event('crew_kickoff_failed', { run: id, error: 'boom' }, sent));

  test('shows by an event of the continuation that a decision arrived whose answer was lost', async () => {
    const run = await play();
    await happen(run, start, pause(1), approved(answers.lost), failedAs('e2'));
    expect(run.cards()).toEqual(['1 Output 1: sent, run failed']);
    expect(look(run).state).toBe('The run failed');
  });

  test('shows it by an event also where later attempts got a 503', async () => {
    const run = await play();
    run.resumeAnswers.push(answers.lost);
    await happen(run, start, pause(1), approved(answers.away), failedAs('e2'));
    expect(run.cards()).toEqual(['1 Output 1: sent, run failed']);
  });

  test('is ignored and logged at a webhook of another run', async () => {
    const run = await happen(await play(), start, pause(1), pause(2, 'Theirs', { run: 'x9' }));
    await happen(
      run,
      ticketed((sent) => step({ run: 'x9', ...sent })),
    );
    expect(run.world.facts()).toContain('run ticket ignored');
  });

  test('says of no pause which request it follows, where the first URLs are called for ever', async () => {
    const run = await play({ called: 'first' });
    await happen(
      run,
      start,
      pause(1, 'A release'),
      revised(answers.live('e2')),
      pause(2, 'A shorter release'),
    );
    expect(run.cards()).toEqual(['1 A release: continued', '1 A release (round 2): waiting, likely']);
    await happen(run, approved(answers.live('e3')), pause(3, 'A budget'));
    expect(run.cards().slice(1)).toEqual(['1 A release (round 2): continued', '2 A budget: waiting']);
  });

  test('shows nothing where two decisions have no answer: either could have arrived', async () => {
    const run = await play();
    await happen(
      run,
      start,
      pause(1),
      pause(2),
      approved(answers.lost, 0),
      approved(answers.lost, 1),
      failedAs('e2'),
    );
    expect(run.cards().map((card) => card.split(': ')[1])).toEqual(['sending', 'sending']);
    expect(run.world.facts()).toContain('run ticket ignored');
  });
});

describe('the form that starts a run', () => {
  test('sent twenty times at once starts one run', async () => {
    const run = await play({ replicas: 2 });
    await open(run);
    await submit(run, { times: 20 });
    expect(run.kickoffs()).toHaveLength(1);
    expect(look(run)).toMatchObject({ state: 'Running', roots: 1 });
  });

  test('posts to the channel where it was opened if the crew has it', async () => {
    const run = await play({ settings: { CHANNELS: 'CPRESS' } });
    await open(run, 'UANA', 'CPRESS');
    await submit(run);
    expect(run.world.workspace.messages('CPRESS')).toHaveLength(1);
    expect(run.world.workspace.messages('CAPPROVALS')).toEqual([]);
  });
});

function twice(...happens: Happens[]): Happens[] {
  return [...happens, ...happens];
}

/** The bot dies while CrewAI is asked to start the run, and is back at once. */
function diesInCall({ world }: PlayedRun) {
  let isAlive = true;
  world.network.delays = ({ url }) => {
    if (!url.endsWith('/kickoff') || !isAlive) return 0;
    isAlive = false;
    world.kill(world.living(0) as Process);
    return SECOND;
  };
}

function storeFailsAtAnswer({ world }: PlayedRun) {
  world.network.delays = ({ url }) => {
    if (!url.endsWith('/kickoff')) return 0;
    world.records.failing = 'all';
    world.stage.after(30 * SECOND, () => (world.records.failing = undefined), world.stage.outside);
    return 0;
  };
}
