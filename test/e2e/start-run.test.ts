import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { awkwardNames } from '../crewai/records.ts';
import { ask } from '../support/asking.ts';
import { freePort } from '../support/free-port.ts';
import { always, clickOn } from '../support/process-steps.ts';
import {
  type Bot,
  DIALECTS,
  draft,
  ephemeralsTo,
  sees,
  shown,
  startBot,
  startWorld,
  type World,
} from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';
import { form, inThread, kickoffs, root, run, topic } from './start-steps.ts';

interface Running extends World {
  bot: Bot;
}

/** A bot that can start a crew with these inputs. */
async function start(
  dialect: (typeof DIALECTS)[number] = 'live',
  {
    lines = [],
    tasks = [draft],
    ...crewai
  }: Parameters<typeof startWorld>[1] & { lines?: string[]; tasks?: (typeof draft)[] } = {},
): Promise<Running> {
  const world = await startWorld(tasks, { dialect, inputs: ['topic'], ...crewai });
  const port = String(await freePort());
  const bot = await startBot(world, {
    ...crewsFile(world, 'approvers: [UANA, UBEN]', ...lines),
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
  return { ...world, bot };
}

describe.each(DIALECTS)('on the %s platform', (dialect) => {
  test('a run goes from the command to its result in one thread', async () => {
    const world = await start(dialect);
    const { workspace, platform } = world;
    await run(world);
    expect(JSON.stringify((await form(world)).blocks)).toContain('topic');
    expect(await workspace.submit({ user: 'UANA', values: topic('spring collection') })).toMatchObject({
      acked: true,
      closed: true,
    });
    const message = await root(world, 'Running');
    expect(message.all).toContain('<@UANA> started *press*');
    expect(message.all).toContain('*topic*: spring collection');
    const sent = kickoffs(world)[0]?.body as Record<string, unknown>;
    expect(sent).toMatchObject({
      inputs: { topic: 'spring collection' },
      meta: { requested_by: 'UANA', channel: 'CAPPROVALS', thread: message.ts },
      webhooks: { authentication: { strategy: 'bearer' } },
    });
    expect(Object.keys(sent)).toContain('taskWebhookUrl');

    const card = await sees(
      workspace,
      'the card',
      ({ thread_ts, buttons }) => thread_ts === message.ts && buttons.includes('Approve'),
    );
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await root(world, 'Finished');
    await inThread(world, message.ts, 'has finished');
    expect(shown(workspace).filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
    expect(platform.resumes).toHaveLength(1);
    const results = shown(workspace).filter(({ text }) => text === 'The run of press has finished.');
    expect(results).toHaveLength(1);
  });

  test('an optional input that is left empty is left out of the request', async () => {
    const world = await start(dialect, { inputs: ['topic', 'tone', 'city'], requiredInputs: ['topic'] });
    await run(world);
    await form(world);
    await world.workspace.submit({
      user: 'UANA',
      values: { ...topic('rain'), 'input:city': { input: 'Porto' } },
    });
    await root(world, 'Running');
    expect(kickoffs(world)[0]?.body).toMatchObject({ inputs: { topic: 'rain', city: 'Porto' } });
    expect(JSON.stringify(kickoffs(world)[0]?.body)).not.toContain('tone');
  });

  test('a run that needs apps which nobody has connected says which', async () => {
    const world = await start(dialect, { appsNotConnected: ['Gmail', 'Google Drive'] });
    await run(world);
    await form(world);
    await world.workspace.submit({ user: 'UANA', values: topic('rain') });
    const message = await root(world, 'Not started: Connect these apps in CrewAI: Gmail, Google Drive');
    await inThread(world, message.ts, 'Connect these apps in CrewAI: Gmail, Google Drive');
    expect(kickoffs(world)).toHaveLength(1);
  });

  test('inputs that CrewAI is missing are told, and Run again asks for them', async () => {
    const world = await start(dialect, { inputs: ['topic', 'tone'] });
    const { workspace } = world;
    platform422(world, dialect);
    await run(world);
    await form(world);
    await workspace.submit({
      user: 'UANA',
      values: { ...topic('rain'), 'input:tone': { input: 'dry' } },
    });
    const message = await root(world, 'CrewAI is missing the input *tone*');
    await clickOn(world, message.ts, 'run_again');
    const again = await form(world);
    expect(JSON.stringify(again.blocks)).toContain('CrewAI needs this input.');
    expect(again.blocks.find(({ block_id }) => block_id === 'input:topic')).toMatchObject({
      element: { initial_value: 'rain' },
    });
  });
});

/** The platform refuses the next kickoff, since it asks for an input more by now. */
function platform422({ platform }: World, dialect: string): void {
  const body =
    dialect === 'live'
      ? { detail: 'Missing inputs: tone' }
      : { error: 'x', message: 'Missing required inputs', details: { missing_inputs: ['tone'] } };
  platform.failures.plan({ on: 'kickoff', failure: { status: 422, body: JSON.stringify(body) } });
}

describe('a kickoff', () => {
  async function started(failure: Parameters<World['platform']['failures']['plan']>[0]) {
    const world = await start();
    world.platform.failures.plan(failure);
    await run(world);
    await form(world);
    await world.workspace.submit({ user: 'UANA', values: topic('rain') });
    return world;
  }

  test('whose answer is lost is not sent again; the first webhook of the run proves that it runs', async () => {
    const world = await started({ on: 'kickoff', failure: { answerLost: true } });
    const message = await root(world, 'Running');
    await sees(
      world.workspace,
      'the card',
      ({ thread_ts, buttons }) => thread_ts === message.ts && buttons.includes('Approve'),
    );
    expect(kickoffs(world)).toHaveLength(1);
  });

  test.each([502, 504])(
    'that answers %s may have started it, which is told and not sent again',
    async (status) => {
      const world = await started({ on: 'kickoff', failure: { status } });
      const message = await root(world, 'CrewAI may have started it');
      await inThread(world, message.ts, '<@UANA>, CrewAI may have started the run of *press*');
      expect(kickoffs(world)).toHaveLength(1);
    },
  );

  test('that answers 503 is sent again', async () => {
    const world = await started({ on: 'kickoff', failure: { status: 503 } });
    await root(world, 'Running');
    expect(kickoffs(world)).toHaveLength(2);
  });

  test('that is refused is told to the person, in the thread', async () => {
    const world = await started({ on: 'kickoff', failure: { status: 401 }, ...always });
    const message = await root(world, 'Not started');
    await inThread(world, message.ts, "<@UANA>, the run of *press* wasn't started");
  });
});

test('a form that is submitted twice starts one run', async () => {
  const world = await start();
  const { workspace } = world;
  await run(world);
  await form(world);
  const both = await Promise.all([
    workspace.submit({ user: 'UANA', values: topic('rain') }),
    workspace.submit({ user: 'UANA', values: topic('rain') }).catch(() => undefined),
  ]);
  expect(both[0]?.acked).toBe(true);
  await root(world, 'Running');
  expect(kickoffs(world)).toHaveLength(1);
});

test('who is no starter is told so, and starts nothing', async () => {
  const world = await start('live', { lines: ['starters: [UBEN]'] });
  const { workspace } = world;
  await run(world);
  await workspace.changed(
    () => JSON.stringify(ephemeralsTo(workspace, 'UANA')).includes(texts.refusals.start.not_starter),
    {
      what: 'the refusal',
    },
  );
  expect(workspace.openView('UANA')).toBeUndefined();
  await run(world, 'UBEN');
  await form(world, 'UBEN');
});

test('inputs have labels, defaults and choices; hidden ones are sent and shown nowhere', async () => {
  const world = await start('live', {
    inputs: ['topic', 'tone', 'api_key'],
    lines: [
      'inputs:',
      '  topic: {label: What about, default: spring, multiline: true}',
      '  tone: {choices: [dry, warm], default: warm}',
      '  api_key: {hidden: a-hidden-constant}',
    ],
  });
  const { workspace } = world;
  await run(world);
  const blocks = JSON.stringify((await form(world)).blocks);
  for (const words of ['What about', 'spring', 'warm']) expect(blocks).toContain(words);
  expect(blocks).not.toContain('api_key');
  await workspace.submit({ user: 'UANA', values: {} });
  await root(world, 'Running');
  expect(kickoffs(world)[0]?.body).toMatchObject({
    inputs: { topic: 'spring', tone: 'warm', api_key: 'a-hidden-constant' },
  });
  expect(JSON.stringify(workspace.messages('CAPPROVALS'))).not.toContain('a-hidden-constant');
});

test('inputs named like what every object has reach the crew from the form', async () => {
  const names = ['constructor', 'prototype', '__proto__'];
  const lines = ['inputs:', '  __proto__: {label: An awkward name}'];
  const world = await start('live', { inputs: names, lines });
  await run(world);
  expect(JSON.stringify((await form(world)).blocks)).toContain('An awkward name');
  const values = Object.fromEntries(names.map((name) => [`input:${name}`, { input: `the ${name}` }]));
  await world.workspace.submit({ user: 'UANA', values });
  const { all } = await root(world, 'Running');
  for (const name of names) expect(all).toContain(`the ${name}`);
  expect(JSON.stringify(kickoffs(world)[0]?.body)).toContain(
    '"inputs":{"constructor":"the constructor","prototype":"the prototype","__proto__":"the __proto__"}',
  );
});

test('inputs as JSON reach the crew with every name, at every depth', async () => {
  const world = await start();
  world.platform.failures.plan({ on: 'inputs', failure: { status: 500 } });
  await run(world);
  await form(world);
  const values = { inputs_json: { inputs_json: awkwardNames } };
  await world.workspace.submit({ user: 'UANA', values });
  await root(world, 'Running');
  expect(JSON.stringify(kickoffs(world)[0]?.body)).toContain(`"inputs":${awkwardNames}`);
});

test('without an answer to /inputs they are written as JSON', async () => {
  const world = await start();
  const { workspace, platform } = world;
  platform.failures.plan({ on: 'inputs', failure: { status: 500 } });
  await run(world);
  await form(world);
  const json = (text: string) => ({ inputs_json: { inputs_json: text } });
  const refused = await workspace.submit({ user: 'UANA', values: json('[1]') });
  expect(JSON.stringify(refused)).toContain('must be a JSON object');
  await workspace.submit({ user: 'UANA', values: json('{"topic": "rain"}') });
  await root(world, 'Running');
  expect(kickoffs(world)[0]?.body).toMatchObject({ inputs: { topic: 'rain' } });
});

test('a run that fails says so in its message and thread, and the command lists it', async () => {
  const world = await start();
  const { workspace, platform } = world;
  await run(world);
  await form(world);
  await workspace.submit({ user: 'UANA', values: topic('rain') });
  const message = await root(world, 'Running');
  const id = /Run ([\w-]{36})/.exec(message.all)?.[1] ?? '';
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
  platform.fail(id, 'Crew execution failed: ValueError: boom');
  await root(world, 'The run failed: ValueError: boom');
  await inThread(world, message.ts, '<@UANA>, the run of *press* failed: ValueError: boom.');
  await sees(workspace, 'the end', ({ ts, all }) => ts === card.ts && all.includes('The run failed'));
  const told = workspace.messages('CAPPROVALS').filter(({ text = '' }) => text.startsWith(':x:'));
  expect(told).toHaveLength(1);
  expect((await ask(world, 'runs mine')).all).toContain('The run failed');
  expect((await ask(world, 'runs mine', { user: 'UBEN' })).all).toContain('No runs were started');
});

test('a crew is started with the shortcut, too', async () => {
  const world = await start();
  await world.workspace.globalShortcut({ user: 'UBEN', callbackId: 'start_crew' });
  await form(world, 'UBEN');
  await world.workspace.submit({ user: 'UBEN', values: topic('rain') });
  await root(world, 'Running');
  expect(kickoffs(world)[0]?.body).toMatchObject({ inputs: { topic: 'rain' } });
});

test('a crew is started with the button *Start a crew* of the Home tab', async () => {
  const world = await start();
  const { workspace } = world;
  await workspace.openHome({ user: 'UANA' });
  await workspace.changed(() => JSON.stringify(workspace.home('UANA') ?? '').includes('Start a crew'), {
    what: 'the Home tab',
  });
  await workspace.clickInView({ user: 'UANA', actionId: 'start_crew' });
  await form(world);
  await workspace.submit({ user: 'UANA', values: topic('snow') });
  await root(world, 'Running');
  expect(kickoffs(world)[0]?.body).toMatchObject({ inputs: { topic: 'snow' } });
});
