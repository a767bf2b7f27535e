import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { BUILT } from '../support/build.ts';
import { clickOn } from '../support/process-steps.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-programs';
const REFERENCE = readFileSync('docs/questions.md', 'utf8');

/** A program of a document, as a file that a shell runs. */
interface Printed {
  document: string;
  block: RegExp;
  file: string;
  run: string;
  button: string;
  says: string;
}
const PROGRAMS: Printed[] = [
  {
    document: 'docs/ask.md',
    block: /```sh\n(set -eu[\s\S]*?)```/,
    file: 'ask.sh',
    run: 'bash ask.sh && cat answer.json',
    button: 'choose_2',
    says: '"option":"hold"',
  },
  {
    document: 'docs/ask.md',
    block: /```python\n([\s\S]*?)```/,
    file: 'ask.py',
    run: 'python3 ask.py',
    button: 'approve',
    says: 'approve',
  },
  {
    document: 'docs/ask.md',
    block: /```js\n([\s\S]*?)```/,
    file: 'ask.mjs',
    run: 'node ask.mjs',
    button: 'approve',
    says: 'approve',
  },
  {
    document: 'README.md',
    block: /```js\n([\s\S]*?)```/,
    file: 'ask.mjs',
    run: 'node ask.mjs',
    button: 'choose_1',
    says: 'Shipping',
  },
];

/** As npm does, with the build of this run. */
function installPackage(folder: string): void {
  const installed = join(folder, 'node_modules', 'crew-approvals');
  mkdirSync(installed, { recursive: true });
  symlinkSync(BUILT, join(installed, 'dist'));
  symlinkSync(join(process.cwd(), 'package.json'), join(installed, 'package.json'));
}

/** Runs a program with the Python package, and a bot of its own. */
async function runPython(file: string, code: string) {
  const world = await startWorld();
  const bot = await startBot(world, { ASK_SECRET, CREW_NAME: 'press' });
  writeFileSync(join(world.folder, file), code);
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

test('the program of docs/questions.md that asks for a dataclass gets an instance of it', async () => {
  const code = /```python\n([^`]*@dataclass[\s\S]*?)```/.exec(REFERENCE)?.[1] ?? '';
  const { world, ended, said } = await runPython('pay.py', code.replace('crew="deploys"', 'crew="press"'));
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
])('the decorator of docs/from-humanlayer.md asks first (%s)', async (button, says) => {
  const code = /```python\n([\s\S]*?)```/.exec(readFileSync('docs/from-humanlayer.md', 'utf8'))?.[1] ?? '';
  const { world, ended, said } = await runPython('mail.py', code);
  const card = await sees(world.workspace, 'the call', ({ all }) => all.includes('ana@example.com'));
  expect(said()).toBe('');
  await clickOn(world, card.ts, button);
  expect(await ended, said()).toBe(0);
  expect(said()).toMatch(says);
});

test.each(PROGRAMS)(
  'the program of $document, $file, asks and gets its answer',
  async ({ document, block, file, run, button, says }) => {
    const world = await startWorld();
    const bot = await startBot(world, { ASK_SECRET, CREW_NAME: 'deploys' });
    const code = (block.exec(readFileSync(document, 'utf8'))?.[1] ?? '').replaceAll(
      'http://localhost:3000',
      `http://127.0.0.1:${bot.port}`,
    );
    writeFileSync(join(world.folder, file), code);
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
  },
);
