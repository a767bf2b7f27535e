import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, test, vi } from 'vitest';
import { UNDECIDABLE } from '../../src/approval/intake/build-approval.ts';
import { runChecks } from '../../src/cli/doctor/checks.ts';
import { printKickoff } from '../../src/cli/doctor/print-kickoff.ts';
import { formatResult } from '../../src/cli/doctor/result.ts';
import { readReceiptKey } from '../../src/lib/receipt-key.ts';
import type { KickoffBody } from '../../src/sandbox/crewai/kickoff-request.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { openStore } from '../../src/store/open-store.ts';
import { revokeReceiptKey } from '../../src/store/receipt-keys.ts';
import { SILENT } from '../store/support.ts';
import { clickOn, ready } from '../support/process-steps.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { DIALECTS, draft, sees, startBot, startWorld, type World } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const FLOWS = { FLOW_WEBHOOK_SECRETS: 'whsec_a-secret-of-a-flow' };

/** The lines of the doctor, without the padding between their parts. */
async function check({ settings }: World, changed: Record<string, string> = {}, sendTest = false) {
  const said: string[] = [];
  for await (const result of runChecks(loadSettings({ ...settings, ...changed }), sendTest))
    said.push(formatResult(result).replace(/ +/g, ' '));
  return said;
}

/** Crews of a file, in YAML, as settings. */
function crewsFile(world: World, crews: string): Record<string, string> {
  const CREWS_FILE = join(world.folder, 'crews.yml');
  writeFileSync(CREWS_FILE, `crews:\n${crews}`);
  return { CREWS_FILE };
}

describe('the doctor', () => {
  test('notes when a card notifies many people, or nobody', async () => {
    const ids = Array.from({ length: 24 }, (_, n) => `UMANY${n}`);
    const people = [...ids, 'UANA'].map((id) => ({ id, name: id.toLowerCase() }));
    const channels = [{ id: 'CAPPROVALS', name: 'approvals', members: ids, botIsMember: true }];
    const groups = [{ id: 'SSTAFF', handle: 'staff', users: ids }];
    const world = await startWorld([], {}, { people, channels, groups });
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
      const said = await check(world, changed);
      expect(said.flatMap((line) => /^note notify of press: (.*)$/.exec(line)?.[1] ?? [])).toEqual(
        notes.map((note) => expect.stringMatching(note)),
      );
    }
  });

  test('needs neither a URL of CrewAI nor one of the bot where only programs ask', async () => {
    const world = await startWorld();
    const asked = {
      ASK_SECRET: 'the-ask-secret-of-16',
      CREWAI_BASE_URL: '',
      CREWAI_BEARER_TOKEN: '',
      WEBHOOK_SECRET: '',
      PUBLIC_URL: '',
    };
    const said = await check(world, asked);
    for (const line of [
      'ok questions of press: programs ask with its ask_secret.',
      'ok crew press: has no URL: programs start and report its runs.',
      'ok PUBLIC_URL: is not needed: only programs ask.',
    ])
      expect(said).toContain(line);
    expect(said.filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  test('says that tool calls are rejected where nobody is named', async () => {
    const world = await startWorld();
    const note =
      'note tool calls of press: are rejected where neither the settings nor the question names approvers. Set APPROVERS, or approvers of the crew or of its tasks in the crews file.';
    const asks = { ASK_SECRET: 'the-ask-secret-of-16' };
    expect(await check(world, { ...asks, APPROVERS: '' })).toContain(note);
    expect(await check(world, { ...asks, APPROVERS: 'UANA' })).not.toContain(note);
    expect(await check(world, { APPROVERS: '' })).not.toContain(note);
  });

  test('notes that nobody may decide a pause without a name', async () => {
    const world = await startWorld();
    const { platform, settings } = world;
    const checkApprovers = (approvers: string) =>
      check(
        world,
        crewsFile(
          world,
          `  press: { base_url: ${platform.baseUrl}, bearer_token: ${settings.CREWAI_BEARER_TOKEN}, channel: CAPPROVALS, webhook_secret: a-secret-of-the-press-crew, approvers: ${approvers}, tasks: [{ match: draft_*, approvers: [UBEN] }] }`,
        ),
      );
    const note = `note approvers of press: ${UNDECIDABLE}.`;
    expect(await checkApprovers('[UANA, UBEN]')).not.toContain(note);
    expect(await checkApprovers('[UANA]')).toContain(note);
  });

  test('says where the reviews of a Flow come from, and what is missing for them', async () => {
    const world = await startWorld([], { inputs: [] });
    const PUBLIC_URL = 'https://bot.example.invalid';
    const amp = 'https:\\/\\/bot\\.example\\.invalid\\/webhooks\\/press\\/flow; .*\\*\\.crewai\\.com';
    for (const [changed, says] of [
      [{}, 'note Flow reviews of press: PUBLIC_URL is not set'],
      [{ PUBLIC_URL }, `ok Flow reviews .*${amp}`],
      [{ PUBLIC_URL, CALLBACK_HOSTS: '127.0.0.1:8765' }, 'ok Flow reviews .*answers go to 127'],
      [
        { CREWAI_BASE_URL: '', CREWAI_BEARER_TOKEN: '', PUBLIC_URL: 'http://127.0.0.1:9' },
        'ok crew press: accepts Flow reviews only\\.$',
      ],
    ] as const)
      expect(await check(world, { ...FLOWS, ...changed })).toContainEqual(expect.stringMatching(`^${says}`));
  });

  test('names each token, channel, person, crew and address that is wrong', async () => {
    const channels = [
      { id: 'CAPPROVALS', name: 'approvals', members: ['UANA'], botIsMember: false },
      { id: 'COLD', name: 'old', members: ['UANA'], botIsMember: true, archived: true },
    ];
    const groups = [{ id: 'SEDITORS', handle: 'editors', users: [] }];
    const world = await startWorld([], {}, { appToken: APP_TOKEN, channels, groups });
    const { baseUrl } = world.platform;
    const said = await check(world, {
      ...crewsFile(
        world,
        `  press: { base_url: ${baseUrl}, bearer_token: wrong, channel: CAPPROVALS, channels: [COLD, "#nowhere"], approvers: [UANA, UNOBODY, SEDITORS, SNOWHERE], webhook_secret: a-secret-of-the-press-crew }
  away: { base_url: "http://127.0.0.1:9", bearer_token: wrong, channel: CSECRET, approvers: [UANA], webhook_secret: a-secret-of-the-other-crew }
`,
      ),
      SLACK_APP_TOKEN: 'xapp-of-another-app',
      PUBLIC_URL: baseUrl,
    });
    const failed = said.flatMap((line) => /^FAILED (.*)$/.exec(line)?.[1] ?? []);
    expect(failed.map((line) => line.replace(/127\.0\.0\.1:\d+/, 'HOST'))).toEqual([
      'SLACK_APP_TOKEN: Slack answers invalid_auth. Check Basic Information → App-Level Tokens, with connections:write.',
      'channel COLD: #old is archived.',
      'channel #nowhere: the bot cannot find this channel. Check its name, or invite the bot if it is private.',
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

  test.each<[string, Record<string, string>, number | undefined, string]>([
    ['rejects it', { SLACK_BOT_TOKEN: 'xoxb-of-another-app' }, undefined, 'Slack answers invalid_auth'],
    [
      'cannot be reached',
      { SLACK_API_URL: 'http://127.0.0.1:9/api/' },
      undefined,
      'Slack cannot be reached \\(.*\\)\\. Check the network\\.$',
    ],
    ['limits the bot', {}, 30, 'Slack rate-limits the bot for 30 s\\. Wait, then try again\\.$'],
  ])(
    'says once of the bot token that Slack %s, and checks no channel and person',
    async (_, changed, retryAfter, says) => {
      const world = await startWorld();
      if (retryAfter)
        world.workspace.failures.plan({ on: 'auth.test', failure: { rateLimited: { retryAfter } } });
      const said = await check(world, { APPROVERS: 'UANA,SEDITORS', ...changed }, true);
      expect(said.filter((line) => line.startsWith('FAILED SLACK_'))).toEqual([
        expect.stringMatching(`^FAILED SLACK_BOT_TOKEN: ${says}`),
      ]);
      expect(said.join().match(/invalid_auth|rate-limits/g)?.length ?? 1).toBe(1);
      for (const about of ['channels and approvers', 'test approval'])
        expect(said).toContain(`note ${about}: not checked, since SLACK_BOT_TOKEN failed.`);
    },
  );

  test('names a scope that the app was not granted', async () => {
    const manifest = join((await startWorld()).folder, 'less.yml');
    writeFileSync(
      manifest,
      'features: {app_home: {home_tab_enabled: true}}\noauth_config: {scopes: {bot: [chat:write, users:read, channels:read]}}\nsettings: {interactivity: {is_enabled: true}}\n',
    );
    expect(await check(await startWorld([], {}, { manifest }))).toContainEqual(
      expect.stringMatching(
        /^FAILED scopes: chat:write\.public, .*files:write.* are missing\. Install the app again/,
      ),
    );
  });

  test('recognizes the running bot at PUBLIC_URL, and posts and deletes a test approval', async () => {
    const world = await startWorld();
    const bot = await startBot(world);
    // The bot has its own store open.
    const STORE_URL = `sqlite://${join(world.folder, 'other.db')}`;
    const own = { PUBLIC_URL: bot.url, PORT: String(bot.port), STORE_URL };
    const said = await check(world, own, true);
    expect(said).toContain('ok PUBLIC_URL: reaches the running bot.');
    expect(said).toContain('ok test approval in CAPPROVALS: posted and deleted.');
    expect(said.filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(world.workspace.messages('CAPPROVALS')).toEqual([]);
    const { args } = world.workspace.calls.find(({ method }) => method === 'chat.postMessage') ?? {};
    expect(JSON.stringify(args?.blocks)).toContain('Request revision');
    const other = await check(world, { ...own, SLACK_BOT_TOKEN: 'xoxb-another-bot' });
    expect(other).toContainEqual(expect.stringMatching(/^FAILED PUBLIC_URL: does not reach this bot/));
  });

  test.each([
    [-600, /^FAILED clock: (599|600|601) s behind Slack's, so Slack's requests are rejected\. Set/],
    [600, /^FAILED clock: (599|600|601) s ahead of Slack's, so Slack's requests are rejected\. Set/],
    [90, /^note clock: (89|90|91) s ahead of Slack's\. Set the clock by NTP\.$/],
  ])("compares the clock with Slack's: %i s off", async (seconds, says) => {
    const now = Date.now;
    // Slack's clock is off by as much the other way.
    const world = await startWorld([], {}, { now: () => now() - seconds * 1_000 });
    expect(await check(world)).toContainEqual(expect.stringMatching(says));
  });

  test('says that the store cannot be opened', async () => {
    const STORE_URL = 'postgres://someone:a-password@127.0.0.1:9/approvals';
    const said = await check(await startWorld(), { STORE_URL });
    expect(said).toContainEqual(
      expect.stringMatching(/^FAILED store postgres:\/\/127\.0\.0\.1:9\/approvals: .*ECONNREFUSED/),
    );
    expect(said.join()).not.toContain('a-password');
  });
});

test('the doctor compares the key that signs receipts with those of the other bots', async () => {
  const world = await startWorld();
  const makeKey = () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const RECEIPT_KEY = String(pem);
    return { settings: { RECEIPT_KEY, RECEIPT_ISSUER: 'https://a.example' }, ...readReceiptKey(RECEIPT_KEY) };
  };
  const [key, otherKey] = [makeKey(), makeKey()];
  const [{ kid }, { kid: otherKid }] = [key.publicKey, otherKey.publicKey];
  const checkKeys = async (changed: Record<string, string>) =>
    (await check(world, changed)).filter((line) => line.includes(' RECEIPT_KEY: '));
  const plainBot = await startBot(world);
  await plainBot.stop();
  expect(await checkKeys({})).toEqual([]);
  expect(await checkKeys(key.settings)).toEqual([
    `ok RECEIPT_KEY: signs receipts with the key ${kid}, which no bot has used yet.`,
  ]);
  for (const { settings } of [key, otherKey]) {
    const bot = await startBot(world, settings);
    await bot.stop();
  }
  const others = (kids: string) =>
    `note RECEIPT_KEY: is not the only key: receipts of ${kids} hold, too. Revoke a key that is not yours.`;
  const signs = `ok RECEIPT_KEY: signs receipts with the key ${kid}.`;
  expect(await checkKeys(key.settings)).toEqual([signs, others(otherKid)]);
  expect(await checkKeys({})).toEqual([
    expect.stringMatching(
      /^note RECEIPT_KEY: is not set, but bots of this store have signed receipts with .{43}, .{43}\./,
    ),
  ]);
  const { records, close } = await openStore(world.settings.STORE_URL ?? '', SILENT, { besideBot: true });
  await revokeReceiptKey(records, kid, 1).finally(close);
  expect(await checkKeys(key.settings)).toEqual([
    expect.stringContaining(
      `FAILED RECEIPT_KEY: is revoked (kid ${kid}), so answers of people to programs wait.`,
    ),
    others(otherKid),
  ]);
});

describe('the fields of a kickoff that the doctor prints', () => {
  async function print({ settings }: World, changed: Record<string, string>, crew?: string) {
    const said: string[] = [];
    const spies = (['log', 'error'] as const).map((way) =>
      vi.spyOn(console, way).mockImplementation((text) => void said.push(String(text))),
    );
    try {
      const code = await printKickoff(loadSettings({ ...settings, ...changed }), crew);
      return { code, said: said.join('\n') };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }
  const fieldsIn = (said: string) => JSON.parse(said.slice(said.indexOf('{\n'))) as KickoffBody;

  test.each(DIALECTS)(
    'start a run on the %s dialect that is approved and followed to its end',
    async (dialect) => {
      const world = await startWorld([draft], { dialect });
      const { workspace, platform } = world;
      const bot = await startBot(world);
      const { code, said } = await print(world, { PUBLIC_URL: bot.url, PORT: String(bot.port) });
      expect(code).toBe(0);
      expect(said).toContain(`Kickoff of press (${dialect} dialect)`);
      const fields = fieldsIn(said);
      const humanInput = dialect === 'live' ? 'humanInputWebhookUrl' : 'humanInputWebhook';
      expect(Object.keys(fields)).toEqual([
        'inputs',
        'taskWebhookUrl',
        'crewWebhookUrl',
        humanInput,
        'webhooks',
      ]);
      const execution = platform.kickoff(fields);
      const { ts, all } = await sees(workspace, 'the card', ready);
      expect(all).toContain('Draft press release');
      await clickOn(world, ts, 'approve');
      await platform.changed(() => platform.execution(execution).status === 'completed', { what: 'the end' });
      // On the documented API a bot without PUBLIC_URL is told of nothing after a decision.
      if (dialect === 'live') await sees(workspace, 'the end', (one) => one.all.includes('has finished'));
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    },
  );

  test.each(DIALECTS)(
    'name the inputs of a crew on the %s dialect, so that CrewAI accepts them, and no hidden value',
    async (dialect) => {
      const world = await startWorld([draft], { dialect, inputs: ['topic', 'tone', 'api_key'] });
      const { CREWAI_BASE_URL, CREWAI_BEARER_TOKEN } = world.settings;
      const { said } = await print(world, {
        ...crewsFile(
          world,
          `  press: { base_url: ${CREWAI_BASE_URL}, bearer_token: $CREWAI_BEARER_TOKEN, channel: CAPPROVALS, webhook_secret: a-secret-of-the-press-crew, inputs: { tone: { default: warm }, api_key: { hidden: S3CRET } } }\n`,
        ),
        PUBLIC_URL: 'https://bot.example.com',
      });
      const fields = fieldsIn(said) as { inputs: object };
      expect(fields.inputs).toEqual({ topic: '<topic>', tone: 'warm', api_key: '<api_key>' });
      expect(said).not.toContain('S3CRET');
      const headers = { Authorization: `Bearer ${CREWAI_BEARER_TOKEN}` };
      expect((await axios.post(`${CREWAI_BASE_URL}/kickoff`, fields, { headers })).status).toBe(200);
    },
  );

  test('are those of one crew only, if it is named; a crew of Flow reviews has none', async () => {
    const world = await startTwoCrews();
    const settings = { PUBLIC_URL: 'https://bot.example.com' };
    const { said } = await print(world, settings, 'budget');
    expect(said).toContain('Kickoff of budget (live dialect)');
    expect(said).not.toContain('Kickoff of press');
    expect(fieldsIn(said).taskWebhookUrl).toMatch(
      /^https:\/\/bot\.example\.com\/webhooks\/budget\/task\?token=/,
    );
    expect(await print(world, settings, 'sales')).toEqual({
      code: 1,
      said: 'There is no crew sales. The crews are: press, budget.',
    });
    const none = { CREWAI_BASE_URL: '', CREWAI_BEARER_TOKEN: '', ...FLOWS, ...settings };
    expect(await print(await startWorld(), none)).toEqual({
      code: 0,
      said: '\npress accepts Flow reviews only. The doctor names the URL to set in CrewAI AMP.',
    });
  });
});
