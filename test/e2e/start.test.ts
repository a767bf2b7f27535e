import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { BUILT } from '../support/build.ts';
import { build, checkout } from '../support/checkout.ts';
import { run } from '../support/spawn-bot.ts';
import { startWorld } from '../support/world.ts';

const start = (folder: string, settings: Record<string, string> = {}, args: string[] = []) =>
  run(join(folder, 'src', 'start.mjs'), settings, { cwd: folder, args });

const MISSING = 'The bot is not built: run `npm ci` (or `npm run build`) first.\n';
const OLDER = 'The build is older than the source: run `npm ci` (or `npm run build`) first.\n';

describe('npm start', () => {
  test('says that the build is missing, exit code 1, and builds nothing', async () => {
    const folder = checkout();
    expect(await start(folder).ended).toMatchObject({ code: 1, stdout: '', stderr: MISSING });
    expect(existsSync(join(folder, 'dist'))).toBe(false);
  });

  test('says that the build is missing when only half of it is there', async () => {
    const folder = checkout();
    build(folder);
    rmSync(join(folder, 'dist', 'main.js'));
    expect(await start(folder).ended).toMatchObject({ code: 1, stderr: MISSING });
    const other = checkout();
    cpSync(BUILT, join(other, 'dist'), { recursive: true });
    rmSync(join(other, 'dist', 'built-from'), { force: true });
    expect(await start(other).ended).toMatchObject({ code: 1, stderr: MISSING });
  });

  const edits: Record<string, (src: string) => void> = {
    'a file was changed': (src) => appendFileSync(join(src, 'app.ts'), '\n// changed\n'),
    'a file was added': (src) => {
      mkdirSync(join(src, 'new'));
      writeFileSync(join(src, 'new', 'file.ts'), '');
    },
    'a file was removed': (src) => rmSync(join(src, 'lib', 'errors.ts')),
    'a file was renamed': (src) => {
      cpSync(join(src, 'lib', 'log.ts'), join(src, 'lib', 'logs.ts'));
      rmSync(join(src, 'lib', 'log.ts'));
    },
  };

  test.each(Object.entries(edits))('says that the build is older than the source: %s', async (_, edit) => {
    const folder = checkout();
    build(folder);
    const check = () => start(folder, {}, ['--check-build']).ended;
    expect(await check()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    edit(join(folder, 'src'));
    expect(await check()).toMatchObject({ code: 1, stdout: '', stderr: OLDER });
    expect(await start(folder).ended).toMatchObject({ code: 1, stdout: '', stderr: OLDER });
  });

  test.each(['--help', '-h', 'help'])(
    '%s says how it is called and what each command does',
    async (option) => {
      const { code, stdout } = await start(checkout(), {}, [option]).ended;
      expect(code).toBe(0);
      expect(stdout).toMatch(/^usage: crew-approvals \[command\] \[options\]\n/);
      const commands = [...stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
      expect(commands).toEqual(['start', 'init', 'doctor', 'demo', 'gallery', 'export', 'backup', 'help']);
    },
  );

  test.each(['--version', '-v', 'version'])(
    '%s says which version it is, without a build',
    async (option) => {
      const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
      expect(await start(checkout(), {}, [option]).ended).toMatchObject({ code: 0, stdout: `${version}\n` });
    },
  );

  test('says what to do when a package is missing, or is not for this machine', async () => {
    const folder = checkout();
    build(folder);
    rmSync(join(folder, 'node_modules'));
    const missing = await start(folder).ended;
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^A package is missing or is not for .*: run `npm ci` again\. \(.*\)\n$/);
  });

  test('starts from a folder whose name a URL would cut', async () => {
    const folder = join(checkout(), 'a#b %41 ?c');
    mkdirSync(folder);
    for (const name of ['src', 'package.json', 'node_modules'])
      cpSync(join(folder, '..', name), join(folder, name), { recursive: true });
    build(folder);
    const { stdout } = await start(folder, {}, ['export', '--help']).ended;
    expect(stdout).toContain('npx crew-approvals export');
  });

  test('says that the demo and the gallery are not part of the image', async () => {
    const folder = checkout();
    build(folder);
    for (const name of readdirSync(join(folder, 'src')))
      if (name !== 'start.mjs') rmSync(join(folder, 'src', name), { recursive: true });
    rmSync(join(folder, 'dist', 'sandbox'), { recursive: true });
    for (const command of ['demo', 'gallery'])
      expect(await start(folder, {}, [command]).ended).toMatchObject({
        code: 1,
        stderr: `The ${command} is not part of the image: run it from a clone or from the npm package.\n`,
      });
  });

  test('starts what is built, from any working directory, and passes its exit code on', async () => {
    const world = await startWorld();
    const folder = checkout();
    build(folder);
    const bot = run(join(folder, 'src', 'start.mjs'), world.settings, { cwd: world.folder });
    const { port } = await bot.logs('ready', ({ msg }) => msg === 'ready');
    expect((await axios.get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null });

    const wrong = await start(folder, { PORT: 'http' }).ended;
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Invalid configuration:');
  });

  test('starts the part that is named, with its own options', async () => {
    const world = await startWorld();
    const folder = checkout();
    await build(folder);
    const bot = start(folder, world.settings);
    await bot.logs('ready', ({ msg }) => msg === 'ready');
    const options = ['export', '--since', '2026-01-01', '--format', 'csv'];
    expect(await start(folder, world.settings, options).ended).toMatchObject({
      code: 0,
      stdout: 'time,approval,crew,execution,task,round,what,by,origin,detail,text\n',
      stderr: '',
    });
  });

  test('starts several bots from one folder at once', async () => {
    const worlds = await Promise.all([startWorld(), startWorld()]);
    const folder = checkout();
    build(folder);
    const bots = worlds.map((world) => start(folder, world.settings));
    const ports = await Promise.all(bots.map((bot) => bot.logs('ready', ({ msg }) => msg === 'ready')));
    expect(new Set(ports.map(({ port }) => port)).size).toBe(2);
  });

  test('reads the .env of the working directory, and the environment wins', async () => {
    const world = await startWorld();
    const folder = checkout();
    build(folder);
    const lines = Object.entries({ ...world.settings, LOG_LEVEL: 'silent' }).map(
      ([name, value]) => `${name}="${value}"`,
    );
    writeFileSync(join(folder, '.env'), lines.join('\n'));
    const bot = start(folder, { LOG_LEVEL: 'info' });
    await bot.logs('ready', ({ msg }) => msg === 'ready');
  });
});
