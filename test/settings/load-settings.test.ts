import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import type { Environment } from '../../src/settings/environment.ts';
import { loadSettings, PLACEHOLDERS, readEnvironment } from '../../src/settings/load-settings.ts';
import { SettingsError } from '../../src/settings/settings.ts';
import { SETTINGS } from '../../src/settings/unknown-settings.ts';

const GOOD = {
  SLACK_BOT_TOKEN: 'xoxb-12345-67890-abcdef',
  SLACK_SIGNING_SECRET: '8f742231b10e8888abcd99yyyzzz85a5',
  CREWAI_BASE_URL: 'https://press-crew-1a2b3c.crewai.com',
  CREWAI_BEARER_TOKEN: 'd5b8f4a2c1e0',
  APPROVAL_CHANNEL: 'C0123456789',
  WEBHOOK_SECRET: 'sixteen-chars-ok',
};
const APP_TOKEN = 'xapp-1-A0123-456-abcdef';
const EXAMPLE = parseEnv(readFileSync('.env.example', 'utf8')) as Record<string, string>;
const REQUIRED = Object.keys(GOOD);

function faultsOf(settings: Environment): Record<string, string> {
  try {
    loadSettings(settings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const lines = error.message.split('\n');
    expect(lines[0]).toBe('Invalid configuration:');
    expect(lines.slice(1)).toEqual(error.faults.map(({ setting, fault }) => `  ${setting} ${fault}`));
    return Object.fromEntries(error.faults.map(({ setting, fault }) => [setting, fault]));
  }
  return {};
}

describe('.env.example', () => {
  test('names every setting that there is, and no other', () => {
    // For a Slack at another address: only docs/configuration.md describes it.
    const known = SETTINGS.filter((setting) => setting !== 'SLACK_API_URL');
    expect(Object.keys(EXAMPLE).sort()).toEqual(known.sort());
  });

  test('is refused while what only you have is still the example', () => {
    const faults = faultsOf(EXAMPLE);
    expect(Object.keys(faults)).toEqual([...Object.keys(PLACEHOLDERS), 'WEBHOOK_SECRET']);
    for (const [setting, value] of Object.entries(PLACEHOLDERS)) {
      expect(EXAMPLE[setting]).toBe(value);
      expect(faults[setting]).toMatch(/^still has the value of \.env\.example/);
    }
    const { WEBHOOK_SECRET: _, ...others } = GOOD;
    expect(faultsOf({ ...EXAMPLE, ...others, SLACK_APP_TOKEN: APP_TOKEN })).toEqual({
      WEBHOOK_SECRET:
        'still has the value of .env.example: replace it, for example by `openssl rand -hex 24`',
    });
  });

  test('is accepted once its placeholders have real values', () => {
    const config = loadSettings({ ...EXAMPLE, ...GOOD, SLACK_APP_TOKEN: APP_TOKEN });
    expect(config).toEqual({
      slack: {
        botToken: GOOD.SLACK_BOT_TOKEN,
        appToken: APP_TOKEN,
        signingSecret: GOOD.SLACK_SIGNING_SECRET,
        command: '/approvals',
      },
      crews: [
        {
          name: 'crew',
          baseUrl: GOOD.CREWAI_BASE_URL,
          bearerToken: GOOD.CREWAI_BEARER_TOKEN,
          channels: ['C0123456789'],
          rules: {
            channel: 'C0123456789',
            approvers: [],
            excludeRequester: false,
            allowGuests: false,
            notify: 'approvers',
            rounds: 'channel',
            policy: DEFAULT_POLICY,
          },
          tasks: [],
          webhookSecret: GOOD.WEBHOOK_SECRET,
          webhookUrls: {},
          lookUps: 'members',
          isFlow: false,
          flowWebhookSecrets: [],
          starters: [],
          inputs: {},
          callbackHosts: ['*.crewai.com'],
          preview: false,
          resumeFormat: 'auto',
          approveTasks: [],
          approvalText: 'Approved.',
          revisionText:
            'This output is not accepted. Revise it according to the following feedback, and ask for review again:',
        },
      ],
      storeUrl: 'sqlite://data/approvals.db',
      host: '0.0.0.0',
      port: 3000,
      logLevel: 'info',
      unknownSettings: [],
    });
  });

  test('says in its own lines what each setting looks like: #approvals is read as #approvals', () => {
    expect(EXAMPLE.APPROVAL_CHANNEL).toBe('#approvals');
    const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, CREWAI_BASE_URL, CREWAI_BEARER_TOKEN, WEBHOOK_SECRET } =
      GOOD;
    const own = {
      SLACK_APP_TOKEN: APP_TOKEN,
      SLACK_BOT_TOKEN,
      SLACK_SIGNING_SECRET,
      CREWAI_BASE_URL,
      CREWAI_BEARER_TOKEN,
      WEBHOOK_SECRET,
    };
    expect(faultsOf({ ...EXAMPLE, ...own })).toEqual({});
  });

  test('has for every optional setting the default that the product has', () => {
    const optional = Object.fromEntries(Object.entries(EXAMPLE).filter(([name]) => !(name in GOOD)));
    delete optional.SLACK_APP_TOKEN;
    expect(loadSettings({ ...optional, ...GOOD })).toEqual(loadSettings(GOOD));
  });
});

describe('the settings', () => {
  test('are all missing in an empty environment, each named with what it wants, at once', () => {
    const faults = faultsOf({});
    expect(Object.keys(faults).sort()).toEqual([...REQUIRED].sort());
    for (const fault of Object.values(faults)) expect(fault).toMatch(/^is missing: \S+ \S+/);
    expect(faults.SLACK_BOT_TOKEN).toContain('xoxb-');
    expect(faults.APPROVAL_CHANNEL).toContain('#name');
    expect(faults.WEBHOOK_SECRET).toContain('16 characters');
  });

  test('are said to be none at all only where there is none, so that init is suggested', () => {
    const nothingSet = (settings: Environment) => {
      try {
        loadSettings(settings);
      } catch (error) {
        return error instanceof SettingsError && error.nothingSet;
      }
      return undefined;
    };
    expect(nothingSet({})).toBe(true);
    expect(nothingSet({ PORT: '4000', STORE_URL: 'sqlite:///data/approvals.db', HOME: '/root' })).toBe(true);
    for (const setting of ['SLACK_BOT_TOKEN', 'APPROVAL_CHANNEL', 'CREW_NAME', 'CREWS_FILE'] as const)
      expect(nothingSet({ [setting]: setting === 'CREWS_FILE' ? 'crews.example.yml' : 'x' })).toBe(false);
  });

  test.each(REQUIRED)('without %s are refused, and only it is named', (name) => {
    for (const value of [undefined, '', '   ']) {
      expect(Object.keys(faultsOf({ ...GOOD, [name]: value }))).toEqual([name]);
    }
  });

  const WRONG: [string, string, RegExp][] = [
    ['SLACK_BOT_TOKEN', 'xapp-1-token-of-the-app', /xoxb-/],
    ['SLACK_BOT_TOKEN', 'xoxb-', /xoxb-/],
    ['SLACK_BOT_TOKEN', 'xoxb-with space', /xoxb-/],
    ['SLACK_API_URL', 'slack.example.com', /http:\/\/ or https:\/\//],
    ['CREWAI_BASE_URL', 'your-crew.crewai.com', /http:\/\/ or https:\/\//],
    ['CREWAI_BASE_URL', 'ftp://your-crew.crewai.com', /http:\/\/ or https:\/\//],
    ['CREWAI_BASE_URL', 'https://', /http:\/\/ or https:\/\//],
    ['PUBLIC_URL', 'bot.example.com:3000', /http:\/\/ or https:\/\//],
    ['PUBLIC_URL', 'https://bot.example.com/?a=1', /without \? or #/],
    ['APPROVERS', ' , ', /names nobody/],
    ['PUBLIC_URL', 'javascript:alert(1)', /http:\/\/ or https:\/\//],
    ['CREW_NAME', 'press crew', /letters, digits/],
    ['CREW_NAME', 'press/../zoo', /letters, digits/],
    ['CREW_NAME', 'x'.repeat(65), /64/],
    ['APPROVAL_CHANNEL', 'approvals', /channel id such as C0123456789, or a #name/],
    ['APPROVAL_CHANNEL', '#', /channel id/],
    ['APPROVAL_CHANNEL', 'U0123456789', /channel id/],
    ['APPROVERS', 'ana', /"ana"/],
    ['APPROVERS', 'U0123456789, @ben', /"@ben"/],
    ['APPROVERS', 'U0123456789 U0123456780', /"U0123456789 U0123456780"/],
    ['APPROVERS', 'C0123456789', /"C0123456789"/],
    ['NOTIFY', 'everyone', /has "everyone", but must be one word \(approvers, here, dm or none\) or a list/],
    ['NOTIFY', 'U0123456789,here', /has "here", but must be one word/],
    ['WEBHOOK_SECRET', 'fifteen-chars-x', /at least 16 characters/],
    ['STORE_URL', 'data/approvals.db', /sqlite:\/\//],
    ['STORE_URL', 'sqlite://', /sqlite:\/\//],
    ['PORT', 'http', /0 to 65535/],
    ['PORT', '65536', /0 to 65535/],
    ['PORT', '-1', /0 to 65535/],
    ['PORT', '80.5', /0 to 65535/],
    ['PORT', '0x50', /0 to 65535/],
    ['LOG_LEVEL', 'verbose', /trace, debug, info/],
    ['WEBHOOKS_PER_SECOND', '0', /whole number/],
    ['WEBHOOKS_PER_SECOND', '-1', /whole number/],
    ['WEBHOOKS_PER_SECOND', 'many', /whole number/],
    ['OPS_CHANNEL', 'ops', /#name/],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', /disables certificate checks.*NODE_EXTRA_CA_CERTS/],
  ];

  test.each(WRONG)('with %s=%s are refused, and it is named with what it wants', (name, value, wants) => {
    const faults = faultsOf({ ...GOOD, [name]: value });
    expect(Object.keys(faults)).toEqual([name]);
    expect(faults[name]).toMatch(wants);
  });

  test('that are wrong are named all at once', () => {
    const wrong = Object.fromEntries(WRONG.map(([name, value]) => [name, value]));
    expect(Object.keys(faultsOf(wrong)).sort()).toEqual(
      [...new Set([...Object.keys(wrong), 'SLACK_SIGNING_SECRET', 'CREWAI_BEARER_TOKEN'])].sort(),
    );
  });

  test('that are secret are never in the message about them', () => {
    const secrets = {
      SLACK_BOT_TOKEN: 'xoxp-S3CRET',
      WEBHOOK_SECRET: 'S3CRET',
      SLACK_SIGNING_SECRET: 'S3CRET',
    };
    expect(
      JSON.stringify(faultsOf({ ...GOOD, ...secrets, CREWAI_BEARER_TOKEN: 'S3CRET', PORT: 'x' })),
    ).not.toContain('S3CRET');
  });

  test('in any combination are refused exactly for those that are wrong', () => {
    fc.assert(
      fc.property(fc.subarray(WRONG), (wrong) => {
        const settings = { ...GOOD, ...Object.fromEntries(wrong.map(([name, value]) => [name, value])) };
        expect(Object.keys(faultsOf(settings)).sort()).toEqual(
          [...new Set(wrong.map(([name]) => name))].sort(),
        );
      }),
    );
  });

  test('that are right are taken as they are', () => {
    const config = loadSettings({
      ...GOOD,
      SLACK_API_URL: 'http://127.0.0.1:4000/api/',
      CREW_NAME: 'press_crew-2',
      APPROVAL_CHANNEL: '#press-approvals',
      APPROVERS: ' U0123456789, S0123456789 ,,W0123456789,',
      PUBLIC_URL: 'https://bot.example.com/approvals',
      APPROVAL_TEXT: 'Looks good.',
      SILENT_AFTER: '2h',
      LOOK_UPS: 'everyone',
      RETENTION: '90 days',
      STORE_URL: 'sqlite:///var/lib/approvals.db',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      slack: { apiUrl: 'http://127.0.0.1:4000/api/' },
      crews: [
        {
          name: 'press_crew-2',
          channels: ['#press-approvals'],
          rules: {
            channel: '#press-approvals',
            approvers: ['U0123456789', 'S0123456789', 'W0123456789'],
            policy: { silentAfter: 7_200_000 },
          },
          approvalText: 'Looks good.',
          lookUps: 'everyone',
          retention: 90 * 24 * 60 * 60_000,
        },
      ],
      publicUrl: 'https://bot.example.com/approvals',
      storeUrl: 'sqlite:///var/lib/approvals.db',
      host: '127.0.0.1',
      port: 0,
      logLevel: 'debug',
    });
  });

  test('that are empty are as if they were not set', () => {
    const optional = [
      'SLACK_API_URL',
      'CREW_NAME',
      'APPROVERS',
      'PUBLIC_URL',
      'APPROVAL_TEXT',
      'SILENT_AFTER',
      'LOOK_UPS',
      'RETENTION',
      'OPS_CHANNEL',
      'WEBHOOKS_PER_SECOND',
      'STORE_URL',
    ];
    const empty = Object.fromEntries([...optional, 'HOST', 'PORT', 'LOG_LEVEL'].map((name) => [name, ' ']));
    expect(loadSettings({ ...GOOD, ...empty })).toEqual(loadSettings(GOOD));
  });
});

describe('the .env file', () => {
  function envFile(content: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-env-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, '.env');
    writeFileSync(file, content);
    return file;
  }

  test('is read, and the environment wins over it', () => {
    const file = envFile('PORT=4000\nHOST=127.0.0.1\n# a comment\nAPPROVAL_TEXT="Fine, # thanks"\n');
    const settings = readEnvironment({ ...GOOD, PORT: '5000' }, file);
    expect(loadSettings(settings)).toMatchObject({
      port: 5000,
      host: '127.0.0.1',
      crews: [{ approvalText: 'Fine, # thanks' }],
    });
  });

  test('may be missing', () => {
    expect(readEnvironment(GOOD, join(tmpdir(), 'no-such-folder', '.env'))).toEqual(GOOD);
  });

  test('may hold a quoted #name as the channel', () => {
    const { APPROVAL_CHANNEL: _, ...others } = GOOD;
    const settings = readEnvironment(others, envFile('APPROVAL_CHANNEL="#press"\n'));
    expect(loadSettings(settings).crews[0]?.rules.channel).toBe('#press');
  });
});
