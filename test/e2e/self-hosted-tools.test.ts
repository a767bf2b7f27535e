import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clickOn } from '../support/process-steps.ts';
import {
  describeCrewAI,
  HOSTED,
  LOSES_FEEDBACK,
  MIDDLE,
  NEWEST,
  OLDEST_FOR_TASKS,
  type Program,
  startProgram,
} from '../support/self-hosted.ts';
import { atEnd, share } from '../support/shared.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

const SLOW = { timeout: 120_000 };
const MAIL = 'send_e_mail';
const DELETE = 'delete_file';
const NOT_RUN = 'The tool was not run: a person blocked this call (Slack user UANA)';
const BY_HOOK = 'blocked by hook';
const PATHS = [true, false];

interface Hosted extends World {
  program: Program;
}

/** A program with agents that call gated tools, and a bot of its own. */
async function startTools(version: string): Promise<Hosted> {
  const world = await startWorld();
  const { url } = await startBot(world, HOSTED);
  return { ...world, program: await startProgram('tools_program', version, { world, botUrl: url }) };
}

let runs = 0;
const command = ({ program }: Hosted, name: string, fields: object = {}) =>
  program.send(JSON.stringify({ do: name, ...fields }));

/** What the program says of a run, once it has ended. */
async function readOf({ program }: Hosted, id: string): Promise<string> {
  await program.writes(new RegExp(`^{"id": "${id}".*}$`, 'm'));
  const line = program.output().match(new RegExp(`^{"id": "${id}".*}$`, 'm'))?.[0] ?? '';
  return JSON.parse(line).read;
}

interface Run {
  native: boolean;
  how?: 'kickoff' | 'akickoff';
  reasoning?: boolean;
  at_once?: boolean;
}

/** Runs an agent that makes these calls; gives what it has read when it is done. */
function runAgent(world: Hosted, calls: [tool: string, input: object | string][], how: Run) {
  runs += 1;
  const id = `run-${runs}`;
  const written = calls.map(([tool, input]) => [
    tool,
    typeof input === 'string' ? input : JSON.stringify(input),
  ]);
  command(world, 'run', { id, calls: written, ...how });
  return () => readOf(world, id);
}

/** Calls the tool `upload` without an agent; gives what it returned or raised. */
function callTool(world: Hosted, data: string, prefix = 'call') {
  runs += 1;
  const id = `${prefix}-${runs}`;
  command(world, 'call', { id, name: 'upload', value: data });
  return () => readOf(world, id);
}

const isOpen = ({ buttons }: Shown) => buttons.includes('Allow');
const asks = ({ workspace }: World, words: string) =>
  sees(workspace, words, (message) => message.all.includes(words) && isOpen(message));
const allow = (world: World, { ts }: Shown) => clickOn(world, ts, 'choose_1');
const block = (world: World, { ts }: Shown) => clickOn(world, ts, 'choose_2');
const settled = ({ workspace }: World, { ts }: Shown, words: string) =>
  sees(workspace, words, (message) => message.ts === ts && message.all.includes(words) && !isOpen(message));

/** What ran with these words in its arguments. */
const ran = ({ program }: Hosted, words: string) =>
  program.journal().filter(({ text }) => text.includes(words));

for (const version of [OLDEST_FOR_TASKS, MIDDLE, NEWEST])
  describeCrewAI(version)(`the tools of an agent of crewai ${version}`, () => {
    const started = share(() => startTools(version));

    test('wait for a person on every path, and a blocked one does not run', SLOW, async () => {
      const world = started();
      const paths = PATHS.flatMap((native) =>
        (['kickoff', 'akickoff'] as const).flatMap((how) =>
          [true, false].map((reasoning) => ({ native, how, reasoning })),
        ),
      );
      const waiting = paths.map((path) => {
        const name = Object.values(path).join('-');
        const calls: [string, object][] = [
          [MAIL, { to: `${name}@example.com` }],
          [DELETE, { path: `/${name}/file` }],
        ];
        return { name, read: runAgent(world, calls, path) };
      });
      for (const { name, read } of waiting) {
        const mail = await asks(world, `${name}@example.com`);
        expect(mail.all).toContain('Send E-Mail ✉️');
        await block(world, mail);
        await block(world, await asks(world, `/${name}/file`));
        const said = await read();
        expect(said).toContain(NOT_RUN);
        expect(said).toContain(BY_HOOK);
        expect(ran(world, name)).toEqual([]);
      }
    });

    test('are asked about again after a block, and run with what the card showed', SLOW, async () => {
      const world = started();
      for (const native of PATHS) {
        const of = native ? 'native' : 'react';
        const again = native ? 'first' : 'second';
        const text = `${again} ${of} "\u202eevil\u202c" \u200b é 😀 \u0007`;
        const mails: [string, object][] = [
          [MAIL, { to: 'again', text: `first ${of}` }],
          [MAIL, { to: 'again', text, more: { n: [1, 2.5, true, null, 12345678901234567890n.toString()] } }],
          [DELETE, { path: `/allowed/${of}` }],
        ];
        const read = runAgent(world, mails, { native });
        await block(world, await asks(world, `first ${of}`));
        const card = await sees(
          world.workspace,
          'next',
          (one) => isOpen(one) && one.all.includes(`${again} ${of}`),
        );
        expect(ran(world, of)).toEqual([]);
        await allow(world, card);
        await allow(world, await asks(world, `/allowed/${of}`));
        const said = await read();
        for (const words of [NOT_RUN, 'done: mail', 'done: delete']) expect(said).toContain(words);
        const calls = ran(world, of);
        expect(calls.map(({ step }) => step)).toEqual(['mail', 'delete']);
        expect(JSON.parse(calls[0]?.text ?? '')).toMatchObject({ to: 'again', text });
        await settled(world, card, 'Allow');
      }
    });

    test(
      'do not run with arguments that a card cannot show, and the agent that reads so calls again',
      SLOW,
      async () => {
        const world = started();
        for (const native of PATHS) {
          const amount = native ? 71 : 72;
          const read = runAgent(
            world,
            [
              ['pay', '{"amount": NaN}'],
              ['pay', { amount }],
            ],
            { native },
          );
          await allow(world, await asks(world, `${amount}`));
          const said = await read();
          expect(said).toContain('arguments.amount cannot be shown exactly: it is nan');
          expect(said).toContain('done: pay');
          expect(ran(world, '"amount"').map(({ text }) => text)).toContain(`{"amount": ${amount}.0}`);
          expect(ran(world, 'NaN')).toEqual([]);
        }
        const before = shown(world.workspace).length;
        for (const [data, reason] of [
          ['bytes', 'it is of the type bytes'],
          ['object', 'it is of the type object'],
          ['key', 'it is of the type dict'],
          ['half', 'surrogates not allowed'],
          ['long', 'the bot rejected the question: 413'],
        ] as const)
          expect(await callTool(world, data)()).toMatch(
            new RegExp(`^raised ToolNotRun: The tool upload was not run.*${reason}`),
          );
        expect(shown(world.workspace)).toHaveLength(before);
        expect(ran(world, '"data"')).toEqual([]);
        for (const prefix of ['call', 'async']) {
          const read = callTool(world, 'date', prefix);
          await allow(world, await asks(world, '2026-01-02'));
          expect(await read()).toBe(prefix === 'call' ? 'done: upload' : 'done: async upload');
        }
        const large = runAgent(world, [[MAIL, { to: 'large', text: 'x'.repeat(100_000) }]], { native: true });
        await block(world, await asks(world, 'large'));
        expect(await large()).toContain(NOT_RUN);
        expect(ran(world, 'large')).toEqual([]);
      },
    );

    test('do not run with arguments that are changed after the question', SLOW, async () => {
      const world = started();
      for (const native of PATHS) {
        const of = native ? 'native' : 'react';
        const read = runAgent(
          world,
          [
            [MAIL, { to: `frozen-${of}`, text: 'as shown', more: { n: 1 } }],
            [DELETE, { path: `/frozen/${of}` }],
            [DELETE, { path: `/later/${of}` }],
          ],
          { native },
        );
        const mail = await asks(world, `frozen-${of}`);
        command(world, 'change', { of: `frozen-${of}` });
        await allow(world, mail);
        const file = await asks(world, `/frozen/${of}`);
        command(world, 'change', { of: `/frozen/${of}` });
        command(world, 'add_hook');
        await allow(world, file);
        // The next call is refused too, without a question: a hook that runs later could change it.
        const said = await read();
        expect(said.split(BY_HOOK).length).toBeGreaterThanOrEqual(3);
        expect(shown(world.workspace).some(({ all }) => all.includes(`/later/${of}`))).toBe(false);
        expect(ran(world, of).map(({ text }) => JSON.parse(text))).toEqual([
          { to: `frozen-${of}`, text: 'as shown', more: { n: 1 } },
        ]);
        // The hook runs before the gate again, so the card shows what it made of the arguments.
        command(world, 'gate_by_name');
        const next = runAgent(world, [[DELETE, { path: `/next/${of}` }]], { native });
        await block(world, await asks(world, '/changed/by/a/hook'));
        expect(await next()).toContain(BY_HOOK);
        command(world, 'remove_hook');
      }
      expect(world.program.output()).toContain('runs after the gate');
      expect(ran(world, 'changed')).toEqual([]);
    });

    test('are asked about one by one when they are called at once', SLOW, async () => {
      const world = started();
      const calls: [string, object][] = [
        [MAIL, { to: 'one-of-two' }],
        [MAIL, { to: 'two-of-two' }],
      ];
      const read = runAgent(world, calls, { native: true, at_once: true });
      const first = await asks(world, 'one-of-two');
      if (version === NEWEST) await asks(world, 'two-of-two');
      await block(world, first);
      await allow(world, await asks(world, 'two-of-two'));
      const said = await read();
      for (const words of [NOT_RUN, 'done: mail']) expect(said).toContain(words);
      expect(ran(world, '-of-two').map(({ text }) => JSON.parse(text).to)).toEqual(['two-of-two']);
    });
  });

describeCrewAI(LOSES_FEEDBACK)('a tool that fails', () => {
  test('is asked about again each time that CrewAI calls it again', SLOW, async () => {
    const world = await startTools(LOSES_FEEDBACK);
    const read = runAgent(world, [[MAIL, { to: 'nobody' }]], { native: false });
    let clicked = 0;
    const clicking = setInterval(() => {
      const card = shown(world.workspace).find(isOpen);
      if (card) {
        clicked += 1;
        void allow(world, card);
      }
    }, 100);
    atEnd(() => clearInterval(clicking));
    expect(await read()).toContain('no such address');
    expect(clicked).toBeGreaterThan(1);
    expect(ran(world, 'nobody')).toEqual([]);
  });
});

describeCrewAI(NEWEST)('a gated tool of the newest package', () => {
  interface Killable extends Hosted {
    bot: SpawnedBot;
    startAgain(): Promise<Killable>;
  }
  const started = share(async (): Promise<Killable> => {
    const world = await startWorld();
    const bot = await spawnBot(world, HOSTED);
    const start = async (): Promise<Killable> => {
      const program = await startProgram('tools_program', NEWEST, { world, botUrl: bot.url });
      return { ...world, program, bot, startAgain: start };
    };
    return start();
  });

  test('waits while the bot is down, whether it was asked before or meanwhile', SLOW, async () => {
    const world = started();
    const before = runAgent(world, [[MAIL, { to: 'before-kill' }]], { native: true });
    const card = await asks(world, 'before-kill');
    await world.bot.kill();
    const meanwhile = runAgent(world, [[MAIL, { to: 'while-down' }]], { native: false });
    await world.program.writes(/questions.* failed: .*retrying/);
    await world.bot.restart();
    await allow(world, card);
    await allow(world, await asks(world, 'while-down'));
    expect(await before()).toContain('done: mail');
    expect(await meanwhile()).toContain('done: mail');
  });

  test('does not run while its store cannot be written, and the agent reads why', SLOW, async () => {
    const world = started();
    const waiting = runAgent(world, [[MAIL, { to: 'lost-store' }]], { native: true });
    const card = await asks(world, 'lost-store');
    command(world, 'limit', { size: 0 });
    const asked = runAgent(world, [[MAIL, { to: 'never-asked' }]], { native: true });
    expect(await asked()).toMatch(
      /The tool Send E-Mail ✉️ was not run, because nobody could be asked: .*Error: /,
    );
    await allow(world, card);
    await world.program.writes(/answers: OperationalError/);
    expect(ran(world, 'lost-store')).toEqual([]);
    command(world, 'limit', { size: -1 });
    expect(await waiting()).toContain('done: mail');
    expect(shown(world.workspace).some(({ all }) => all.includes('never-asked'))).toBe(false);
  });

  test('whose program was killed does not run, also if a person allows it afterwards', SLOW, async () => {
    const world = started();
    runAgent(world, [[MAIL, { to: 'killed-open' }]], { native: true });
    const open = await asks(world, 'killed-open');
    runAgent(world, [[MAIL, { to: 'killed-allowed' }]], { native: false });
    const allowed = await asks(world, 'killed-allowed');
    await world.program.kill();
    await allow(world, allowed);
    const again = await world.startAgain();
    await settled(world, open, 'withdrew this question');
    await settled(world, allowed, 'withdrew this question');
    expect(ran(again, 'killed')).toEqual([]);

    // A file that is deleted is still there for the process that has it open.
    const deleted = runAgent(again, [[MAIL, { to: 'deleted-file' }]], { native: true });
    const card = await asks(world, 'deleted-file');
    rmSync(join(world.folder, 'crew_approvals.db'));
    await allow(world, card);
    expect(await deleted()).toContain('done: mail');

    const stopped = runAgent(again, [[MAIL, { to: 'stopped' }]], { native: true });
    await asks(world, 'stopped');
    command(again, 'stop');
    expect(await stopped()).toContain('nobody could be asked: Stopped: CrewApprovals was stopped');
    expect(ran(again, 'stopped')).toEqual([]);
  });
});
