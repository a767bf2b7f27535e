import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import type { KickoffBody } from '../../src/sandbox/crewai/kickoff-request.ts';
import type { Failure } from '../../src/sandbox/failures.ts';
import { BUILT } from '../support/build.ts';
import { clickOn, ready } from '../support/process-steps.ts';
import { run } from '../support/spawn-bot.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { DIALECTS, draft, sees, startBot, startWorld, type World } from '../support/world.ts';
import { completed } from './complaint-steps.ts';

async function doctor(world: World, changed: Record<string, string> = {}, args: string[] = []) {
  const settings = { ...world.settings, ...changed };
  const ended = await run(join(BUILT, 'cli', 'doctor', 'doctor.js'), settings, { cwd: world.folder, args })
    .ended;
  return { ...ended, all: (ended.stdout + ended.stderr).replace(/ +/g, ' ') };
}

/** The body of a kickoff in what `--kickoff` prints. */
const fieldsIn = (printed: string) => JSON.parse(printed.slice(printed.indexOf('{\n'))) as KickoffBody;

describe('npm run doctor', () => {
  test.each(DIALECTS)(
    'says that a crew speaks the %s dialect, and starts and resumes nothing for it',
    async (dialect) => {
      const world = await startWorld([draft], { dialect });
      const { all } = await doctor(world);
      expect(all).toMatch(new RegExp(`^ok dialect of press: \\S+ speaks the ${dialect} dialect\\.$`, 'm'));
      expect(world.platform.resumes.map(({ body }) => body)).toEqual([{}]);
      expect(world.platform.webhooks).toEqual([]);
    },
  );

  test('names a setting that contradicts the dialect', async () => {
    const world = await startWorld([draft], { dialect: 'live' });
    const { code, all } = await doctor(world, { RESUME_FORMAT: 'documented' });
    expect(code).toBe(1);
    expect(all).toMatch(
      /^FAILED dialect of press: \S+ speaks live, but resume_format is documented\. Set it to auto\.$/m,
    );
  });

  const html = { 'content-type': 'text/html' };
  test.each<[string, Failure, RegExp]>([
    [
      '404',
      { status: 404 },
      /^FAILED dialect of press: \S+ has no \/resume \(404\), so it is a Flow deployment\.$/m,
    ],
    [
      '401',
      { status: 401 },
      /^FAILED dialect of press: \S+ rejects its bearer token \(401\)\. Copy it again/m,
    ],
    [
      'no answer',
      { reset: true },
      /^note dialect of press: not known yet: \S+ did not answer an empty \/resume \(\w+\)/m,
    ],
    [
      'HTML',
      { status: 200, body: '<html>Sign in</html>', headers: html },
      /^FAILED dialect of press: \S+ answers an empty \/resume with 200 and not as CrewAI does/m,
    ],
    [
      'a 2xx',
      { status: 200, body: '{"status":"resumed"}' },
      /^FAILED dialect of press: \S+ answers an empty \/resume with 200 and not as CrewAI does/m,
    ],
  ])('says what an answer of %s to an empty /resume means', async (_, failure, sentence) => {
    const world = await startWorld();
    world.platform.failures.plan({ on: 'resume', failure });
    expect((await doctor(world)).all).toMatch(sentence);
  });

  test.each(DIALECTS)(
    '--kickoff prints fields with which a run on the %s dialect is approved and told to its end',
    async (dialect) => {
      const world = await startWorld([draft], { dialect });
      const { workspace, platform } = world;
      const bot = await startBot(world);
      const settings = { PUBLIC_URL: bot.url, PORT: String(bot.port) };
      const { code, stdout } = await doctor(world, settings, ['--kickoff']);
      expect(code).toBe(0);
      expect(stdout).toContain(`Kickoff of press (${dialect} dialect)`);
      const fields = fieldsIn(stdout);
      const humanInput = dialect === 'live' ? 'humanInputWebhookUrl' : 'humanInputWebhook';
      expect(Object.keys(fields)).toEqual([
        'inputs',
        'taskWebhookUrl',
        'crewWebhookUrl',
        humanInput,
        'webhooks',
      ]);

      const execution = platform.kickoff(fields);
      const { ts } = await sees(
        workspace,
        'the card',
        (it) => it.all.includes('draft_press_release') && ready(it),
      );
      await clickOn(world, ts, 'approve');
      await completed(world, execution);
      // On the documented API a bot without PUBLIC_URL is told of nothing after a decision.
      if (dialect === 'live') await sees(workspace, 'the end', ({ all }) => all.includes('has finished'));
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    },
  );

  test.each(DIALECTS)(
    '--kickoff names the inputs of a crew on the %s dialect, so that CrewAI accepts the kickoff, and no hidden value',
    async (dialect) => {
      const world = await startWorld([draft], { dialect, inputs: ['topic', 'tone', 'api_key'] });
      writeFileSync(
        join(world.folder, 'crews.yml'),
        `crews:
  press: { base_url: ${world.platform.baseUrl}, bearer_token: $CREWAI_BEARER_TOKEN, channel: CAPPROVALS, webhook_secret: a-secret-of-the-press-crew, inputs: { tone: { default: warm }, api_key: { hidden: S3CRET } } }
`,
      );
      const settings = { CREWS_FILE: 'crews.yml', PUBLIC_URL: 'https://bot.example.com' };
      const { stdout } = await doctor(world, settings, ['--kickoff']);
      const fields = fieldsIn(stdout) as { inputs: object };
      expect(fields.inputs).toEqual({ topic: '<topic>', tone: 'warm', api_key: '<api_key>' });
      expect(stdout).not.toContain('S3CRET');
      const { CREWAI_BASE_URL, CREWAI_BEARER_TOKEN } = world.settings;
      const headers = { Authorization: `Bearer ${CREWAI_BEARER_TOKEN}` };
      expect((await axios.post(`${CREWAI_BASE_URL}/kickoff`, fields, { headers })).status).toBe(200);
    },
  );

  test('--kickoff of one crew prints only that crew, and names the crews for an unknown name', async () => {
    const world = await startTwoCrews();
    const settings = { PUBLIC_URL: 'https://bot.example.com' };
    const budget = await doctor(world, settings, ['--kickoff', 'budget']);
    expect(budget.stdout).toContain('Kickoff of budget (live dialect)');
    expect(budget.stdout).not.toContain('Kickoff of press');
    expect(fieldsIn(budget.stdout).taskWebhookUrl).toMatch(
      /^https:\/\/bot\.example\.com\/webhooks\/budget\/task\?token=/,
    );
    const none = await doctor(world, settings, ['--kickoff', 'sales']);
    expect([none.code, none.stderr.trim()]).toEqual([
      1,
      'There is no crew sales. The crews are: press, budget.',
    ]);
  });
});
