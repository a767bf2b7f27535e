import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadSettings, readEnvironment } from '../../src/settings/load-settings.ts';
import { type Environment, SettingsError } from '../../src/settings/settings.ts';
import { CREW_SETTINGS } from '../../src/settings/table.ts';
import { DEFAULT_CREW, GOOD } from './default-crew.ts';

const { APPROVAL_CHANNEL: _channel, ...WITHOUT_CHANNEL } = GOOD;
const { CREWAI_BASE_URL: _url, WEBHOOK_SECRET: _secret, ...OF_FILE } = GOOD;
const SLACK_APP_TOKEN = 'xapp-1-A0123-456-abcdef';
const EXAMPLE = parseEnv(readFileSync('.env.example', 'utf8')) as Record<string, string>;

function errorOf(load: () => unknown): SettingsError | undefined {
  try {
    load();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  return undefined;
}

/** What is wrong with each setting. */
function faultsOf(settings: Environment): Record<string, string> {
  const error = errorOf(() => loadSettings(settings));
  if (!error) return {};
  const lines = error.faults.map(({ setting, fault }) => `  ${setting} ${fault}`);
  expect(error.message.split('\n')).toEqual(['Invalid configuration:', ...lines]);
  return Object.fromEntries(error.faults.map(({ setting, fault }) => [setting, fault]));
}

/** A file that ends with the test. */
function write(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('a crew that programs ask for', () => {
  const { CREWAI_BASE_URL: _url, CREWAI_BEARER_TOKEN: _token, WEBHOOK_SECRET, ...ASKED } = GOOD;
  const ASK_SECRET = 'another-secret-of-16';

  test('needs no URL, no token and no webhook secret', () => {
    const [crew] = loadSettings({ ...ASKED, ASK_SECRET }).crews;
    expect(crew).toMatchObject({ baseUrl: '', bearerToken: '', webhookSecret: '', askSecret: ASK_SECRET });
    expect(faultsOf({ ...ASKED, ASK_SECRET, CREWAI_BASE_URL: GOOD.CREWAI_BASE_URL })).toMatchObject({
      CREWAI_BEARER_TOKEN: expect.stringContaining('is missing'),
      WEBHOOK_SECRET: expect.stringContaining('is missing'),
    });
  });

  test('has a secret of its own', () => {
    expect(faultsOf({ ...GOOD, ASK_SECRET: WEBHOOK_SECRET })).toEqual({
      ASK_SECRET: 'is the same as WEBHOOK_SECRET: it must be another one',
    });
    expect(faultsOf({ ...GOOD, ASK_SECRET: 'short' })).toHaveProperty('ASK_SECRET');
  });
});

test('events need a URL and a secret', () => {
  const EVENTS_SECRET = `whsec_${'A'.repeat(32)}`;
  expect(faultsOf({ ...GOOD, EVENTS_SECRET })).toEqual({ EVENTS_SECRET: 'needs EVENTS_URL' });
  expect(faultsOf({ ...GOOD, EVENTS_URL: 'http://10.0.0.1/x' })).toEqual({
    EVENTS_URL: 'needs EVENTS_SECRET',
  });
});

test('answers are pushed with a secret that is no other one', () => {
  const ANSWER_HOSTS = 'hooks.example.com, n8n.internal:5678';
  const ANSWER_SECRET = `whsec_${'A'.repeat(32)}`;
  const ASK_SECRET = 'a-secret-of-programs-that-ask';
  const given = { ...GOOD, ASK_SECRET, ANSWER_HOSTS };
  expect(faultsOf({ ...given, ANSWER_SECRET })).toEqual({});
  expect(faultsOf(given)).toEqual({ ANSWER_HOSTS: 'needs ANSWER_SECRET' });
  for (const other of ['ASK_SECRET', 'WEBHOOK_SECRET', 'EVENTS_SECRET'])
    expect(
      faultsOf({
        ...given,
        EVENTS_URL: 'https://events.example.com',
        EVENTS_SECRET: `whsec_${'B'.repeat(32)}`,
        ANSWER_SECRET,
        [other]: ANSWER_SECRET,
      }),
    ).toEqual({ ANSWER_SECRET: `is the same as ${other}: it must be another one` });
});

describe('.env.example', () => {
  test('is rejected while its placeholders are still there, each by name', () => {
    const faults = faultsOf(EXAMPLE);
    const tokens = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'CREWAI_BASE_URL', 'CREWAI_BEARER_TOKEN'];
    expect(Object.keys(faults)).toEqual([...tokens, 'WEBHOOK_SECRET']);
    for (const fault of Object.values(faults))
      expect(fault).toMatch(/^still has the value of \.env\.example/);
    const { WEBHOOK_SECRET: _, ...others } = GOOD;
    const left = faultsOf({ ...EXAMPLE, ...others, SLACK_APP_TOKEN });
    expect(left).toEqual({
      WEBHOOK_SECRET: expect.stringContaining('for example from `openssl rand -hex 24`'),
    });
  });

  test('is accepted once its placeholders have real values', () => {
    const { SLACK_SIGNING_SECRET: _, ...good } = GOOD;
    const ofBot = { storeUrl: 'sqlite://data/approvals.db', host: '0.0.0.0', port: 3000, logLevel: 'info' };
    expect(loadSettings({ ...EXAMPLE, ...good, SLACK_APP_TOKEN })).toMatchObject({
      ...ofBot,
      slack: { botToken: GOOD.SLACK_BOT_TOKEN, appToken: SLACK_APP_TOKEN, command: '/approvals' },
      crews: [{ ...DEFAULT_CREW, name: 'crew', baseUrl: GOOD.CREWAI_BASE_URL, channel: 'C0123456789' }],
      ineffective: [],
    });
  });

  test('has #approvals as its channel and the defaults of the product for everything optional', () => {
    expect(EXAMPLE.APPROVAL_CHANNEL).toBe('#approvals');
    expect(faultsOf({ ...EXAMPLE, ...WITHOUT_CHANNEL, SLACK_APP_TOKEN })).toEqual({});
    const optional = Object.fromEntries(Object.entries(EXAMPLE).filter(([name]) => !(name in GOOD)));
    delete optional.SLACK_APP_TOKEN;
    expect(loadSettings({ ...optional, ...GOOD })).toEqual(loadSettings(GOOD));
  });
});

describe('settings that are missing', () => {
  test('are all named at once, each with what it needs', () => {
    const faults = faultsOf({});
    expect(Object.keys(faults).sort()).toEqual(Object.keys(GOOD).sort());
    for (const fault of Object.values(faults)) expect(fault).toMatch(/^is missing: \S+ \S+/);
    expect(faults).toMatchObject({
      SLACK_BOT_TOKEN: expect.stringContaining('xoxb-'),
      APPROVAL_CHANNEL: expect.stringContaining('#name'),
      WEBHOOK_SECRET: expect.stringContaining('16 characters'),
    });
  });

  test.each<[Environment, boolean]>([
    [{}, true],
    [{ PORT: '4000', STORE_URL: 'sqlite:///data/approvals.db', HOME: '/root' }, true],
    [{ SLACK_BOT_TOKEN: 'x' }, false],
    [{ APPROVAL_CHANNEL: 'x' }, false],
    [{ CREW_NAME: 'x' }, false],
    [{ CREWS_FILE: 'crews.example.yml' }, false],
  ])('are all missing, so that init is suggested, with %j: %s', (settings, nothingSet) => {
    expect(errorOf(() => loadSettings(settings))?.nothingSet).toBe(nothingSet);
  });

  test.each(Object.keys(GOOD))('are rejected by name: %s', (name) => {
    for (const value of [undefined, '', '   '])
      expect(Object.keys(faultsOf({ ...GOOD, [name]: value }))).toEqual([name]);
  });

  test('are reported with a variable that may be their misspelling', () => {
    const { CREWAI_BEARER_TOKEN, ...others } = WITHOUT_CHANNEL;
    const misspelled = { APPROVAL_CHANEL: GOOD.APPROVAL_CHANNEL, CREWAI_TOKEN: CREWAI_BEARER_TOKEN };
    expect(faultsOf({ ...others, ...misspelled })).toEqual({
      CREWAI_BEARER_TOKEN: expect.stringMatching(
        /^is missing: .* \(CREWAI_TOKEN is set: is it misspelled\?\)$/,
      ),
      APPROVAL_CHANNEL: expect.stringMatching(/ \(APPROVAL_CHANEL is set: is it misspelled\?\)$/),
    });
  });
});

const A_URL = /http:\/\/ or https:\/\//;
const A_CHANNEL = /channel id such as C0123456789, or a #name/;
const A_COUNT = /whole number from 1 to 20/;
const A_TIME =
  /^must be a time with its unit, up to 10 years, such as "90 s", "10 min", "4h", "2 days" or "1 year"$/;
const A_WORD = 'but must be one word (approvers, here, dm or none) or a list of user ids';
const A_STORE = /^must be a URL: percent-encode (?!.*S3)(?!.*CRET)/;

const AN_EMAIL =
  /^has "ana.*", which is an e-mail address\. Use the member ID \(in Slack: profile → Copy member ID\); `init` looks addresses up for you$/;
const WRONG = [
  ['SLACK_BOT_TOKEN', /xoxb-/, 'xapp-1-app', 'xoxb-', 'xoxb-with space', 'xoxb-zero-width-space\u200b'],
  ['SLACK_APP_TOKEN', /xapp-/, 'xapp-1-é'],
  ['SLACK_SIGNING_SECRET', /printable ASCII/, '8f742231b10e\u200b'],
  ['SLACK_API_URL', A_URL, 'slack.example.com'],
  ['CREWAI_BASE_URL', A_URL, 'your-crew.crewai.com', 'ftp://your-crew.crewai.com', 'https://'],
  ['PUBLIC_URL', A_URL, 'bot.example.com:3000', 'javascript:alert(1)'],
  ['PUBLIC_URL', /without \? or #/, 'https://bot.example.com/?a=1'],
  ['CREW_NAME', /letters, digits/, 'press crew', 'press/../zoo'],
  ['CREW_NAME', /64/, 'x'.repeat(65)],
  ['APPROVAL_CHANNEL', A_CHANNEL, 'approvals', '#', 'U0123456789'],
  ['CHANNELS', A_CHANNEL, '#press, press'],
  ['OPS_CHANNEL', /#name/, 'ops'],
  ['APPROVERS', /must be a list of user ids/, ' , '],
  ['APPROVERS', /^has "ana"/, 'ana'],
  ['APPROVERS', /^has "@ben"/, 'U0123456789, @ben'],
  ['APPROVERS', /^has "U0123456789 U0123456780"/, 'U0123456789 U0123456780'],
  ['APPROVERS', /^has "C0123456789"/, 'C0123456789'],
  ['APPROVERS', AN_EMAIL, 'ana@example.com', 'U0123456789, ana.maria.de.souza@press.example.com'],
  ['STARTERS', AN_EMAIL, 'ana@example.com'],
  ['NOTIFY', AN_EMAIL, 'ana@example.com'],
  ['TASKS', /is an e-mail address\. Use the member ID/, '[{match: a, approvers: [ana@example.com]}]'],
  ['STARTERS', /must be a list of user ids/, ' , '],
  ['NOTIFY', `has "everyone", ${A_WORD}`, 'everyone'],
  ['NOTIFY', `has "here", ${A_WORD}`, 'U0123456789,here'],
  ['WEBHOOK_SECRET', /at least 16 characters/, 'fifteen-chars-x'],
  ['FLOW_WEBHOOK_SECRETS', /must each have at least 16 characters/, 'short, a-secret-of-16-chars'],
  ['STORE_URL', /sqlite:\/\//, 'data/approvals.db', 'sqlite://'],
  ['STORE_URL', A_STORE, 'postgres://bot:S3/CRET@db:5432/x', 'redis://:S3#CRET@cache:6379'],
  ['STORE_URL', A_STORE, 'postgres://bot:12/CRET@db/x'],
  ['PORT', /0 to 65535/, 'http', '65536', '-1', '80.5', '0x50'],
  ['LOG_LEVEL', /trace, debug, info/, 'verbose'],
  ['LOOK_UPS', /^must be members or everyone$/, 'nobody'],
  ['RESUME_FORMAT', /^must be auto, documented or camelcase$/, 'snake'],
  [
    'HOST',
    /without port or brackets: set the port as PORT$/,
    '127.0.0.1:3000',
    'bot:80',
    '[::1]',
    'http://bot',
    'a b',
  ],
  ['CALLBACK_HOSTS', /must be host names/, 'https://flows.example.com'],
  ['ANSWER_HOSTS', /must be exact host names/, '*.example.com', 'https://hooks.example.com', 'a.test/x'],
  ['ANSWER_SECRET', /^must be whsec_/, 'a-secret-of-16-chars', 'whsec_c2hvcnQ='],
  ['EVENTS_URL', 'must be a URL without user name or password', 'https://ana:secret@audit.example.com'],
  ['EVENTS_URL', A_URL, 'audit.example.com'],
  ['EVENTS_SECRET', /^must be whsec_/, 'a-secret-of-16-chars', 'whsec_c2hvcnQ=', 'whsec_!'],
  ['LANGUAGE', /^must be en, pt-BR or es$/, 'fr', 'pt'],
  ['WEBHOOKS_PER_SECOND', /whole number/, '0', '-1', 'many'],
  ['APPROVALS_REQUIRED', A_COUNT, '1 0', '21', '2 people'],
  ['EXCLUDE_REQUESTER', /true or false/, 'yes'],
  ['ALLOW_GUESTS', /true or false/, '1'],
  ['URGENT', /true or false/, 'TRUE'],
  ['PREVIEW', /true or false/, 'no'],
  ['UNDO_WINDOW', A_TIME, '30'],
  ['REMIND_AFTER', A_TIME, '0 s'],
  ['EXPIRE_AFTER', A_TIME, 'soon'],
  ['RETENTION', /must be a time/, '0 s'],
  ['ON_EXPIRY', /must be keep, approve, request_revision or default/, 'refuse'],
  ['EXPIRY_TEXT', /longer than 3,000 characters/, 'x'.repeat(3_001)],
  ['TASKS', /must be a list of settings, each with match/, 'draft_*'],
  ['TASKS', /^\(0\.channel\) must be a channel id, a #name/, '[{match: a, channel: press}]'],
  ['TASKS', /^\(0\.escalate_after\) needs escalate_to$/, '[{match: a, escalate_after: 1h}]'],
  ['TASKS', '(0.retention) is a setting of a crew: it belongs directly', '[{match: a, retention: 1 day}]'],
  ['TASKS', /is not valid YAML/, '[{match: a'],
  ['TASKS', /^\(0\) must be settings with a match$/, '[5]'],
  ['INPUTS', /^\(topic\.label\) is blank$/, '{topic: {label: " "}}'],
  ['INPUTS', '(topic.hidden) uses $NOT_SET, which is not set', '{topic: {hidden: $NOT_SET}}'],
  ['INPUTS', /is not valid YAML/, '*s3cr3t'],
  ['INPUTS', '(topic) must be settings of an input, such as its label', '{topic: What is it about?}'],
  ['INPUTS', /^\(topic\.port\) is not recognized$/, '{topic: {port: 1}}'],
  ['CREW_WEBHOOK_URLS', /^\(task\) must be an http/, '{task: ftp://x}'],
  ['CREW_WEBHOOK_URLS', /^must map task, step or crew to a URL$/, 'https://erp.example.com'],
  ['CREW_WEBHOOK_URLS', /^\(human\) is not recognized$/, '{human: https://erp.example.com}'],
  ['NODE_TLS_REJECT_UNAUTHORIZED', /disables certificate checks.*NODE_EXTRA_CA_CERTS/, '0'],
] as const;
const WRONG_VALUES = WRONG.flatMap(([name, needs, ...values]) =>
  values.map((value) => [name, value, needs] as const),
);

describe('settings that are wrong', () => {
  test.each([
    ...WRONG_VALUES,
    // Right alone, but not without another setting.
    ['ESCALATE_AFTER', '1h', /^needs ESCALATE_TO$/],
    ['ESCALATE_TO', 'S0123456789', /^needs ESCALATE_AFTER$/],
    ['ON_EXPIRY', 'approve', /^needs EXPIRE_AFTER$/],
  ] as const)('are rejected with what they need: %s=%s', (name, value, needs) => {
    const expected =
      typeof needs === 'string' ? expect.stringContaining(needs) : expect.stringMatching(needs);
    expect(faultsOf({ ...GOOD, [name]: value })).toEqual({ [name]: expected });
  });

  test.each([
    ['WEBHOOK_SECRET', 'é', 1],
    ['FLOW_WEBHOOK_SECRETS', 'short,é,other', 2],
    ['APPROVERS', 'ana,ben,ana', 2],
    ['CREW_WEBHOOK_URLS', '{task: "", crew: 5}', 2],
  ])('get one sentence for each wrong value: %s=%s', (name, value, sentences) => {
    const error = errorOf(() => loadSettings({ ...GOOD, [name]: value }));
    expect(error?.message.split('\n').slice(1)).toHaveLength(sentences);
  });

  test('are rejected in any combination, exactly those that are wrong', () => {
    const check = (wrong: readonly (readonly [string, string, unknown])[]) => {
      const settings = Object.fromEntries(wrong.map(([name, value]) => [name, value]));
      const names = [...new Set(wrong.map(([name]) => name))];
      expect(Object.keys(faultsOf({ ...GOOD, ...settings })).sort()).toEqual(names.sort());
    };
    fc.assert(fc.property(fc.subarray(WRONG_VALUES), check));
    check([...WRONG_VALUES, ['CREWAI_BEARER_TOKEN', '', 'is missing']]);
  });

  test.each([
    ['APPROVERS', 'xoxb-S3CRET'],
    ['STARTERS', 'U0123456789, xapp-S3CRET'],
    ['NOTIFY', 'my xoxe.xoxp-S3CRET'],
    ['TASKS', '[{match: a, approvers: [$TOKEN]}]'],
    ['TASKS', '[{match: a, notify: $TOKEN}]'],
  ])('are not quoted if they can be a secret: %s=%s', (name, value) => {
    const [SLACK_BOT_TOKEN, WEBHOOK_SECRET] = ['xoxp-S3CRET', 'S3CRET'];
    const secrets = { SLACK_BOT_TOKEN, WEBHOOK_SECRET, SLACK_SIGNING_SECRET: 'S3CRET' };
    const faults = faultsOf({ ...GOOD, ...secrets, PORT: 'x', TOKEN: 'S3CRET-of-another', [name]: value });
    expect(faults[name]).toMatch(/has a value that is not shown here, (?:but must be|which is not)/);
    expect(JSON.stringify(faults)).not.toContain('S3CRET');
  });

  test.each(['approvers: [U1, $TOKEN]', 'notify: $TOKEN', 'escalate_to: $TOKEN'])(
    'are not quoted if the crews file takes them from the environment: %s',
    (line) => {
      const CREWS_FILE = write('crews.yml', `crews:\n  press:\n    ${line}\n`);
      const load = () => loadSettings({ ...OF_FILE, TOKEN: 'S3CRET-of-another', CREWS_FILE });
      expect(load).toThrow(/ has a value that is not shown here, /);
      expect(load).not.toThrow(/S3CRET/);
    },
  );

  test('are quoted up to 24 characters', () => {
    const { APPROVERS } = faultsOf({ ...GOOD, APPROVERS: 'x'.repeat(100_000) });
    const quoted = `has "${'x'.repeat(24)}…", which is not the id of a Slack user (U…) or user group (S…)`;
    expect(APPROVERS).toBe(quoted);
  });

  test('are all reported at once from the environment and the crews file, each with its place', () => {
    const CREWS_FILE = write(
      'crews.yml',
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
    const { CREWAI_BEARER_TOKEN: _, WEBHOOK_SECRET } = GOOD;
    const wrong = { CREWAI_BEARER_TOKEN: '', PORT: 'x', SILENT_AFTER: 'soon', ON_EXPIRY: 'approve' };
    const error = errorOf(() => loadSettings({ ...OF_FILE, WEBHOOK_SECRET, ...wrong, CREWS_FILE }));
    expect(error?.message.replaceAll(CREWS_FILE, 'crews.yml').split('\n').slice(1)).toEqual([
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
    const wrong = { CREWAI_BASE_URL: 'x', URGENT: 'x', APPROVERS: 'U1', APPROVALS_REQUIRED: '2' };
    const faults = faultsOf({ ...GOOD, ...wrong, ON_EXPIRY: 'request_revision', EXPIRE_AFTER: '1 day' });
    expect(Object.keys(faults)).toEqual(['CREWAI_BASE_URL', 'APPROVALS_REQUIRED', 'URGENT', 'ON_EXPIRY']);
    expect(faults.ON_EXPIRY).toBe('needs EXPIRY_TEXT: the feedback that CrewAI gets');
    expect(faults.APPROVALS_REQUIRED).toBe('is more than the number of approvers');
  });
});

describe('settings that are right', () => {
  const HOUR = 3_600_000;
  const INPUTS = "'{topic: {multiline: true}, key: {hidden: $PRESS_KEY}}'";
  const inputs = { topic: { multiline: true }, key: { hidden: 'a-key' } };
  const TASKS = '[{match: "a*", approvers: [U0123456789], approvals_required: 1, channel: U0123456789}]';
  const tasks = [{ match: 'a*', approvers: ['U0123456789'], approvalsRequired: 1, channel: 'U0123456789' }];
  const APPLIED: [string, string, object][] = [
    ['CREW_NAME', 'press_crew-2', { name: 'press_crew-2' }],
    ['APPROVAL_CHANNEL', '#press-approvals', { channel: '#press-approvals' }],
    ['APPROVERS', ' U0123456789, S0123456789 ,,W1,', { approvers: ['U0123456789', 'S0123456789', 'W1'] }],
    ['APPROVALS_REQUIRED', ' 2 ', { approvalsRequired: 2 }],
    ['APPROVAL_TEXT', 'Looks good.', { approvalText: 'Looks good.' }],
    ['SILENT_AFTER', '2h', { silentAfter: 2 * HOUR }],
    ['LOOK_UPS', 'everyone', { lookUps: 'everyone' }],
    ['RETENTION', '90 days', { retention: 90 * 24 * HOUR }],
    ['EXCLUDE_REQUESTER', 'true', { excludeRequester: true }],
    ['ALLOW_GUESTS', 'false', { allowGuests: false }],
    ['NOTIFY', 'here', { notify: 'here' }],
    ['UNDO_WINDOW', '0', { undoWindow: 0 }],
    ['REMIND_AFTER', '4h', { remindAfter: 4 * HOUR }],
    ['URGENT', 'true', { urgent: true }],
    ['ESCALATE_AFTER', '1 day', { escalateAfter: 24 * HOUR }],
    ['ESCALATE_TO', 'S1,U2', { escalateTo: ['S1', 'U2'] }],
    ['EXPIRE_AFTER', '"3 days"', { expireAfter: 72 * HOUR }],
    ['ON_EXPIRY', 'request_revision', { onExpiry: 'request_revision' }],
    ['EXPIRY_TEXT', 'Too late, sorry.', { expiryText: 'Too late, sorry.' }],
    ['CHANNELS', '#press, C0123456789', { channels: ['#press', 'C0123456789'] }],
    ['APPROVE_TASKS', 'draft_*,!draft_internal_*', { approveTasks: ['draft_*', '!draft_internal_*'] }],
    ['TASKS', TASKS, { tasks }],
    ['INPUTS', INPUTS, { inputs }],
    [
      'CREW_WEBHOOK_URLS',
      '{"crew": "https://a.b/c", "step": "own"}',
      { webhookUrls: { crew: 'https://a.b/c', step: 'own' } },
    ],
    ['WEBHOOKS_PER_SECOND', '7', { webhooksPerSecond: 7 }],
    ['PREVIEW', 'true', { preview: true }],
  ];

  test.each(['0.0.0.0', '127.0.0.1', '::', '::1', 'fe80::1%eth0', 'localhost', 'my_bot', 'bot.example.com.'])(
    'listen on the address %s',
    (HOST) => expect(loadSettings({ ...GOOD, HOST }).host).toBe(HOST),
  );

  test('apply as they are', () => {
    const ofBot = { SLACK_API_URL: 'http://127.0.0.1:4000/api/', PUBLIC_URL: 'https://bot.example.com/a' };
    const ofServer = { STORE_URL: 'sqlite:///data/a.db', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'debug' };
    const ofCrew = Object.fromEntries(APPLIED.map(([name, text]) => [name, text]));
    expect(loadSettings({ ...GOOD, ...ofBot, ...ofServer, ...ofCrew, PRESS_KEY: 'a-key' })).toMatchObject({
      slack: { apiUrl: ofBot.SLACK_API_URL },
      publicUrl: ofBot.PUBLIC_URL,
      storeUrl: ofServer.STORE_URL,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'debug',
      crews: [Object.assign({}, ...APPLIED.map(([, , value]) => value))],
    });
  });

  test('are read alike in the environment and in the crews file', () => {
    for (const { variable, schema, yaml, default: preset } of CREW_SETTINGS)
      if (!yaml && String(preset ?? '') !== '')
        expect(schema.parse(String(preset)), variable).toEqual(schema.parse(preset));
  });

  test('can be empty as if they were not set', () => {
    const ofCrew = 'CREW_NAME APPROVERS APPROVAL_TEXT SILENT_AFTER LOOK_UPS RETENTION WEBHOOKS_PER_SECOND';
    const ofBot = 'SLACK_API_URL PUBLIC_URL OPS_CHANNEL STORE_URL HOST PORT LOG_LEVEL';
    const empty = Object.fromEntries(`${ofCrew} ${ofBot}`.split(' ').map((name) => [name, ' ']));
    expect(loadSettings({ ...GOOD, ...empty })).toEqual(loadSettings(GOOD));
  });
});

describe('the .env file', () => {
  const read = (content: string, environment: Environment = {}) =>
    readEnvironment(environment, write('.env', content));

  test('is read, and the environment wins over it', () => {
    const content = 'PORT=4000\nHOST=127.0.0.1\n# a comment\nAPPROVAL_TEXT="Fine, # thanks"\n';
    expect(loadSettings(read(content, { ...GOOD, PORT: '5000' }))).toMatchObject({
      port: 5000,
      host: '127.0.0.1',
      crews: [{ approvalText: 'Fine, # thanks' }],
    });
    expect(readEnvironment(GOOD, join(tmpdir(), 'no-such-folder', '.env'))).toEqual(GOOD);
  });

  test.each(['', ' ', '""', "' '"])('wins over a variable that is set to %j', (empty) => {
    const settings = read('APPROVERS=U0123456789\n', { ...GOOD, APPROVERS: empty });
    expect(loadSettings(settings).crews).toMatchObject([{ approvers: ['U0123456789'] }]);
  });

  test('can have a quoted #name as the channel', () => {
    const settings = read('APPROVAL_CHANNEL="#press"\n', WITHOUT_CHANNEL);
    expect(loadSettings(settings).crews).toMatchObject([{ channel: '#press' }]);
  });

  const cut = (line: number) => `(line ${line} of .env) would be cut at its #: put the value in quotes`;
  const twice = (line: number, first: number) =>
    `(line ${line} of .env) is set twice, also on line ${first}: remove one of them`;

  test.each<[string, string[]]>([
    ['OPS_CHANNEL=#ops', [`OPS_CHANNEL ${cut(1)}`]],
    ['HOST=x\r\nexport CHANNELS=#a,#b', [`CHANNELS ${cut(2)}`]],
    ['CHANNELS=C0123456789, #press', [`CHANNELS ${cut(1)}`]],
    ['WEBHOOK_SECRET=sixteen-chars-ok#more', [`WEBHOOK_SECRET ${cut(1)}`]],
    ['A="1\n2 #"\nB=#b', [`B ${cut(3)}`]],
    ['APPROVERS=UANA\nPORT=1\nAPPROVERS=UBEN', [`APPROVERS ${twice(3, 1)}`]],
    ['A=#a\nB=1\nB=#b', [`A ${cut(1)}`, `B ${cut(3)}`, `B ${twice(3, 2)}`]],
    ['# NAME=#x\n#NAME=#x', []],
    ['A=x # a comment#\nB= # a comment\n  # another', []],
    ['A="#a"#\nB=\'x#y\'\nC=`#c`', []],
    ['A="several\nA=#lines\n"\nB=1', []],
    ['A=\nB=', []],
    ['APPROVERS=\nROUNDS=channel\nAPPROVERS=UANA\nROUNDS=thread', []],
  ])('is rejected if a line of it has no effect: %j', (content, faults) => {
    const error = errorOf(() => read(content));
    expect((error?.faults ?? []).map(({ setting, fault }) => `${setting} ${fault}`)).toEqual(faults);
  });
});
