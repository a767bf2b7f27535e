import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { BUILT } from '../support/build.ts';
import { build, checkout } from '../support/checkout.ts';
import { startDemo } from '../support/demo.ts';
import { scaleLimit } from '../support/limits.ts';
import { run } from '../support/spawn-bot.ts';
import { SECRET, startWorld } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENTS = [
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'SECURITY.md',
  'crews.example.yml',
  '.env.example',
  'compose.yml',
  '.github/CONTRIBUTING.md',
  '.github/demo.png',
];
const COMMANDS = ['main', 'cli/doctor/doctor', 'cli/init/init', 'cli/export', 'cli/backup', 'sandbox/demo'];
/** The modules of the Python package. */
const CLIENT = readdirSync('src/python/crew_approvals').filter((name) => name !== '__pycache__');

/** A PATH with what npm needs to run, and without a compiler. */
function pathWithoutCompiler(folder: string): string {
  const path = join(folder, 'path');
  mkdirSync(path);
  for (const name of ['node', 'npm', 'sh', 'env'])
    symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(path, name));
  return path;
}

/** The sizes of all files in a folder, in bytes. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** What `npm pack` makes of a checkout with its build, where it lies, and its size in bytes. */
function pack(): { files: string[]; archive: string; size: number } {
  const folder = checkout();
  for (const name of [...DOCUMENTS, 'docs', 'test'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  build(folder);
  const args = ['pack', '--json', '--ignore-scripts', '--offline'];
  const [packed] = JSON.parse(
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as [{ filename: string; files: { path: string }[]; unpackedSize: number }];
  const files = packed.files.map(({ path }) => path);
  return { files, archive: join(folder, packed.filename), size: packed.unpackedSize };
}

test.runIf(process.env.CI)(
  'the package has all that it needs to run and nothing else, and starts from a bare folder without a compiler',
  async () => {
    const { files, archive, size } = pack();
    expect(size).toBeLessThanOrEqual(3_000_000);
    const built = ['built-from', ...COMMANDS.map((name) => `${name}.js`)];
    for (const needed of [
      ...DOCUMENTS,
      ...['package.json', 'manifest.yml', 'docs/configuration.md', 'src/start.mjs'],
      ...built.map((name) => `dist/${name}`),
    ])
      expect(files).toContain(needed);
    expect(
      files.filter((path) => /(^|\/)test\/|\.test\.ts|\.map$|node_modules|\.db|(^|\/)\.env$/.test(path)),
    ).toEqual([]);
    expect(files.filter((path) => path.startsWith('src/')).sort()).toEqual([
      'src/README.md',
      'src/python/LICENSE',
      'src/python/README.md',
      ...CLIENT.map((name) => `src/python/crew_approvals/${name}`),
      'src/python/pyproject.toml',
      'src/start.mjs',
    ]);

    const bare = mkdtempSync(join(tmpdir(), 'crew-approvals-bare-'));
    onTestFinished(() => rmSync(bare, { recursive: true, force: true }));
    const env = { ...process.env, PATH: pathWithoutCompiler(bare) };
    const npm = (args: string[]) =>
      execFileSync('npm', args, { cwd: bare, env, encoding: 'utf8', stdio: 'pipe' });
    npm(['install', '--no-audit', '--no-fund', archive]);
    expect(npm(['exec', '--', 'crew-approvals', '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(sizeOf(join(bare, 'node_modules')) / 1024 ** 2).toBeLessThan(80);
    const bin = join(bare, 'node_modules', '.bin', 'crew-approvals');
    const world = await startWorld();
    const bot = run(bin, { ...world.settings, STORE_URL: 'sqlite://data/approvals.db' }, { cwd: bare });
    const { port } = await bot.logs('ready', ({ msg }) => msg === 'ready');
    expect((await axios.get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    const unknown = run(bin, {}, { cwd: bare, args: ['approve'] });
    expect(await unknown.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Unknown command "approve"\.\n\nusage: crew-approvals /),
    });
    const demo = await startDemo(join(bare, 'node_modules', 'crew-approvals'));
    expect((await axios.get(demo.url)).data).toContain('#approvals');
  },
  scaleLimit(120_000),
);

test('a bot whose log has no reader works, and ends on SIGTERM', async () => {
  const { settings, folder } = await startWorld();
  const child = spawn(process.execPath, [join(BUILT, 'main.js')], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings, LOG_LEVEL: 'trace' },
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
  child.stdout.destroy();
  const url = `http://127.0.0.1:${JSON.parse(ready).port}/webhooks/press/task?token=${SECRET}`;
  for (let number = 0; number < 5; number += 1) {
    const body = { name: 'draft', output: 'Hello', kickoff_id: `run-${number}` };
    expect((await axios.post(url, body)).status).toBe(202);
  }
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
