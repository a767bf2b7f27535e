import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { BUILT } from '../support/build.ts';
import { build, checkout } from '../support/checkout.ts';
import { run, runToEnd } from '../support/spawn-bot.ts';
import { SECRET, startWorld } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What `npm pack` makes of a checkout with its build, and where it lies. */
function pack(): { files: string[]; archive: string } {
  const folder = checkout();
  for (const name of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'SECURITY.md',
    'crews.example.yml',
    '.env.example',
    'docs',
    'test',
  ])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  build(folder);
  const args = ['pack', '--json', '--ignore-scripts', '--offline'];
  const [packed] = JSON.parse(
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as [{ filename: string; files: { path: string }[] }];
  return { files: packed.files.map(({ path }) => path), archive: join(folder, packed.filename) };
}

test.runIf(process.env.CI)(
  'the package has all that it needs to run and nothing else, and starts from a bare folder',
  async () => {
    const { files, archive } = pack();
    for (const needed of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'SECURITY.md',
      'manifest.yml',
      'crews.example.yml',
      '.env.example',
      'docs/configuration.md',
      'src/start.mjs',
      'dist/main.js',
      'dist/cli/doctor/doctor.js',
      'dist/cli/export.js',
      'dist/cli/backup.js',
      'dist/built-from',
      'dist/sandbox/demo.js',
    ]) {
      expect(files).toContain(needed);
    }
    expect(files.filter((path) => /(^|\/)test\/|\.test\.|node_modules|\.db|(^|\/)\.env$/.test(path))).toEqual(
      [],
    );
    expect(files.filter((path) => path.startsWith('src/'))).toEqual(['src/start.mjs']);

    const bare = mkdtempSync(join(tmpdir(), 'crew-approvals-bare-'));
    onTestFinished(() => rmSync(bare, { recursive: true, force: true }));
    const installed = join(bare, 'node_modules', 'crew-approvals');
    mkdirSync(join(bare, 'node_modules', '.bin'), { recursive: true });
    mkdirSync(installed);
    execFileSync('tar', ['xzf', archive, '--strip-components=1', '-C', installed]);
    symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
    const bin = join(bare, 'node_modules', '.bin', 'crew-approvals');
    symlinkSync('../crew-approvals/src/start.mjs', bin);
    const world = await startWorld();
    const bot = run(bin, { ...world.settings, STORE_URL: 'sqlite://data/approvals.db' }, { cwd: bare });
    const { port } = await bot.logs('ready', ({ msg }) => msg === 'ready');
    expect((await axios.get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    const unknown = run(bin, {}, { cwd: bare, args: ['approve'] });
    expect(await unknown.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Unknown command "approve": /),
    });
  },
  60_000,
);

test('a bot that would check no certificates does not start', async () => {
  const world = await startWorld();
  const settings = { ...world.settings, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const { code, stderr } = await runToEnd(settings, world.folder);
  expect(code).toBe(1);
  expect(stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED disables certificate checks');
});

test('a bot whose log nobody reads any more works, and ends on SIGTERM', async () => {
  const world = await startWorld();
  const settings = { ...world.settings, LOG_LEVEL: 'trace' };
  const child = spawn(process.execPath, [join(BUILT, 'main.js')], {
    cwd: world.folder,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ready = await new Promise<string>((resolve) => {
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      seen += String(chunk);
      const line = seen.split('\n').find((one) => one.includes('"msg":"ready"') && one.endsWith('}'));
      if (line) resolve(line);
    });
  });
  const { port } = JSON.parse(ready) as { port: number };
  child.stdout.destroy();
  const url = `http://127.0.0.1:${port}/webhooks/press/task?token=${SECRET}`;
  for (let number = 0; number < 5; number += 1) {
    const body = { name: 'draft', output: 'Hello', kickoff_id: `run-${number}` };
    expect((await axios.post(url, body)).status).toBe(202);
  }
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 30_000);
