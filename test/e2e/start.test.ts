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

const start = (folder: string, settings: Record<string, string> = {}, args: string[] = [], cwd = folder) =>
  run(join(folder, 'src', 'start.mjs'), settings, { cwd, args });
const isReady = (bot: ReturnType<typeof start>) => bot.logs('ready', ({ msg }) => msg === 'ready');

function builtCheckout(): string {
  const folder = checkout();
  build(folder);
  return folder;
}

const MISSING = 'The bot is not built: run `npm ci` (or `npm run build`) first.\n';
const OLDER = 'The build is older than the source: run `npm ci` (or `npm run build`) first.\n';

describe('npm start', () => {
  test('says that the build, or half of it, is missing, exit code 1, and builds nothing', async () => {
    const folder = checkout();
    expect(await start(folder).ended).toMatchObject({ code: 1, stdout: '', stderr: MISSING });
    expect(existsSync(join(folder, 'dist'))).toBe(false);
    cpSync(BUILT, join(folder, 'dist'), { recursive: true });
    rmSync(join(folder, 'dist', 'built-from'), { force: true });
    expect(await start(folder).ended).toMatchObject({ code: 1, stderr: MISSING });
    build(folder);
    rmSync(join(folder, 'dist', 'main.js'));
    expect(await start(folder).ended).toMatchObject({ code: 1, stderr: MISSING });
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

  test('says that the build is older than the source, whatever was edited', async () => {
    const folder = builtCheckout();
    const check = () => start(folder, {}, ['--check-build']).ended;
    for (const [what, edit] of Object.entries(edits)) {
      build(folder);
      expect(await check(), what).toMatchObject({ code: 0, stdout: '', stderr: '' });
      edit(join(folder, 'src'));
      expect(await check(), what).toMatchObject({ code: 1, stdout: '', stderr: OLDER });
    }
    expect(await start(folder).ended).toMatchObject({ code: 1, stdout: '', stderr: OLDER });
  });

  test('is left alone by npm where it is of this source, so that npx changes nothing under a running bot', async () => {
    const folder = builtCheckout();
    const isBuilt = () => start(folder, {}, ['--is-built']).ended;
    build(folder);
    expect(await isBuilt()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    appendFileSync(join(folder, 'src', 'app.ts'), '\n// changed\n');
    expect(await isBuilt()).toMatchObject({ code: 1, stdout: '', stderr: '' });
    const { prepare } = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
    expect(prepare).toBe('node src/start.mjs --is-built || npm run build');
  });

  test('describes each command and its own version, without a build', async () => {
    const folder = checkout();
    for (const option of ['--help', '-h', 'help']) {
      const { code, stdout } = await start(folder, {}, [option]).ended;
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^usage: crew-approvals \[command\] \[options\]\n/),
      ]);
      const commands = [...stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
      expect(commands).toEqual([
        'start',
        'init',
        'doctor',
        'demo',
        'export',
        'verify',
        'report',
        'backup',
        'mcp',
        'hook',
        'help',
      ]);
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    for (const option of ['--version', '-v', 'version'])
      expect(await start(folder, {}, [option]).ended).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test('names an option that a command does not have, and nothing begins', async () => {
    const [world, folder] = [await startWorld(), builtCheckout()];
    const refused = async (command: string, args: string[], sentence: string) => {
      const stderr = `${sentence}. For the options of ${command}, see: npx --no-install crew-approvals ${command} --help\n`;
      // A coding agent runs the tool after every other failure of its hook.
      const code = command === 'hook' ? 2 : 1;
      const ended = await start(folder, world.settings, args, world.folder).ended;
      expect(ended, args.join(' ')).toEqual({ code, signal: null, stdout: '', stderr });
    };
    const commands = [
      'start',
      'init',
      'doctor',
      'demo',
      'export',
      'verify',
      'report',
      'backup',
      'mcp',
      'hook',
    ];
    for (const command of commands)
      await refused(command, [command, '--colour'], "Unknown option '--colour'");
    await refused('start', ['--restored', '--force'], "Unknown option '--force'");
    await refused('start', ['start', '--restoredd'], "Unknown option '--restoredd'");
    await refused('init', ['init', 'now'], "Unexpected argument 'now'");
    await refused('export', ['export', '--since'], "Option '--since <value>' argument missing");
    await refused('report', ['report', '--pseudonyms=no'], "Option '--pseudonyms' does not take an argument");
    expect(readdirSync(world.folder)).toEqual([]);
  });

  test('says what to do when a package is missing, or is not for this machine', async () => {
    const folder = builtCheckout();
    rmSync(join(folder, 'node_modules'));
    const missing = await start(folder).ended;
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^A package is missing or is not for .*: run `npm ci` again\. \(.*\)\n$/);
  });

  test('starts from any folder and working directory, with .env below the environment, several bots at once', async () => {
    const [world, other] = await Promise.all([startWorld(), startWorld()]);
    const [plain, folder] = [builtCheckout(), join(checkout(), 'a#b %41 ?c')];
    mkdirSync(folder);
    for (const name of ['src', 'package.json', 'node_modules', 'dist'])
      cpSync(join(plain, name), join(folder, name), { recursive: true });
    const lines = Object.entries({ ...world.settings, LOG_LEVEL: 'silent' });
    writeFileSync(join(world.folder, '.env'), lines.map(([name, value]) => `${name}="${value}"`).join('\n'));
    const bots = [start(folder, { LOG_LEVEL: 'info' }, [], world.folder), start(folder, other.settings)];
    const ports = (await Promise.all(bots.map(isReady))).map(({ port }) => port);
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect((await axios.get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);

    const options = ['export', '--since', '2026-01-01', '--format', 'csv'];
    expect(await start(folder, other.settings, options).ended).toMatchObject({
      code: 0,
      stdout:
        'time,approval,crew,execution,task,round,what,by,origin,detail,text,kickoff,outcome,status,output,texts,seq,previous,hash,remark,edited,asked,option,rule,votes,follows,record,values,seen\n',
      stderr: '',
    });
    for (const bot of bots) bot.signal('SIGTERM');
    for (const bot of bots) expect(await bot.ended).toMatchObject({ code: 0, signal: null });
    const wrong = await start(folder, { PORT: 'http' }).ended;
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('Invalid configuration:')]);
  });
});
