import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, ready, requestRevision } from '../support/process-steps.ts';
import {
  describeCrewAI,
  HOSTED,
  LOSES_FEEDBACK,
  NEWEST,
  OLDEST_FOR_TASKS,
  type Program,
  runExample,
  startModel,
  startProgram,
} from '../support/self-hosted.ts';
import { share } from '../support/shared.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, startBot, startWorld, type World } from '../support/world.ts';
import { form, inThread, root, run, topic } from './start-steps.ts';

const SLOW = { timeout: scaleLimit(120_000) };

interface Hosted extends World {
  program: Program;
  /** The program again, after a kill. */
  startAgain(settings?: object): Promise<Program>;
}

/** A program with the real package, and a bot of its own. */
async function startHosted(version: string, settings: object = {}): Promise<Hosted> {
  const world = await startWorld();
  const { url } = await startBot(world, HOSTED);
  return startWith(world, url, version, settings);
}

async function startWith(
  world: World,
  botUrl: string,
  version: string,
  settings: object = {},
): Promise<Hosted> {
  const startAgain = (own = settings) =>
    startProgram('crew_program', version, { world, botUrl, settings: own });
  return { ...world, program: await startAgain(), startAgain };
}

/** Submits the form in Slack. */
async function submitStart(world: World): Promise<void> {
  // Its program has to say first which inputs there are.
  const fields = async () => {
    await run(world);
    return JSON.stringify((await form(world)).blocks);
  };
  await expect.poll(fields, { interval: 500 }).toContain('topic');
  await world.workspace.submit({ user: 'UANA', values: topic('rain jackets') });
}

/** Starts a run with the form in Slack; resolves to its message. */
async function startRun(world: World): Promise<Shown> {
  await submitStart(world);
  return root(world, 'Running');
}

const waits = ({ workspace }: World, words: string) =>
  sees(workspace, words, (message) => message.all.includes(words) && ready(message));
const isFetched = ({ workspace }: World, card: Shown) =>
  sees(workspace, 'fetched', ({ ts, all }) => ts === card.ts && all.includes(texts.state.received()));

/** The two tasks of the crew, one revised and both approved; resolves with their cards. */
async function decideTasks(world: World): Promise<[slogan: Shown, shorter: Shown, budget: Shown]> {
  const slogan = await waits(world, 'for everyone who gets wet');
  await requestRevision(world, slogan.ts, 'make it shorter');
  const shorter = await waits(world, 'Rain jackets.');
  expect(shorter.all).toContain('(round 2)');
  expect(shorter.reading).toContain('What changed');
  await clickOn(world, shorter.ts, 'approve', 'UBEN');
  await isFetched(world, shorter);
  const budget = await waits(world, 'A budget of 400 euros.');
  await clickOn(world, budget.ts, 'approve');
  return [slogan, shorter, budget];
}

/** The run is started from Slack, revised, approved task by task, and its result comes into the thread. */
async function expectStory(world: Hosted): Promise<void> {
  const message = await startRun(world);
  for (const card of await decideTasks(world)) expect(card).toMatchObject({ thread_ts: message.ts });
  await root(world, 'Finished');
  await inThread(world, message.ts, 'has finished');
}

describeCrewAI(OLDEST_FOR_TASKS)(`a crew of crewai ${OLDEST_FOR_TASKS}`, () => {
  test(
    'is started from Slack, revised, approved task by task, and its result comes into the thread',
    SLOW,
    async () => expectStory(await startHosted(OLDEST_FOR_TASKS)),
  );
});

describeCrewAI(NEWEST)(`a crew of the newest package, crewai ${NEWEST}`, () => {
  const started = share(async () => {
    const world = await startWorld();
    const bot = await spawnBot(world, HOSTED);
    return { world: await startWith(world, bot.url, NEWEST), bot };
  });

  test(
    'is started from Slack, revised, approved task by task, and its result comes into the thread',
    SLOW,
    () => expectStory(started().world),
  );

  test(
    'whose process is killed while it waits, or whose model fails, is said to have failed; a kill of the bot does no harm',
    SLOW,
    async () => {
      const { world, bot } = started();
      const message = await startRun(world);
      await waits(world, 'for everyone who gets wet');
      await bot.kill();
      await bot.restart();
      await world.program.kill();
      const next = await world.startAgain({ fail: true });
      // It says so on stderr, and that it is ready on stdout.
      await expect.poll(next.output).toContain('was lost with its process, reporting it as failed');
      await root(world, 'the process of this run was restarted');
      const isClosed = ({ thread_ts, approval, buttons }: Shown) =>
        thread_ts === message.ts && approval !== undefined && buttons.length === 0;
      await sees(world.workspace, 'closed', isClosed);

      await submitStart(world);
      await root(world, 'the model is out of words');
    },
  );

  test('that a program kicks off itself is asked about in Slack too', SLOW, async () => {
    const world = await startHosted(NEWEST, { direct: true });
    const [, , budget] = await decideTasks(world);
    await isFetched(world, budget);
    await expect.poll(world.program.output).toContain('result A budget of 400 euros.');
    await sees(world.workspace, 'the result', ({ all }) => all.includes('has finished'));
    world.program.terminate();
    await world.program.ended;
    expect(world.program.output()).toMatch(/ended\n$/);
  });
});

describeCrewAI(LOSES_FEEDBACK)(`a crew of crewai ${LOSES_FEEDBACK}, which loses feedback`, () => {
  test('is not started, and one sentence names the releases to install', SLOW, async () => {
    const world = await startHosted(LOSES_FEEDBACK);
    await submitStart(world);
    expect((await root(world, 'Not started')).all).toContain(
      'the installed crewai has no working human input for tasks: install crewai 1.10.1 to 1.14.4, or 1.15.2 or newer',
    );
  });
});

describeCrewAI(NEWEST)('the crew of docs/self-hosted.md', () => {
  test('runs as it is printed there', SLOW, async () => {
    const world = await startWorld();
    const { url } = await startBot(world, HOSTED);
    const { env } = await startModel('Rain is only weather.');
    const program = runExample('crewai-crew/press.py', NEWEST, { world, botUrl: url, env });
    await program.writes(/\d waiting/);
    const message = await startRun(world);
    const card = await waits(world, 'Rain is only weather.');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await root(world, 'Finished');
    await inThread(world, message.ts, 'has finished');
  });

  test('is started by the program itself, with the lines that are printed for that', SLOW, async () => {
    const world = await startWorld();
    const { url } = await startBot(world, HOSTED);
    const { env } = await startModel('Rain is only weather.');
    const lines = /```python(\nfrom crewai\.core\.providers\.human_input [\s\S]*?\n)```/;
    const [, main = ''] = lines.exec(readFileSync('docs/self-hosted.md', 'utf8')) ?? [];
    const change = (text: string) => text.split('\nif __name__')[0] + main;
    const program = runExample('crewai-crew/press.py', NEWEST, { world, botUrl: url, env, change });
    const card = await waits(world, 'Rain is only weather.');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await program.ended;
    await sees(world.workspace, 'fetched', ({ all }) => all.includes(texts.state.received()));
  });
});
