import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BUILT } from '../support/build.ts';
import { run, spawnBot } from '../support/spawn-bot.ts';
import { startWorld, type World } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const SHIFTED_CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;

async function doctor(world: World, changed: Record<string, string> = {}, args: string[] = []) {
  const settings = { ...world.settings, ...changed };
  const { code, stdout, stderr } = await run(join(BUILT, 'cli', 'doctor', 'doctor.js'), settings, {
    cwd: world.folder,
    args,
  }).ended;
  return { code, said: stdout.trim().split('\n'), all: stdout + stderr };
}

const secretsOf = ({ settings }: World) =>
  ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'CREWAI_BEARER_TOKEN', 'WEBHOOK_SECRET'].map(
    (name) => settings[name] as string,
  );

describe('npm run doctor', () => {
  test('prints one line per check when all pass, without a secret', async () => {
    const world = await startWorld([], { inputs: ['topic'] }, { appToken: APP_TOKEN });
    const { code, said, all } = await doctor(world, {
      SLACK_APP_TOKEN: APP_TOKEN,
      SLACK_SIGNING_SECRET: '',
      APPROVERS: 'UANA,SEDITORS',
    });
    expect(all.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(code).toBe(0);
    expect(said.map((line) => line.replace(/\s+/g, ' '))).toEqual([
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
    for (const secret of [...secretsOf(world), APP_TOKEN]) expect(all).not.toContain(secret);
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
    const notify = async (changed: Record<string, string>) =>
      (await doctor(world, changed)).said.flatMap(
        (line) => /^note +notify of press: (.*)$/.exec(line)?.[1] ?? [],
      );
    expect(await notify({ APPROVERS: 'UMANY1,UMANY2' })).toEqual([]);
    expect(await notify({ APPROVERS: ids.slice(0, 7).join() })).toEqual(['a card notifies 7 people.']);
    expect(await notify({ APPROVERS: 'SSTAFF' })).toEqual([
      'a card notifies nobody, since its groups have more than 20 members. Set NOTIFY.',
    ]);
    expect(await notify({ APPROVERS: 'SSTAFF', NOTIFY: 'SSTAFF' })).toEqual(['a card notifies 24 people.']);
    expect(await notify({ APPROVERS: '' })).toEqual([
      expect.stringMatching(
        /^a card notifies nobody, since no approvers are set, and the channel has 2\d members\. Set NOTIFY\.$/,
      ),
    ]);
    expect(await notify({ APPROVERS: '', NOTIFY: 'none' })).toEqual([]);
    expect(await notify({ APPROVERS: '', NOTIFY: 'dm' })).toEqual([
      'a card notifies nobody, since NOTIFY is dm and no approvers are set. Set APPROVERS.',
    ]);
  });

  test('says where to set the webhook of a Flow, and what is missing for it', async () => {
    const world = await startWorld([], { inputs: [] });
    const flows = async (changed: Record<string, string>) =>
      (await doctor(world, { FLOW_WEBHOOK_SECRETS: 'whsec_a-secret-of-a-flow', ...changed })).said.filter(
        (line) => line.includes('Flow reviews of press'),
      );
    expect(await flows({})).toEqual([
      expect.stringMatching(/^note +Flow reviews of press: PUBLIC_URL is not set/),
    ]);
    expect(await flows({ PUBLIC_URL: 'https://bot.example.invalid' })).toEqual([
      expect.stringMatching(
        /^ok +Flow reviews .*https:\/\/bot\.example\.invalid\/webhooks\/press\/flow; .*\*\.crewai\.com/,
      ),
    ]);
  });

  test('says which address a program of your own must have when no callback goes to CrewAI', async () => {
    const world = await startWorld([], { inputs: [] });
    const settings = { FLOW_WEBHOOK_SECRETS: 'whsec_a-secret-of-a-flow', CALLBACK_HOSTS: '127.0.0.1:8765' };
    expect((await doctor(world, settings)).said).toContainEqual(
      expect.stringMatching(/^ok +Flow reviews of press: come from a program of your own.*127\.0\.0\.1:8765/),
    );
  });

  test('checks no URL and prints no kickoff of a crew that takes Flow reviews only', async () => {
    const world = await startWorld([], {}, { appToken: APP_TOKEN });
    const only = {
      FLOW_WEBHOOK_SECRETS: 'whsec_a-secret-of-a-flow',
      CREWAI_BASE_URL: '',
      CREWAI_BEARER_TOKEN: '',
      PUBLIC_URL: 'http://127.0.0.1:9',
    };
    const { said } = await doctor(world, only);
    expect(said).toContainEqual(expect.stringMatching(/^ok +crew press: takes Flow reviews only\.$/));
    const { code, all } = await doctor(world, only, ['--kickoff']);
    expect(all).toContain('press takes Flow reviews only. The doctor names the URL to set in CrewAI AMP.');
    expect(code).toBe(0);
  });

  test('names every setting that is missing or wrong, and ends with 1', async () => {
    const world = await startWorld();
    const { code, all } = await doctor(world, {
      SLACK_BOT_TOKEN: 'nonsense',
      WEBHOOK_SECRET: 'short',
      PORT: 'x',
    });
    expect(code).toBe(1);
    for (const setting of ['SLACK_BOT_TOKEN', 'WEBHOOK_SECRET', 'PORT']) {
      expect(all).toMatch(new RegExp(`^FAILED +${setting}: `, 'm'));
    }
    expect(all).toContain('3 problems found.');
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
    const { code, all } = await doctor(world, {
      CREWS_FILE: 'crews.yml',
      SLACK_APP_TOKEN: 'xapp-of-another-app',
      PUBLIC_URL: world.platform.baseUrl,
    });
    expect(code).toBe(1);
    const failed = all.split('\n').filter((line) => line.startsWith('FAILED'));
    expect(failed.map((line) => line.replace(/^FAILED +/, '').replace(/127\.0\.0\.1:\d+/, 'HOST'))).toEqual([
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
    expect(all).toMatch(/note +channel CAPPROVALS: the bot is not in #approvals\. It can post cards/);
  });

  test('a bot token that Slack rejects is one problem, not one for each channel and person', async () => {
    const world = await startWorld();
    const { code, all } = await doctor(world, {
      SLACK_BOT_TOKEN: 'xoxb-of-another-app',
      APPROVERS: 'UANA,SEDITORS',
    });
    expect(code).toBe(1);
    expect(all.match(/invalid_auth/g)).toHaveLength(1);
    expect(all).toMatch(/^note +channels and approvers: not checked, since SLACK_BOT_TOKEN failed\.$/m);
    expect(all).toContain('\n1 problem found.');
  });

  test('says that Slack cannot be reached, not that it rejects the bot token', async () => {
    const world = await startWorld();
    const settings = { SLACK_API_URL: 'http://127.0.0.1:9/api/' };
    const { code, all } = await doctor(world, settings, ['--send-test']);
    expect(code).toBe(1);
    expect(all).not.toMatch(/reject/);
    expect(all).toMatch(/^FAILED +SLACK_BOT_TOKEN: Slack cannot be reached \(.*\)\. Check the network\.$/m);
    expect(all).toMatch(/^note +channels and approvers: not checked, since SLACK_BOT_TOKEN failed\.$/m);
    expect(all).toMatch(/^note +test approval: not checked, since SLACK_BOT_TOKEN failed\.$/m);
  });

  test('says that Slack limits the bot, not that it rejects the bot token', async () => {
    const world = await startWorld();
    world.workspace.failures.plan({ on: 'auth.test', failure: { rateLimited: { retryAfter: 30 } } });
    const { all } = await doctor(world);
    expect(all).not.toMatch(/reject/);
    expect(all).toMatch(
      /^FAILED +SLACK_BOT_TOKEN: Slack rate-limits the bot for 30 s\. Wait, then try again\.$/m,
    );
    expect(all).toMatch(/^note +channels and approvers: not checked, since SLACK_BOT_TOKEN failed\.$/m);
  });

  test('names a scope that the app was not granted', async () => {
    const folder = (await startWorld()).folder;
    mkdirSync(folder, { recursive: true });
    const manifest = join(folder, 'less.yml');
    writeFileSync(
      manifest,
      'features: {app_home: {home_tab_enabled: true}}\noauth_config: {scopes: {bot: [chat:write, users:read, channels:read]}}\nsettings: {interactivity: {is_enabled: true}}\n',
    );
    const world = await startWorld([], {}, { manifest });
    const { all } = await doctor(world);
    expect(all).toMatch(
      /^FAILED +scopes: chat:write\.public, .*files:write.* are missing\. Install the app again/m,
    );
  });

  test('checks the store and PUBLIC_URL beside the running bot', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world);
    const { code, all } = await doctor(world, { PUBLIC_URL: bot.url, PORT: String(bot.port) });
    expect(all).toMatch(/^ok +PUBLIC_URL: reaches the running bot\.$/m);
    expect(all).toMatch(/^ok +store sqlite:.* reads, writes and compares/m);
    expect(code).toBe(0);
    const other = await doctor(world, {
      PUBLIC_URL: bot.url,
      PORT: String(bot.port),
      SLACK_BOT_TOKEN: 'xoxb-another-bot',
    });
    expect(other.all).toMatch(/^FAILED +PUBLIC_URL: does not reach this bot/m);
  });

  test.each([
    [
      -600,
      /^FAILED +clock: (599|600|601) s behind Slack's, so Slack's requests are rejected\. Set the clock by NTP\.$/m,
      1,
    ],
    [
      600,
      /^FAILED +clock: (599|600|601) s ahead of Slack's, so Slack's requests are rejected\. Set the clock by NTP\.$/m,
      1,
    ],
    [90, /^note +clock: (89|90|91) s ahead of Slack's\. Set the clock by NTP\.$/m, 0],
  ])("compares the clock with Slack's: %i s off", async (seconds, says, ends) => {
    const { code, all } = await doctor(await startWorld(), {
      NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`,
      SHIFT_CLOCK_BY: String(seconds * 1_000),
    });
    expect(all).toMatch(says);
    expect(code).toBe(ends);
  });

  test('says that the store cannot be opened, without its password', async () => {
    const world = await startWorld();
    const { code, all } = await doctor(world, {
      STORE_URL: 'postgres://someone:a-password@127.0.0.1:9/approvals',
    });
    expect(code).toBe(1);
    expect(all).toMatch(/^FAILED +store postgres:\/\/127\.0\.0\.1:9\/approvals: .*ECONNREFUSED/m);
    expect(all).not.toContain('a-password');
  });

  test('rejects an option that it does not have', async () => {
    const { code, all } = await doctor(await startWorld(), {}, ['--blocks']);
    expect([code, all]).toEqual([1, expect.stringContaining("Unknown option '--blocks'")]);
  });

  test('-- --send-test posts an approval and deletes it', async () => {
    const world = await startWorld();
    const { code, all } = await doctor(world, {}, ['--send-test']);
    expect(all).toMatch(/^ok +test approval in CAPPROVALS: posted and deleted\.$/m);
    expect(code).toBe(0);
    expect(world.workspace.messages('CAPPROVALS')).toEqual([]);
    const { args } = world.workspace.calls.find(({ method }) => method === 'chat.postMessage') ?? {};
    expect(JSON.stringify(args?.blocks)).toContain('Request revision');
  });
});
