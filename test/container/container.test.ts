import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const dockerfile = readFileSync('Dockerfile', 'utf8');

describe('the container', () => {
  test('Dockerfile and compose.yml have no fault that their linters find', () => {
    expect(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual(
      [],
    );
    execFileSync('npx', ['dclint', '--max-warnings', '0', 'compose.yml'], { encoding: 'utf8' });
  });

  test('it runs what is built, as a user of its own, with a volume for the data', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^VOLUME \/app\/data$/m);
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    // What the build stage copies is there, and .dockerignore lets it through.
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
      (files ?? '').split(' '),
    );
    const letIn = readFileSync('.dockerignore', 'utf8').split('\n');
    for (const file of copied) {
      expect(existsSync(file), file).toBe(true);
      expect(letIn, file).toContain(`!${file.replace('./', '')}`);
    }
  });

  test('compose starts Redis nothing evicted, everything on disk', () => {
    const { services } = parse(readFileSync('compose.yml', 'utf8'));
    const flags = services.redis.command.join(' ');
    expect(flags).toContain('--appendonly yes');
    expect(flags).toContain('--appendfsync always');
    expect(flags).toContain('--maxmemory-policy noeviction');
    expect(services.redis.volumes).toEqual(['redis-data:/data']);
    expect(services.bot.environment.STORE_URL).toBe('redis://redis:6379');
  });
});
