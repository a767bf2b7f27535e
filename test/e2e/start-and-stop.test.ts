import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { BUILT } from '../support/build.ts';
import {
  answered,
  clickOn,
  expectRefusedStart,
  file,
  kickoff,
  noAnswerTo,
  ready,
  roots,
  sendPause,
} from '../support/process-steps.ts';
import { run, runToEnd, spawnBot, startGate } from '../support/spawn-bot.ts';
import { startTwoCrews } from '../support/two-crews.ts';
import { sees, startWorld } from '../support/world.ts';

describe('a start that cannot be ends with exit code 1', () => {
  test('and one message that names every wrong or missing setting', async () => {
    const world = await startWorld();
    const { code, stdout, stderr } = await runToEnd({ PORT: 'http', CREW_NAME: 'no crew' }, world.folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toBe('Invalid configuration:');
    expect(lines.slice(1).map((line) => /^ {2}(\S+) \S+ \S+/.exec(line)?.[1])).toEqual([
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'CREW_NAME',
      'PORT',
      'CREWAI_BASE_URL',
      'CREWAI_BEARER_TOKEN',
      'WEBHOOK_SECRET',
      'APPROVAL_CHANNEL',
    ]);
  });

  test('and one sentence, when Slack refuses the token', async () => {
    const world = await startWorld();
    const ended = await runToEnd({ ...world.settings, SLACK_BOT_TOKEN: 'xoxb-another' }, world.folder);
    const sentence = expectRefusedStart(ended);
    expect(sentence).toBe('Slack rejected SLACK_BOT_TOKEN (invalid_auth): set a valid token.');
    expect(ended.stdout + ended.stderr).not.toContain('xoxb-another');
  });

  test('and one sentence that names the file, when the store cannot be opened', async () => {
    const world = await startWorld();
    const inTheWay = join(world.folder, 'a-file');
    writeFileSync(inTheWay, '');
    const settings = { ...world.settings, STORE_URL: `sqlite://${inTheWay}/approvals.db` };
    const sentence = expectRefusedStart(await runToEnd(settings, world.folder));
    expect(sentence).toMatch(/^The database .+ \(STORE_URL\) cannot be opened: .+\.$/);
    expect(sentence).toContain(`${inTheWay}/approvals.db`);
  });

  test('and one sentence that names the file, when another bot has the store; that one goes on', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world);
    const sentence = expectRefusedStart(await runToEnd(world.settings, world.folder));
    expect(sentence).toBe(`The database ${file(world)} is in use by another process.`);
    expect((await axios.get(`${bot.url}/readyz`)).status).toBe(200);
  });

  test('and one sentence that names the port, when it is taken', async () => {
    const world = await startWorld();
    const taker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taker.once('listening', resolve));
    onTestFinished(() => void taker.close());
    const { port } = taker.address() as AddressInfo;
    const sentence = expectRefusedStart(
      await runToEnd({ ...world.settings, PORT: String(port) }, world.folder),
    );
    expect(sentence).toContain(`Port ${port} on 127.0.0.1 is taken by another process`);
  });
});

describe('Slack out of reach', () => {
  test('at the start does not end it: a webhook is answered 202, and its card appears when Slack is back', async () => {
    const world = await startWorld();
    const slack = await startGate(world.workspace.apiUrl);
    await slack.shut();
    const bot = await spawnBot(world, { SLACK_API_URL: slack.url });
    expect(bot.logged.find(({ msg }) => msg === 'ready')).toMatchObject({ slack: 'not reached yet' });
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
    expect((await sendPause(world, bot, { run: 'run-1', output: 'Hello' })).status).toBe(202);
    await bot.logs('Slack did not take', ({ msg }) => msg.includes('Slack call failed'));
    expect(roots(world)).toEqual([]);
    await slack.open();
    await sees(world.workspace, 'the card', ready);
    expect(roots(world)).toHaveLength(1);
  });

  test('without any answer at the start does not keep it from taking webhooks', async () => {
    const world = await startWorld();
    world.workspace.failures.plan(noAnswerTo('auth.test'));
    const bot = await spawnBot(world);
    expect((await sendPause(world, bot, { run: 'run-1', output: 'Hello' })).status).toBe(202);
    const card = await sees(world.workspace, 'the card', ready);
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
  });
});

describe('SIGTERM', () => {
  test('ends an idle bot with exit code 0', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world);
    await axios.get(`${bot.url}/healthz`);
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('during a slow /resume lets it finish, exit code 0; after a restart the card tells its answer, and it was sent once', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    const bot = await spawnBot(world, { CREWAI_BASE_URL: crewai.url });
    platform.hold();
    kickoff(world, bot);
    platform.release();
    const card = await sees(workspace, 'the card', ready);
    platform.hold();
    crewai.hold();
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    bot.signal('SIGTERM');
    await bot.logs('stopping', ({ msg }) => msg === 'stopping');
    crewai.release();
    const ended = await bot.ended;
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(ended.stdout).toContain('decision accepted by CrewAI');
    await bot.restart();
    await sees(workspace, 'accepted', ({ all }) => all.includes(answered(world)));
    platform.release();
    await sees(workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
    expect(platform.resumes).toHaveLength(1);
  });

  test('while CrewAI never answers ends it within 10 s, exit code 0; after a restart the decision arrives', {
    timeout: 40_000,
  }, async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    platform.hold();
    platform.failures.plan({ on: 'resume', failure: { noAnswer: true } });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    await bot.restart();
    await sees(workspace, 'accepted', ({ all }) => all.includes(answered(world)));
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
  });

  test('takes no new webhook any more', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world);
    bot.signal('SIGTERM');
    await bot.ended;
    const late = axios.post(bot.webhook('task'), { name: 'draft', output: 'Hello', kickoff_id: 'run-1' });
    await expect(late).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('SIGINT does the same', async () => {
    const bot = await spawnBot(await startWorld());
    bot.signal('SIGINT');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null });
  });
});

test('a setting that is misspelled is named by the log of the start and by the doctor, with what was meant', async () => {
  const world = await startWorld();
  const misspelled = { APPROVER: 'UANA', crew_name: 'press', HOSTNAME: 'bot-1', CREWAI_STORAGE_DIR: '/tmp' };
  const bot = await spawnBot(world, misspelled);
  const told = bot.logged.filter(({ msg }) => msg.startsWith('setting not recognized'));
  expect(told).toMatchObject([
    {
      level: 50,
      setting: 'APPROVER',
      msg: 'setting not recognized, so it has no effect: did you mean APPROVERS?',
    },
    { level: 40, setting: 'crew_name', msg: expect.stringContaining('CREW_NAME?') },
  ]);
  const settings = { ...world.settings, ...misspelled };
  const { stdout } = await run(join(BUILT, 'cli', 'doctor', 'doctor.js'), settings, { cwd: world.folder })
    .ended;
  expect(stdout).toMatch(
    /^FAILED +APPROVER: not recognized, so it has no effect: did you mean APPROVERS\?$/m,
  );
  expect(stdout).toMatch(/^note +crew_name: not recognized.*CREW_NAME\?$/m);
  expect(stdout).not.toMatch(/HOSTNAME|CREWAI_STORAGE_DIR/);
});

test('a setting that each crew of the file has itself is named by the log of the start and by the doctor', async () => {
  const world = await startTwoCrews({ extra: '    approvals_required: 1\n    remind_after: 1h' });
  const crewsFile = world.settings.CREWS_FILE ?? '';
  writeFileSync(
    crewsFile,
    `${readFileSync(crewsFile, 'utf8')}    approvals_required: 1\n    remind_after: 2h\n`,
  );
  const settings = { APPROVALS_REQUIRED: '2', REMIND_AFTER: '4h', UNDO_WINDOW: '1 s' };
  const bot = await spawnBot(world, settings);
  const told = bot.logged.filter(({ msg }) => /^setting has no effect: each crew/.test(msg));
  expect(told).toMatchObject([
    { level: 40, setting: 'WEBHOOK_SECRET' },
    { level: 40, setting: 'APPROVAL_CHANNEL' },
    { level: 40, setting: 'APPROVERS' },
    {
      level: 50,
      setting: 'APPROVALS_REQUIRED',
      msg: 'setting has no effect: each crew of CREWS_FILE has its own approvals_required',
    },
    { level: 40, setting: 'REMIND_AFTER' },
  ]);
  const { code, stdout } = await run(
    join(BUILT, 'cli', 'doctor', 'doctor.js'),
    { ...world.settings, ...settings },
    { cwd: world.folder },
  ).ended;
  expect(stdout).toMatch(/^FAILED +APPROVALS_REQUIRED: has no effect: each crew of CREWS_FILE has its own/m);
  expect(stdout).toMatch(/^note +REMIND_AFTER: has no effect: .*\.$/m);
  expect(stdout).not.toContain('UNDO_WINDOW');
  expect(code).toBe(1);
});

test.each([['press'], ['--kickoff', 'press', 'budget'], ['--sendtest']])(
  'the doctor names an unknown argument: %s %s %s',
  async (...args) => {
    const { settings, folder } = await startWorld();
    const { code, stdout, stderr } = await run(join(BUILT, 'cli', 'doctor', 'doctor.js'), settings, {
      cwd: folder,
      args: args.filter(Boolean),
    }).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`'${args.filter(Boolean).at(-1)}'`);
  },
);

test('a start without settings, and the doctor, name init', async () => {
  const { folder } = await startWorld();
  const start = await run(join(BUILT, 'main.js'), {}, { cwd: folder }).ended;
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(
    /SLACK_BOT_TOKEN is missing[\s\S]*\n\nNothing is configured yet: `npx crew-approvals init`/,
  );
  const doctor = await run(join(BUILT, 'cli', 'doctor', 'doctor.js'), {}, { cwd: folder }).ended;
  expect(doctor.stdout).toContain('`npx crew-approvals init`');
  const half = await run(join(BUILT, 'main.js'), { SLACK_BOT_TOKEN: 'xoxb-12345' }, { cwd: folder }).ended;
  expect(half.stderr).not.toContain('init');
});
