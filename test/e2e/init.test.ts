import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startPlatform } from '../../src/sandbox/crewai/platform.ts';
import { startWorkspace } from '../../src/sandbox/slack/workspace.ts';
import { BUILT } from '../support/build.ts';
import { describeIf } from '../support/describe-if.ts';
import { freePort } from '../support/free-port.ts';
import { runInit } from '../support/init-process.ts';
import { run } from '../support/spawn-bot.ts';
import { draft, startWorld, type World } from '../support/world.ts';

const BOT_TOKEN = 'xoxb-sandbox-token';
const APP_TOKEN = 'xapp-1-A0SANDBOX-123-abc';
const CREW_TOKEN = 'crew-token-of-the-sandbox';
/** The beginning of each question, in their order. */
const QUESTIONS = [
  'Bot token',
  'App-level token',
  'Channel (',
  'Who can decide',
  'URL of the crew',
  'Bearer token',
  'URL at which CrewAI',
];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A world whose Slack has one more, private channel and whose people have e-mail addresses. */
function world(): Promise<World> {
  return startWorld(
    [],
    { inputs: ['topic'] },
    {
      appToken: APP_TOKEN,
      people: [
        { id: 'UANA', name: 'ana', email: 'ana@example.com' },
        { id: 'UBEN', name: 'ben', email: 'ben@example.com' },
      ],
      channels: [
        { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
        { id: 'COPEN', name: 'open-door', members: ['UANA'], botIsMember: false },
        { id: 'C0OLD0001', name: 'old', members: ['UANA'], botIsMember: true, archived: true },
        { id: 'C0BOARD01', name: 'board', members: ['UANA'], private: true, botIsMember: false },
      ],
    },
  );
}

const reach = ({ workspace }: World) => ({ SLACK_API_URL: workspace.apiUrl });

const rightAnswers = ({ platform }: World) => [
  BOT_TOKEN,
  APP_TOKEN,
  '#approvals',
  'ana@example.com, UBEN',
  platform.baseUrl,
  CREW_TOKEN,
  '',
];

/** Runs init to its end with these lines in a pipe. */
async function pipe(folder: string, settings: Record<string, string>, answers: readonly string[]) {
  const init = runInit(folder, settings);
  init.types(answers.map((answer) => `${answer}\n`).join(''));
  init.close();
  return await init.ended;
}

test('a newcomer gets from nothing to a card by the answers and the steps that init prints as "By hand"', async () => {
  const folder = newFolder();
  const [slackPort, botPort] = [await freePort(), await freePort()];
  const slackUrl = `http://127.0.0.1:${slackPort}/api/`;
  const settings = { SLACK_API_URL: slackUrl, PORT: String(botPort), HOST: '127.0.0.1' };
  const platform = await startPlatform({ token: CREW_TOKEN, tasks: [draft], inputs: ['topic'] });
  onTestFinished(() => platform.close());
  const init = runInit(folder, settings);
  const answers = async (question: string, answer: string) => {
    const asked = await init.sees(question);
    init.types(`${answer}\n`);
    return asked;
  };
  let done = 0;
  /** What a person does outside init is done only where init has printed the next step. */
  const printsStep = () => init.sees(`By hand, ${++done} of `);

  await printsStep();
  const created = await init.sees('Bot token');
  const link = /https:\/\/api\.slack\.com\/apps\?\S+/.exec(created)?.[0] ?? '';
  const about = init.printed().replace(/\s+/g, ' ');
  const [, advised = ''] =
    /If Slack rejects the manifest, .* paste (\S+) without the lines/.exec(about) ?? [];
  expect(readFileSync(advised, 'utf8')).toContain('slash_commands:');
  const manifest = join(folder, 'created-app.json');
  writeFileSync(manifest, new URL(link).searchParams.get('manifest_json') ?? '');
  const workspace = await startWorkspace({
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    signingSecret: 'not-used-in-socket-mode',
    manifest,
    people: [{ id: 'UANA', name: 'ana' }],
    channels: [{ id: 'CLAUNCH', name: 'launch', members: ['UANA'], private: true }],
    port: slackPort,
  });
  onTestFinished(() => workspace.close());
  init.types(`${BOT_TOKEN}\n`);
  await printsStep();
  expect(await answers('App-level token (xapp', APP_TOKEN)).toContain('connections:write');
  await printsStep();
  workspace.joinBot('CLAUNCH');
  expect(await answers('Channel (', 'launch')).toContain('/invite');
  await answers('Who can decide', '');
  await answers('URL of the crew', platform.baseUrl);
  await answers('Bearer token of the crew', CREW_TOKEN);
  await answers('URL at which CrewAI', `http://127.0.0.1:${botPort}`);
  await printsStep();
  const { code, printed } = await init.ended;
  expect(printed).toContain('All checks passed');
  expect(code).toBe(0);

  const lastStep = printed.slice(printed.indexOf('By hand, 4 of 4'));
  expect(lastStep.replace(/\s+/g, ' ')).toContain('type /approvals run in Slack');
  const bot = run(join(BUILT, 'main.js'), settings, { cwd: folder });
  await bot.logs('ready', ({ msg }) => msg === 'ready');
  const kickoff = JSON.parse(/^\{$[\s\S]*^\}$/m.exec(printed)?.[0] ?? '') as object;
  const headers = { Authorization: `Bearer ${CREW_TOKEN}` };
  expect((await axios.post(`${platform.baseUrl}/kickoff`, kickoff, { headers })).status).toBe(200);
  await workspace.changed(() => workspace.messages('CLAUNCH').length > 0, { what: 'the card' });

  const steps = [...new Set(printed.match(/By hand, \d+ of \d+/g))];
  expect(steps).toEqual(Array.from({ length: done }, (_, index) => `By hand, ${index + 1} of ${done}`));
  const setup =
    readFileSync('README.md', 'utf8')
      .split(/^## /m)
      .find((part) => part.startsWith('Set up')) ?? '';
  expect(setup.match(/^\d+\. \*\*/gm)).toHaveLength(done);
});

test('.env holds the answers and a secret of its own, for its owner only; no answer is left elsewhere', async () => {
  const here = await world();
  const folder = newFolder();
  const { code, printed } = await pipe(folder, reach(here), rightAnswers(here));
  expect(code).toBe(0);
  expect(parseEnv(readFileSync(join(folder, '.env'), 'utf8'))).toMatchObject({
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_APP_TOKEN: APP_TOKEN,
    APPROVAL_CHANNEL: 'CAPPROVALS',
    APPROVERS: 'UANA,UBEN',
    CREWAI_BASE_URL: here.platform.baseUrl,
    CREWAI_BEARER_TOKEN: CREW_TOKEN,
    WEBHOOK_SECRET: expect.stringMatching(/^[0-9a-f]{48}$/),
    PUBLIC_URL: '',
  });
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, '.env.init'))).toBe(false);
  expect(printed).toContain('speaks the live dialect');
  for (const secret of [BOT_TOKEN, APP_TOKEN, CREW_TOKEN]) expect(printed).not.toContain(secret);
});

test('after Ctrl-C at each question it goes on where it stopped', async () => {
  const here = await world();
  const folder = newFolder();
  const all = rightAnswers(here);
  for (const [number, question] of QUESTIONS.entries()) {
    const init = runInit(folder, reach(here));
    await init.sees(question);
    expect(init.printed().match(/^kept/gm) ?? []).toHaveLength(number);
    init.types(`${all[number]}\n`);
    const next = QUESTIONS[number + 1];
    if (next === undefined) {
      expect((await init.ended).code).toBe(0);
      break;
    }
    await init.sees(next);
    init.signal('SIGINT');
    const { code, printed } = await init.ended;
    expect(code).toBe(130);
    expect(printed).toContain('run init again to continue');
    expect(statSync(join(folder, '.env.init')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, '.env'))).toBe(false);
  }
  const env = parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
  expect(env).toMatchObject({ SLACK_BOT_TOKEN: BOT_TOKEN, APPROVERS: 'UANA,UBEN' });
  expect(existsSync(join(folder, '.env.init'))).toBe(false);
});

describe('a wrong answer is named at once, and what was right is kept', () => {
  const cases: [name: string, at: number, answer: string, says: string][] = [
    [
      'a token of another kind',
      0,
      'xapp-1-A0-1',
      'this is an app-level token; a bot token begins with xoxb-',
    ],
    ['a token that Slack rejects', 0, 'xoxb-wrong-token', 'Slack answers invalid_auth'],
    [
      'an app-level token of another app',
      1,
      'xapp-1-A0OTHER-1-abc',
      'belongs to app A0OTHER, but SLACK_BOT_TOKEN belongs to A0SANDBOX',
    ],
    ['an app-level token that Slack rejects', 1, 'xapp-1-A0SANDBOX-9-no', 'Slack answers invalid_auth'],
    ['a misspelled channel', 2, 'aprovals', 'Did you mean #approvals?'],
    ['a private channel without the bot', 2, '#board', 'type /invite @Crew Approvals in it'],
    ['the ID of a private channel without the bot', 2, 'C0BOARD01', 'Slack answers channel_not_found'],
    ['a public channel without the bot', 2, '#open-door', 'invite @Crew Approvals'],
    ['an archived channel', 2, 'C0OLD0001', '#old is archived'],
    ['an unknown e-mail address', 3, 'eve@example.com', 'no one in this workspace has this address'],
    ['approvers that name nobody', 3, ' , ', 'APPROVERS: names nobody'],
    ['a name instead of an ID', 3, 'ana', 'is neither an e-mail address nor the ID'],
    ['a crew that does not answer', 4, 'http://127.0.0.1:9', 'http://127.0.0.1:9 does not answer'],
    ['a crew without a scheme that does not answer', 4, '127.0.0.1:9', 'https://127.0.0.1:9 does not answer'],
    ['an address with a password', 4, 'https://ana:secret@crew.example', 'must not have a user name'],
    ['an address that is none', 4, 'https://crew?x=1', 'must be an http:// or https:// URL'],
  ];

  test.each(cases)('%s', async (_name, at, answer, says) => {
    const here = await world();
    const folder = newFolder();
    const answers = [...rightAnswers(here).slice(0, at), answer];
    const { code, printed } = await pipe(folder, reach(here), answers);
    expect(printed.replace(/\s+/g, ' ')).toContain(says);
    expect(code).toBe(1);
    expect(printed).toContain('run init again to continue');
    const saved = Object.keys(parseEnv(readFileSync(join(folder, '.env.init'), 'utf8')));
    expect(saved).toHaveLength(1 + at);
  });

  test('more calls than Slack allows', async () => {
    const here = await world();
    here.workspace.failures.plan({
      on: 'conversations.list',
      failure: { rateLimited: { retryAfter: 30 } },
    });
    const { printed } = await pipe(newFolder(), reach(here), rightAnswers(here).slice(0, 3));
    expect(printed).toContain('Slack rate-limits the bot for 30 s. Wait, then try again.');
  });

  test('no network', async () => {
    const folder = newFolder();
    const { code, printed } = await pipe(folder, { SLACK_API_URL: 'http://127.0.0.1:9/' }, [BOT_TOKEN]);
    expect(printed).toContain('Slack cannot be reached');
    expect(printed).toContain('Check the network');
    expect(code).toBe(1);
  });

  test('answers that end too early', async () => {
    const here = await world();
    const { code, printed } = await pipe(newFolder(), reach(here), [BOT_TOKEN]);
    expect(printed).toContain('There was no answer to "App-level token');
    expect(code).toBe(1);
  });
});

test('a .env that is there is never changed, even one that appears meanwhile', async () => {
  const here = await world();
  const folder = newFolder();
  const late = runInit(folder, reach(here));
  await late.sees('Bot token');
  writeFileSync(join(folder, '.env'), 'MINE=1\n');
  late.types(
    rightAnswers(here)
      .map((answer) => `${answer}\n`)
      .join(''),
  );
  const { code, printed } = await late.ended;
  expect([code, printed.includes('has a .env already')]).toEqual([1, true]);
  expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('MINE=1\n');
  expect(existsSync(join(folder, '.env.init'))).toBe(true);
  const early = await pipe(folder, reach(here), []);
  expect([early.code, early.printed.includes('init never changes one')]).toEqual([1, true]);
});

test('settings of the environment, which would win over .env, are named before anything is asked', async () => {
  const folder = newFolder();
  const { code, printed } = await pipe(folder, { SLACK_BOT_TOKEN: BOT_TOKEN, APPROVERS: 'UANA' }, []);
  expect([code, printed.replace(/\s+/g, ' ')]).toEqual([
    1,
    expect.stringContaining('SLACK_BOT_TOKEN, APPROVERS in the environment would win over .env: unset them'),
  ]);
  expect(existsSync(join(folder, '.env.init'))).toBe(false);
});

test('saved answers with lines of something else lose these lines only', async () => {
  const here = await world();
  const folder = newFolder();
  writeFileSync(join(folder, '.env.init'), `<<<<<<< HEAD\nOTHER=1\nSLACK_BOT_TOKEN=${BOT_TOKEN}\n`);
  const { code } = await pipe(folder, reach(here), rightAnswers(here).slice(1));
  expect(code).toBe(0);
  expect(readFileSync(join(folder, '.env'), 'utf8')).not.toContain('OTHER');
});

test('a .env that is a link to nowhere is named at once', async () => {
  const folder = newFolder();
  symlinkSync('nowhere', join(folder, '.env'));
  const { code, printed } = await pipe(folder, {}, []);
  expect([code, printed.includes('has a .env already')]).toEqual([1, true]);
});

test.runIf(process.platform === 'linux')(
  'a folder that cannot be written is named before anything is asked',
  async () => {
    const { code, printed } = await pipe('/proc', {}, []);
    expect(printed).toMatch(
      /cannot be written in \/proc \(E\w+.*\): run init in a folder that you can write to/,
    );
    expect(code).toBe(1);
  },
);

const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');
const missing = 'the command `script` is not there: init on a terminal is skipped';

describeIf(hasTerminals, missing)('on a terminal', () => {
  test('of 40 columns it asks again after a wrong answer, and hides secrets', async () => {
    const here = await world();
    const folder = newFolder();
    const init = runInit(folder, reach(here), { columns: 40 });
    const [token, appToken, channel, approvers, url, crewToken, publicUrl] = rightAnswers(here);
    const answers = async (question: string, answer: string | undefined) => {
      await init.sees(question);
      init.types(`${answer}\r`);
    };
    await answers('Bot token', 'xoxp-wrong');
    await init.sees('begins with');
    await answers('Bot token', token);
    await answers('App-level token (', appToken);
    await answers('Channel (', 'board');
    await init.sees('FAILED');
    await answers('Channel (', channel);
    await answers('Who can decide', approvers);
    await answers('URL of the crew', url);
    await answers('Bearer token', 'not-the-token');
    await init.sees('FAILED');
    // Back to the URL: Enter repeats it.
    await answers('URL of the crew', '');
    await answers('Bearer token', crewToken);
    await answers('URL at which CrewAI', publicUrl);
    const { code, printed } = await init.ended;
    expect(code).toBe(0);
    for (const secret of [token, appToken, 'not-the-token', crewToken]) expect(printed).not.toContain(secret);
  });

  test('what is typed before a question is asked is neither shown nor its answer', async () => {
    const here = await world();
    const folder = newFolder();
    const init = runInit(folder, reach(here), { columns: 40 });
    await init.sees('Bot token');
    init.types(`${BOT_TOKEN}\rxapp-typed-too-early\r`);
    await init.sees('App-level token (');
    init.types(`${APP_TOKEN}\r`);
    await init.sees('Channel (');
    init.types('approvals\r\r\r');
    await init.sees('Who can decide');
    init.types('UANA\r');
    await init.sees('URL of the crew');
    init.signal('SIGKILL');
    expect(init.printed()).not.toContain('xapp-typed');
    expect(parseEnv(readFileSync(join(folder, '.env.init'), 'utf8'))).toMatchObject({ APPROVERS: 'UANA' });
  });

  test.each([0, 1, 2])('Ctrl-C at question %s stops it, and the answers so far are kept', async (number) => {
    const here = await world();
    const folder = newFolder();
    const init = runInit(folder, reach(here), { columns: 40 });
    for (const [index, answer] of rightAnswers(here).slice(0, number).entries()) {
      await init.sees(QUESTIONS[index] as string);
      init.types(`${answer}\r`);
    }
    await init.sees(QUESTIONS[number] as string);
    init.types('\x03');
    const { code, printed } = await init.ended;
    expect(code).toBe(130);
    expect(printed).toContain('Stopped.');
    expect(Object.keys(parseEnv(readFileSync(join(folder, '.env.init'), 'utf8')))).toHaveLength(1 + number);
  });
});
