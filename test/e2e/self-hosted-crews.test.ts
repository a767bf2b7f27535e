import { createServer } from 'node:http';
import axios from 'axios';
import { expect, onTestFinished, test, vi } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { freePort } from '../support/free-port.ts';
import { clickOn, ready, requestRevision } from '../support/process-steps.ts';
import {
  describeCrewAI,
  LOSES_FEEDBACK,
  NEWEST,
  OLDEST_FOR_TASKS,
  type Program,
  prepareSelfHosted,
  runExample,
  startProgram,
} from '../support/self-hosted.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, startWorld, type World } from '../support/world.ts';
import { form, inThread, root, run, topic } from './start-steps.ts';

const SLOW = { timeout: 120_000 };

interface Hosted extends World {
  bot: SpawnedBot;
  program: Program;
  /** The program again, after a kill. */
  startAgain(): Promise<Program>;
}

/** A program with the real package, and a bot that learns what it speaks, as from a deployment. */
async function startHosted(version: string, settings: object = {}): Promise<Hosted> {
  const world = await startWorld();
  const hosted = await prepareSelfHosted(world);
  const port = await freePort();
  const botUrl = `http://127.0.0.1:${port}`;
  const startAgain = () => startProgram('crew_program', version, { settings, hosted, botUrl });
  const program = await startAgain();
  // A crew with secrets of Flow reviews is a Flow.
  const { FLOW_WEBHOOK_SECRETS: _, CALLBACK_HOSTS: __, ...settingsOfBot } = hosted.settings;
  const bot = await spawnBot(world, { ...settingsOfBot, PORT: String(port), PUBLIC_URL: botUrl });
  return { ...world, bot, program, startAgain };
}

/** Starts a run with the form in Slack; resolves to its message. */
async function startRun(world: World): Promise<Shown> {
  await run(world);
  expect(JSON.stringify((await form(world)).blocks)).toContain('topic');
  await world.workspace.submit({ user: 'UANA', values: topic('rain jackets') });
  return root(world, 'Running');
}

const waits = ({ workspace }: World, words: string) =>
  sees(workspace, words, (message) => message.all.includes(words) && ready(message));

describeCrewAI(NEWEST)('a crew of the newest package', () => {
  test(
    'is started from Slack, revised, approved task by task, and its result comes into the thread',
    SLOW,
    () => runFromSlack(NEWEST),
  );

  test(
    'whose process is killed while it waits is said to have failed after the next start; a kill of the bot does no harm',
    SLOW,
    async () => {
      const world = await startHosted(NEWEST);
      const { program } = world;
      const message = await startRun(world);
      await waits(world, 'for everyone who gets wet');
      await world.bot.kill();
      await world.bot.restart();
      await program.kill();
      const next = await world.startAgain();
      expect(next.output()).toContain('was lost with its process, reporting it as failed');
      await root(world, 'the process of this run was restarted');
      await sees(
        world.workspace,
        'closed',
        ({ thread_ts, approval, buttons }) =>
          thread_ts === message.ts && approval !== undefined && buttons.length === 0,
      );
    },
  );

  test('that fails is said to have failed, with the reason', SLOW, async () => {
    const world = await startHosted(NEWEST, { fail: true });
    await run(world);
    await form(world);
    await world.workspace.submit({ user: 'UANA', values: topic('rain jackets') });
    await root(world, 'the model is out of words');
  });

  test('that a program kicks off itself is asked about in Slack too', SLOW, async () => {
    const world = await startHosted(NEWEST, { direct: true });
    const { program } = world;
    const slogan = await waits(world, 'for everyone who gets wet');
    await requestRevision(world, slogan.ts, 'make it shorter');
    const shorter = await waits(world, 'Rain jackets.');
    expect(shorter).toMatchObject({ thread_ts: slogan.ts });
    await clickOn(world, shorter.ts, 'approve');
    await sees(
      world.workspace,
      'went on',
      ({ ts, all }) => ts === shorter.ts && all.includes(texts.card.continued),
    );
    const budget = await waits(world, 'A budget of 400 euros.');
    await clickOn(world, budget.ts, 'approve', 'UBEN');
    await sees(
      world.workspace,
      'ended',
      ({ ts, all }) => ts === budget.ts && all.includes(texts.card.continued),
    );
    await expect.poll(program.output).toContain('result A budget of 400 euros.');
  });
});

describeCrewAI(OLDEST_FOR_TASKS)(`a crew of crewai ${OLDEST_FOR_TASKS}`, () => {
  test(
    'is started from Slack, revised, approved task by task, and its result comes into the thread',
    SLOW,
    () => runFromSlack(OLDEST_FOR_TASKS),
  );
});

describeCrewAI(LOSES_FEEDBACK)(`a crew of crewai ${LOSES_FEEDBACK}, which loses feedback`, () => {
  test('is not started, and one sentence names the releases to install', SLOW, async () => {
    const world = await startHosted(LOSES_FEEDBACK);
    await run(world);
    await form(world);
    await world.workspace.submit({ user: 'UANA', values: topic('rain jackets') });
    const { all } = await root(world, 'Not started');
    expect(all).toContain(
      'the installed crewai has no working human input for tasks: install crewai 1.10.1 to 1.14.4, or 1.15.2 or newer',
    );
  });
});

/** A model that answers everybody the same, at an endpoint like OpenAI's. */
async function startModel(text: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const message = { role: 'assistant', content: text };
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ id: '1', object: 'chat.completion', created: 1, model: 'm', choices, usage }),
      );
    });
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${port}/v1`;
}

describeCrewAI(NEWEST)('the crew of docs/self-hosted.md', () => {
  test('runs as it is printed there', SLOW, async () => {
    const world = await startWorld();
    const hosted = await prepareSelfHosted(world);
    const port = String(await freePort());
    const botUrl = `http://127.0.0.1:${port}`;
    const model = await startModel('Rain is only weather.');
    runExample('press.py', NEWEST, {
      hosted,
      botUrl,
      env: { OPENAI_BASE_URL: model, OPENAI_API_BASE: model },
    });
    await answers(`${hosted.baseUrl}/inputs`);
    const { FLOW_WEBHOOK_SECRETS: _, CALLBACK_HOSTS: __, ...settings } = hosted.settings;
    await spawnBot(world, { ...settings, PORT: port, PUBLIC_URL: botUrl });
    const message = await startRun(world);
    const card = await waits(world, 'Rain is only weather.');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await root(world, 'Finished');
    await inThread(world, message.ts, 'has finished');
  });
});

/** Waits until something answers there. */
const answers = (url: string) =>
  vi.waitFor(() => axios.get(url, { validateStatus: () => true }), { timeout: 60_000, interval: 100 });

async function runFromSlack(version: string): Promise<void> {
  const world = await startHosted(version);
  const message = await startRun(world);
  const slogan = await waits(world, 'for everyone who gets wet');
  expect(slogan).toMatchObject({ thread_ts: message.ts });
  await requestRevision(world, slogan.ts, 'make it shorter');
  const shorter = await waits(world, 'Rain jackets.');
  await clickOn(world, shorter.ts, 'approve', 'UBEN');
  await sees(
    world.workspace,
    'went on',
    ({ ts, all }) => ts === shorter.ts && all.includes(texts.card.continued),
  );
  const budget = await waits(world, 'A budget of 400 euros.');
  expect(budget).toMatchObject({ thread_ts: message.ts });
  await clickOn(world, budget.ts, 'approve', 'UBEN');
  await root(world, 'Finished');
  await inThread(world, message.ts, 'has finished');
}
