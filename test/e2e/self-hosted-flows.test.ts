import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { clickOn } from '../support/process-steps.ts';
import {
  describeCrewAI,
  NEWEST,
  OLDEST_FOR_FLOWS,
  OLDEST_FOR_TASKS,
  type Program,
  prepareSelfHosted,
  runExample,
  type SelfHosted,
  startProgram,
} from '../support/self-hosted.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { sees, shown, startWorld, type World } from '../support/world.ts';

const MESSAGE = 'Is this newsletter ready?';
const SLOW = { timeout: 120_000 };
const PATIENT = 60_000;

interface Hosted extends World {
  hosted: SelfHosted;
  bot: SpawnedBot;
}

async function startHosted(name = 'press'): Promise<Hosted> {
  const world = await startWorld();
  const hosted = await prepareSelfHosted(world);
  // The crew takes Flow reviews only.
  const settings = {
    ...hosted.settings,
    CREWAI_BASE_URL: '',
    CREWAI_BEARER_TOKEN: '',
    RESUME_FORMAT: 'camelcase',
    CREW_NAME: name,
  };
  return { ...world, hosted, bot: await spawnBot(world, settings) };
}

const start = ({ hosted, bot }: Hosted, version: string, settings: object = { flows: ['newsletter'] }) =>
  startProgram('flow_program', version, { settings, hosted, botUrl: bot.url });

/** The card that waits in this round. */
const waits = ({ workspace }: World, words: string) =>
  sees(workspace, words, ({ all, buttons }) => all.includes(words) && buttons.includes('publish'));

const steps = (program: Program, count: number) =>
  vi.waitFor(() => expect(program.journal()).toHaveLength(count), { timeout: PATIENT, interval: 50 });

/** Answers in the words of a person. */
async function answer({ workspace }: World, ts: string, feedback: string): Promise<void> {
  await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'other_answer' });
  await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the form' });
  await workspace.submit({ user: 'UANA', values: { feedback: { feedback } } });
}

describeCrewAI(NEWEST)('a flow of the newest package', () => {
  test(
    'is asked about in Slack, round after round, and ends exactly as people choose, without a model',
    SLOW,
    async () => {
      const world = await startHosted();
      const program = await start(world, NEWEST);
      const first = await waits(world, 'This is draft 1.');
      expect(first.all).toContain(MESSAGE);
      // No model reads a free text, so none can be given.
      expect(first.buttons).toEqual(['publish', 'rework', 'discard']);
      expect(first.all).not.toContain('Without an answer');
      await clickOn(world, first.ts, 'choose_2');
      const second = await waits(world, 'This is draft 2.');
      expect(second).toMatchObject({ thread_ts: first.ts });
      await clickOn(world, second.ts, 'choose_1', 'UBEN');
      await steps(program, 1);
      expect(program.journal()).toEqual([
        { step: 'publish', text: 'publish: # Rain jackets\n\nThis is draft 2.' },
      ]);
      await sees(
        world.workspace,
        'accepted',
        ({ ts, all }) => ts === second.ts && all.includes('CrewAI accepted it'),
      );
    },
  );

  test(
    'without outcomes takes a free text as it is; one that fails after its review is said to have failed',
    SLOW,
    async () => {
      const world = await startHosted();
      const program = await start(world, NEWEST, { flows: ['question', 'printing'] });
      const question = await sees(world.workspace, 'the question', ({ all }) =>
        all.includes('Who signs the letter?'),
      );
      await answer(world, question.ts, 'Ana & "Ben"');
      await steps(program, 1);
      expect(program.journal()).toEqual([{ step: 'sign', text: 'Ana & "Ben"' }]);
      const printing = await sees(world.workspace, 'the card', ({ buttons }) => buttons.includes('print it'));
      await clickOn(world, printing.ts, 'choose_1');
      await sees(world.workspace, 'the failure', ({ all }) =>
        all.includes('ValueError: the printer is on fire'),
      );
    },
  );

  test('whose process is killed while a review waits goes on after the next start', SLOW, async () => {
    const world = await startHosted();
    const before = await start(world, NEWEST);
    const card = await waits(world, 'This is draft 1.');
    await before.kill();
    await clickOn(world, card.ts, 'choose_1');
    await sees(
      world.workspace,
      'not reached',
      ({ ts, all }) => ts === card.ts && all.includes("can't be reached"),
    );
    const program = await start(world, NEWEST, {});
    await steps(program, 1);
    expect(program.journal()[0]?.text).toContain('publish: ');
  });

  test(
    'whose process is killed in a step after its review does that step again, and asks nobody again',
    SLOW,
    async () => {
      const world = await startHosted();
      const before = await start(world, NEWEST);
      writeFileSync(join(world.folder, 'crash-in-publish'), '');
      const card = await waits(world, 'This is draft 1.');
      await clickOn(world, card.ts, 'choose_1');
      await before.ended;
      expect(existsSync(join(world.folder, 'crash-in-publish'))).toBe(false);
      const program = await start(world, NEWEST, {});
      await steps(program, 2);
      const [first, second] = program.journal();
      expect(second).toEqual(first);
      expect(program.output()).toContain('it is resumed again');
      expect(shown(world.workspace).filter(({ approval }) => approval !== undefined)).toHaveLength(1);
    },
  );

  test(
    'that pauses while the bot is away says so and is asked about when it is back, and waits through a kill of it',
    SLOW,
    async () => {
      const world = await startHosted();
      await world.bot.kill();
      const program = await start(world, NEWEST);
      expect(program.output()).toMatch(
        /\/webhooks\/press\/flow did not take a message: .*refused.*; retrying in 1 s/,
      );
      const back = await world.bot.restart();
      const card = await waits(world, 'This is draft 1.');
      expect(program.output()).toContain('took the message at try');
      await back.kill();
      await back.restart();
      await clickOn(world, card.ts, 'choose_3');
      await steps(program, 1);
      expect(program.journal()[0]?.text).toContain('discard: ');
    },
  );

  test('whose secret is another one than the bot has opens no card, and says why', SLOW, async () => {
    const world = await startHosted();
    const { hosted } = world;
    const approvals = (url: string) => ({ ...hosted.approvals(url), flow_secret: 'whsec_0000000000000000' });
    const program = await start({ ...world, hosted: { ...hosted, approvals } }, NEWEST);
    expect(program.output()).toMatch(/did not take a message: 401 /);
    expect(shown(world.workspace)).toEqual([]);
  });

  test(
    'whose host was not allowed can be answered once the settings allow it and the program was started again',
    SLOW,
    async () => {
      const world = await startHosted();
      await world.bot.kill();
      const allowed = { ...world.bot };
      const locked = await world.bot.restart({ CALLBACK_HOSTS: 'example.com' });
      const before = await start(world, NEWEST);
      const card = await sees(world.workspace, 'the card', ({ all }) => all.includes(MESSAGE));
      expect(card.buttons).toEqual([]);
      await before.kill();
      await locked.kill();
      await allowed.restart();
      const program = await start(world, NEWEST, {});
      const open = await waits(world, 'This is draft 1.');
      expect(open.ts).toBe(card.ts);
      await clickOn(world, open.ts, 'choose_1');
      await steps(program, 1);
    },
  );
});

describeCrewAI(NEWEST)('the flow of docs/self-hosted.md', () => {
  test('runs as it is printed there', SLOW, async () => {
    const world = await startHosted('newsletter');
    const { hosted, bot } = world;
    const program = runExample('newsletter.py', NEWEST, { hosted, botUrl: bot.url });
    await program.writes(/listening on/);
    const card = await waits(world, 'Rain jackets');
    await clickOn(world, card.ts, 'choose_1');
    await program.writes(/published:/);
  });
});

describeCrewAI(OLDEST_FOR_TASKS)(`a flow of crewai ${OLDEST_FOR_TASKS}`, () => {
  test('loops and ends as people choose, also over a restart', SLOW, () => loopOverRestart(OLDEST_FOR_TASKS));
});

describeCrewAI(OLDEST_FOR_FLOWS)(`a flow of crewai ${OLDEST_FOR_FLOWS}`, () => {
  test('loops and ends as people choose, also over a restart', SLOW, () => loopOverRestart(OLDEST_FOR_FLOWS));
});

async function loopOverRestart(version: string): Promise<void> {
  const world = await startHosted();
  const before = await start(world, version);
  await clickOn(world, (await waits(world, 'This is draft 1.')).ts, 'choose_2');
  const second = await waits(world, 'This is draft 2.');
  await before.kill();
  const program = await start(world, version, {});
  await clickOn(world, second.ts, 'choose_1');
  await steps(program, 1);
  expect(program.journal()).toEqual([
    { step: 'publish', text: 'publish: # Rain jackets\n\nThis is draft 2.' },
  ]);
}
