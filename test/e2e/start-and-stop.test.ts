import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import {
  answered,
  clickOn,
  expectRefusedStart,
  file,
  ready,
  roots,
  runCommand,
  seesAccepted,
  sendPause,
  startRunWithCard,
} from '../support/process-steps.ts';
import { runToEnd, spawnBot, startGate } from '../support/spawn-bot.ts';
import { sees, startWorld, type World } from '../support/world.ts';

const doctor = (world: Pick<World, 'settings' | 'folder'>, changed = {}, args: string[] = []) =>
  runCommand(world, 'doctor/doctor', args, changed);

describe('a start that cannot be ends with exit code 1', () => {
  test('and one message that names every wrong or missing setting; without any, also init', async () => {
    const { folder } = await startWorld();
    const { code, stdout, stderr } = await runToEnd({ PORT: 'http', CREW_NAME: 'no crew' }, folder);
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
    expect(stderr).not.toContain('init');
    const none = await runToEnd({}, folder);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(
      /SLACK_BOT_TOKEN is missing[\s\S]*\n\nNothing is configured yet: `npx crew-approvals init`/,
    );
    const { stdout: said } = await doctor({ settings: {}, folder });
    expect(said).toContain('`npx crew-approvals init`');
  });

  test('and one sentence that names what Slack, the store, another bot or another process refuses', async () => {
    const world = await startWorld();
    const refusal = async (changed: Record<string, string>) =>
      expectRefusedStart(await runToEnd({ ...world.settings, ...changed }, world.folder));
    expect(await refusal({ SLACK_BOT_TOKEN: 'xoxb-another' })).toBe(
      'Slack rejected SLACK_BOT_TOKEN (invalid_auth): set a valid token.',
    );
    const inTheWay = join(world.folder, 'a-file');
    writeFileSync(inTheWay, '');
    expect(await refusal({ STORE_URL: `sqlite://${inTheWay}/approvals.db` })).toMatch(
      /^The database .*\/a-file\/approvals\.db \(STORE_URL\) cannot be opened: .+\.$/,
    );
    const taker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taker.once('listening', resolve));
    onTestFinished(() => void taker.close());
    const { port } = taker.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toContain(
      `Port ${port} on 127.0.0.1 is taken by another process`,
    );
    const bot = await spawnBot(world);
    expect(await refusal({})).toBe(`The database ${file(world)} is in use by another process.`);
    expect((await axios.get(`${bot.url}/readyz`)).status).toBe(200);
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
    await bot.logs('a refused call', ({ msg }) => msg.includes('Slack call failed'));
    expect(roots(world)).toEqual([]);
    await slack.open();
    await sees(world.workspace, 'the card', ready);
    expect(roots(world)).toHaveLength(1);
  });
});

describe('SIGTERM', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('or %s ends an idle bot with exit code 0', async (signal) => {
    const bot = await spawnBot(await startWorld());
    await axios.get(`${bot.url}/healthz`);
    bot.signal(signal);
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    await expect(axios.get(`${bot.url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('during a slow /resume lets it finish, exit code 0; after a restart the card has its answer, sent once', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    const bot = await spawnBot(world, { CREWAI_BASE_URL: crewai.url });
    const { card } = await startRunWithCard(world, bot);
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
    const { platform } = world;
    const bot = await spawnBot(world);
    const { execution, card } = await startRunWithCard(world, bot);
    platform.hold();
    platform.failures.plan({ on: 'resume', failure: { noAnswer: true } });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    await bot.restart();
    await seesAccepted(world);
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
  });
});

describe('the log of the start and the doctor', () => {
  test('name a misspelled setting, with what was meant', async () => {
    const world = await startWorld();
    const misspelled = {
      APPROVER: 'UANA',
      crew_name: 'press',
      HOSTNAME: 'bot-1',
      CREWAI_STORAGE_DIR: '/tmp',
    };
    const bot = await spawnBot(world, misspelled);
    const fault = 'not recognized, so it has no effect: did you mean';
    expect(bot.logged.filter(({ msg }) => msg.startsWith('setting not recognized'))).toMatchObject([
      { level: 50, setting: 'APPROVER', msg: `setting ${fault} APPROVERS?` },
      { level: 40, setting: 'crew_name', msg: `setting ${fault} CREW_NAME?` },
    ]);
    const { stdout } = await doctor(world, misspelled);
    expect(stdout).toMatch(new RegExp(`^FAILED +APPROVER: ${fault} APPROVERS\\?$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^note +crew_name: ${fault} CREW_NAME\\?$`, 'm'));
    expect(stdout).not.toMatch(/HOSTNAME|CREWAI_STORAGE_DIR/);
  });
});

test.each([
  ['press', ['press']],
  ['budget', ['--kickoff', 'press', 'budget']],
  ['--sendtest', ['--sendtest']],
])('the doctor names the unknown argument %s', async (unknown, args) => {
  const { code, stdout, stderr } = await doctor(await startWorld(), {}, args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`'${unknown}'`);
});
