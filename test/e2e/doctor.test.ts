import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import type { KickoffBody } from '../../src/sandbox/crewai/kickoff-request.ts';
import { clickOn, ready, runCommand } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { DIALECTS, draft, sees, startBot, startWorld, type World } from '../support/world.ts';
import { completed } from './complaint-steps.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const SHIFTED_CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
const FLOWS = { FLOW_WEBHOOK_SECRETS: 'whsec_a-secret-of-a-flow' };

async function doctor(world: World, changed: Record<string, string> = {}, args: string[] = []) {
  const ended = await runCommand(world, 'doctor/doctor', args, changed);
  const all = (ended.stdout + ended.stderr).replace(/ +/g, ' ');
  return { ...ended, all, said: all.trim().split('\n') };
}

describe('npm run doctor', () => {
  test('prints one line per check when all pass, without a secret', async () => {
    const world = await startWorld([], { inputs: ['topic'] }, { appToken: APP_TOKEN });
    const socket = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };
    const { code, said, all } = await doctor(world, { ...socket, APPROVERS: 'UANA,SEDITORS' });
    expect(said).toEqual([
      'ok settings: all are valid. Crews: press.',
      'ok SLACK_BOT_TOKEN: Slack accepts it, in the workspace Sandbox.',
      'ok scopes: all 9 of manifest.yml are granted.',
      'ok SLACK_APP_TOKEN: Slack opens Socket Mode with it.',
      "ok clock: agrees with Slack's.",
      'ok channel CAPPROVALS: #approvals, and the bot is in it.',
      'ok approver UANA: ana.',
      'ok approver SEDITORS: a group of 1.',
      expect.stringMatching(/^ok crew press: 127\.0\.0\.1:\d+ accepts the token\. Inputs: topic\.$/),
      expect.stringMatching(/^ok dialect of press: 127\.0\.0\.1:\d+ speaks the live dialect\.$/),
      'note PUBLIC_URL: is not set. A run whose webhook URLs are unknown sends nothing after a decision.',
      expect.stringMatching(/^ok store sqlite:.*: reads, writes and compares, and commits are on disk\.$/),
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

  test('notes when a card notifies many people, or nobody', async () => {
    const ids = Array.from({ length: 24 }, (_, n) => `UMANY${n}`);
    const world = await startWorld(
      [],
      {},
      {
        people: [...ids, 'UANA'].map((id) => ({ id, name: id.toLowerCase() })),
        channels: [{ id: 'CAPPROVALS', name: 'approvals', members: ids, botIsMember: true }],
        groups: [{ id: 'SSTAFF', handle: 'staff', users: ids }],
      },
    );
    const nobody = 'a card notifies nobody, since';
    for (const [changed, ...notes] of [
      [{ APPROVERS: 'UMANY1,UMANY2' }],
      [{ APPROVERS: ids.slice(0, 7).join() }, /^a card notifies 7 people\.$/],
      [{ APPROVERS: 'SSTAFF' }, `${nobody} its groups have more than 20 members. Set NOTIFY.`],
      [{ APPROVERS: 'SSTAFF', NOTIFY: 'SSTAFF' }, /^a card notifies 24 people\.$/],
      [{ APPROVERS: '' }, /^a card notifies nobody, .* set, and the channel has 2\d members\. Set NOTIFY\.$/],
      [{ APPROVERS: '', NOTIFY: 'none' }],
      [{ APPROVERS: '', NOTIFY: 'dm' }, `${nobody} NOTIFY is dm and no approvers are set. Set APPROVERS.`],
    ] as const) {
      const { said } = await doctor(world, changed);
      expect(said.flatMap((line) => /^note notify of press: (.*)$/.exec(line)?.[1] ?? [])).toEqual(
        notes.map((note) => expect.stringMatching(note)),
      );
    }
  });

  test('says where the reviews of a Flow come from, and what is missing for them', async () => {
    const world = await startWorld([], { inputs: [] });
    const PUBLIC_URL = 'https://bot.example.invalid';
    for (const [changed, says] of [
      [{}, /^note Flow reviews of press: PUBLIC_URL is not set/],
      [
        { PUBLIC_URL },
        /^ok Flow reviews .*https:\/\/bot\.example\.invalid\/webhooks\/press\/flow; .*\*\.crewai\.com/,
      ],
      [
        { CALLBACK_HOSTS: '127.0.0.1:8765' },
        /^ok Flow reviews of press: come from a program of your own.*:8765/,
      ],
    ] as const)
      expect((await doctor(world, { ...FLOWS, ...changed })).said).toContainEqual(
        expect.stringMatching(says),
      );

    const none = { CREWAI_BASE_URL: '', CREWAI_BEARER_TOKEN: '', PUBLIC_URL: 'http://127.0.0.1:9' };
    const only = { ...FLOWS, ...none };
    expect((await doctor(world, only)).said).toContain('ok crew press: takes Flow reviews only.');
    expect(await doctor(world, only, ['--kickoff'])).toMatchObject({
      code: 0,
      all: expect.stringContaining(
        'press takes Flow reviews only. The doctor names the URL to set in CrewAI AMP.',
      ),
    });
  });

  test('names each token, channel, person, crew and address that is wrong', async () => {
    const world = await startWorld(
      [],
      {},
      {
        appToken: APP_TOKEN,
        channels: [
          { id: 'CAPPROVALS', name: 'approvals', members: ['UANA'], botIsMember: false },
          { id: 'COLD', name: 'old', members: ['UANA'], botIsMember: true, archived: true },
        ],
        groups: [{ id: 'SEDITORS', handle: 'editors', users: [] }],
      },
    );
    const crews = `crews:
  press: { base_url: ${world.platform.baseUrl}, bearer_token: wrong, channel: CAPPROVALS, channels: [COLD, "#nowhere"], approvers: [UANA, UNOBODY, SEDITORS, SNOWHERE], webhook_secret: a-secret-of-the-press-crew }
  away: { base_url: "http://127.0.0.1:9", bearer_token: wrong, channel: CSECRET, approvers: [UANA], webhook_secret: a-secret-of-the-other-crew }
`;
    writeFileSync(join(world.folder, 'crews.yml'), crews);
    const { code, said } = await doctor(world, {
      CREWS_FILE: 'crews.yml',
      SLACK_APP_TOKEN: 'xapp-of-another-app',
      PUBLIC_URL: world.platform.baseUrl,
    });
    expect(code).toBe(1);
    const failed = said.flatMap((line) => /^FAILED (.*)$/.exec(line)?.[1] ?? []);
    expect(failed.map((line) => line.replace(/127\.0\.0\.1:\d+/, 'HOST'))).toEqual([
      'SLACK_APP_TOKEN: Slack answers invalid_auth. Check Basic Information → App-Level Tokens, with connections:write.',
      'channel COLD: #old is archived.',
      'channel #nowhere: Slack shows no such channel. Check its name, or invite the bot if it is private.',
      'channel CSECRET: Slack answers channel_not_found. Check the ID, and invite the bot if the channel is private.',
      'approver UNOBODY: Slack answers user_not_found. Check the ID in Slack (profile → Copy member ID).',
      'approver SEDITORS: this group has no members, so nobody can approve.',
      'approver SNOWHERE: Slack answers no_such_subteam. Check the ID in Slack (People → User groups → … → Copy group ID).',
      'crew press: HOST rejects its bearer token (401). Copy it again from CrewAI AMP.',
      'crew away: HOST does not answer (ECONNREFUSED). Check its base URL and the network.',
      'PUBLIC_URL: answers 404, not as this bot. Check the tunnel, the proxy and its path.',
    ]);
    const absent = /^note channel CAPPROVALS: the bot is not in #approvals\. It can post cards/;
    expect(said).toContainEqual(expect.stringMatching(absent));
  });

  test('names every setting that is missing or wrong, and ends with 1', async () => {
    const wrong = { SLACK_BOT_TOKEN: 'nonsense', WEBHOOK_SECRET: 'short', PORT: 'x' };
    const { code, all } = await doctor(await startWorld(), wrong);
    expect(code).toBe(1);
    for (const setting of Object.keys(wrong)) expect(all).toMatch(new RegExp(`^FAILED ${setting}: `, 'm'));
    expect(all).toContain('3 problems found.');
  });

  test.each<[string, Record<string, string>, number | undefined, RegExp]>([
    ['rejects it', { SLACK_BOT_TOKEN: 'xoxb-of-another-app' }, undefined, /Slack answers invalid_auth/],
    [
      'cannot be reached',
      { SLACK_API_URL: 'http://127.0.0.1:9/api/' },
      undefined,
      /Slack cannot be reached \(.*\)\. Check the network\.$/m,
    ],
    ['limits the bot', {}, 30, /Slack rate-limits the bot for 30 s\. Wait, then try again\.$/m],
  ])(
    'says once of the bot token that Slack %s, and checks no channel and person',
    async (_, changed, retryAfter, says) => {
      const world = await startWorld();
      if (retryAfter)
        world.workspace.failures.plan({ on: 'auth.test', failure: { rateLimited: { retryAfter } } });
      const { code, all } = await doctor(world, { APPROVERS: 'UANA,SEDITORS', ...changed }, ['--send-test']);
      expect(code).toBe(1);
      expect(all).toMatch(new RegExp(`^FAILED SLACK_BOT_TOKEN: ${says.source}`, 'm'));
      expect(all.match(/invalid_auth|rate-limits/g)?.length ?? 1).toBe(1);
      for (const check of ['channels and approvers', 'test approval'])
        expect(all).toContain(`\nnote ${check}: not checked, since SLACK_BOT_TOKEN failed.\n`);
    },
  );

  test('names a scope that the app was not granted', async () => {
    const manifest = join((await startWorld()).folder, 'less.yml');
    writeFileSync(
      manifest,
      'features: {app_home: {home_tab_enabled: true}}\noauth_config: {scopes: {bot: [chat:write, users:read, channels:read]}}\nsettings: {interactivity: {is_enabled: true}}\n',
    );
    const { all } = await doctor(await startWorld([], {}, { manifest }));
    const missing =
      /^FAILED scopes: chat:write\.public, .*files:write.* are missing\. Install the app again/m;
    expect(all).toMatch(missing);
  });

  test('checks the store and PUBLIC_URL beside the running bot, and posts and deletes a test approval', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world);
    const own = { PUBLIC_URL: bot.url, PORT: String(bot.port) };
    const { code, all } = await doctor(world, own, ['--send-test']);
    expect(all).toMatch(/^ok PUBLIC_URL: reaches the running bot\.$/m);
    expect(all).toMatch(/^ok store sqlite:.* reads, writes and compares/m);
    expect(all).toMatch(/^ok test approval in CAPPROVALS: posted and deleted\.$/m);
    expect(code).toBe(0);
    expect(world.workspace.messages('CAPPROVALS')).toEqual([]);
    const { args } = world.workspace.calls.find(({ method }) => method === 'chat.postMessage') ?? {};
    expect(JSON.stringify(args?.blocks)).toContain('Request revision');
    const other = await doctor(world, { ...own, SLACK_BOT_TOKEN: 'xoxb-another-bot' });
    expect(other.all).toMatch(/^FAILED PUBLIC_URL: does not reach this bot/m);
  });

  test.each([
    [-600, /^FAILED clock: (599|600|601) s behind Slack's, so Slack's requests are rejected\. Set/m, 1],
    [600, /^FAILED clock: (599|600|601) s ahead of Slack's, so Slack's requests are rejected\. Set/m, 1],
    [90, /^note clock: (89|90|91) s ahead of Slack's\. Set the clock by NTP\.$/m, 0],
  ])("compares the clock with Slack's: %i s off", async (seconds, says, ends) => {
    const shift = { NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`, SHIFT_CLOCK_BY: String(seconds * 1_000) };
    const { code, all } = await doctor(await startWorld(), shift);
    expect(all).toMatch(says);
    expect(code).toBe(ends);
  });

  test('says that the store cannot be opened, and ends with 1', async () => {
    const STORE_URL = 'postgres://someone:a-password@127.0.0.1:9/approvals';
    const { code, all } = await doctor(await startWorld(), { STORE_URL });
    expect(code).toBe(1);
    expect(all).toMatch(/^FAILED store postgres:\/\/127\.0\.0\.1:9\/approvals: .*ECONNREFUSED/m);
    expect(all).not.toContain('a-password');
  });

  test('rejects an option that it does not have', async () => {
    const { code, all } = await doctor(await startWorld(), {}, ['--blocks']);
    expect([code, all]).toEqual([1, expect.stringContaining("Unknown option '--blocks'")]);
  });
});

describe('npm run doctor -- --kickoff', () => {
  /** The body of a kickoff in what it prints. */
  const fieldsIn = (printed: string) => JSON.parse(printed.slice(printed.indexOf('{\n'))) as KickoffBody;

  test.each(DIALECTS)(
    'prints fields with which a run on the %s dialect is approved and followed to its end',
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
      const names = ['inputs', 'taskWebhookUrl', 'crewWebhookUrl', humanInput, 'webhooks'];
      expect(Object.keys(fields)).toEqual(names);

      const execution = platform.kickoff(fields);
      const { ts, all } = await sees(workspace, 'the card', ready);
      expect(all).toContain('draft_press_release');
      await clickOn(world, ts, 'approve');
      await completed(world, execution);
      // On the documented API a bot without PUBLIC_URL is told of nothing after a decision.
      if (dialect === 'live') await sees(workspace, 'the end', (one) => one.all.includes('has finished'));
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    },
  );

  test.each(DIALECTS)(
    'names the inputs of a crew on the %s dialect, so that CrewAI accepts the kickoff, and no hidden value',
    async (dialect) => {
      const world = await startWorld([draft], { dialect, inputs: ['topic', 'tone', 'api_key'] });
      const { CREWAI_BASE_URL, CREWAI_BEARER_TOKEN } = world.settings;
      writeFileSync(
        join(world.folder, 'crews.yml'),
        `crews:
  press: { base_url: ${CREWAI_BASE_URL}, bearer_token: $CREWAI_BEARER_TOKEN, channel: CAPPROVALS, webhook_secret: a-secret-of-the-press-crew, inputs: { tone: { default: warm }, api_key: { hidden: S3CRET } } }
`,
      );
      const settings = { CREWS_FILE: 'crews.yml', PUBLIC_URL: 'https://bot.example.com' };
      const { stdout } = await doctor(world, settings, ['--kickoff']);
      const fields = fieldsIn(stdout) as { inputs: object };
      expect(fields.inputs).toEqual({ topic: '<topic>', tone: 'warm', api_key: '<api_key>' });
      expect(stdout).not.toContain('S3CRET');
      const headers = { Authorization: `Bearer ${CREWAI_BEARER_TOKEN}` };
      expect((await axios.post(`${CREWAI_BASE_URL}/kickoff`, fields, { headers })).status).toBe(200);
    },
  );

  test('of one crew prints only that crew, and names the crews for an unknown name', async () => {
    const world = await startTwoCrews();
    const settings = { PUBLIC_URL: 'https://bot.example.com' };
    const { stdout } = await doctor(world, settings, ['--kickoff', 'budget']);
    expect(stdout).toContain('Kickoff of budget (live dialect)');
    expect(stdout).not.toContain('Kickoff of press');
    const url = /^https:\/\/bot\.example\.com\/webhooks\/budget\/task\?token=/;
    expect(fieldsIn(stdout).taskWebhookUrl).toMatch(url);
    const none = await doctor(world, settings, ['--kickoff', 'sales']);
    const sentence = 'There is no crew sales. The crews are: press, budget.';
    expect([none.code, none.stderr.trim()]).toEqual([1, sentence]);
  });
});
