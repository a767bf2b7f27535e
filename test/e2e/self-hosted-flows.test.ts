import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { clickOn, seesAccepted, seesModal } from '../support/process-steps.ts';
import {
  describeCrewAI,
  NEWEST,
  OLDEST_FOR_FLOWS,
  type Program,
  prepareSelfHosted,
  runExample,
  type SelfHosted,
  startProgram,
} from '../support/self-hosted.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { type Bot, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

const SLOW = { timeout: 180_000 };
const VERY_SLOW = { timeout: 360_000 };
const PATIENT = 60_000;

interface Hosted<B = Bot> extends World {
  hosted: SelfHosted;
  bot: B;
}

async function startHosted(name?: string): Promise<Hosted>;
async function startHosted(name: string, start: typeof spawnBot): Promise<Hosted<SpawnedBot>>;
async function startHosted(name = 'press', start: typeof startBot | typeof spawnBot = startBot) {
  const world = await startWorld();
  const hosted = await prepareSelfHosted(world);
  // The crew takes Flow reviews only.
  const only = { CREWAI_BASE_URL: '', CREWAI_BEARER_TOKEN: '', RESUME_FORMAT: 'camelcase', CREW_NAME: name };
  return { ...world, hosted, bot: await start(world, { ...hosted.settings, ...only }) };
}

const start = (
  { hosted, bot }: Hosted<{ url: string }>,
  version: string,
  settings: object = { flows: ['newsletter'] },
) => startProgram('flow_program', version, { settings, hosted, botUrl: bot.url });

/** The card that waits in this round. */
const waits = ({ workspace }: World, words: string) =>
  sees(workspace, words, ({ all, buttons }) => all.includes(words) && buttons.includes('publish'));

/** Waits for so many steps of the flows, and gives them. */
async function steps(program: Program, count: number) {
  await vi.waitFor(() => expect(program.journal()).toHaveLength(count), { timeout: PATIENT, interval: 50 });
  return program.journal();
}

describeCrewAI(OLDEST_FOR_FLOWS)(`a flow of crewai ${OLDEST_FOR_FLOWS}`, () => {
  test(
    'is asked about round after round, and ends as people choose, also after its process was killed',
    SLOW,
    async () => {
      const world = await startHosted();
      const before = await start(world, OLDEST_FOR_FLOWS);
      const first = await waits(world, 'This is draft 1.');
      await clickOn(world, first.ts, 'choose_2');
      const second = await waits(world, 'This is draft 2.');
      expect(second).toMatchObject({ thread_ts: first.ts });
      await before.kill();
      await clickOn(world, second.ts, 'choose_1', 'UBEN');
      const program = await start(world, OLDEST_FOR_FLOWS, {});
      const text = 'publish: # Rain jackets\n\nThis is draft 2.';
      expect(await steps(program, 1)).toEqual([{ step: 'publish', text }]);
      await seesAccepted(world, second);
    },
  );
});

describeCrewAI(NEWEST)(`a flow of the newest package, crewai ${NEWEST}`, () => {
  test(
    'offers its outcomes only, takes a free text where it has none, and is said to have failed with the reason',
    SLOW,
    async () => {
      const world = await startHosted();
      const { workspace } = world;
      const program = await start(world, NEWEST, { flows: ['newsletter', 'question', 'printing'] });
      const card = await waits(world, 'This is draft 1.');
      expect(card.all).toContain('Is this newsletter ready?');
      // No model reads a free text, so none can be given.
      expect(card.buttons).toEqual(['publish', 'rework', 'discard']);
      expect(card.all).not.toContain('Without an answer');

      const question = await sees(workspace, 'the question', ({ all }) =>
        all.includes('Who signs the letter?'),
      );
      await clickOn(world, question.ts, 'other_answer');
      await seesModal(world, 'UANA');
      await workspace.submit({ user: 'UANA', values: { feedback: { feedback: 'Ana & "Ben"' } } });
      expect(await steps(program, 1)).toEqual([{ step: 'sign', text: 'Ana & "Ben"' }]);
      const printing = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('print it'));
      await clickOn(world, printing.ts, 'choose_1');
      await sees(workspace, 'the failure', ({ all }) => all.includes('ValueError: the printer is on fire'));
    },
  );

  test(
    'that pauses while the bot is away is asked about when it is back; kills of the bot and of its own process repeat an interrupted step and no review',
    VERY_SLOW,
    async () => {
      const world = await startHosted('press', spawnBot);
      await world.bot.kill();
      const away = await start(world, NEWEST);
      expect(away.output()).toMatch(
        /\/webhooks\/press\/flow did not take a message: .*refused.*; retrying in 1 s/,
      );
      const bot = await world.bot.restart();
      const first = await waits(world, 'This is draft 1.');
      expect(away.output()).toContain('took the message at try');
      await clickOn(world, first.ts, 'choose_2');
      const second = await waits(world, 'This is draft 2.');
      expect(second).toMatchObject({ thread_ts: first.ts });

      await bot.kill();
      await bot.restart();
      await away.kill();
      await clickOn(world, second.ts, 'choose_1', 'UBEN');
      const unreached = "can't be reached";
      await sees(world.workspace, unreached, ({ ts, all }) => ts === second.ts && all.includes(unreached));
      const crash = join(world.folder, 'crash-in-publish');
      writeFileSync(crash, '');
      const crashes = await start(world, NEWEST, {});
      await crashes.ended;
      expect(existsSync(crash)).toBe(false);
      const program = await start(world, NEWEST, {});
      const text = 'publish: # Rain jackets\n\nThis is draft 2.';
      const done = { step: 'publish', text };
      expect(await steps(program, 2)).toEqual([done, done]);
      expect(program.output()).toContain('it is resumed again');
      await seesAccepted(world, second);
      // A bot that is killed while it posts a card can post it twice; both end alike.
      await expect.poll(() => shown(world.workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
      expect(new Set(shown(world.workspace).flatMap(({ approval }) => approval ?? [])).size).toBe(1);
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
