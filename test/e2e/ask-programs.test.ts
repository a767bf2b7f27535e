import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { BUILT } from '../support/build.ts';
import { clickOn } from '../support/process-steps.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-programs';

/** Programs of examples/deploy. */
const PROGRAMS = [
  { file: 'ask.sh', run: 'bash ask.sh && cat answer.json', button: 'choose_2', says: '"option":"hold"' },
  { file: 'ask.py', run: 'python3 ask.py', button: 'approve', says: 'approve' },
  { file: 'ask.mjs', run: 'node ask.mjs', button: 'choose_1', says: 'Shipping' },
];

/** As npm does, with the build of this run. */
function installPackage(folder: string): void {
  const installed = join(folder, 'node_modules', 'crew-approvals');
  mkdirSync(installed, { recursive: true });
  symlinkSync(BUILT, join(installed, 'dist'));
  symlinkSync(join(process.cwd(), 'package.json'), join(installed, 'package.json'));
}

/** Runs a program with the Python package, and a bot of its own. */
async function runPython(path: string, crew: string) {
  const file = basename(path);
  const world = await startWorld();
  const bot = await startBot(world, { ASK_SECRET, CREW_NAME: crew });
  cpSync(join('examples', path), join(world.folder, file));
  const program = spawn('python3', [file], {
    cwd: world.folder,
    env: {
      ...process.env,
      ASK_SECRET,
      BOT_URL: `http://127.0.0.1:${bot.port}`,
      PYTHONPATH: join(process.cwd(), 'src', 'python'),
    },
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  let said = '';
  for (const stream of [program.stdout, program.stderr]) stream.on('data', (part) => (said += part));
  const ended = new Promise<number | null>((resolve) => program.once('close', resolve));
  return { world, ended, said: () => said };
}

test('examples/dataclass asks for its fields, and gets an instance', async () => {
  const { world, ended, said } = await runPython('dataclass/pay.py', 'deploys');
  const card = await sees(world.workspace, 'the question', ({ all }) =>
    all.includes('Approve asks for: amount'),
  );
  await clickOn(world, card.ts, 'approve_with_text');
  await world.workspace.changed(() => world.workspace.openView('UANA') !== undefined, { what: 'the form' });
  await world.workspace.submitForm({ user: 'UANA', answers: { amount: '1200.5', account: 'giro' } });
  expect(await ended, said()).toBe(0);
  expect(said()).toContain("approve Payment(amount=1200.5, account='giro', note=None)");
});

test.each([
  ['choose_1', /^sent to ana@example\.com\nsent to ana@example\.com\n$/],
  ['choose_2', /^A person blocked this call\. Reason: none\n$/],
])('examples/decorator asks before the call (%s)', async (button, says) => {
  const { world, ended, said } = await runPython('decorator/mail.py', 'press');
  const card = await sees(world.workspace, 'the call', ({ all }) => all.includes('ana@example.com'));
  expect(said()).toBe('');
  await clickOn(world, card.ts, button);
  expect(await ended, said()).toBe(0);
  expect(said()).toMatch(says);
});

test.each(PROGRAMS)('examples/deploy/$file asks and gets its answer', async ({ file, run, button, says }) => {
  const world = await startWorld();
  const bot = await startBot(world, { ASK_SECRET, CREW_NAME: 'deploys' });
  cpSync(join('examples', 'deploy', file), join(world.folder, file));
  installPackage(world.folder);
  const program = spawn('bash', ['-c', run], {
    cwd: world.folder,
    env: { ...process.env, ASK_SECRET, BOT_URL: bot.url, CREW_NAME: 'deploys' },
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  let said = '';
  for (const stream of [program.stdout, program.stderr]) stream.on('data', (part) => (said += part));
  const ended = new Promise<number | null>((resolve) => program.once('close', resolve));
  const card = await sees(world.workspace, 'the question', ({ all }) => all.includes('Ship build 42?'));
  await clickOn(world, card.ts, button);
  expect(await ended, said).toBe(0);
  expect(said).toContain(says);
  expect(said).toContain('UANA');
  await sees(world.workspace, 'fetched', ({ all }) => all.includes(texts.state.received()));
});
