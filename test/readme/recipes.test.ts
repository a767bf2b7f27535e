import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ask } from '../support/asking.ts';
import { describeIf } from '../support/describe-if.ts';
import { approvalOfRun } from '../support/process-steps.ts';
import { SECRET, sees, startBot, startWorld } from '../support/world.ts';

/** The kickoff, and what a run with webhook URLs of its own needs. */
const documents = ['docs/crewai.md', 'docs/http-api.md'].map((file) => readFileSync(file, 'utf8')).join('\n');
const blocks = (language: string) =>
  [...documents.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );
const run = promisify(execFile);
const has = (program: string) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));

const PUBLIC_URL = 'https://your-bot.example.com';

/** A bot with the names of the documents, and the environment of their recipes. */
async function startDocumented(more: Record<string, string> = {}) {
  const world = await startWorld(undefined, { dialect: 'live' });
  const bot = await startBot(world, { CREW_NAME: 'crew', PUBLIC_URL, ...more });
  const env = {
    PATH: process.env.PATH,
    PUBLIC_URL: bot.url,
    CREWAI_BASE_URL: world.platform.baseUrl,
    CREWAI_BEARER_TOKEN: world.settings.CREWAI_BEARER_TOKEN,
    WEBHOOK_SECRET: SECRET,
  };
  return { world, ...world, bot, env };
}

const withoutCurl = 'curl is not there: the curl commands of the documents are skipped';
describeIf(has('curl'), withoutCurl)('the recipes of the documents for curl', () => {
  test('the curl commands start runs and register one, as they are printed', async () => {
    const more = { RESUME_FORMAT: 'camelcase', APPROVERS: 'UANA,U0123456789' };
    const { world, workspace, platform, env } = await startDocumented(more);
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
      const own = await approvalOfRun(world, id);
      await sees(workspace, 'the card of the run', ({ approval }) => approval === own);
    }
  });
});

const withoutPython = 'python3 is not there: the Python script of the documents is skipped';
describeIf(has('python3'), withoutPython)('the recipes of the documents for Python', () => {
  test('the Python script starts a run and registers it', async () => {
    const { world, workspace, platform, env } = await startDocumented();
    const [script = ''] = blocks('python');
    const python = { PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1' };
    await run('python3', ['-c', script], { env: { ...env, ...python } });
    const card = await sees(workspace, 'the card', ({ approval }) => approval !== undefined);
    expect(card.buttons).toContain('Approve');
    const kickoff = platform.requests.find(({ path }) => path === '/kickoff');
    const { kickoff_id: text = '' } = (kickoff?.answer ?? {}) as { kickoff_id?: string };
    await ask(world, text);
    expect(JSON.stringify(workspace.ephemerals('UANA').at(-1))).toContain('(registered)');
  });
});

test('the bot accepts a webhook from the printed humanInputWebhook', async () => {
  const { workspace, platform, bot } = await startDocumented();
  const [json = ''] = blocks('json');
  const printed = json.replace(PUBLIC_URL, bot.url).replace('WEBHOOK_SECRET', SECRET);
  const { humanInputWebhook } = JSON.parse(`{${printed}}`);
  platform.kickoff({ humanInputWebhook });
  await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
});
