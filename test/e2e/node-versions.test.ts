import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { scaleLimit } from '../support/limits.ts';
import { approves, ready, requestRevision, startRunWithCard } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { sees, startWorld } from '../support/world.ts';

// The CI workflow runs all tests on each version; here a whole run goes through the built bot.
const VERSIONS = [22, 24, 26];
const PACKAGE = `node-${process.platform}-${process.arch}`;
/** Each version in a folder that is kept. */
const folderOf = (version: number) => join(homedir(), '.cache', 'crew-approvals', `node-${version}`);
const nodeOf = (version: number) => join(folderOf(version), 'node_modules', PACKAGE, 'bin', 'node');

async function installNode(version: number): Promise<void> {
  if (existsSync(nodeOf(version))) return;
  const cwd = folderOf(version);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'package.json'), '{}');
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', `${PACKAGE}@${version}`], { cwd });
}

beforeAll(() => Promise.all(VERSIONS.map(installNode)), scaleLimit(180_000));

test.each(VERSIONS)(
  'on Node %s a run goes through the bot to its result, and the bot stops when it is told to',
  {
    timeout: scaleLimit(60_000),
  },
  async (version) => {
    const { execPath } = process;
    onTestFinished(() => {
      process.execPath = execPath;
    });
    // Whatever is started from here on runs on it.
    process.execPath = nodeOf(version);
    const asked = promisify(execFile)(process.execPath, ['--version']);
    expect((await asked).stdout).toMatch(`v${version}.`);

    const world = await startWorld();
    const bot = await spawnBot(world);
    const { card } = await startRunWithCard(world, bot);
    expect(await requestRevision(world, card.ts, 'Shorter')).toMatchObject({ closed: true });
    const second = await sees(world.workspace, 'round 2', (it) => it.all.includes('round 2') && ready(it));
    await approves(world, second);
    await sees(world.workspace, 'the result', ({ all }) => all.includes('has finished'));
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  },
);
