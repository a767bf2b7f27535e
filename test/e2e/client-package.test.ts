import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { modulesIn } from '../support/adapters.ts';
import { build, checkout } from '../support/checkout.ts';
import { describeIf } from '../support/describe-if.ts';
import { clickOn } from '../support/process-steps.ts';
import { share } from '../support/shared.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-programs';
/** What the npm packages are checked with. `.ci/run` installs it. */
const PACKAGE_CHECKS = 'publint@0.3.25 @arethetypeswrong/cli@0.18.5';
const checks = modulesIn(PACKAGE_CHECKS);

const packages = share(() => {
  const folder = checkout();
  for (const name of ['.ci', 'LICENSE', 'README.md']) cpSync(name, join(folder, name), { recursive: true });
  build(folder);
  execFileSync(process.execPath, [join('.ci', 'client-package.mjs'), 'client'], { cwd: folder });
  const pack = (path: string) =>
    join(
      folder,
      execFileSync('npm', ['pack', path, '--ignore-scripts', '--silent', '--offline'], {
        cwd: folder,
        encoding: 'utf8',
      }).trim(),
    );
  return { bot: pack('.'), client: pack('./client') };
});

test('the client package installs nothing else, and asks as the client of the bot does', async () => {
  const world = await startWorld();
  const bot = await startBot(world, { ASK_SECRET, CREW_NAME: 'deploys' });
  const npm = ['install', '--offline', '--no-audit', '--no-fund', packages().client];
  execFileSync('npm', npm, { cwd: world.folder, stdio: 'pipe' });
  const installed = join(world.folder, 'node_modules', 'crew-approvals-client');
  expect(readdirSync(join(world.folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'crew-approvals-client',
  ]);
  expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).toMatchObject({
    version: JSON.parse(readFileSync('package.json', 'utf8')).version,
    license: 'MIT',
  });
  const [, program = ''] =
    /```js\n([\s\S]*?)```/.exec(readFileSync(join(installed, 'README.md'), 'utf8')) ?? [];
  writeFileSync(join(world.folder, 'ask.mjs'), program);
  const env = { ...process.env, ASK_SECRET, BOT_URL: bot.url };
  const asked = promisify(execFile)(process.execPath, ['ask.mjs'], { cwd: world.folder, env });
  const card = await sees(world.workspace, 'the question', ({ all }) => all.includes('Ship build 42?'));
  await clickOn(world, card.ts, 'approve');
  expect((await asked).stdout).toMatch(/^approve .*UANA/);
  for (const name of ['ai-sdk', 'openai-agents']) {
    const adapter = `import * as it from 'crew-approvals-client/${name}'; console.log(Object.keys(it).length);`;
    const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', adapter], {
      cwd: world.folder,
      encoding: 'utf8',
    });
    expect(Number(loaded)).toBeGreaterThan(0);
  }
});

describeIf(
  existsSync(checks),
  `${PACKAGE_CHECKS} are not installed (${checks}): the packages are not checked with them`,
)('the npm packages', () => {
  test.each(['bot', 'client'] as const)('%s has nothing that publint or attw reports', async (name) => {
    const archive = packages()[name];
    const run = (check: string, args: string[]) =>
      promisify(execFile)(join(checks, '.bin', check), args, { encoding: 'utf8' });
    expect((await run('publint', [archive, '--strict'])).stdout).toContain('All good!');
    // Fails for problems of packages with ES modules only.
    await run('attw', [archive, '--profile', 'esm-only']);
  });
});
