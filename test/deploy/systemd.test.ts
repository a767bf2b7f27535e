import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { build, checkout } from '../support/checkout.ts';
import { run } from '../support/spawn-bot.ts';
import { startWorld } from '../support/world.ts';

const unit = readFileSync('docs/deploy/crew-approvals.service', 'utf8');
const operations = readFileSync('docs/operations.md', 'utf8');
/** The values of a directive, in order. */
const valuesOf = (name: string) =>
  unit.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? line.slice(name.length + 1) : []));
const command = valuesOf('ExecStart')[0] ?? '';
const directory = valuesOf('WorkingDirectory')[0] ?? '';
const installed = command.replace('/usr/bin/node ', '').replace(/\/src\/start\.mjs$/, '');

describe('the systemd unit', () => {
  test('starts once the network is up, again after each end, and without privileges', () => {
    for (const [name, value] of [
      ['Wants', 'network-online.target'],
      ['After', 'network-online.target'],
      ['Restart', 'always'],
      ['User', 'crew-approvals'],
      ['NoNewPrivileges', 'true'],
      ['PrivateTmp', 'true'],
      ['ProtectHome', 'true'],
      ['ProtectSystem', 'strict'],
    ] as const)
      expect(valuesOf(name), name).toEqual([value]);
  });

  test('sets no setting itself, and may write where relative paths of .env start', () => {
    expect([...valuesOf('Environment'), ...valuesOf('EnvironmentFile')]).toEqual([]);
    expect(directory).toBe(`/var/lib/${valuesOf('StateDirectory')[0]}`);
    expect(parseEnv(readFileSync('.env.example', 'utf8')).STORE_URL).toBe('sqlite://data/approvals.db');
  });

  test('has the folders and the user of the commands in docs/operations.md', () => {
    const user = valuesOf('User')[0];
    expect(operations).toContain(`cd ${installed} && sudo npm ci`);
    expect(operations).toContain(`.env.example ${directory}/.env`);
    expect(operations).toContain('docs/deploy/crew-approvals.service /etc/systemd/system/');
    const commands = [...operations.matchAll(/^cd (\S+) && sudo -u (\S+) node (\S+) (\w+)/gm)];
    expect(commands.map(([, folder, who, script, part]) => [folder, who, script, part])).toEqual(
      ['doctor', 'export', 'backup'].map((part) => [directory, user, `${installed}/src/start.mjs`, part]),
    );
  });

  test('and its commands use the store that .env.example names, below the working directory', async () => {
    const world = await startWorld();
    const opt = checkout();
    build(opt);
    const state = mkdtempSync(join(tmpdir(), 'crew-approvals-state-'));
    onTestFinished(() => rmSync(state, { recursive: true, force: true }));
    copyFileSync('.env.example', join(state, '.env'));
    const { STORE_URL: _, ...settings } = world.settings;
    // The last line of a name counts.
    const lines = Object.entries({ ...settings, PORT: '0', SLACK_APP_TOKEN: '' });
    appendFileSync(join(state, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));

    const start = (...args: string[]) =>
      run(command.split(' ')[1]?.replace(installed, opt) ?? '', {}, { cwd: state, args });
    const bot = start();
    await bot.logs('ready', ({ msg }) => msg === 'ready');
    expect(existsSync(join(state, 'data', 'approvals.db'))).toBe(true);
    expect(await start('backup', 'backup.db').ended).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(state, 'backup.db'))).toBe(true);
    expect(await start('export').ended).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(opt, 'data'))).toBe(false);
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0 });
  });
});
