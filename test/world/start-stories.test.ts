import { describe, expect, test } from 'vitest';
import type { PlatformOptions } from '../../src/sandbox/crewai/platform.ts';
import { ask } from './asking.ts';
import { createWorld, DIALECTS, FLOW_SECRET, SECOND, type World, type WorldOptions } from './world.ts';

/** A world whose crew has one input unless they are named. */
const createStartWorld = ({
  crewai,
  ...options
}: WorldOptions & { crewai?: Partial<PlatformOptions> } = {}) =>
  createWorld({ ...options, crewai: { inputs: ['topic'], ...crewai } });

/** Types the command that starts a run; the form is open then. */
async function opens(world: World, user = 'UANA') {
  await world.settle(
    world.workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text: 'run press' }),
  );
  await world.pass(2 * SECOND);
  return world.workspace.openView(user)?.blocks ?? [];
}

const topic = (text: string) => ({ 'input:topic': text });
const kickoffs = ({ platform }: World) =>
  platform.requests
    .filter(({ path }) => path === '/kickoff')
    .map(({ body }) => body as Record<string, unknown>);
/** The messages at the root of the channel, whole. */
const roots = ({ workspace }: World) =>
  workspace
    .messages('CAPPROVALS')
    .filter(({ thread_ts }) => thread_ts === undefined)
    .map(({ ts, text, blocks }) => ({ ts, all: `${text}\n${JSON.stringify(blocks)}` }));

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('a run that is missing an input is started again from its message, and goes to its result in one thread', async () => {
    const world = await createStartWorld({
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
    const body =
      dialect === 'live'
        ? { detail: 'Missing inputs: tone' }
        : { error: 'x', message: 'Missing required inputs', details: { missing_inputs: ['tone'] } };
    world.platform.failures.plan({ on: 'kickoff', failure: { status: 422, body: JSON.stringify(body) } });
    const fields = JSON.stringify(await opens(world));
    for (const words of ['What about', 'spring', 'warm', 'An awkward name']) expect(fields).toContain(words);
    expect(fields).not.toContain('api_key');
    await world.submit('UANA', topic('rain'));
    await world.pass(2 * SECOND);
    const [failed] = roots(world);
    expect(failed?.all).toContain('CrewAI is missing the input *tone*');

    await world.click('UANA', 'run_again', { ts: failed?.ts ?? '' });
    await world.pass(2 * SECOND);
    expect(world.form('UANA')).toContain('CrewAI needs this input.');
    const first = world.workspace.openView('UANA')?.blocks.find(({ block_id }) => block_id === 'input:topic');
    expect(first).toMatchObject({ element: { initial_value: 'rain' } });
    const values = { 'input:tone': 'dry', 'input:__proto__': 'awkward' };
    expect(await world.submit('UANA', values)).toMatchObject({ acked: true, closed: true });
    await world.pass(3 * SECOND);
    const message = roots(world)[1];
    for (const words of ['Running', '<@UANA> started *press*', '*topic*: rain', 'awkward'])
      expect(message?.all).toContain(words);
    const sent = kickoffs(world)[1];
    expect(sent).toMatchObject({
      meta: { requested_by: 'UANA', channel: 'CAPPROVALS', thread: message?.ts },
      webhooks: { authentication: { strategy: 'bearer' } },
      taskWebhookUrl: expect.any(String),
    });
    expect(Object.entries(sent?.inputs as object).toSorted()).toEqual([
      ['__proto__', 'awkward'],
      ['api_key', 'a-hidden-constant'],
      ['mood', 'warm'],
      ['tone', 'dry'],
      ['topic', 'rain'],
    ]);

    expect(world.card()).toMatchObject({ state: 'waiting', threadTs: message?.ts });
    await world.click('UBEN', 'approve');
    await world.pass(10 * SECOND);
    expect(roots(world)).toHaveLength(2);
    expect(roots(world)[1]?.all).toContain('Finished');
    const results = world.workspace
      .messages('CAPPROVALS')
      .filter(({ text }) => text.includes('has finished'));
    expect(results.map(({ thread_ts }) => thread_ts)).toEqual([message?.ts]);
    expect(world.resumes()).toHaveLength(1);
    expect(JSON.stringify(world.workspace.messages('CAPPROVALS'))).not.toContain('a-hidden-constant');
  });
});

test('a run that fails says so in its message and once in its thread, and the command lists it', async () => {
  const world = await createStartWorld();
  await opens(world);
  await world.submit('UANA', topic('rain'));
  await world.pass(5 * SECOND);
  const [message] = roots(world);
  world.platform.fail(/Run ([\w-]{36})/.exec(message?.all ?? '')?.[1] ?? '', 'ValueError: boom');
  await world.pass(10 * SECOND);
  expect(roots(world)[0]?.all).toContain('The run failed: ValueError: boom');
  const told = world.thread(message?.ts ?? '').filter((note) => note.startsWith(':x:'));
  expect(told).toEqual([expect.stringContaining('<@UANA>, the run of *press* failed: ValueError: boom.')]);
  expect(world.card()).toMatchObject({ state: 'ended', text: expect.stringContaining('The run failed') });
  expect((await ask(world, 'runs mine')).all).toContain('The run failed');
  expect((await ask(world, 'runs mine', { user: 'UBEN' })).all).toContain('No runs were started');
});

test('the form opens at once, and has its fields when CrewAI has named them', async () => {
  const world = await createStartWorld();
  world.network.delays = ({ url }) => (url.endsWith('/inputs') ? 2_500 : 0);
  await opens(world);
  expect(world.form('UANA')).toContain('Asking CrewAI');
  await world.pass(5 * SECOND);
  expect(world.form('UANA')).toContain('input:topic');
});

describe('a Flow', () => {
  const rules = [`flow_webhook_secrets: [${FLOW_SECRET}]`];

  test('that names the fields of its state is started by JSON without an id, and gets each value typed', async () => {
    const world = await createStartWorld({ rules });
    const body = JSON.stringify({ inputs: ['id', 'topic', 'count'] });
    world.platform.failures.plan({ on: 'inputs', failure: { status: 200, body } });
    expect(JSON.stringify(await opens(world))).toContain("Fields of the Flow's state: topic, count.");
    const refused = await world.submit('UANA', { inputs_json: '{"id": "7", "topic": "rain"}' });
    expect(refused).toMatchObject({
      closed: false,
      errors: { inputs_json: expect.stringContaining('"id"') },
    });
    expect(kickoffs(world)).toEqual([]);
    await world.submit('UANA', { inputs_json: '{"topic": "rain", "count": 3}' });
    expect(kickoffs(world)).toMatchObject([{ inputs: { topic: 'rain', count: 3 } }]);
  });

  test('that declares its inputs has a field for each, and gets lists as lists', async () => {
    const crewai = { inputs: ['topic', 'tags', 'tone'], requiredInputs: ['topic'] };
    const world = await createStartWorld({ rules, crewai });
    const blocks = await opens(world);
    const fields = blocks.flatMap(({ type, block_id }) => (type === 'input' ? [block_id] : []));
    expect(fields).toEqual(['input:topic', 'input:tags', 'input:tone']);
    await world.submit('UANA', { ...topic('2026'), 'input:tags': '["sea", "rain"]' });
    expect(kickoffs(world)[0]).toHaveProperty('inputs', { topic: '2026', tags: ['sea', 'rain'] });
  });
});

test('a form that two replicas get at once starts one run, which another person can start again', async () => {
  const world = await createStartWorld({ replicas: 2 });
  await opens(world);
  const values = { 'input:topic': { input: 'rain' } };
  const submitTo = (door: number) => {
    world.door = door;
    return world.workspace.submit({ user: 'UANA', values });
  };
  const both = await world.settle(Promise.all([submitTo(0), submitTo(1)]));
  expect(both.map(({ acked }) => acked)).toEqual([true, true]);
  await world.pass(5 * SECOND);
  const [message, ...others] = roots(world);
  expect([kickoffs(world).length, others]).toEqual([1, []]);
  expect(world.card().threadTs).toBe(message?.ts);
  await world.click('UBEN', 'run_again', { ts: message?.ts ?? '' });
  await world.pass(2 * SECOND);
  expect(world.form('UBEN')).toContain('"initial_value":"rain');
});
