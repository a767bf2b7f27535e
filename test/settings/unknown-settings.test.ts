import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { crewSchema } from '../../src/settings/crew-schema.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';
import {
  describeUnknownSetting,
  findCrewFields,
  findUnknownSettings,
  listUsedNames,
  SETTINGS,
} from '../../src/settings/unknown-settings.ts';

const GOOD = {
  SLACK_BOT_TOKEN: 'xoxb-12345-67890-abcdef',
  SLACK_SIGNING_SECRET: '8f742231b10e8888abcd99yyyzzz85a5',
  CREWAI_BASE_URL: 'https://press-crew-1a2b3c.crewai.com',
  CREWAI_BEARER_TOKEN: 'd5b8f4a2c1e0',
  APPROVAL_CHANNEL: 'C0123456789',
  WEBHOOK_SECRET: 'sixteen-chars-ok',
};

const found = (...names: string[]) =>
  findUnknownSettings(Object.fromEntries(names.map((name) => [name, 'value'])));
const meantBy = (name: string) => found(name)[0]?.meant;

describe('a misspelled setting', () => {
  test.each([
    ['APPROVER', 'APPROVERS'],
    ['APROVERS', 'APPROVERS'],
    ['approvers', 'APPROVERS'],
    ['Approvers', 'APPROVERS'],
    ['APPROVERS_', 'APPROVERS'],
    ['APPROVER_IDS', 'APPROVERS'],
    ['APPROVAL_CHANEL', 'APPROVAL_CHANNEL'],
    ['approval.channel', 'APPROVAL_CHANNEL'],
    ['CREWAI_TOKEN', 'CREWAI_BEARER_TOKEN'],
    ['CREWAI_BEARER', 'CREWAI_BEARER_TOKEN'],
    ['CREWAI_URL', 'CREWAI_BASE_URL'],
    ['CREWAI_BASEURL', 'CREWAI_BASE_URL'],
    ['SLACK_BOT_TOKN', 'SLACK_BOT_TOKEN'],
    ['SLACK_SIGNING_SECERT', 'SLACK_SIGNING_SECRET'],
    ['WEBHOOKS_SECRET', 'WEBHOOK_SECRET'],
    ['WEBHOOK_PER_SECOND', 'WEBHOOKS_PER_SECOND'],
    ['PUBLIC-URL', 'PUBLIC_URL'],
    ['STORE_URI', 'STORE_URL'],
    ['CREW_FILE', 'CREWS_FILE'],
    ['LOOKUPS', 'LOOK_UPS'],
    ['OPS_CHANEL', 'OPS_CHANNEL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
  ])('%s is named, with %s that was meant', (name, meant) => {
    expect(found(name)).toEqual([{ name, meant }]);
  });

  test('of every kind is named: a letter that is missing, that is double, in lower case, with hyphens', () => {
    for (const setting of SETTINGS.filter(({ length }) => length >= 6)) {
      const middle = Math.floor(setting.length / 2);
      const less = setting.slice(0, middle) + setting.slice(middle + 1);
      const more = setting.slice(0, middle) + setting.slice(middle - 1);
      for (const name of [less, more, setting.toLowerCase(), setting.replaceAll('_', '-').toLowerCase()])
        if (name !== setting) expect(`${name} ${meantBy(name)}`).toBe(`${name} ${setting}`);
    }
  });

  test('is named beside the one that is right, and each of several by itself', () => {
    expect(found('APPROVERS', 'APPROVER', 'PORT', 'STORE_URI')).toEqual([
      { name: 'APPROVER', meant: 'APPROVERS' },
      { name: 'STORE_URI', meant: 'STORE_URL' },
    ]);
  });
});

/** What environments hold beside the settings: shells, npm, systemd, containers, clouds, other tools and CrewAI's own. */
const ORDINARY =
  `HOME HOSTNAME PATH PWD OLDPWD SHELL SHLVL TERM USER LOGNAME LANG LC_ALL TZ EDITOR PAGER TMPDIR DISPLAY _
  XDG_RUNTIME_DIR SSH_AUTH_SOCK NODE_ENV NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_VERSION YARN_VERSION npm_config_cache
  npm_lifecycle_event npm_package_name npm_package_version npm_execpath INIT_CWD COLOR NO_COLOR DEBUG CI HTTP_PROXY
  HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET
  CREDENTIALS_DIRECTORY STATE_DIRECTORY RUNTIME_DIRECTORY KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT DYNO
  DATABASE_URL REDIS_URL POSTGRES_URL PGHOST PGPORT PGUSER AWS_REGION AWS_ACCESS_KEY_ID GITHUB_TOKEN GITHUB_ACTIONS
  OPENAI_API_KEY ANTHROPIC_API_KEY OTEL_SDK_DISABLED OTEL_EXPORTER_OTLP_ENDPOINT SENTRY_DSN WEBHOOK_URL HOST_IP
  SLACK_CHANNEL SLACK_WEBHOOK_URL CREWAI_STORAGE_DIR CREWAI_TRACING_ENABLED CREWAI_DISABLE_TELEMETRY
  CREWAI_DISABLE_TRACKING CREWAI_TELEMETRY_OPT_OUT CREWAI_TESTING CREWAI_PLATFORM_INTEGRATION_TOKEN`
    .trim()
    .split(/\s+/);

describe('what is no misspelled setting', () => {
  test('is every setting itself', () => {
    expect(found(...SETTINGS)).toEqual([]);
  });

  test('is what environments hold anyway', () => {
    expect(found(...ORDINARY)).toEqual([]);
  });

  test('is the environment of this test', () => {
    const { APPROVERS: _, ...others } = process.env;
    expect(findUnknownSettings(others)).toEqual([]);
  });

  test('is any name that is far from all of them', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{1,5}_[0-9]{6}$/), (name) => {
        expect(found(name)).toEqual([]);
      }),
    );
  });

  test('is a name that the crews file takes from the environment, however it is written there', () => {
    const yaml = `crews:\n  press: { bearer_token: $CREWAI_TOKEN, webhook_secret: "$\{WEBHOOKS_SECRET}" }\n`;
    expect(listUsedNames(yaml)).toEqual(new Set(['CREWAI_TOKEN', 'WEBHOOKS_SECRET']));
    const environment = { CREWAI_TOKEN: 'x', WEBHOOKS_SECRET: 'x', APPROVER: 'x' };
    expect(findUnknownSettings(environment, listUsedNames(yaml))).toEqual([
      { name: 'APPROVER', meant: 'APPROVERS' },
    ]);
  });
});

describe('a field of a crew that only the crews file has', () => {
  const inEnvironment = (settings: Record<string, string>) =>
    loadSettings({ ...GOOD, ...settings }).unknownSettings;

  test('is named where it is a variable of the environment, and those that say who can approve stand out', () => {
    const settings = {
      APPROVALS_REQUIRED: '2',
      exclude_requester: 'true',
      ALLOW_GUESTS: 'false',
      UNDO_WINDOW: '30 s',
    };
    expect(inEnvironment(settings)).toEqual([
      { name: 'APPROVALS_REQUIRED', field: 'approvals_required', decidesWho: true },
      { name: 'exclude_requester', field: 'exclude_requester', decidesWho: true },
      { name: 'ALLOW_GUESTS', field: 'allow_guests', decidesWho: true },
      { name: 'UNDO_WINDOW', field: 'undo_window', decidesWho: false },
    ]);
  });

  test('is each that the environment has no setting for, once', () => {
    for (const field of Object.keys(crewSchema.shape)) {
      const name = field.toUpperCase();
      const asSetting = ['base_url', 'bearer_token', 'channel'].includes(field);
      if (asSetting || (SETTINGS as readonly string[]).includes(name)) continue;
      expect(inEnvironment({ [name]: 'value' })).toEqual([expect.objectContaining({ name, field })]);
    }
  });

  test('is not named when it is empty, or when the crews file uses the variable', () => {
    expect(inEnvironment({ UNDO_WINDOW: ' ' })).toEqual([]);
    const fields = [{ field: 'urgent', decidesWho: false }];
    expect(findCrewFields({ URGENT: 'true' }, fields, new Set(['URGENT']))).toEqual([]);
  });

  test('is said to work in the crews file, and to change nothing about who can approve', () => {
    expect(describeUnknownSetting({ name: 'URGENT', field: 'urgent', decidesWho: false })).toBe(
      'has no effect in the environment: set urgent of the crew in the crews file (CREWS_FILE).',
    );
    expect(describeUnknownSetting({ name: 'ALLOW_GUESTS', field: 'allow_guests', decidesWho: true })).toBe(
      'has no effect in the environment, so approvals are decided without it: set allow_guests of the crew in the crews file (CREWS_FILE).',
    );
  });
});

describe('the settings that were read', () => {
  test('tell of what looks like a setting and is none, and are taken all the same', () => {
    const { unknownSettings, crews } = loadSettings({ ...GOOD, APPROVER: 'U0123456789', HOME: '/root' });
    expect(unknownSettings).toEqual([{ name: 'APPROVER', meant: 'APPROVERS' }]);
    expect(crews[0]?.rules.approvers).toEqual([]);
  });

  test('do not tell of what the crews file uses', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-unknown-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'crews.yml');
    const crew = 'base_url: "https://c.example", channel: CPRESS, webhook_secret: a-secret-of-16-chars';
    writeFileSync(file, `crews:\n  press: { ${crew}, bearer_token: $CREWAI_TOKEN }\n`);
    const { CREWAI_BASE_URL: _, CREWAI_BEARER_TOKEN: __, ...others } = GOOD;
    const environment = { ...others, CREWS_FILE: file, CREWAI_TOKEN: 'token', CREWAI_URL: 'x' };
    expect(loadSettings(environment).unknownSettings).toEqual([
      { name: 'CREWAI_URL', meant: 'CREWAI_BASE_URL' },
    ]);
  });
});
