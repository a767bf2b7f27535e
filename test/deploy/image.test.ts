import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { scaleLimit } from '../support/limits.ts';
import { kickoff } from '../support/process-steps.ts';
import { type Image, replayDockerfile } from '../support/replay-dockerfile.ts';
import { run } from '../support/spawn-bot.ts';
import { SECRET, sees, startWorld } from '../support/world.ts';

const MAX_MEGABYTES = 80;

const hasDocker = spawnSync('docker', ['version']).status === 0;
if (!hasDocker)
  console.warn('Docker is not there: the image is not built, its Dockerfile is read and replayed');

describe.skipIf(!hasDocker)('the image that Docker builds', () => {
  const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();

  test('runs its own node, which says the version of the bot and opens a database', {
    timeout: scaleLimit(900_000),
  }, () => {
    const image = docker('build', '--quiet', '.');
    onTestFinished(() => void docker('image', 'rm', '--force', image));
    const start = (options: string[], args: string[]) =>
      docker('run', '--rm', '--read-only', ...options, image, ...args);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(start([], ['--version'])).toBe(version);
    const open =
      "import('@photostructure/sqlite').then(({ DatabaseSync }) => new DatabaseSync(':memory:').close())";
    expect(start(['--entrypoint', 'node'], ['-e', open])).toBe('');
  });
});

/** What the Dockerfile puts into the image, in a folder of this machine. */
describe('the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-image-'));
  let image: Image;
  beforeAll(async () => {
    image = await replayDockerfile(resolve('.'), folder);
  }, scaleLimit(300_000));
  afterAll(() => rm(folder, { recursive: true, force: true }), scaleLimit(120_000));

  const findValue = (name: string) =>
    image.instructions.findLast((instruction) => instruction.name === name)?.value ?? '';
  const entryPoint = () => JSON.parse(findValue('ENTRYPOINT')) as string[];
  const start = (settings: Record<string, string>, args: string[] = []) =>
    run(join(image.app, entryPoint()[1] ?? ''), settings, { cwd: image.app, args });

  test('holds the built bot, its packages and nothing else', () => {
    const held = ['LICENSE', 'data', 'dist', 'manifest.yml', 'node_modules', 'package.json', 'src'];
    expect(readdirSync(image.app).toSorted()).toEqual(held);
    expect(readdirSync(join(image.app, 'src'))).toEqual(['start.mjs']);
    expect(readdirSync(join(image.app, 'data'))).toEqual([]);
    const files = readdirSync(image.root, { recursive: true }).map(String);
    expect(files.filter((file) => !file.startsWith('app'))).toEqual([]);
  });

  test('has no sandbox, no build tools and no packages for development', () => {
    expect(existsSync(join(image.app, 'dist', 'main.js'))).toBe(true);
    expect(existsSync(join(image.app, 'dist', 'sandbox'))).toBe(false);
    const packages = join(image.app, 'node_modules');
    const installed = JSON.parse(readFileSync(join(packages, '.package-lock.json'), 'utf8')).packages;
    expect(Object.keys(installed)).toContain('node_modules/@slack/bolt');
    expect(Object.keys(installed).filter((name) => installed[name].dev)).toEqual([]);
    for (const name of ['typescript', 'vitest', 'tsx', 'npm', 'node-gyp'])
      expect(existsSync(join(packages, name)), name).toBe(false);
    const files = readdirSync(packages, { recursive: true }).map(String);
    expect(files.filter((file) => /(^|\/)sqlite3\.c$|(^|\/)(darwin|win32)-\w+$/.test(file))).toEqual([]);
    const addons = files.filter((file) => file.endsWith('.node')).join('\n');
    for (const name of ['linux-x64/', 'linux-arm64/']) expect(addons).toContain(name);
  });

  test(`takes at most ${MAX_MEGABYTES} MB besides Debian and node`, () => {
    const kilobytes = Number(execFileSync('du', ['-sk', image.app], { encoding: 'utf8' }).split('\t')[0]);
    expect(kilobytes / 1024).toBeLessThan(MAX_MEGABYTES);
  });

  test('starts, posts a card, writes only its data, is healthy while it runs and ends on SIGTERM', async () => {
    const world = await startWorld();
    const bot = start({ ...world.settings, STORE_URL: 'sqlite://data/approvals.db', PORT: '0' });
    const { port } = await bot.logs('ready', ({ msg }) => msg === 'ready');
    const url = `http://127.0.0.1:${port}`;
    const isHealthy = () => {
      const [, ...check] = JSON.parse(findValue('HEALTHCHECK').replace(/^.*CMD /, '')) as string[];
      return spawnSync(process.execPath, check, { env: { PORT: String(port) } }).status === 0;
    };
    expect(isHealthy()).toBe(true);
    const webhook = (kind: string) => `${url}/webhooks/press/${kind}?token=${SECRET}`;
    kickoff(world, { webhook });
    await sees(world.workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
    expect(readdirSync(join(image.app, 'data'))).toContain('approvals.db');
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(isHealthy()).toBe(false);
    expect(readdirSync(image.app)).toHaveLength(7);
  });

  test('offers the doctor, the export and the backup, and no demo', async () => {
    const usage = await start({}, ['backup', '--help']).ended;
    expect(usage).toMatchObject({ code: 0, stdout: expect.stringContaining('backup') });
    expect(await start({}, ['doctor']).ended).toMatchObject({ code: 1 });
    const stderr = expect.stringContaining('SLACK_BOT_TOKEN');
    expect(await start({}, ['export']).ended).toMatchObject({ code: 1, stderr });
    expect(await start({}, ['demo']).ended).toMatchObject({ code: 1, stdout: '' });
  });
});
