import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALL_SETTINGS } from '../../src/settings/table.ts';
import { isInContext, readInstructions } from '../support/replay-dockerfile.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const ignoreFile = readFileSync('.dockerignore', 'utf8');
const instructions = readInstructions(dockerfile);
const findValue = (name: string) => instructions.findLast((one) => one.name === name)?.value;

describe('the Dockerfile', () => {
  test('has no fault that its linter finds', () => {
    const faults = validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`);
    expect(faults).toEqual([]);
  });

  test('starts the bot as a user without privileges, with a volume for the data and a health check', () => {
    // Kubernetes cannot check that a user with a name is not root.
    expect(findValue('USER')).toBe('1000:1000');
    expect(findValue('VOLUME')).toBe('/app/data');
    expect(findValue('ENTRYPOINT')).toBe('["node", "src/start.mjs"]');
    expect(findValue('HEALTHCHECK')).toContain('/healthz');
    const value = '--from=build --chown=1000:1000 /app/data ./data';
    expect(instructions).toContainEqual({ name: 'COPY', value });
  });

  test('runs no command in the last stage, so that no platform has to be emulated for it', () => {
    const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
    expect(last.map(({ name }) => name)).not.toContain('RUN');
  });

  test('is built and runs on the same Node and on Debian 13, with the libraries of its node', () => {
    const [runtime = '', ...builders] = instructions
      .filter(({ name }) => name === 'FROM')
      .map(({ value }) => value)
      .reverse();
    // Its maintainers start this node in it. A node that is copied into another base can lack libraries, as Node 25 and later do.
    const [, major] = /^gcr\.io\/distroless\/nodejs(\d+)-debian13$/.exec(runtime) ?? [];
    expect(runtime).toMatch(/-debian13$/);
    for (const builder of builders) expect(builder).toContain(` node:${major}-trixie-slim AS `);
    expect(builders.length).toBeGreaterThan(0);
    const copied = instructions.filter(({ name, value }) => name === 'COPY' && /\/node(?!_)/.test(value));
    expect(copied).toEqual([]);
  });

  test('starts no program but its node, which is in its PATH, since it has no shell', () => {
    expect(findValue('ENV')?.split(' ')).toContain('PATH=/nodejs/bin');
    const commands = instructions
      .filter(({ name }) => name === 'ENTRYPOINT' || name === 'HEALTHCHECK')
      .map(({ value }) => JSON.parse(value.slice(value.indexOf('['))) as string[]);
    expect(commands.map(([program]) => program)).toEqual(['node', 'node']);
  });

  test('copies files that exist and that .dockerignore lets through, and never the sandbox', () => {
    const copied = instructions
      .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from'))
      .flatMap(({ value }) => value.split(' ').slice(0, -1));
    expect(copied).toContain('src');
    for (const file of copied)
      expect([existsSync(file), isInContext(file, ignoreFile)], file).toEqual([true, true]);
    for (const file of ['src/sandbox/demo.ts', 'test', 'node_modules', '.env', 'data/approvals.db', '.git'])
      expect(isInContext(file, ignoreFile), file).toBe(false);
  });
});

describe('compose.yml', () => {
  const { services, volumes } = parse(readFileSync('compose.yml', 'utf8'));
  const { bot, postgres } = services;

  test('has no fault that its linter finds', () => {
    execFileSync('npx', ['dclint', '--max-warnings', '0', 'compose.yml'], { encoding: 'utf8' });
  });

  test('stores in its Postgres, also where .env has a STORE_URL', () => {
    // Compose prefers `environment` to `env_file`.
    expect(bot.env_file).toBe('.env');
    const url = new URL(bot.environment.STORE_URL.replace(/\$\{\w+:\?[^}]*\}/, 'secret'));
    expect(url.href).toBe('postgres://postgres:secret@postgres:5432/postgres');
    expect(Object.keys(services)).toContain(url.hostname);
    const [password] = /\$\{POSTGRES_PASSWORD:\?[^}]*\}/.exec(bot.environment.STORE_URL) ?? [];
    expect(postgres.environment.POSTGRES_PASSWORD).toBe(password);
    const variables = ALL_SETTINGS.map(({ variable }) => variable);
    for (const name of Object.keys(bot.environment)) expect(variables).toContain(name);
  });

  test('keeps the data of Postgres in a volume, and starts the bot when Postgres accepts connections', () => {
    expect(postgres.volumes).toEqual(['postgres-data:/var/lib/postgresql/data']);
    expect(Object.keys(volumes)).toEqual(['postgres-data']);
    expect(bot.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    // While Postgres sets itself up, it listens on its socket only.
    expect(postgres.healthcheck.test).toContain('--host=127.0.0.1');
  });

  test('restarts both, gives them no new privileges and the bot a read-only file system', () => {
    for (const service of [bot, postgres])
      expect(service).toMatchObject({ restart: 'unless-stopped', security_opt: ['no-new-privileges:true'] });
    expect(bot).toMatchObject({ read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'] });
  });

  test('publishes the port of the image on this machine only', () => {
    expect(bot.ports).toEqual([`127.0.0.1:3000:${findValue('EXPOSE')}`]);
    expect(bot.environment.PORT).toBe(findValue('EXPOSE'));
  });
});
