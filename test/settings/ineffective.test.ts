import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeUnknownField, findMisspelled } from '../../src/settings/ineffective.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { ALL_SETTINGS } from '../../src/settings/table.ts';
import { GOOD } from './default-crew.ts';

const VARIABLES = ALL_SETTINGS.map(({ variable }) => variable);

const found = (...names: string[]) =>
  findMisspelled(Object.fromEntries(names.map((name) => [name, 'value'])), new Set()).map(
    ({ variable, meant }) => ({ name: variable, meant }),
  );
const meantBy = (name: string) => found(name)[0]?.meant;

describe('a misspelled setting', () => {
  test.each([
    ['APPROVER', 'APPROVERS'],
    ['APPROVERS_', 'APPROVERS'],
    ['APPROVER_IDS', 'APPROVERS'],
    ['approval.channel', 'APPROVAL_CHANNEL'],
    ['CREWAI_TOKEN', 'CREWAI_BEARER_TOKEN'],
    ['CREWAI_BEARER', 'CREWAI_BEARER_TOKEN'],
    ['CREWAI_URL', 'CREWAI_BASE_URL'],
    ['CREWAI_BASEURL', 'CREWAI_BASE_URL'],
    ['SLACK_SIGNING_SECERT', 'SLACK_SIGNING_SECRET'],
    ['STORE_URI', 'STORE_URL'],
    ['CREW_FILE', 'CREWS_FILE'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['INPUT', 'INPUTS'],
    ['CHANNEL', 'APPROVAL_CHANNEL'],
    ['channel', 'APPROVAL_CHANNEL'],
    ['BASE_URL', 'CREWAI_BASE_URL'],
    ['BEARER_TOKEN', 'CREWAI_BEARER_TOKEN'],
    ['WEBHOOK_URLS', 'CREW_WEBHOOK_URLS'],
  ])('%s is named, with %s that was meant', (name, meant) => {
    expect(found(name)).toEqual([{ name, meant }]);
  });

  test('of every kind is named: a letter that is missing, that is double, in lower case, with hyphens', () => {
    for (const setting of VARIABLES.filter(({ length }) => length >= 6)) {
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
  INPUTRC AGENT XDG_RUNTIME_DIR SSH_AUTH_SOCK NODE_ENV NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_VERSION YARN_VERSION npm_config_cache
  npm_lifecycle_event npm_package_name npm_package_version npm_execpath INIT_CWD COLOR NO_COLOR DEBUG CI HTTP_PROXY
  HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET
  CREDENTIALS_DIRECTORY STATE_DIRECTORY RUNTIME_DIRECTORY KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT DYNO
  DATABASE_URL REDIS_URL POSTGRES_URL PGHOST PGPORT PGUSER AWS_REGION AWS_ACCESS_KEY_ID GITHUB_TOKEN GITHUB_ACTIONS
  OPENAI_API_KEY ANTHROPIC_API_KEY OTEL_SDK_DISABLED OTEL_EXPORTER_OTLP_ENDPOINT SENTRY_DSN WEBHOOK_URL HOST_IP
  SLACK_CHANNEL SLACK_WEBHOOK_URL CREWAI_STORAGE_DIR CREWAI_TRACING_ENABLED CREWAI_DISABLE_TELEMETRY
  CREWAI_DISABLE_TRACKING CREWAI_TELEMETRY_OPT_OUT CREWAI_TESTING CREWAI_PLATFORM_INTEGRATION_TOKEN`
    .trim()
    .split(/\s+/);

test('a name of the crews file is only named if its variable is not set', () => {
  const environment = { ...GOOD, BASE_URL: '/', CHANNEL: 'C1' };
  expect(findMisspelled(environment, new Set()).map(({ meant }) => meant)).toEqual(['CHANNELS']);
});

describe('what is no misspelled setting', () => {
  test('is every setting itself', () => {
    expect(found(...VARIABLES)).toEqual([]);
  });

  test('is what environments hold anyway', () => {
    expect(found(...ORDINARY)).toEqual([]);
  });

  test('is any name that is far from all of them', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{1,5}_[0-9]{6}$/), (name) => {
        expect(found(name)).toEqual([]);
      }),
    );
  });
});

describe('a variable that has no effect', () => {
  const { CREWAI_BASE_URL: _, CREWAI_BEARER_TOKEN: __, APPROVAL_CHANNEL: ___, ...BOT } = GOOD;
  const press = {
    base_url: 'https://c.example',
    bearer_token: 'token-of-press',
    channel: 'CPRESS',
    webhook_secret: 'a-secret-of-16-chars',
  };
  /** The reports about this environment with a file of these crews. */
  const load = (crews: Record<string, object>, environment: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-ineffective-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const CREWS_FILE = join(folder, 'crews.yml');
    writeFileSync(CREWS_FILE, JSON.stringify({ crews }));
    const { WEBHOOK_SECRET: _, ...bot } = BOT;
    const { ineffective, crews: read } = loadSettings({ ...bot, CREWS_FILE, ...environment });
    return { crews: read, reported: ineffective.map(({ variable, why }) => `${variable} ${why}`) };
  };

  test('is reported if it is misspelled, and the other settings apply', () => {
    const { ineffective, crews } = loadSettings({ ...GOOD, APPROVER: 'U0123456789', HOME: '/root' });
    const why = 'not recognized, so it has no effect: did you mean APPROVERS?';
    expect(ineffective).toEqual([{ variable: 'APPROVER', meant: 'APPROVERS', why, isError: true }]);
    expect(crews[0]?.approvers).toEqual([]);
  });

  test('is an error if more people can decide or start runs without it', () => {
    const errors = ['APPROVER', 'STARTER', 'APPROVALS_REQUIRD', 'exclude_requester', 'ALLOW-GUESTS'];
    const environment = Object.fromEntries([...errors, 'URGNT'].map((variable) => [variable, '2']));
    const { ineffective } = loadSettings({ ...GOOD, ...environment });
    expect(ineffective).toHaveLength(errors.length + 1);
    expect(ineffective.flatMap(({ variable, isError }) => (isError ? [variable] : []))).toEqual(errors);
  });

  test('is not reported if it is empty', () => {
    expect(loadSettings({ ...GOOD, APPROVER: ' ' }).ineffective).toEqual([]);
  });

  test('is the URL, token or name of the one crew while CREWS_FILE is set', () => {
    const old = { CREWAI_BASE_URL: 'https://old.example', CREWAI_BEARER_TOKEN: 'token', CREW_NAME: 'old' };
    const { reported } = load({ press }, old);
    const names = Object.keys(old).map((name) => `${name} has no effect while CREWS_FILE is set`);
    expect(reported.toSorted()).toEqual(names);
  });

  test('is a default that every crew of the file overrides, not one that a crew inherits', () => {
    const budget = { ...press, webhook_secret: 'another-secret-of-16' };
    const { reported, crews } = load(
      {
        press: { ...press, approvals_required: 1 },
        budget: { ...budget, approvals_required: 1, urgent: true },
      },
      { APPROVALS_REQUIRED: '2', URGENT: 'true', REMIND_AFTER: '4h', APPROVAL_CHANNEL: 'C0123456789' },
    );
    expect(reported.toSorted()).toEqual([
      'APPROVALS_REQUIRED has no effect: each crew of CREWS_FILE has its own approvals_required',
      'APPROVAL_CHANNEL has no effect: each crew of CREWS_FILE has its own channel',
    ]);
    expect(crews.map(({ approvalsRequired, urgent }) => [approvalsRequired, urgent])).toEqual([
      [1, true],
      [1, true],
    ]);
  });

  test('is not a value copied from .env.example or used by the crews file', () => {
    const { reported } = load(
      { press: { ...press, bearer_token: '$CREWAI_TOKEN', channel: `$\{APPROVAL_CHANNEL}` } },
      {
        CREWAI_TOKEN: 'token',
        APPROVAL_CHANNEL: 'CPRESS',
        CREWAI_BASE_URL: 'https://your-crew.crewai.com',
        CREW_NAME: 'crew',
        WEBHOOK_SECRET: 'change-me-to-a-long-random-text',
        CREWAI_URL: 'x',
      },
    );
    expect(reported).toEqual([
      'CREWAI_URL not recognized, so it has no effect: did you mean CREWAI_BASE_URL?',
    ]);
  });
});

describe('a name in the crews file that is wrong', () => {
  test.each([
    ['chanels', 'is not a recognized setting of a crew: did you mean channels?'],
    ['APPROVERS', 'is not a recognized setting of a crew: did you mean approvers?'],
    ['approval_channel', 'is not a recognized setting of a crew: did you mean channel?'],
    ['undo-window', 'is not a recognized setting of a crew: did you mean undo_window?'],
    ['port', 'is a setting of the bot: set PORT in the environment'],
    ['slack_bot_token', 'is a setting of the bot: set SLACK_BOT_TOKEN in the environment'],
    ['approvers', "is a setting of a crew: it belongs directly below the crew's name"],
    ['colour', 'is not a recognized setting of a crew'],
  ])('%s %s', (name, says) => {
    expect(describeUnknownField(name)).toBe(says);
  });
});
