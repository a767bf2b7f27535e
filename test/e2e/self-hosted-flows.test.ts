import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, seesModal } from '../support/process-steps.ts';
import {
  describeCrewAI,
  HOSTED,
  NEWEST,
  OLDEST_FOR_FLOWS,
  OLDEST_FOR_TASKS,
  type Program,
  runExample,
  startModel,
  startProgram,
} from '../support/self-hosted.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { type Bot, type Shown, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

const SLOW = { timeout: scaleLimit(180_000) };
const VERY_SLOW = { timeout: scaleLimit(360_000) };
const PATIENT = 60_000;

type Hosted<B = Bot> = World & { bot: B };

async function startHosted(): Promise<Hosted>;
async function startHosted(start: typeof spawnBot): Promise<Hosted<SpawnedBot>>;
async function startHosted(start: typeof startBot | typeof spawnBot = startBot) {
  const world = await startWorld();
  return { ...world, bot: await start(world, HOSTED) };
}

const start = (
  world: Hosted<{ url: string }>,
  version: string,
  settings: object = { flows: ['newsletter'] },
  env: Record<string, string> = {},
) => startProgram('flow_program', version, { world, botUrl: world.bot.url, settings, env });

/** The card that waits in this round. */
const waits = ({ workspace }: World, words: string) =>
  sees(workspace, words, ({ all, buttons }) => all.includes(words) && buttons.includes('publish'));

const isFetched = ({ workspace }: World, card: { ts: string }) =>
  sees(workspace, 'fetched', ({ ts, all }) => ts === card.ts && all.includes(texts.state.received()));

/** Answers a card with an option and a note, by its menu. */
async function chooseWithNote(world: World, { ts }: Shown, option: string, note: string) {
  const { workspace } = world;
  const blocks = JSON.stringify(workspace.message('CAPPROVALS', ts)?.blocks);
  const [selected = ''] = /choose_note:[^"]+/.exec(blocks) ?? [];
  await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'more', selected });
  await seesModal(world, 'UANA');
  await workspace.submit({ user: 'UANA', values: { feedback: { feedback: note }, option: { option } } });
}

/** Waits for so many steps of the flows, and gives them. */
async function steps(program: Program, count: number) {
  await until(() => expect(program.journal()).toHaveLength(count), { within: PATIENT, interval: 50 });
  return program.journal();
}

for (const version of [OLDEST_FOR_FLOWS, OLDEST_FOR_TASKS])
  describeCrewAI(version)(`a flow of crewai ${version}`, () => {
    test(
      'is asked about round after round, and ends as people choose, with their note, also after its process was killed',
      SLOW,
      async () => {
        const world = await startHosted();
        const before = await start(world, version);
        const first = await waits(world, 'This is draft 1.');
        await clickOn(world, first.ts, 'choose_2');
        const second = await waits(world, 'This is draft 2.');
        expect(second).toMatchObject({ thread_ts: first.ts });
        expect(second.reading).toContain('What changed');
        await before.kill();
        await chooseWithNote(world, second, '0', 'Send it on Monday');
        const program = await start(world, version, {});
        const text = 'publish: # Rain jackets\n\nThis is draft 2.: Send it on Monday';
        expect(await steps(program, 1)).toEqual([{ step: 'publish', text }]);
        await isFetched(world, second);
        await sees(world.workspace, 'the end', ({ all }) => all.includes('has finished'));
      },
    );
  });

describeCrewAI(NEWEST)(`a flow of the newest package, crewai ${NEWEST}`, () => {
  test(
    'offers its outcomes and takes a note, with or without a model, takes a text where it has none, and is said to have failed with the reason',
    SLOW,
    async () => {
      const world = await startHosted();
      const { workspace } = world;
      const program = await start(world, NEWEST, { flows: ['newsletter', 'question', 'printing'] });
      const card = await waits(world, 'This is draft 1.');
      expect(card.all).toContain('Is this newsletter ready?');
      expect(card.buttons).toEqual(['publish', 'rework', 'discard']);
      await chooseWithNote(world, card, '2', 'Nobody reads it');
      const text = 'discard: # Rain jackets\n\nThis is draft 1.: Nobody reads it';
      expect(await steps(program, 1)).toEqual([{ step: 'discard', text }]);

      const question = await sees(workspace, 'the question', ({ all }) =>
        all.includes('Who signs the letter?'),
      );
      await clickOn(world, question.ts, 'write_1');
      await seesModal(world, 'UANA');
      const signed = { feedback: { feedback: 'Ana & "Ben"' }, option: { option: '0' } };
      await workspace.submit({ user: 'UANA', values: signed });
      expect((await steps(program, 2))[1]).toEqual({ step: 'sign', text: 'Ana & "Ben"' });
      const printing = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('print it'));
      await chooseWithNote(world, printing, '0', 'On recycled paper');
      await sees(workspace, 'the failure', ({ all }) => all.includes('ValueError: the printer is on fire'));
    },
  );

  test(
    'that pauses while the bot is away is asked about when it is back; kills of the bot and of its own process repeat an interrupted step and no review',
    VERY_SLOW,
    async () => {
      const world = await startHosted(spawnBot);
      await world.bot.kill();
      const away = await start(world, NEWEST);
      await away.writes(/PUT questions\/flow-\w+ failed: .*refused.*; retrying in 1 s/);
      const bot = await world.bot.restart();
      const first = await waits(world, 'This is draft 1.');
      await clickOn(world, first.ts, 'choose_2');
      const second = await waits(world, 'This is draft 2.');
      expect(second).toMatchObject({ thread_ts: first.ts });

      await bot.kill();
      await bot.restart();
      await away.kill();
      await clickOn(world, second.ts, 'choose_1', 'UBEN');
      const waiting = texts.state.notFetched;
      await sees(world.workspace, waiting, ({ ts, all }) => ts === second.ts && all.includes(waiting));
      const crash = join(world.folder, 'crash-in-publish');
      writeFileSync(crash, '');
      const crashes = await start(world, NEWEST, {});
      await crashes.ended;
      expect(existsSync(crash)).toBe(false);
      const program = await start(world, NEWEST, {});
      const text = 'publish: # Rain jackets\n\nThis is draft 2.: ';
      const done = { step: 'publish', text };
      expect(await steps(program, 2)).toEqual([done, done]);
      await expect.poll(program.output).toContain('it is resumed again');
      await isFetched(world, second);
      // A bot that is killed while it posts a card can post it twice; both end alike.
      await expect.poll(() => shown(world.workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
      expect(new Set(shown(world.workspace).flatMap(({ approval }) => approval ?? [])).size).toBe(1);
    },
  );

  test('learns from the note with learn=True, for which alone a model is asked', SLOW, async () => {
    const world = await startHosted();
    const { env, asked } = await startModel(JSON.stringify({ lessons: ['Always name the price'] }));
    const program = await start(world, NEWEST, { flows: ['lessons'] }, env);
    const card = await sees(world.workspace, 'the card', ({ buttons }) => buttons.includes('drop it'));
    await chooseWithNote(world, card, '1', 'Name the price');
    const lesson = { step: 'lesson', text: 'Always name the price' };
    expect(await steps(program, 2)).toEqual([lesson, { step: 'drop', text: 'Name the price' }]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('Name the price');
  });

  test('whose answer comes before CrewAI has stored the pause is resumed after that', SLOW, async () => {
    const world = await startHosted();
    const slow = join(world.folder, 'slow');
    writeFileSync(slow, '');
    const program = await start(world, NEWEST);
    const card = await waits(world, 'This is draft 1.');
    await clickOn(world, card.ts, 'choose_1');
    await isFetched(world, card);
    expect(program.journal()).toEqual([]);
    rmSync(slow);
    expect(await steps(program, 1)).toHaveLength(1);
  });
});

describeCrewAI(NEWEST)('the flow of docs/self-hosted.md', () => {
  test('runs as it is printed there', SLOW, async () => {
    const world = await startHosted();
    const program = runExample('crewai-flow/newsletter.py', NEWEST, { world, botUrl: world.bot.url });
    const card = await waits(world, 'Rain jackets');
    await clickOn(world, card.ts, 'choose_1');
    await program.writes(/published:/);
  });
});
