import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BUILT } from '../support/build.ts';
import { scaleLimit } from '../support/limits.ts';
import {
  answered,
  clickOn,
  expectRefusedStart,
  file,
  ready,
  roots,
  seesAccepted,
  sendPause,
  startRunWithCard,
} from '../support/process-steps.ts';
import { run, runToEnd, spawnBot, startGate } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { ephemeralsTo, GOES_ON, sees, startBot, startWorld } from '../support/world.ts';

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
      /SLACK_BOT_TOKEN is missing[\s\S]*\n\nNothing is configured yet: `npx --no-install crew-approvals init`/,
    );
  });

  test('and one sentence that names what Slack, the store, another bot or another process refuses', async () => {
    const world = await startWorld();
    const refuses = (changed: Record<string, string>) => expect(startBot(world, changed)).rejects;
    const inTheWay = join(world.folder, 'a-file');
    writeFileSync(inTheWay, '');
    await refuses({ STORE_URL: `sqlite://${inTheWay}/approvals.db` }).toThrow(
      /^The database .*\/a-file\/approvals\.db \(STORE_URL\) cannot be opened: .+\.$/,
    );
    const taker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taker.once('listening', resolve));
    onTestFinished(() => void taker.close());
    const { port } = taker.address() as AddressInfo;
    await refuses({ PORT: String(port) }).toThrow(`Port ${port} on 127.0.0.1 is taken by another process`);
    const refusal = async (changed: Record<string, string> = {}) =>
      expectRefusedStart(await runToEnd({ ...world.settings, ...changed }, world.folder));
    expect(await refusal({ SLACK_BOT_TOKEN: 'xoxb-another' })).toBe(
      'Slack rejected SLACK_BOT_TOKEN (invalid_auth): set a valid token.',
    );
    const bot = await startBot(world);
    expect(await refusal()).toBe(`The database ${file(world)} is in use by another process.`);
    expect((await axios.get(`${bot.url}/readyz`)).status).toBe(200);
  });
});

describe('Slack out of reach', () => {
  test('at the start does not end it: a webhook is answered 202, and its card appears when Slack is back', async () => {
    const world = await startWorld();
    const slack = await startGate(world.workspace.apiUrl);
    await slack.shut();
    const bot = await startBot(world, { SLACK_API_URL: slack.url });
    const logged = () => bot.logged.join('');
    expect(logged()).toContain('"slack":"not reached yet"');
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
    expect((await sendPause(world, bot, { run: 'run-1', output: 'Hello' })).status).toBe(202);
    await until(() => expect(logged()).toContain('Slack call failed'));
    expect(roots(world)).toEqual([]);
    await slack.open();
    await sees(world.workspace, 'the card', ready);
    expect(roots(world)).toHaveLength(1);
  });
});

/** Of the bot that comes in the place of one that has ended. */
const sameAddress = ({ port, url }: { port: number; url: string }) => ({
  PORT: String(port),
  PUBLIC_URL: url,
});

describe('SIGTERM', () => {
  test('or SIGINT ends an idle bot with exit code 0', async () => {
    const bot = await spawnBot(await startWorld());
    await axios.get(`${bot.url}/healthz`);
    bot.signal('SIGINT');
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
    await startBot(world, sameAddress(bot));
    await sees(workspace, 'accepted', ({ all }) => all.includes(answered));
    platform.release();
    await sees(workspace, 'went on', ({ all }) => all.includes(GOES_ON));
    expect(platform.resumes).toHaveLength(1);
  });

  test('while CrewAI never answers ends it within 10 s, exit code 0; after a restart the decision arrives', {
    timeout: scaleLimit(40_000),
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
    await startBot(world, sameAddress(bot));
    await seesAccepted(world);
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
  });
});

test('the log of the start names a misspelled setting, with what was meant', async () => {
  const misspelled = { APPROVER: 'UANA', crew_name: 'press', HOSTNAME: 'bot-1', CREWAI_STORAGE_DIR: '/tmp' };
  const { logged } = await startBot(await startWorld(), misspelled);
  const fault = 'not recognized, so it has no effect: did you mean';
  const lines = logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith('setting not'));
  expect(lines).toMatchObject([
    { level: 50, setting: 'APPROVER', msg: `setting ${fault} APPROVERS?` },
    { level: 40, setting: 'crew_name', msg: `setting ${fault} CREW_NAME?` },
  ]);
});

test('a bot that was killed and is not even ready again decides by the first click', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const bot = await spawnBot(world);
  const { card } = await startRunWithCard(world, bot);
  await bot.kill();
  const slack = await startGate(workspace.apiUrl);
  slack.hold();
  const address = { PORT: String(bot.port), PUBLIC_URL: bot.url, SLACK_API_URL: slack.url };
  run(join(BUILT, 'main.js'), { ...world.settings, ...address }, { cwd: world.folder });
  // Until its port is open nothing gets through: the first request that it takes is this one.
  const clickIt = async () => expect((await clickOn(world, card.ts, 'approve')).status).not.toBe(0);
  const click = until(clickIt, { interval: 20 });
  // It asks Slack who clicked.
  await workspace.changed(() => workspace.calls.some(({ method }) => method === 'users.info'), {
    what: 'users.info',
  });
  slack.release();
  await click;
  await sees(workspace, 'the decision', ({ all }) => all.includes('Approved by <@UANA>'));
  await sees(workspace, 'the end', ({ all }) => all.includes('Decision sent. '));
  expect(platform.resumes).toHaveLength(1);
  expect(ephemeralsTo(workspace, 'UANA')).toEqual([]);
});
