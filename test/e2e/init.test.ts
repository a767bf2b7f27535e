import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startPlatform } from '../sandbox/crewai/platform.ts';
import { startWorkspace } from '../sandbox/slack/workspace.ts';
import { BUILT } from '../support/build.ts';
import { describeIf } from '../support/describe-if.ts';
import { freePort } from '../support/free-port.ts';
import { type InitProcess, runInit } from '../support/init-process.ts';
import { run } from '../support/spawn-bot.ts';
import { draft, startWorld, type World } from '../support/world.ts';

const BOT_TOKEN = 'xoxb-sandbox-token';
const APP_TOKEN = 'xapp-1-A0SANDBOX-123-abc';
const CREW_TOKEN = 'crew-token-of-the-sandbox';
/** The beginning of each question, in their order. */
const QUESTIONS = [
  'Bot token (',
  'App-level token (',
  'Channel (',
  'Who can decide',
  'How long a decision can be undone',
  'Language of the messages',
  'URL of the crew',
  'Bearer token of the crew',
  'URL at which CrewAI',
] as const;

/** Slow: each asks again and again in processes of its own. */
const inCi = test.runIf(process.env.CI);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const savedIn = (folder: string, name = '.env') => parseEnv(readFileSync(join(folder, name), 'utf8'));

/** A folder, a world whose Slack has a private channel too, and the right answers to the questions. */
async function prepare() {
  const world: World = await startWorld(
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
  const { workspace, platform } = world;
  const people = 'ana@example.com, UBEN';
  const answers = [BOT_TOKEN, APP_TOKEN, '#approvals', people, '', 'pt', platform.baseUrl, CREW_TOKEN, ''];
  return { ...world, folder: newFolder(), reach: { SLACK_API_URL: workspace.apiUrl }, answers };
}

/** Runs init to its end with these lines in a pipe. */
async function pipe(folder: string, settings: Record<string, string>, answers: readonly string[]) {
  const init = runInit(folder, settings);
  init.types(answers.map((answer) => `${answer}\n`).join(''));
  init.close();
  const { code, printed } = await init.ended;
  return { code, printed, says: printed.replace(/\s+/g, ' ') };
}

/** Answers the questions as they come. */
async function answerAll(
  init: InitProcess,
  answers: readonly (readonly [question: string, answer: string])[],
) {
  for (const [question, answer] of answers) {
    await init.sees(question);
    init.types(`${answer}\n`);
  }
}

inCi(
  'without a URL of a crew, init asks three questions less, and a program can ask with what it wrote',
  async () => {
    const { folder, reach, answers, workspace } = await prepare();
    const botPort = await freePort();
    const settings = { ...reach, PORT: String(botPort), HOST: '127.0.0.1' };
    const { code, says } = await pipe(folder, settings, [...answers.slice(0, 6), '']);
    expect(code).toBe(0);
    expect(says).not.toContain('Bearer token of the crew');
    const saved = savedIn(folder);
    expect(saved).toMatchObject({
      CREWAI_BASE_URL: '',
      CREWAI_BEARER_TOKEN: '',
      WEBHOOK_SECRET: '',
      PUBLIC_URL: '',
    });
    const bot = run(join(BUILT, 'main.js'), settings, { cwd: folder });
    await bot.logs('ready', ({ msg }) => msg === 'ready');
    const headers = { Authorization: `Bearer ${saved.ASK_SECRET}` };
    const question = { title: 'Ship build 42?', text: 'All tests passed.' };
    const url = `http://127.0.0.1:${botPort}/crews/crew/questions/q1`;
    expect((await axios.put(url, question, { headers })).status).toBe(201);
    await workspace.changed(() => workspace.messages('CAPPROVALS').length > 0, { what: 'the card' });
  },
);

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
  await answerAll(init, [
    ['Who can decide', ''],
    ['How long a decision can be undone', '0 s'],
    ['Language of the messages', ''],
    ['URL of the crew', platform.baseUrl],
    ['Bearer token of the crew', CREW_TOKEN],
    ['URL at which CrewAI', `http://127.0.0.1:${botPort}`],
  ]);
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
  const setup = readFileSync('README.md', 'utf8')
    .split(/^## /m)
    .find((part) => part.startsWith('Set up'));
  expect(setup?.match(/^\d+\. \*\*/gm)).toHaveLength(done);
});

test('.env holds the answers and a secret of its own, for its owner only; no answer is left elsewhere', async () => {
  const { folder, reach, answers, platform } = await prepare();
  writeFileSync(join(folder, '.env.init'), `<<<<<<< HEAD\nOTHER=1\nSLACK_BOT_TOKEN=${BOT_TOKEN}\n`);
  const { code, printed } = await pipe(folder, reach, answers.slice(1));
  expect(code).toBe(0);
  expect(savedIn(folder)).toMatchObject({
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_APP_TOKEN: APP_TOKEN,
    APPROVAL_CHANNEL: 'CAPPROVALS',
    APPROVERS: 'UANA,UBEN',
    UNDO_WINDOW: '10 s',
    LANGUAGE: 'pt-BR',
    CREWAI_BASE_URL: platform.baseUrl,
    CREWAI_BEARER_TOKEN: CREW_TOKEN,
    WEBHOOK_SECRET: expect.stringMatching(/^[0-9a-f]{48}$/),
    PUBLIC_URL: '',
  });
  expect(savedIn(folder), 'what is no answer is left out').not.toHaveProperty('OTHER');
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, '.env.init'))).toBe(false);
  expect(printed).toContain('speaks the live dialect');
  for (const secret of [BOT_TOKEN, APP_TOKEN, CREW_TOKEN]) expect(printed).not.toContain(secret);
});

test('after a signal at a question it goes on where it stopped', async () => {
  const { folder, reach, answers } = await prepare();
  const given = 4;
  const init = runInit(folder, reach);
  for (let at = 0; at < given; at += 1)
    await answerAll(init, [[QUESTIONS[at] as string, answers[at] as string]]);
  await init.sees(QUESTIONS[given] as string);
  init.signal('SIGINT');
  const stopped = await init.ended;
  expect(stopped.code).toBe(130);
  expect(stopped.printed).toContain('run init again to continue');
  expect(statSync(join(folder, '.env.init')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, '.env'))).toBe(false);
  const { code, printed } = await pipe(folder, reach, answers.slice(given));
  expect(code).toBe(0);
  expect(printed.match(/^kept/gm)).toHaveLength(given);
  expect(savedIn(folder)).toMatchObject({ SLACK_BOT_TOKEN: BOT_TOKEN, APPROVERS: 'UANA,UBEN' });
  expect(existsSync(join(folder, '.env.init'))).toBe(false);
});

describe('from a pipe', () => {
  inCi('a wrong or missing answer ends it with the reason, and what was right is kept', async () => {
    const { folder, reach, answers, workspace } = await prepare();
    const refusal = async (given: readonly string[], settings: Record<string, string> = reach) => {
      const { code, says } = await pipe(folder, settings, given);
      expect(code).toBe(1);
      return says;
    };
    const away = await refusal([BOT_TOKEN], { SLACK_API_URL: 'http://127.0.0.1:9/' });
    expect(away).toMatch(/Slack cannot be reached .*Check the network/);
    for (const says of [away, await refusal([])]) expect(says).not.toContain('Your answers so far');
    const first = await refusal([BOT_TOKEN]);
    expect(first).toContain('There was no answer to "App-level token');
    expect(first).toContain('Your answers so far are in .env.init: run init again to continue.');
    const failure = { rateLimited: { retryAfter: 30 } };
    workspace.failures.plan({ on: 'conversations.list', failure });
    expect(await refusal([APP_TOKEN, '#approvals'])).toContain('Slack rate-limits the bot for 30 s. Wait');
    expect(Object.keys(savedIn(folder, '.env.init'))).toHaveLength(3);
    expect((await pipe(folder, reach, answers.slice(2))).code).toBe(0);
  });

  inCi(
    'a .env that is there is never changed, even one that appears meanwhile or is a link to nowhere',
    async () => {
      const { folder, reach, answers } = await prepare();
      const late = runInit(folder, reach);
      await late.sees('Bot token');
      writeFileSync(join(folder, '.env'), 'MINE=1\n');
      late.types(answers.map((answer) => `${answer}\n`).join(''));
      const { code, printed } = await late.ended;
      expect([code, printed]).toEqual([1, expect.stringContaining('already has a .env')]);
      expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('MINE=1\n');
      expect(existsSync(join(folder, '.env.init'))).toBe(true);
      rmSync(join(folder, '.env'));
      symlinkSync('nowhere', join(folder, '.env'));
      const early = await pipe(folder, {}, []);
      expect([early.code, early.printed]).toEqual([1, expect.stringContaining('init never overwrites it')]);
    },
  );

  test('what would make the answers useless is named before anything is asked', async () => {
    const folder = newFolder();
    const set = await pipe(folder, { SLACK_BOT_TOKEN: BOT_TOKEN, APPROVERS: 'UANA' }, []);
    const sentence = 'SLACK_BOT_TOKEN, APPROVERS in the environment would win over .env: unset them';
    expect([set.code, set.says]).toEqual([1, expect.stringContaining(sentence)]);
    expect(existsSync(join(folder, '.env.init'))).toBe(false);
    if (process.platform !== 'linux') return;
    const unwritable = await pipe('/proc', {}, []);
    expect(unwritable.code).toBe(1);
    expect(unwritable.printed).toMatch(
      /cannot be written in \/proc \(E\w+.*\): run init in a folder that you can write to/,
    );
  });
});

const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');
const missing = 'the command `script` is not there: init on a terminal is skipped';

describeIf(hasTerminals, missing)('on a terminal', () => {
  test('of 40 columns it asks again after each wrong answer, says what is wrong, and hides secrets', async () => {
    const { folder, reach, answers } = await prepare();
    const wrong: [question: number, answer: string, says: string][] = [
      [0, 'xapp-1-A0-1', 'this is an app-level token; a bot token begins with xoxb-'],
      [0, 'xoxb-wrong-token', 'Slack answers invalid_auth'],
      [1, 'xapp-1-A0OTHER-1-abc', 'belongs to app A0OTHER, but SLACK_BOT_TOKEN belongs to A0SANDBOX'],
      [1, 'xapp-1-A0SANDBOX-9-no', 'Slack answers invalid_auth'],
      [2, 'aprovals', 'Did you mean #approvals? '],
      [2, '#board', 'type /invite @Crew Approvals in it'],
      [2, 'C0BOARD01', 'Slack answers channel_not_found'],
      [2, '#open-door', 'invite @Crew Approvals'],
      [2, 'C0OLD0001', '#old is archived'],
      [3, 'eve@example.com', 'no one in this workspace has this address'],
      [3, ' , ', 'APPROVERS: names nobody'],
      [3, 'ana', 'is neither an e-mail address nor the ID'],
      [4, 'soon', 'UNDO_WINDOW'],
      [5, 'fr', 'fr is not one of en, pt-BR, es'],
      [6, 'http://127.0.0.1:9', 'http://127.0.0.1:9 does not answer'],
      [6, '127.0.0.1:9', 'https://127.0.0.1:9 does not answer'],
      [6, 'https://ana:secret@crew.example', 'must not have a user name'],
      [6, 'https://crew?x=1', 'must be an http:// or https:// URL'],
      [7, 'not-the-token', 'rejects its bearer token (401)'],
    ];
    const init = runInit(folder, reach, { columns: 40 });
    await init.sees(QUESTIONS[0]);
    for (const [number, question] of QUESTIONS.entries()) {
      for (const [, answer, says] of wrong.filter(([of]) => of === number)) {
        init.types(`${answer}\n`);
        await init.sees('FAILED');
        // After a wrong token the URL is asked for again: Enter repeats it.
        const isToken = question === 'Bearer token of the crew';
        const told = await init.sees(isToken ? 'URL of the crew' : question);
        expect(told.replace(/\s+/g, ' '), answer).toContain(says);
        if (!isToken) continue;
        init.types('\n');
        await init.sees(question);
      }
      init.types(`${answers[number]}\n`);
      const next = QUESTIONS[number + 1];
      if (next) await init.sees(next);
    }
    const { code, printed } = await init.ended;
    expect(code).toBe(0);
    for (const secret of [BOT_TOKEN, APP_TOKEN, 'not-the-token', CREW_TOKEN])
      expect(printed).not.toContain(secret);
  });

  inCi(
    'what is typed before a question is asked is neither shown nor its answer; Ctrl-C keeps the answers so far',
    async () => {
      const { folder, reach } = await prepare();
      const init = runInit(folder, reach, { columns: 40 });
      await answerAll(init, [
        ['Bot token', `${BOT_TOKEN}\nxapp-typed-too-early`],
        ['App-level token (', APP_TOKEN],
        ['Channel (', 'approvals\n\n'],
        ['Who can decide', 'UANA'],
      ]);
      await init.sees('How long a decision');
      init.types('\x03');
      const { code, printed } = await init.ended;
      expect(code).toBe(130);
      expect(printed).toContain('Stopped.');
      expect(printed).not.toContain('xapp-typed');
      const saved = savedIn(folder, '.env.init');
      expect(saved).toMatchObject({ APPROVERS: 'UANA' });
      expect(Object.keys(saved)).toHaveLength(1 + 4);
    },
  );
});
