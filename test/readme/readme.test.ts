import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SECRET, sees, startBot, startWorld } from '../support/world.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );
const run = promisify(execFile);
const has = (program: string) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));

describe('the README', () => {
  test('opens with the two commands, and every script that it names is there', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const [first] = blocks('sh');
    expect(first).toMatch(/^npm ci && npm run demo .*\nnpm ci && npm test /);
    const named = [...readme.matchAll(/npm run (?:--silent )?(\w+)/g)].map(([, name]) => name);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  test('tells every setting of .env.example, and no other', () => {
    const table = readme.slice(readme.indexOf('## Settings'), readme.indexOf('In `CREWS_FILE` a crew has'));
    const told = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names]) =>
      [...(names ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
    );
    const known = [...Object.keys(parseEnv(readFileSync('.env.example', 'utf8'))), 'SLACK_API_URL'];
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  test('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, file]) => file as string);
    expect(links.length).toBeGreaterThan(4);
    for (const file of links) expect(existsSync(file), file).toBe(true);
    for (const [, file] of readme.matchAll(/`(src\/[\w./-]+|test\/[\w./-]+\.ts)`/g))
      expect(existsSync(file as string), file).toBe(true);
  });

  test.skipIf(!has('curl') && !process.env.CI)(
    'its curls start runs, and register one, as they stand there',
    async () => {
      const world = await startWorld(undefined, { dialect: 'live' });
      const { workspace, platform } = world;
      const bot = await startBot(world, {
        CREW_NAME: 'crew',
        PUBLIC_URL: 'https://your-bot.example.com',
        RESUME_FORMAT: 'camelcase',
        APPROVERS: 'UANA,U0123456789',
      });
      const env = {
        PATH: process.env.PATH,
        PUBLIC_URL: bot.url,
        CREWAI_BASE_URL: platform.baseUrl,
        CREWAI_BEARER_TOKEN: world.settings.CREWAI_BEARER_TOKEN,
        WEBHOOK_SECRET: SECRET,
      };
      const curls = blocks('sh')
        .filter((script) => script.includes('curl'))
        .flatMap((script) => script.split(/\n\n(?=curl)/));
      expect(curls).toHaveLength(3);
      const [kickoff, withMeta, register] = curls as [string, string, string];
      for (const script of [kickoff, withMeta]) {
        const { stdout } = await run('bash', ['-c', script], { env });
        const { kickoff_id: id } = JSON.parse(stdout);
        expect(platform.execution(id).status).toMatch(/running|pending/);
        const answer = await run('bash', ['-c', register], { env: { ...env, KICKOFF_ID: id } });
        expect(JSON.parse(answer.stdout)).toMatchObject({ crew: 'crew', execution_id: id });
        await sees(workspace, 'the card of the run', ({ run }) => run === id);
      }
    },
  );

  test.skipIf(!has('python3') && !process.env.CI)('its Python starts a run and registers it', async () => {
    const world = await startWorld(undefined, { dialect: 'live' });
    const bot = await startBot(world, { CREW_NAME: 'crew', PUBLIC_URL: 'https://your-bot.example.com' });
    const [script = ''] = blocks('python');
    const env = {
      PATH: process.env.PATH,
      PYTHONPATH: import.meta.dirname,
      PUBLIC_URL: bot.url,
      PYTHONDONTWRITEBYTECODE: '1',
      CREWAI_BASE_URL: world.platform.baseUrl,
      CREWAI_BEARER_TOKEN: world.settings.CREWAI_BEARER_TOKEN,
      WEBHOOK_SECRET: SECRET,
    };
    await run('python3', ['-c', script], { env });
    const card = await sees(world.workspace, 'the card', ({ run: id }) => id !== undefined);
    expect(card.buttons).toContain('Approve');
    const { workspace } = world;
    const text = String(card.run);
    await workspace.command({ user: 'UANA', channel: 'CAPPROVALS', command: '/approvals', text });
    expect(JSON.stringify(workspace.ephemerals('UANA').at(-1))).toContain('(registered)');
  });

  test('its humanInputWebhook is one that the bot takes', async () => {
    const world = await startWorld(undefined, { dialect: 'live' });
    const bot = await startBot(world, { CREW_NAME: 'crew', PUBLIC_URL: 'https://your-bot.example.com' });
    const [json = ''] = blocks('json');
    const { humanInputWebhook } = JSON.parse(
      `{${json.replace('https://your-bot.example.com', bot.url).replace('WEBHOOK_SECRET', SECRET)}}`,
    );
    world.platform.kickoff({ humanInputWebhook });
    await sees(world.workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
  });
});
