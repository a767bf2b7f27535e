import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/process-steps.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { startBot, startWorld, type World } from '../support/world.ts';

// What each check finds is in test/cli/checks.test.ts.
const APP_TOKEN = 'xapp-sandbox-token';

async function doctor(world: World, changed: Record<string, string> = {}, args: string[] = []) {
  const ended = await runCommand(world, 'doctor/doctor', args, changed);
  const all = (ended.stdout + ended.stderr).replace(/ +/g, ' ');
  return { ...ended, all, said: all.trim().split('\n') };
}

describe('npm run doctor', () => {
  test('prints one line per check beside the running bot, without a secret, and names a misspelled setting', async () => {
    const world = await startWorld([], { inputs: ['topic'] }, { appToken: APP_TOKEN });
    const bot = await startBot(world);
    const own = { PUBLIC_URL: bot.url, PORT: String(bot.port) };
    const socket = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };
    const others = { crew_name: 'press', HOSTNAME: 'bot-1', CREWAI_STORAGE_DIR: '/tmp' };
    const { code, said, all } = await doctor(world, {
      ...socket,
      ...own,
      ...others,
      APPROVERS: 'UANA,SEDITORS',
    });
    expect(said).toEqual([
      expect.stringMatching(
        /^ok version: crew-approvals \d+\.\d+\.\d+ on Node v\d.*; its records are of format \d+\.$/,
      ),
      'ok settings: all are valid. Crews: press.',
      'note crew_name: not recognized, so it has no effect: did you mean CREW_NAME?',
      'ok SLACK_BOT_TOKEN: Slack accepts it, in the workspace Sandbox.',
      'ok scopes: all 9 of manifest.yml are granted.',
      'ok SLACK_APP_TOKEN: Slack opens Socket Mode with it.',
      "ok clock: agrees with Slack's.",
      'ok channel CAPPROVALS: #approvals, and the bot is in it.',
      'ok approver UANA: ana.',
      'ok approver SEDITORS: a group of 1.',
      expect.stringMatching(/^ok crew press: 127\.0\.0\.1:\d+ accepts the token\. Inputs: topic\.$/),
      expect.stringMatching(/^ok dialect of press: 127\.0\.0\.1:\d+ speaks the live dialect\.$/),
      'ok PUBLIC_URL: reaches the running bot.',
      expect.stringMatching(
        /^ok store sqlite:.*: reads, writes and compares, and commits are on disk; its records are of format \d+\.$/,
      ),
      expect.stringMatching(/^(ok|note) disk: [\d.]+ GB free in /),
      '',
      expect.stringMatching(/^All checks passed, with \d notes?\.$/),
    ]);
    expect(code).toBe(0);
    const secrets = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'CREWAI_BEARER_TOKEN', 'WEBHOOK_SECRET'];
    for (const secret of [...secrets.map((name) => world.settings[name] as string), APP_TOKEN])
      expect(all).not.toContain(secret);
    // It starts and resumes nothing.
    expect(world.platform.resumes.map(({ body }) => body)).toEqual([{}]);
  });

  test('names every setting that is missing or wrong, and ends with 1; without any, it advises init', async () => {
    const world = await startWorld();
    const wrong = { SLACK_BOT_TOKEN: 'nonsense', WEBHOOK_SECRET: 'short', PORT: 'x' };
    const { code, all } = await doctor(world, wrong);
    expect(code).toBe(1);
    for (const setting of Object.keys(wrong)) expect(all).toMatch(new RegExp(`^FAILED ${setting}: `, 'm'));
    expect(all).toContain('3 problems found.');
    const none = await doctor({ ...world, settings: {} });
    expect(none.all).toContain('`npx --no-install crew-approvals init`');
  });

  test('takes a crew after --kickoff and no other argument', async () => {
    const world = await startTwoCrews();
    const unknown = await doctor(world, {}, ['press']);
    expect([unknown.code, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toContain("'press'");
    const none = await doctor(world, {}, ['--kickoff', 'sales']);
    const sentence = 'There is no crew sales. The crews are: press, budget.';
    expect([none.code, none.stderr.trim()]).toEqual([1, sentence]);
  });
});
