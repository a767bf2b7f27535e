import { describe, expect, test } from 'vitest';
import { ask } from '../support/asking.ts';
import { freePort } from '../support/free-port.ts';
import { clickOn, ready } from '../support/process-steps.ts';
import { describePostgres, newPostgresUrl } from '../support/servers.ts';
import { startGate } from '../support/spawn-bot.ts';
import { DIALECTS, draft, sees, shown, startBot, startWorld, type World } from '../support/world.ts';
import { modalSays, says, waits } from './complaint-steps.ts';
import { crewsFile } from './crew-settings.ts';
import { form, inThread, kickoffs, root, run, topic } from './start-steps.ts';

const submit = ({ workspace }: World, values: Record<string, Record<string, string>>) =>
  workspace.submit({ user: 'UANA', values });

/** A bot that can start a crew, which has one input unless they are named. */
async function start({
  rules = [],
  ...crewai
}: Parameters<typeof startWorld>[1] & { rules?: string[] } = {}) {
  const world = await startWorld([draft], { inputs: ['topic'], ...crewai });
  // CrewAI has to know where to report to, on either dialect.
  const PORT = String(await freePort());
  const address = { PORT, PUBLIC_URL: `http://127.0.0.1:${PORT}` };
  await startBot(world, { ...crewsFile(world, ...rules), ...address });
  return { ...world, world };
}

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('a run that is missing an input is started again from its message, and goes to its result in one thread', async () => {
    const { world, workspace, platform } = await start({
      dialect,
      inputs: ['topic', 'mood', 'tone', 'city', '__proto__', 'api_key'],
      requiredInputs: ['topic'],
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
    platform.failures.plan({ on: 'kickoff', failure: { status: 422, body: JSON.stringify(body) } });
    await run(world);
    const fields = JSON.stringify((await form(world)).blocks);
    for (const words of ['What about', 'spring', 'warm', 'An awkward name']) expect(fields).toContain(words);
    expect(fields).not.toContain('api_key');
    await submit(world, topic('rain'));
    const failed = await root(world, 'CrewAI is missing the input *tone*');

    await clickOn(world, failed.ts, 'run_again');
    const again = await form(world);
    expect(JSON.stringify(again.blocks)).toContain('CrewAI needs this input.');
    const first = again.blocks.find(({ block_id }) => block_id === 'input:topic');
    expect(first).toMatchObject({ element: { initial_value: 'rain' } });
    const values = { 'input:tone': { input: 'dry' }, 'input:__proto__': { input: 'awkward' } };
    expect(await submit(world, values)).toMatchObject({ acked: true, closed: true });
    const message = await root(world, 'Running');
    for (const words of ['<@UANA> started *press*', '*topic*: rain', 'awkward'])
      expect(message.all).toContain(words);
    const sent = kickoffs(world)[1]?.body as Record<string, unknown>;
    expect(sent).toMatchObject({
      meta: { requested_by: 'UANA', channel: 'CAPPROVALS', thread: message.ts },
      webhooks: { authentication: { strategy: 'bearer' } },
      taskWebhookUrl: expect.any(String),
    });
    expect(Object.entries(sent.inputs as object).toSorted()).toEqual([
      ['__proto__', 'awkward'],
      ['api_key', 'a-hidden-constant'],
      ['mood', 'warm'],
      ['tone', 'dry'],
      ['topic', 'rain'],
    ]);

    const card = await sees(workspace, 'the card', (it) => it.thread_ts === message.ts && ready(it));
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await root(world, 'Finished');
    await inThread(world, message.ts, 'has finished');
    expect(platform.resumes).toHaveLength(1);
    expect(shown(workspace).filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(2);
    const results = shown(workspace).filter(({ text }) => text === 'The run of press has finished.');
    expect(results).toHaveLength(1);
    expect(JSON.stringify(workspace.messages('CAPPROVALS'))).not.toContain('a-hidden-constant');
  });
});

test('a run that fails says so in its message and once in its thread, and the command lists it', async () => {
  const { world, workspace, platform } = await start();
  await run(world);
  await form(world);
  await submit(world, topic('rain'));
  const message = await root(world, 'Running');
  const card = await waits(world, 'Spring collection');
  platform.fail(/Run ([\w-]{36})/.exec(message.all)?.[1] ?? '', 'ValueError: boom');
  await root(world, 'The run failed: ValueError: boom');
  await inThread(world, message.ts, '<@UANA>, the run of *press* failed: ValueError: boom.');
  await says(world, card.ts, 'The run failed');
  const told = workspace.messages('CAPPROVALS').filter(({ text = '' }) => text.startsWith(':x:'));
  expect(told).toHaveLength(1);
  expect((await ask(world, 'runs mine')).all).toContain('The run failed');
  expect((await ask(world, 'runs mine', { user: 'UBEN' })).all).toContain('No runs were started');
});

test('the form opens at once, and has its fields when CrewAI has named them', async () => {
  const world = await startWorld([draft], { inputs: ['topic'] });
  const crewai = await startGate(world.platform.baseUrl);
  await startBot(world, { CREWAI_BASE_URL: crewai.url });
  crewai.hold();
  await run(world);
  await modalSays(world, 'UANA', 'Asking CrewAI');
  crewai.release();
  expect((await form(world)).blocks.map(({ block_id }) => block_id)).toContain('input:topic');
});

describe('a Flow', () => {
  const rules = ['flow_webhook_secrets: [whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0]'];

  test('that names the fields of its state is started by JSON without an id, and gets each value typed', async () => {
    const { world, platform } = await start({ rules });
    const body = JSON.stringify({ inputs: ['id', 'topic', 'count'] });
    platform.failures.plan({ on: 'inputs', failure: { status: 200, body } });
    await run(world);
    const blocks = JSON.stringify((await form(world)).blocks);
    expect(blocks).toContain("Fields of the Flow's state: topic, count.");
    const json = (text: string) => ({ inputs_json: { inputs_json: text } });
    const refused = await submit(world, json('{"id": "7", "topic": "rain"}'));
    expect(refused).toMatchObject({
      closed: false,
      errors: { inputs_json: expect.stringContaining('"id"') },
    });
    expect(kickoffs(world)).toEqual([]);
    await submit(world, json('{"topic": "rain", "count": 3}'));
    await root(world, 'Running');
    expect(kickoffs(world)[0]?.body).toMatchObject({ inputs: { topic: 'rain', count: 3 } });
  });

  test('that declares its inputs has a field for each, and gets lists as lists', async () => {
    const { world } = await start({
      rules,
      inputs: ['topic', 'tags', 'tone'],
      requiredInputs: ['topic'],
    });
    await run(world);
    const { blocks } = await form(world);
    const fields = blocks.flatMap(({ type, block_id }) => (type === 'input' ? [block_id] : []));
    expect(fields).toEqual(['input:topic', 'input:tags', 'input:tone']);
    await submit(world, { ...topic('2026'), 'input:tags': { input: '["sea", "rain"]' } });
    await root(world, 'Running');
    const inputs = { topic: '2026', tags: ['sea', 'rain'] };
    expect(kickoffs(world)[0]?.body).toHaveProperty('inputs', inputs);
  });
});

describePostgres('on two replicas with one Postgres', () => {
  test('a form is opened, filled and submitted on either, and starts one run when both get it at once', async () => {
    const world = await startWorld([draft], { inputs: ['topic'] });
    const { workspace } = world;
    const settings = { STORE_URL: await newPostgresUrl() };
    const bots = [await startBot(world, settings), await startBot(world, settings)];
    const submitTo = (bot: number) => {
      workspace.connectBot(`${bots[bot]?.url}/slack/events`);
      return submit(world, topic(`rain ${bot}`));
    };
    await run(world);
    await form(world);
    const both = await Promise.all([submitTo(0), submitTo(1)]);
    expect(both.map(({ acked }) => acked)).toEqual([true, true]);
    const message = await root(world, 'Running');
    await sees(workspace, 'the card', (it) => it.thread_ts === message.ts && ready(it));
    expect(kickoffs(world)).toHaveLength(1);
    expect(shown(workspace).filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
    await clickOn(world, message.ts, 'run_again', 'UBEN');
    expect(JSON.stringify((await form(world, 'UBEN')).blocks)).toContain('"initial_value":"rain');
  });
});
