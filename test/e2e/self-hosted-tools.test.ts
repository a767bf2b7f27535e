import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { scaleLimit } from '../support/limits.ts';
import { clickOn } from '../support/process-steps.ts';
import {
  describeCrewAI,
  HOSTED,
  MIDDLE,
  NEWEST,
  OLDEST_FOR_FLOWS,
  OLDEST_FOR_TASKS,
  type Program,
  pythonOf,
  runExample,
  startModel,
  startProgram,
} from '../support/self-hosted.ts';
import { share } from '../support/shared.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { type Shown, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

const SLOW = { timeout: scaleLimit(120_000) };
const MAIL = 'send_e_mail';
const DELETE = 'delete_file';
const NOT_RUN = 'The tool was not run: a person blocked this call (Slack user UANA)';
const BY_HOOK = 'blocked by hook';
const PATHS = [true, false];

interface Hosted extends World {
  program: Program;
  bot: SpawnedBot;
  /** The program again, after a kill. */
  startAgain(): Promise<Hosted>;
}

/** A program with agents that call gated tools, and a bot of its own. */
async function startTools(version: string): Promise<Hosted> {
  const world = await startWorld();
  const bot = await spawnBot(world, HOSTED);
  const startAgain = async (): Promise<Hosted> => {
    const program = await startProgram('tools_program', version, { world, botUrl: bot.url });
    return { ...world, program, bot, startAgain };
  };
  return startAgain();
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
  how?: 'kickoff' | 'akickoff' | 'agent';
  reasoning?: boolean;
  at_once?: boolean;
}

type Calls = [tool: string, input: object | string][];

/** Runs an agent that makes these calls; gives what it has read when it is done. */
function runAgent(world: Hosted, calls: Calls, how: Run) {
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

const isOpen = ({ buttons }: Shown) => buttons.includes('Block');
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

    test('do not run on any path when the gate refuses a call', SLOW, async () => {
      const world = started();
      command(world, 'add_hook');
      const calls: Calls = [
        ['pay', '{"amount": NaN}'],
        [DELETE, { path: '/refused' }],
      ];
      const paths = PATHS.flatMap((native) =>
        (['kickoff', 'akickoff'] as const).flatMap((how) =>
          [true, false].map((reasoning) => ({ native, how, reasoning })),
        ),
      );
      for (const read of paths.map((path) => runAgent(world, calls, path))) {
        const said = await read();
        expect(said).toContain('arguments.amount cannot be shown exactly: it is nan');
        expect(said).toContain(BY_HOOK);
      }
      await expect.poll(world.program.output).toContain('runs after the gate');
      expect(world.program.journal()).toEqual([]);
      expect(shown(world.workspace)).toEqual([]);
      command(world, 'remove_hook');
    });

    test(
      'run with what the card showed after a click, on both paths, and not after a block',
      SLOW,
      async () => {
        const world = started();
        const text = '"\u202eevil\u202c" \u200b é 😀 \u0007';
        const more = { n: [1, 2.5, true, null, '12345678901234567890'] };
        const mailed = PATHS.map((native) => {
          const of = native ? 'native' : 'react';
          // On the ReAct path, CrewAI itself answers a call that is the same as the one before.
          const first = { to: `second-${of}`, text, more: native ? more : {} };
          const calls: Calls = [
            [MAIL, first],
            [MAIL, { to: `second-${of}`, text, more }],
            [DELETE, { path: `/third/${of}` }],
          ];
          return { of, native, read: runAgent(world, calls, { native }) };
        });
        for (const { of } of mailed) {
          const mail = await asks(world, `second-${of}`);
          expect(mail.all).toContain('Send E-Mail');
          await block(world, mail);
          await settled(world, mail, 'Block');
        }
        for (const { of } of mailed) {
          const mail = await asks(world, `second-${of}`);
          command(world, 'change', { of: `second-${of}` });
          await allow(world, mail);
        }
        for (const { of, native } of mailed) {
          const file = await asks(world, `/third/${of}`);
          // The hook cannot keep others from changing the arguments, so it refuses the call then.
          if (native) command(world, 'change', { of: `/third/${of}` });
          await allow(world, file);
        }
        for (const { of, native, read } of mailed) {
          const said = await read();
          for (const words of [NOT_RUN, 'done: mail', native ? BY_HOOK : 'done: delete'])
            expect(said).toContain(words);
          expect(ran(world, `second-${of}`).map((one) => JSON.parse(one.text))).toEqual([
            { to: `second-${of}`, text, more },
          ]);
          expect(ran(world, `/third/${of}`)).toHaveLength(native ? 0 : 1);
        }
        expect(ran(world, 'changed')).toEqual([]);
      },
    );

    if (version === NEWEST) testFaults(started);
  });

/** What does not depend on the release of the package. */
function testFaults(started: () => Hosted): void {
  test('are asked about one by one when they are called at once', SLOW, async () => {
    const world = started();
    const calls: Calls = [
      [MAIL, { to: 'one-of-two' }],
      [MAIL, { to: 'two-of-two' }],
    ];
    const read = runAgent(world, calls, { native: true, at_once: true });
    const first = await asks(world, 'one-of-two');
    const second = await asks(world, 'two-of-two');
    await block(world, first);
    await allow(world, second);
    const said = await read();
    for (const words of [NOT_RUN, 'done: mail']) expect(said).toContain(words);
    expect(ran(world, '-of-two').map((one) => JSON.parse(one.text).to)).toEqual(['two-of-two']);
  });

  test('do not run with arguments that a card cannot show', SLOW, async () => {
    const world = started();
    for (const [data, reason] of [
      ['bytes', 'it is of the type bytes'],
      ['object', 'it is of the type object'],
      ['key', 'it has a key of the type int'],
      ['half', 'it has half of a surrogate pair'],
      ['long', 'the arguments are larger than 1 MiB'],
    ] as const)
      expect(await callTool(world, data)()).toMatch(
        new RegExp(`^raised ToolNotRun: The tool upload was not run.*${reason}`),
      );
    expect(ran(world, '"data"')).toEqual([]);
    const read = callTool(world, 'date', 'async');
    await allow(world, await asks(world, '2026-01-02'));
    expect(await read()).toBe('done: async upload');
    const large = runAgent(world, [[MAIL, { to: 'large', text: 'x'.repeat(100_000) }]], { native: true });
    await block(world, await asks(world, 'large'));
    expect(await large()).toContain(NOT_RUN);
    expect(ran(world, 'large')).toEqual([]);
  });

  test('are allowed for the rest of a run only with the people that were shown', SLOW, async () => {
    const world = started();
    const calls: Calls = ['guest-ana', 'guest-bob'].map((name) => ['invite', { people: [name] }]);
    const read = runAgent(world, calls, { native: true });
    const first = await asks(world, 'guest-ana');
    await clickOn(world, first.ts, 'choose_3');
    await settled(world, first, 'Allow the same call again in this run');
    await block(world, await asks(world, 'guest-bob'));
    expect(await read()).toContain(NOT_RUN);
    expect(ran(world, 'guest').map((one) => JSON.parse(one.text))).toEqual([{ people: ['guest-ana'] }]);
  });

  test('are asked about again when CrewAI calls a tool again that failed', SLOW, async () => {
    const world = started();
    const read = runAgent(world, [[MAIL, { to: 'nobody' }]], { native: false });
    const first = await asks(world, 'nobody');
    await allow(world, first);
    await settled(world, first, 'Allow');
    await block(world, await asks(world, 'nobody'));
    expect(await read()).toContain(NOT_RUN);
  });

  test('are shown with the arguments that hooks before the gate made', SLOW, async () => {
    const world = started();
    command(world, 'add_hook');
    command(world, 'gate_by_name');
    const read = runAgent(world, [[DELETE, { path: '/as/written' }]], { native: true });
    await block(world, await asks(world, '/changed/by/a/hook'));
    expect(await read()).toContain(BY_HOOK);
    command(world, 'remove_hook');
  });

  test('do not run while the store cannot be written, and the agent reads why', SLOW, async () => {
    const world = started();
    const waiting = runAgent(world, [[MAIL, { to: 'lost-store' }]], { native: true });
    const card = await asks(world, 'lost-store');
    command(world, 'limit', { size: 0 });
    const asked = runAgent(world, [[MAIL, { to: 'never-asked' }]], { native: true, how: 'agent' });
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

  test(
    'do not run once their program was killed or stopped, and wait while the bot is down',
    SLOW,
    async () => {
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

      // A bot that was killed is waited for.
      const before = runAgent(again, [[MAIL, { to: 'before-kill' }]], { native: true });
      const waits = await asks(world, 'before-kill');
      await world.bot.kill();
      const meanwhile = runAgent(again, [[MAIL, { to: 'while-down' }]], { native: false });
      await again.program.writes(/questions.* failed: .*retrying/);
      await world.bot.restart();
      await allow(world, waits);
      await allow(world, await asks(world, 'while-down'));
      expect(await before()).toContain('done: mail');
      expect(await meanwhile()).toContain('done: mail');

      const stopped = runAgent(again, [[MAIL, { to: 'stopped' }]], { native: true });
      await asks(world, 'stopped');
      command(again, 'stop');
      expect(await stopped()).toContain('nobody could be asked: Stopped: CrewApprovals was stopped');
      expect(ran(again, 'stopped')).toEqual([]);
    },
  );
}

describeCrewAI(OLDEST_FOR_FLOWS)(
  `crewai ${OLDEST_FOR_FLOWS}, which does not call hooks for every tool`,
  () => {
    test('is refused in one sentence', SLOW, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const lines = [
        'from crew_approvals import CrewApprovals',
        `approvals = CrewApprovals('http://127.0.0.1:9', 'press', 'secret', db='${join(folder, 'db')}')`,
        'for gate in (approvals.gate, approvals.gate_by_name):',
        '    try:',
        "        gate(['x'])",
        '    except RuntimeError as error:',
        '        print(error)',
      ];
      const env = { PYTHONPATH: join('src', 'python'), CREWAI_DISABLE_TELEMETRY: 'true', HOME: folder };
      const python = promisify(execFile)(pythonOf(OLDEST_FOR_FLOWS), ['-c', lines.join('\n')], { env });
      const sentence =
        'the installed crewai has no hooks for every call of a tool: install crewai 1.10.1 or newer';
      expect((await python).stdout).toBe(`${sentence}\n${sentence}\n`);
    });
  },
);

describeCrewAI(NEWEST)('the program of docs/tools.md', () => {
  test('runs as it is printed there', SLOW, async () => {
    const world = await startWorld();
    const { url } = await startBot(world, HOSTED);
    const input = { to: 'ana@example.com', text: 'Thank you.' };
    const { env, asked } = await startModel('It was sent.', { name: MAIL, input });
    const program = runExample('crewai-tools/mailer.py', NEWEST, { world, botUrl: url, env });
    const card = await asks(world, 'ana@example.com');
    expect(program.output()).not.toContain('sent to');
    await allow(world, card);
    await program.writes(/^sent to ana@example.com$/m);
    await program.writes(/It was sent\./);
    expect(asked.at(-1)).toContain('sent to ana@example.com');
  });
});

describeCrewAI(NEWEST)('the program of docs/human-input.md', () => {
  const REFUND = { name: 'refund', input: { order: '7', amount: 25 } };
  const GATE = /^clerk = .*approvals\.gate.*$/m;

  async function startRefunds(change = (program: string) => program) {
    const world = await startWorld();
    const { url } = await startBot(world, HOSTED);
    const { env } = await startModel('It was handled.', REFUND);
    return {
      world,
      program: runExample('crewai-tools/refunds.py', NEWEST, { world, botUrl: url, env, change }),
    };
  }
  const reviews = ({ workspace }: World) =>
    sees(workspace, 'the review', ({ all }) => all.includes('It was handled.'));

  test('has run its tool when the review of its task appears', SLOW, async () => {
    const { world, program } = await startRefunds();
    await reviews(world);
    expect(program.output()).toMatch(/^refunded 7 25$/m);
    expect(shown(world.workspace)).toHaveLength(1);
  });

  test(
    'does not run its tool before it is allowed, with the line that is printed for that',
    SLOW,
    async () => {
      const [line = ''] = GATE.exec(readFileSync('docs/human-input.md', 'utf8')) ?? [];
      const { world, program } = await startRefunds((text) => text.replace(/^clerk = .*$/m, line));
      await block(world, await asks(world, 'amount'));
      await reviews(world);
      expect(program.output()).not.toContain('refunded');
    },
  );
});
