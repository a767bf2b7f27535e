import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadSettings, readEnvironment } from '../../src/settings/load-settings.ts';
import { type Environment, SettingsError } from '../../src/settings/settings.ts';
import { CREW_SETTINGS } from '../../src/settings/table.ts';

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
  test('is refused while what only you have is still the example', () => {
    const faults = faultsOf(EXAMPLE);
    expect(Object.keys(faults)).toEqual([
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'CREWAI_BASE_URL',
      'CREWAI_BEARER_TOKEN',
      'WEBHOOK_SECRET',
    ]);
    for (const fault of Object.values(faults))
      expect(fault).toMatch(/^still has the value of \.env\.example/);
    const { WEBHOOK_SECRET: _, ...others } = GOOD;
    const left = faultsOf({ ...EXAMPLE, ...others, SLACK_APP_TOKEN: APP_TOKEN });
    expect(Object.keys(left)).toEqual(['WEBHOOK_SECRET']);
    expect(left.WEBHOOK_SECRET).toContain('for example from `openssl rand -hex 24`');
  });

  test('is accepted once its placeholders have real values', () => {
    const { SLACK_SIGNING_SECRET: _, ...good } = GOOD;
    const config = loadSettings({ ...EXAMPLE, ...good, SLACK_APP_TOKEN: APP_TOKEN });
    expect(config).toEqual({
      slack: {
        botToken: GOOD.SLACK_BOT_TOKEN,
        appToken: APP_TOKEN,
        command: '/approvals',
      },
      crews: [
        {
          name: 'crew',
          baseUrl: GOOD.CREWAI_BASE_URL,
          bearerToken: GOOD.CREWAI_BEARER_TOKEN,
          isFlow: false,
          channel: 'C0123456789',
          channels: [],
          approvers: [],
          approvalsRequired: 1,
          excludeRequester: false,
          allowGuests: false,
          notify: 'approvers',
          rounds: 'channel',
          undoWindow: 0,
          urgent: false,
          escalateTo: [],
          onExpiry: 'keep',
          silentAfter: 10 * 60_000,
          tasks: [],
          webhookSecret: GOOD.WEBHOOK_SECRET,
          webhookUrls: {},
          lookUps: 'members',
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
      ineffective: [],
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
    ['SLACK_BOT_TOKEN', 'xoxb-with-a-zero-width-space\u200b', /xoxb-/],
    ['SLACK_APP_TOKEN', 'xapp-1-é', /xapp-/],
    ['SLACK_SIGNING_SECRET', '8f742231b10e\u200b', /printable ASCII/],
    ['SLACK_API_URL', 'slack.example.com', /http:\/\/ or https:\/\//],
    ['CREWAI_BASE_URL', 'your-crew.crewai.com', /http:\/\/ or https:\/\//],
    ['CREWAI_BASE_URL', 'ftp://your-crew.crewai.com', /http:\/\/ or https:\/\//],
    ['CREWAI_BASE_URL', 'https://', /http:\/\/ or https:\/\//],
    ['PUBLIC_URL', 'bot.example.com:3000', /http:\/\/ or https:\/\//],
    ['PUBLIC_URL', 'https://bot.example.com/?a=1', /without \? or #/],
    ['APPROVERS', ' , ', /must be a list of user ids/],
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
    ['STORE_URL', 'postgres://bot:S3/CRET@db:5432/x', /^must be a URL: percent-encode (?!.*S3)/],
    ['STORE_URL', 'redis://:S3#CRET@cache:6379', /^must be a URL: percent-encode (?!.*S3)/],
    ['STORE_URL', 'postgres://bot:12/CRET@db/x', /^must be a URL: percent-encode (?!.*CRET)/],
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
    ['STARTERS', ' , ', /must be a list of user ids/],
    ['APPROVALS_REQUIRED', '1 0', /whole number from 1 to 20/],
    ['APPROVALS_REQUIRED', '21', /whole number from 1 to 20/],
    ['APPROVALS_REQUIRED', '2 people', /whole number from 1 to 20/],
    ['EXCLUDE_REQUESTER', 'yes', /true or false/],
    ['ALLOW_GUESTS', '1', /true or false/],
    ['UNDO_WINDOW', '30', /a time with its unit/],
    ['REMIND_AFTER', '0 s', /a time with its unit/],
    ['URGENT', 'TRUE', /true or false/],
    ['EXPIRE_AFTER', 'soon', /a time with its unit/],
    ['ON_EXPIRY', 'refuse', /must be keep, approve, request_revision or default/],
    ['EXPIRY_TEXT', 'x'.repeat(3_001), /longer than 3,000 characters/],
    ['CHANNELS', '#press, press', /channel id such as C0123456789, or a #name/],
    ['PREVIEW', 'no', /true or false/],
    ['TASKS', 'draft_*', /must be a list of settings, each with match/],
    ['TASKS', '[{match: a, channel: press}]', /^\(0\.channel\) must be a channel id, a #name/],
    ['TASKS', '[{match: a, escalate_after: 1h}]', /^\(0\.escalate_after\) needs escalate_to$/],
    [
      'TASKS',
      '[{match: a, retention: 1 day}]',
      /^\(0\.retention\) is a setting of a crew: it belongs directly/,
    ],
    ['TASKS', '[{match: a', /is not valid YAML/],
    ['INPUTS', '{topic: {label: " "}}', /^\(topic\.label\) is blank$/],
    ['INPUTS', '{topic: {hidden: $NOT_SET}}', /^\(topic\.hidden\) uses \$NOT_SET, which is not set/],
    ['INPUTS', '*s3cr3t', /is not valid YAML/],
    ['CREW_WEBHOOK_URLS', '{task: ftp://x}', /^\(task\) must be an http/],
    ['TASKS', '[5]', /^\(0\) must be settings with a match$/],
    ['INPUTS', '{topic: What is it about?}', /^\(topic\) must be settings of an input, such as its label$/],
    ['INPUTS', '{topic: {port: 1}}', /^\(topic\.port\) is not recognized$/],
    ['CREW_WEBHOOK_URLS', 'https://erp.example.com', /^must be URLs by their names: task, step and crew$/],
    ['CREW_WEBHOOK_URLS', '{human: https://erp.example.com}', /^\(human\) is not recognized$/],
    ['FLOW_WEBHOOK_SECRETS', 'short, a-secret-of-16-chars', /must each have at least 16 characters/],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', /disables certificate checks.*NODE_EXTRA_CA_CERTS/],
  ];

  /** Right alone, but not without another setting. */
  const LACKING: [string, string, RegExp][] = [
    ['ESCALATE_AFTER', '1h', /^needs ESCALATE_TO$/],
    ['ESCALATE_TO', 'S0123456789', /^needs ESCALATE_AFTER$/],
    ['ON_EXPIRY', 'approve', /^needs EXPIRE_AFTER$/],
  ];

  test.each([...WRONG, ...LACKING])(
    'with %s=%s are refused, and it is named with what it wants',
    (name, value, wants) => {
      const faults = faultsOf({ ...GOOD, [name]: value });
      expect(Object.keys(faults)).toEqual([name]);
      expect(faults[name]).toMatch(wants);
    },
  );

  test.each([
    ['WEBHOOK_SECRET', 'é', 1],
    ['FLOW_WEBHOOK_SECRETS', 'short,é,other', 2],
    ['APPROVERS', 'ana,ben,ana', 2],
    ['CREW_WEBHOOK_URLS', '{task: "", crew: 5}', 2],
  ])('with %s=%s are refused in one sentence for each wrong value', (name, value, sentences) => {
    let message = '';
    try {
      loadSettings({ ...GOOD, [name]: value });
    } catch (error) {
      message = String((error as Error).message);
    }
    expect(message.split('\n').slice(1)).toHaveLength(sentences);
  });

  test('that are wrong are named all at once', () => {
    const wrong = Object.fromEntries(WRONG.map(([name, value]) => [name, value]));
    expect(Object.keys(wrong).length).toBeGreaterThan(20);
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

  test.each([
    ['APPROVERS', 'xoxb-S3CRET'],
    ['STARTERS', 'U0123456789, xapp-S3CRET'],
    ['NOTIFY', 'my xoxe.xoxp-S3CRET'],
    ['TASKS', '[{match: a, approvers: [$TOKEN]}]'],
    ['TASKS', '[{match: a, notify: $TOKEN}]'],
  ])('do not quote what can be a secret: %s=%s', (name, value) => {
    const fault = faultsOf({ ...GOOD, TOKEN: 'S3CRET-of-another', [name]: value })[name];
    expect(fault).toMatch(/has a value that is not shown here, (?:but must be|which is not)/);
    expect(fault).not.toContain('S3CRET');
  });

  test('do not quote what the crews file takes from the environment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-crews-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const CREWS_FILE = join(folder, 'crews.yml');
    const { WEBHOOK_SECRET: _, CREWAI_BASE_URL: __, ...others } = GOOD;
    for (const line of ['approvers: [U1, $TOKEN]', 'notify: $TOKEN', 'escalate_to: $TOKEN']) {
      writeFileSync(CREWS_FILE, `crews:\n  press:\n    ${line}\n`);
      const load = () => loadSettings({ ...others, TOKEN: 'S3CRET-of-another', CREWS_FILE });
      expect(load).toThrow(/ has a value that is not shown here, /);
      expect(load).not.toThrow(/S3CRET/);
    }
  });

  test('quote no more of a wrong value than its beginning', () => {
    const fault = faultsOf({ ...GOOD, APPROVERS: 'x'.repeat(100_000) }).APPROVERS;
    expect(fault).toBe(
      `has "${'x'.repeat(24)}…", which is not the id of a Slack user (U…) or user group (S…)`,
    );
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
          channel: '#press-approvals',
          approvers: ['U0123456789', 'S0123456789', 'W0123456789'],
          silentAfter: 7_200_000,
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

  test('of a crew are all variables of the environment', () => {
    const { crews } = loadSettings({
      ...GOOD,
      APPROVERS: 'U1, U2',
      APPROVALS_REQUIRED: ' 2 ',
      EXCLUDE_REQUESTER: 'true',
      ALLOW_GUESTS: 'false',
      NOTIFY: 'here',
      UNDO_WINDOW: '0',
      REMIND_AFTER: '4h',
      URGENT: 'true',
      ESCALATE_AFTER: '1 day',
      ESCALATE_TO: 'S1,U2',
      EXPIRE_AFTER: '"3 days"',
      ON_EXPIRY: 'request_revision',
      EXPIRY_TEXT: 'Too late, sorry.',
      CHANNELS: '#press, C0123456789',
      APPROVE_TASKS: 'draft_*,!draft_internal_*',
      TASKS: '[{match: "draft_*", approvers: [U0123456789], approvals_required: 1, channel: U0123456789}]',
      INPUTS: "'{topic: {multiline: true}, api_key: {hidden: $PRESS_KEY}}'",
      PRESS_KEY: 'a-key',
      CREW_WEBHOOK_URLS: '{"crew": "https://erp.example.com/hook", "step": "own"}',
      WEBHOOKS_PER_SECOND: '7',
      PREVIEW: 'true',
    });
    expect(crews).toMatchObject([
      {
        approvers: ['U1', 'U2'],
        approvalsRequired: 2,
        excludeRequester: true,
        allowGuests: false,
        notify: 'here',
        undoWindow: 0,
        remindAfter: 4 * 3_600_000,
        urgent: true,
        escalateAfter: 24 * 3_600_000,
        escalateTo: ['S1', 'U2'],
        expireAfter: 72 * 3_600_000,
        onExpiry: 'request_revision',
        expiryText: 'Too late, sorry.',
        channels: ['#press', 'C0123456789'],
        approveTasks: ['draft_*', '!draft_internal_*'],
        tasks: [
          { match: 'draft_*', approvers: ['U0123456789'], approvalsRequired: 1, channel: 'U0123456789' },
        ],
        inputs: { topic: { multiline: true }, api_key: { hidden: 'a-key' } },
        webhookUrls: { crew: 'https://erp.example.com/hook', step: 'own' },
        webhooksPerSecond: 7,
        preview: true,
      },
    ]);
  });

  test('of a crew are read alike in the environment and in the crews file', () => {
    for (const { variable, schema, yaml, default: preset } of CREW_SETTINGS)
      if (!yaml && String(preset ?? '') !== '')
        expect(schema.parse(String(preset)), variable).toEqual(schema.parse(preset));
  });

  test('that are missing are reported with a variable that may be their misspelling', () => {
    const { APPROVAL_CHANNEL: channel, CREWAI_BEARER_TOKEN: token, ...others } = GOOD;
    const faults = faultsOf({ ...others, APPROVAL_CHANEL: channel, CREWAI_TOKEN: token });
    expect(faults).toEqual({
      CREWAI_BEARER_TOKEN: expect.stringMatching(
        /^is missing: .* \(CREWAI_TOKEN is set: is it misspelled\?\)$/,
      ),
      APPROVAL_CHANNEL: expect.stringMatching(/ \(APPROVAL_CHANEL is set: is it misspelled\?\)$/),
    });
  });

  test('that are wrong in the environment and in the crews file are all reported at once, each with its place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-both-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const CREWS_FILE = join(folder, 'crews.yml');
    writeFileSync(
      CREWS_FILE,
      `approvers: [U1]
crews:
  press:
    base_url: https://c.example
    bearer_token: $NOT_SET
    webhook_secret: S3CRET
    silent_after: 10
    port: 3000
    aprovers: [U1]
    tasks: [{match: a, urgent: maybe}]
  budget:
    approvals_required: 30
`,
    );
    const { CREWAI_BASE_URL: _, CREWAI_BEARER_TOKEN: __, ...others } = GOOD;
    let message = '';
    try {
      loadSettings({ ...others, CREWS_FILE, PORT: 'x', SILENT_AFTER: 'soon', ON_EXPIRY: 'approve' });
    } catch (error) {
      message = String((error as Error).message).replaceAll(CREWS_FILE, 'crews.yml');
    }
    expect(message.split('\n').slice(1)).toEqual([
      '  PORT must be a whole number from 0 to 65535',
      expect.stringMatching(/^ {2}SILENT_AFTER must be a time with its unit/),
      ...[
        "line 1: approvers is a setting of a crew: it belongs directly below the crew's name",
        'line 3: crews.press.on_expiry needs expire_after',
        'line 5: crews.press.bearer_token uses $NOT_SET, which is not set in the environment',
        'line 6: crews.press.webhook_secret must have at least 16 characters',
        'line 7: crews.press.silent_after must be a time with its unit',
        'line 8: crews.press.port is a setting of the bot: set PORT in the environment',
        'line 9: crews.press.aprovers is not a recognized setting of a crew: did you mean approvers?',
        'line 10: crews.press.tasks.0.urgent must be true or false',
        'line 11: crews.budget.base_url is missing: URL of the deployed crew',
        'line 11: crews.budget.bearer_token is missing: bearer token of the deployed crew',
        'line 11: crews.budget.on_expiry needs expire_after',
        'line 12: crews.budget.approvals_required must be a whole number from 1 to 20',
      ].map((text) => expect.stringContaining(`  CREWS_FILE (crews.yml) ${text}`)),
    ]);
  });

  test('that contradict each other are reported even if others are wrong', () => {
    const settings = { ...GOOD, CREWAI_BASE_URL: 'x', URGENT: 'x', APPROVERS: 'U1', APPROVALS_REQUIRED: '2' };
    const faults = faultsOf({ ...settings, ON_EXPIRY: 'request_revision', EXPIRE_AFTER: '1 day' });
    expect(Object.keys(faults)).toEqual(['CREWAI_BASE_URL', 'APPROVALS_REQUIRED', 'URGENT', 'ON_EXPIRY']);
    expect(faults.ON_EXPIRY).toBe('needs EXPIRY_TEXT: the feedback that CrewAI gets');
    expect(faults.APPROVALS_REQUIRED).toBe('is more than the number of approvers');
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

  test.each(['', ' ', '""', "' '"])('wins over a variable that is set to %j', (empty) => {
    const file = envFile('APPROVERS=U0123456789\n');
    const settings = readEnvironment({ ...GOOD, APPROVERS: empty }, file);
    expect(loadSettings(settings).crews[0]?.approvers).toEqual(['U0123456789']);
  });

  test('may be missing', () => {
    expect(readEnvironment(GOOD, join(tmpdir(), 'no-such-folder', '.env'))).toEqual(GOOD);
  });

  test('may hold a quoted #name as the channel', () => {
    const { APPROVAL_CHANNEL: _, ...others } = GOOD;
    const settings = readEnvironment(others, envFile('APPROVAL_CHANNEL="#press"\n'));
    expect(loadSettings(settings).crews[0]?.channel).toBe('#press');
  });

  const readFaults = (content: string) => {
    try {
      readEnvironment({}, envFile(content));
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      return error.faults.map(({ setting, fault }) => `${setting} ${fault}`);
    }
    return [];
  };
  const CUT = 'would be cut at its #: put the value in quotes';

  test.each([
    ['OPS_CHANNEL=#ops', [`OPS_CHANNEL (line 1 of .env) ${CUT}`]],
    ['HOST=x\r\nexport CHANNELS=#a,#b', [`CHANNELS (line 2 of .env) ${CUT}`]],
    ['CHANNELS=C0123456789, #press', [`CHANNELS (line 1 of .env) ${CUT}`]],
    ['WEBHOOK_SECRET=sixteen-chars-ok#more', [`WEBHOOK_SECRET (line 1 of .env) ${CUT}`]],
    ['A="1\n2 #"\nB=#b', [`B (line 3 of .env) ${CUT}`]],
    [
      'APPROVERS=UANA\nPORT=1\nAPPROVERS=UBEN',
      ['APPROVERS (line 3 of .env) is set twice, also on line 1: remove one of them'],
    ],
    [
      'A=#a\nB=1\nB=#b',
      [
        `A (line 1 of .env) ${CUT}`,
        `B (line 3 of .env) ${CUT}`,
        'B (line 3 of .env) is set twice, also on line 2: remove one of them',
      ],
    ],
  ])('is refused where a line of it has no effect: %j', (content, faults) => {
    expect(readFaults(content)).toEqual(faults);
  });

  test.each([
    '# NAME=#x\n#NAME=#x',
    'A=x # a comment#\nB= # a comment\n  # another',
    'A="#a"#\nB=\'x#y\'\nC=`#c`',
    'A="several\nA=#lines\n"\nB=1',
    'A=\nB=',
    'APPROVERS=\nROUNDS=channel\nAPPROVERS=UANA\nROUNDS=thread',
  ])('may have comments and quoted values: %j', (content) => {
    expect(readFaults(content)).toEqual([]);
  });
});
