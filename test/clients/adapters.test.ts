import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import {
  describeFramework,
  describeNpmFramework,
  type Framework,
  type NpmFramework,
  runExampleOf,
  runExampleWithNode,
  runOwn,
  startResponses,
} from '../support/adapters.ts';
import { builtCheckout } from '../support/demo.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, seesModal } from '../support/process-steps.ts';
import { HOSTED, type runPython } from '../support/self-hosted.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, shown, startWorld, type World } from '../support/world.ts';

const SLOW = { timeout: scaleLimit(120_000) };
const RUN = 'order-7';
const NOT_RUN = 'The tool was not run: a person blocked this call (Slack user UANA). Reason: Wrong amount';

type Run = (how: {
  folder: string;
  args: string[];
  env: Record<string, string>;
}) => ReturnType<typeof runPython>;

/** A bot of its own, and a program for it. */
async function startAsking(run: Run, model: Record<string, string> = {}) {
  const world = await startWorld();
  const bot = await spawnBot(world, { ...HOSTED, CREW_NAME: 'payments' });
  const env = { BOT_URL: bot.url, ASK_SECRET: HOSTED.ASK_SECRET ?? '', ...model };
  const start = (...more: string[]) =>
    run({ folder: world.folder, args: more.length > 0 ? more : [RUN], env });
  return { ...world, bot, start };
}

const REVIEWED = 'reviewed_agent.py';
const asks = ({ workspace }: World, words: string) =>
  sees(workspace, words, ({ all, buttons }) => all.includes(words) && buttons.length > 0);
const countCards = ({ workspace }: World) =>
  new Set(shown(workspace).flatMap(({ approval }) => approval ?? [])).size;
const choose = (world: World, { ts }: Shown, place: 1 | 2) => clickOn(world, ts, `choose_${place}`);

async function blockWithReason(world: World, { ts }: Shown, reason: string) {
  const { workspace } = world;
  const blocks = JSON.stringify(workspace.message('CAPPROVALS', ts)?.blocks);
  const [selected = ''] = /block:[^"]+/.exec(blocks) ?? [];
  await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'more', selected });
  await seesModal(world, 'UANA');
  await workspace.submit({ user: 'UANA', values: { feedback: { feedback: reason } } });
}

const built = builtCheckout();
const withPython = (framework: Framework, name: string) => ({
  describe: () => describeFramework(framework),
  run: (how: Parameters<Run>[0]) => runExampleOf(framework, name, how),
});
const withNode = (framework: NpmFramework, name: string) => ({
  describe: () => describeNpmFramework(framework),
  run: (how: Parameters<Run>[0]) => runExampleWithNode(framework, name, { ...how, bot: built() }),
});
const callRefund = (isSilent?: () => boolean) =>
  startResponses({ name: 'refund', input: { order: 'seven', euros: 25 } }, isSilent);

interface ExampleAgent {
  describe(): ReturnType<typeof describeFramework>;
  run: Run;
  amount: string;
  ran: RegExp;
  model(isSilent?: () => boolean): Promise<Record<string, string>>;
  /** The program has a store of its own, beside the file with its state. */
  hasStore?: boolean;
}

/** The agents of examples/ whose tool waits for a person. */
const AGENTS: Record<string, ExampleAgent> = {
  'refund.py': {
    ...withPython('pydantic-ai', 'refund.py'),
    hasStore: true,
    amount: 'euros\n0',
    ran: /^refunded a 0$/m,
    model: async () => ({ MODEL: 'test' }),
  },
  'clerk.py': {
    ...withPython('openai-agents', 'clerk.py'),
    hasStore: true,
    amount: 'euros\n25',
    ran: /^refunded seven 25$/m,
    model: callRefund,
  },
  'refund.mjs': {
    ...withNode('ai-sdk', 'refund.mjs'),
    amount: 'euros\n25',
    ran: /^refunded seven 25$/m,
    model: callRefund,
  },
  'clerk.mjs': {
    ...withNode('openai-agents-js', 'clerk.mjs'),
    amount: 'euros\n25',
    ran: /^refunded seven 25$/m,
    model: callRefund,
  },
};

for (const [name, { describe, run, amount, ran, model, hasStore }] of Object.entries(AGENTS))
  describe()(`${name} of examples`, () => {
    const start = async (isSilent?: () => boolean) => startAsking(run, await model(isSilent));

    test(
      'runs its tool once after kills of the program and of the bot, with one card and one decision',
      SLOW,
      async () => {
        const world = await start();
        const first = world.start();
        const card = await asks(world, amount);
        expect(card.all).toContain('*Refunds* asks to run *refund*');
        await first.kill();
        await world.bot.kill();
        await world.bot.restart();
        const again = world.start();
        await choose(world, card, 1);
        await again.ended;
        expect(again.output()).toMatch(ran);
        expect(first.output()).not.toMatch(ran);
        expect(countCards(world)).toBe(1);
        await sees(world.workspace, 'fetched', ({ all }) => all.includes(texts.state.received()));
      },
    );

    test('tells its agent who blocked a call and why, and does not run it', SLOW, async () => {
      const world = await start();
      const program = world.start();
      await blockWithReason(world, await asks(world, amount), 'Wrong amount');
      await program.ended;
      expect(program.output()).toContain(NOT_RUN);
      expect(program.output()).not.toMatch(ran);
    });

    test('runs nothing when the stored arguments are no longer those of the card', SLOW, async () => {
      const world = await start();
      const first = world.start();
      const card = await asks(world, amount);
      await first.kill();
      await choose(world, card, 1);
      const path = join(world.folder, `${RUN}.json`);
      const stored = readFileSync(path, 'utf8');
      const changed = stored.replaceAll(/(euros\\*": ?)\d+/g, '$19000');
      expect(changed).not.toBe(stored);
      writeFileSync(path, changed);
      const again = world.start();
      await again.ended;
      expect(again.output()).toContain(
        'ToolNotRun: The tool refund was not run, because its arguments were changed',
      );
      expect(again.output()).not.toMatch(/^refunded/m);
      expect(countCards(world)).toBe(1);
    });

    test(
      'runs nothing of a file of another crew, and goes on with one that names no crew',
      SLOW,
      async () => {
        const world = await start();
        const path = join(world.folder, `${RUN}.json`);
        const first = world.start();
        const card = await asks(world, amount);
        await expect.poll(() => JSON.parse(readFileSync(path, 'utf8')).isAccepted).toBe(true);
        await first.kill();
        const { content, ...head } = JSON.parse(readFileSync(path, 'utf8'));
        expect(head).toEqual({ bot: world.bot.url, crew: 'payments', isAccepted: true });
        writeFileSync(path, JSON.stringify({ ...head, crew: 'press', content }));
        const other = world.start();
        await other.ended;
        expect(other.output()).toContain(
          `ToolNotRun: No tool was run: ${RUN}.json belongs to the crew press.`,
        );
        // As a build before this rule wrote it.
        writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
        const again = world.start();
        await choose(world, card, 1);
        await again.ended;
        expect(again.output()).toMatch(ran);
        expect(other.output()).not.toMatch(ran);
        expect(countCards(world)).toBe(1);
      },
    );

    test('asks again about a call that was allowed and may have run before a kill', SLOW, async () => {
      let isSilent = !hasStore;
      const world = await start(() => isSilent);
      const path = join(world.folder, `${RUN}.json`);
      const first = world.start();
      const card = await asks(world, amount);
      const stored = readFileSync(path, 'utf8');
      await choose(world, card, 1);
      if (hasStore) {
        await first.ended;
        expect(first.output()).toMatch(ran);
        // As if it had been killed before its end.
        writeFileSync(path, stored);
      } else {
        await first.writes(ran);
        await first.kill();
        isSilent = false;
      }
      const again = world.start();
      const second = await sees(
        world.workspace,
        'the second card',
        ({ all, buttons }) => all.includes('it may have run already') && buttons.length > 0,
      );
      await choose(world, second, 2);
      await again.ended;
      expect(again.output()).not.toMatch(ran);
    });
  });

describeFramework('langgraph')('a graph of LangGraph', () => {
  test('of examples gets the answer after kills of the program and of the bot', SLOW, async () => {
    const world = await startAsking(withPython('langgraph', 'payments.py').run);
    const first = world.start();
    const card = await asks(world, 'Pay 900 EUR to ACME?');
    await first.kill();
    await world.bot.kill();
    await world.bot.restart();
    const again = world.start();
    await choose(world, card, 1);
    await again.ended;
    expect(again.output()).toContain('pay by UANA:');
    const third = world.start();
    await third.ended;
    expect(third.output()).toContain('pay by UANA:');
    expect(countCards(world)).toBe(1);
  });

  test(
    'runs the calls that its middleware stopped as people decided on each, after a kill',
    SLOW,
    async () => {
      const world = await startAsking((how) => runOwn('langgraph', REVIEWED, how));
      const first = world.start('first');
      const seven = await asks(world, 'order\nseven');
      const eight = await asks(world, 'order\neight');
      await first.kill();
      await choose(world, seven, 1);
      const again = world.start('again');
      await blockWithReason(world, eight, 'Wrong amount');
      await again.ended;
      expect(again.output()).toMatch(/^refunded seven 25$/m);
      expect(again.output()).not.toMatch(/^refunded eight/m);
      expect(again.output()).toContain(NOT_RUN);
      expect(countCards(world)).toBe(2);
    },
  );
});
