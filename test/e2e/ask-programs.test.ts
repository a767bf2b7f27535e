import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn } from '../support/process-steps.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-programs';
const DOCUMENT = readFileSync('docs/ask.md', 'utf8');

/** A program of the document, as a file that a shell runs. */
const PROGRAMS: Record<string, { block: RegExp; file: string; run: string; button: string }> = {
  curl: {
    block: /```sh\n(set -eu[\s\S]*?)```/,
    file: 'ask.sh',
    run: 'bash ask.sh && cat answer.json',
    button: 'choose_2',
  },
  Python: { block: /```python\n([\s\S]*?)```/, file: 'ask.py', run: 'python3 ask.py', button: 'approve' },
  JavaScript: { block: /```js\n([\s\S]*?)```/, file: 'ask.mjs', run: 'node ask.mjs', button: 'approve' },
};

test.each(Object.entries(PROGRAMS))(
  'the program of docs/ask.md in %s asks and gets its answer',
  async (_, { block, file, run, button }) => {
    const world = await startWorld();
    const bot = await startBot(world, { ASK_SECRET, CREW_NAME: 'deploys' });
    const code = (block.exec(DOCUMENT)?.[1] ?? '').replaceAll(
      'http://localhost:3000',
      `http://127.0.0.1:${bot.port}`,
    );
    writeFileSync(join(world.folder, file), code);
    const program = spawn('bash', ['-c', run], {
      cwd: world.folder,
      env: { ...process.env, ASK_SECRET },
    });
    onTestFinished(() => void program.kill('SIGKILL'));
    let said = '';
    for (const stream of [program.stdout, program.stderr]) stream.on('data', (part) => (said += part));
    const ended = new Promise<number | null>((resolve) => program.once('exit', resolve));
    const card = await sees(world.workspace, 'the question', ({ all }) => all.includes('Ship build 42?'));
    await clickOn(world, card.ts, button);
    expect(await ended, said).toBe(0);
    expect(said).toContain(button === 'approve' ? 'approve' : '"option":"hold"');
    expect(said).toContain('UANA');
    await sees(world.workspace, 'fetched', ({ all }) => all.includes(texts.card.received()));
  },
);

test('the program of docs/langgraph.md shows what the bot says of a question that it rejects', async () => {
  const world = await startWorld();
  const { url } = await startBot(world, { ASK_SECRET, CREW_NAME: 'payments' });
  const [, printed = ''] = /```python\n([\s\S]*?)```/.exec(readFileSync('docs/langgraph.md', 'utf8')) ?? [];
  const [asking = ''] = printed.replaceAll(/^from langgraph.*\n/gm, '').split('\n\nclass Payment');
  expect(asking).toContain('def ask(key, question):');
  const program = promisify(execFile)('python3', ['-c', `${asking}\nask("order-7", {"text": "900 EUR"})\n`], {
    env: { ...process.env, BOT_URL: url, ASK_SECRET },
  });
  await expect(program).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^[^\n]*title[^\n]*\n$/),
  });
});
