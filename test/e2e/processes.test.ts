import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axios from 'axios';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PlannedFailure } from '../../src/sandbox/failures.ts';
import { type Ended, runToEnd, type SpawnedBot, spawnBot, startGate } from '../support/spawn-bot.ts';
import { draft, SECRET, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

const always = { times: Number.POSITIVE_INFINITY };
const hanging = (on: string): PlannedFailure => ({ on, failure: { hang: true }, ...always });
const ready = ({ buttons }: { buttons: string[] }) => buttons.includes('Approve');
const roots = (world: World) => shown(world.workspace).filter(({ thread_ts }) => thread_ts === undefined);
const file = (world: World) => (world.settings.STORE_URL as string).replace('sqlite://', '');

const clickOn = (world: World, ts: string, actionId: string, user = 'UANA') =>
  world.workspace.click({ user, channel: 'CAPPROVALS', ts, actionId });

/** Starts a run whose webhooks all come to this bot. */
function kickoff({ platform }: World, bot: { webhook(kind: string): string }): string {
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  return platform.kickoff({ ...urls, meta: urls });
}

async function requestRevision(world: World, ts: string, feedback: string, user = 'UBEN') {
  await clickOn(world, ts, 'request_revision', user);
  await world.workspace.changed(() => world.workspace.openView(user) !== undefined, { what: 'the modal' });
  return world.workspace.submit({ user, values: { feedback: { feedback } } });
}

/** It ended at its start: code 1, and on stderr one sentence for people. */
function expectRefusedStart({ code, signal, stderr }: Ended): string {
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/);
  expect(stderr).not.toMatch(/\bat .+:\d+:\d+|node:internal|Error:/);
  return stderr.trim();
}

describe('a start that cannot be ends with exit code 1', () => {
  test('and one message that names every wrong or missing setting', async () => {
    const world = await startWorld();
    const { code, stdout, stderr } = await runToEnd({ PORT: 'http', CREW_NAME: 'no crew' }, world.folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toBe('The settings are not right:');
    expect(lines.slice(1).map((line) => /^ {2}(\S+) \S+ \S+/.exec(line)?.[1])).toEqual([
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'CREW_NAME',
      'CREWAI_BASE_URL',
      'CREWAI_BEARER_TOKEN',
      'APPROVAL_CHANNEL',
      'WEBHOOK_SECRET',
      'PORT',
    ]);
  });

  test('and one sentence, when Slack refuses the token', async () => {
    const world = await startWorld();
    const ended = await runToEnd({ ...world.settings, SLACK_BOT_TOKEN: 'xoxb-another' }, world.folder);
    const sentence = expectRefusedStart(ended);
    expect(sentence).toBe('Slack refuses SLACK_BOT_TOKEN (invalid_auth).');
    expect(ended.stdout + ended.stderr).not.toContain('xoxb-another');
  });

  test('and one sentence that names the file, when the store cannot be opened', async () => {
    const world = await startWorld();
    const inTheWay = join(world.folder, 'a-file');
    writeFileSync(inTheWay, '');
    const settings = { ...world.settings, STORE_URL: `sqlite://${inTheWay}/approvals.db` };
    const sentence = expectRefusedStart(await runToEnd(settings, world.folder));
    expect(sentence).toMatch(/^The database .+ cannot be opened \(.+\)\.$/);
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
    expect(sentence).toContain(`The port ${port} on 127.0.0.1 is taken by another process`);
  });
});

describe('Slack out of reach', () => {
  test('at the start does not end it: a webhook is answered 202, and its card appears when Slack is back', async () => {
    const world = await startWorld();
    const slack = await startGate(world.workspace.apiUrl);
    await slack.shut();
    const bot = await spawnBot(world, { SLACK_API_URL: slack.url });
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
    const body = { name: 'draft', output: 'Hello', kickoff_id: 'run-1' };
    expect((await axios.post(bot.webhook('task'), body)).status).toBe(202);
    await bot.logs('Slack did not take', ({ msg }) => msg.includes('Slack did not take a message'));
    expect(roots(world)).toEqual([]);
    await slack.open();
    await sees(world.workspace, 'the card', ready);
    expect(roots(world)).toHaveLength(1);
  });

  test('without any answer at the start does not keep it from taking webhooks', async () => {
    const world = await startWorld();
    world.workspace.failures.plan(hanging('auth.test'));
    const bot = await spawnBot(world);
    const body = { name: 'draft', output: 'Hello', kickoff_id: 'run-1' };
    expect((await axios.post(bot.webhook('task'), body)).status).toBe(202);
    const card = await sees(world.workspace, 'the card', ready);
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
  });
});

describe('SIGTERM', () => {
  test('ends an idle bot at once with exit code 0', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world);
    await axios.get(`${bot.url}/healthz`);
    const started = performance.now();
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(performance.now() - started).toBeLessThan(3_000);
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
    expect(ended.stdout).toContain('CrewAI took the decision');
    await bot.restart();
    await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it.'));
    platform.release();
    await sees(workspace, 'went on', ({ all }) => all.includes('and the run went on.'));
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
    platform.failures.plan({ on: 'resume', failure: { hang: true } });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    const started = performance.now();
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(performance.now() - started).toBeLessThan(11_000);
    await bot.restart();
    await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it.'));
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

describe('kill -9 and a start', () => {
  test('right after a webhook was answered 202, with Slack hanging: its card appears, once', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    workspace.failures.plan(hanging('chat.postMessage'));
    const bot = await spawnBot(world);
    const body = { name: 'draft', output: 'Hello', kickoff_id: 'run-1' };
    expect((await axios.post(bot.webhook('task'), body)).status).toBe(202);
    await bot.kill();
    workspace.failures.clear();
    const again = await bot.restart();
    const card = await sees(workspace, 'the card', ready);
    expect((await axios.post(again.webhook('task'), body)).data).toMatchObject({ status: 'duplicate' });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    await sees(workspace, 'an end', ({ buttons }) => buttons.length === 0 || buttons.includes('Retry'));
    expect(roots(world)).toHaveLength(1);
  });

  test('in the middle of many webhooks: each that was answered 202 has its card', {
    timeout: 40_000,
  }, async () => {
    const world = await startWorld();
    const { workspace } = world;
    workspace.failures.plan(hanging('chat.postMessage'));
    const bot = await spawnBot(world);
    const answered: string[] = [];
    const sent = Array.from({ length: 12 }, async (_, i) => {
      const body = { name: 'draft', output: `Output ${i} of many`, kickoff_id: `run-${i}` };
      const { status } = await axios.post(bot.webhook('task'), body);
      if (status === 202) answered.push(body.output);
      if (answered.length === 5) bot.signal('SIGKILL');
    });
    await Promise.allSettled(sent);
    await bot.ended;
    expect(answered.length).toBeGreaterThanOrEqual(5);
    workspace.failures.clear();
    await bot.restart();
    const all = () => shown(workspace).map((message) => message.all);
    await workspace.changed(() => answered.every((output) => all().some((text) => text.includes(output))), {
      what: 'a card for each',
      timeoutMs: 25_000,
    });
    for (const output of answered) {
      expect(all().filter((text) => text.includes(output))).toHaveLength(1);
    }
  });

  test('after a decision was acked, with CrewAI hanging: the decision reaches CrewAI, and the card says so', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    platform.hold();
    platform.failures.plan(hanging('resume'));
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 1, { what: 'the first try' });
    await bot.kill();
    platform.failures.clear();
    await bot.restart();
    const accepted = await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
    expect(accepted).toMatchObject({ ts: card.ts, buttons: [] });
    expect(accepted.all).toContain('Approved by <@UANA>');
    expect(platform.resumes.map(({ fate }) => fate)).toEqual(['hung', 'answered']);
    expect(platform.resumes[1]?.body).toEqual(platform.resumes[0]?.body);
    platform.release();
    await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    expect(roots(world)).toHaveLength(1);
  });

  test('after a decision was acked and before any try, with CrewAI out of reach: it arrives, once', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    const bot = await spawnBot(world, { CREWAI_BASE_URL: crewai.url });
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await crewai.shut();
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await bot.kill();
    await crewai.open();
    await bot.restart();
    await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
    expect(platform.resumes).toHaveLength(1);
  });

  test('after CrewAI took a decision whose answer was lost: CrewAI\'s "not pending" settles it as decided', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    platform.hold();
    platform.failures.plan({ on: 'resume', failure: { answerLost: true } });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: 'the first try' });
    await bot.kill();
    await bot.restart();
    await sees(
      workspace,
      'accepted',
      ({ all }) => all.includes('Approved by') && all.includes('CrewAI accepted it.'),
    );
    expect(platform.resumes.map(({ status }) => status)).toEqual([200, 400]);
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
  });

  test('with a card whose answer was lost: its twin can be clicked, and both end in the same state', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    workspace.failures.plan({ on: 'chat.postMessage', failure: { answerLost: true } });
    kickoff(world, bot);
    const twin = await sees(workspace, 'the lost card', ready);
    await bot.kill();
    await bot.restart();
    const card = await sees(
      workspace,
      'the other card',
      (message) => ready(message) && message.ts !== twin.ts,
    );
    expect((await clickOn(world, twin.ts, 'approve')).acked).toBe(true);
    const told = (ts: string) =>
      sees(
        workspace,
        `the end of ${ts}`,
        (message) => message.ts === ts && message.all.includes('the run went on'),
      );
    const [first, second] = [await told(twin.ts), await told(card.ts)];
    expect({ ...first, ts: '' }).toEqual({ ...second, ts: '' });
    expect(first.buttons).toEqual([]);
    expect(platform.resumes).toHaveLength(1);
  });

  test('buttons and an open modal from before work after it', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await clickOn(world, card.ts, 'request_revision', 'UBEN');
    await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
    await bot.kill();
    const again = await bot.restart();
    const sent = await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });
    expect(sent).toMatchObject({ acked: true, closed: true });
    const second = await sees(
      workspace,
      'round 2',
      (message) => message.all.includes('round 2') && ready(message),
    );
    await again.kill();
    await again.restart();
    expect((await clickOn(world, second.ts, 'approve')).acked).toBe(true);
    await sees(
      workspace,
      'round 2 approved',
      ({ ts, all }) => ts === second.ts && all.includes('the run went on'),
    );
    expect(platform.resumes).toHaveLength(2);
  });

  const moments: Record<string, (world: World, card: string, click: Promise<unknown>) => unknown> = {
    'while a click is on its way': () => {},
    'as soon as a click was acked': (_world, _card, click) => click,
    'while CrewAI is being told': ({ platform }) =>
      platform.changed(() => platform.resumes.length === 1, { what: '/resume' }),
    'as soon as CrewAI has answered': ({ platform }) =>
      platform.changed(() => platform.resumes[0]?.status === 200, { what: 'the answer' }),
    'as soon as the card tells it': ({ workspace }, card) =>
      sees(workspace, 'accepted', ({ ts, all }) => ts === card && all.includes('CrewAI accepted it.')),
  };

  test.each(Object.entries(moments))(
    '%s: in the end it is decided, sent and told, once',
    async (_, moment) => {
      const world = await startWorld();
      const { workspace, platform } = world;
      const bot = await spawnBot(world);
      const execution = kickoff(world, bot);
      const card = await sees(workspace, 'the card', ready);
      // CrewAI sends a webhook once: none may be lost while the bot is down.
      platform.hold();
      const click = clickOn(world, card.ts, 'approve');
      await moment(world, card.ts, click);
      await bot.kill();
      const { acked } = await click;
      await bot.restart();
      if (!acked) await clickOn(world, card.ts, 'approve', 'UBEN');
      await sees(
        workspace,
        'accepted',
        ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it.'),
      );
      platform.release();
      await sees(workspace, 'the end', ({ ts, all }) => ts === card.ts && all.includes('the run went on'));
      await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
      expect(platform.resumes.length).toBeLessThanOrEqual(2);
      expect(shown(workspace).filter(({ all }) => all.includes('has finished'))).toHaveLength(1);
      // Killed before Slack's answer was recorded, it posts a second card: a twin that ends like the first.
      await workspace.changed(() => roots(world).every(({ buttons }) => buttons.length === 0), {
        what: 'no card that can still be decided',
      });
      expect(roots(world).length).toBeLessThanOrEqual(2);
    },
  );
});

describe('a record that cannot be read', () => {
  /** Two webhooks are on disk and have no cards yet; the record that is due first is broken. */
  async function oneIsBroken(world: World): Promise<SpawnedBot> {
    world.workspace.failures.plan(hanging('chat.postMessage'));
    const bot = await spawnBot(world);
    for (const run of ['run-1', 'run-2', 'run-3']) {
      const body = { name: 'draft', output: `Output of ${run}`, kickoff_id: run };
      expect((await axios.post(bot.webhook('task'), body)).status).toBe(202);
    }
    await bot.kill();
    const db = new Database(file(world));
    const first = db.prepare("SELECT key FROM records WHERE key > 'open/' ORDER BY key").get() as {
      key: string;
    };
    const id = first.key.split('/').at(-1);
    expect(db.prepare("UPDATE records SET raw = '{}' WHERE key = ?").run(`approval/${id}`).changes).toBe(1);
    db.close();
    world.workspace.failures.clear();
    return bot;
  }

  test('does not keep the others from being carried out after a start', async () => {
    const world = await startWorld();
    const bot = await oneIsBroken(world);
    await bot.restart();
    await world.workspace.changed(() => roots(world).length === 2, { what: 'the two other cards' });
  });

  test('does not hide what else waits from /approvals', async () => {
    const world = await startWorld();
    const bot = await oneIsBroken(world);
    await bot.restart();
    await world.workspace.command({ user: 'UANA', channel: 'CAPPROVALS', command: '/approvals', text: '' });
    expect(world.workspace.ephemerals('UANA')[0]?.text).toBe('2 approvals wait:');
  });
});

test('the whole story: approve, revision, kill -9 in the middle, round 2, crew finished', {
  timeout: 60_000,
}, async () => {
  const world = await startWorld([
    { ...draft, name: 'outline', agent: 'Planner', output: () => '# Outline\n\n1. Linen' },
    { ...draft, output: ({ feedback }) => `# Release\n\nFeedback so far: ${feedback.length}` },
  ]);
  const { workspace, platform } = world;
  const bot = await spawnBot(world);
  const execution = kickoff(world, bot);

  const outline = await sees(
    workspace,
    'the outline',
    (message) => message.all.includes('outline') && ready(message),
  );
  expect((await clickOn(world, outline.ts, 'approve')).acked).toBe(true);
  const release = await sees(
    workspace,
    'the release',
    (message) => message.all.includes('draft_press_release') && ready(message),
  );
  expect(release.thread_ts).toBeUndefined();
  await sees(
    workspace,
    'the outline went on',
    ({ ts, all }) => ts === outline.ts && all.includes('the run went on'),
  );

  platform.failures.plan(hanging('resume'));
  const feedback = 'Mention the *mill*\n& "Ana"';
  expect(await requestRevision(world, release.ts, feedback)).toMatchObject({ acked: true, closed: true });
  await platform.changed(() => platform.resumes.length === 2, { what: 'the first try of the revision' });
  await sees(
    workspace,
    'sending',
    ({ ts, all }) => ts === release.ts && all.includes('Sending it to CrewAI'),
  );
  await bot.kill();
  platform.failures.clear();
  await bot.restart();

  const second = await sees(
    workspace,
    'round 2',
    (message) => message.all.includes('round 2') && ready(message),
  );
  expect(second.thread_ts).toBe(release.ts);
  expect(second.all).toContain('Answers the request of <@UBEN>');
  await sees(
    workspace,
    'round 1 closed',
    ({ ts, all }) => ts === release.ts && all.includes('the run went on'),
  );
  expect((await clickOn(world, second.ts, 'approve', 'UBEN')).acked).toBe(true);

  await sees(
    workspace,
    'the result beside the outline',
    ({ thread_ts, all }) => thread_ts === outline.ts && all.includes('has finished'),
  );
  await sees(
    workspace,
    'the result beside the release',
    ({ thread_ts, all }) => thread_ts === release.ts && all.includes('has finished'),
  );
  await sees(
    workspace,
    'round 2 went on',
    ({ ts, all }) => ts === second.ts && all.includes('the run went on'),
  );
  expect(platform.execution(execution)).toMatchObject({
    status: 'completed',
    feedback: ['Approved.', feedback, 'Approved.'],
  });
  expect(platform.resumes.map(({ fate }) => fate)).toEqual(['answered', 'hung', 'answered', 'answered']);
  expect(roots(world)).toHaveLength(2);
  expect(shown(workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
});

test('no secret is in any log line of a process, whatever fails', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const bot = await spawnBot(world);
  workspace.failures.plan({ on: 'chat.postMessage', failure: { status: 503 } });
  platform.failures.plan({ on: 'resume', failure: { reset: true } });
  platform.failures.plan({ on: 'resume', failure: { status: 401 } });
  kickoff(world, bot);
  const card = await sees(workspace, 'the card', ready);
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'refused', ({ buttons }) => buttons.includes('Retry'));
  await axios.post(bot.webhook('task').replace(SECRET, 'wrong-secret'), {}).catch(() => {});
  await axios
    .post(bot.webhook('task'), '{"broken', { headers: { 'content-type': 'application/json' } })
    .catch(() => {});
  bot.signal('SIGTERM');
  const { stdout, stderr } = await bot.ended;
  const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, CREWAI_BEARER_TOKEN } = world.settings;
  for (const secret of [SECRET, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, CREWAI_BEARER_TOKEN, 'token=']) {
    expect(stdout + stderr).not.toContain(secret as string);
  }
});

test('the bot in this process and the bot as a process are the same bot', async () => {
  const world = await startWorld();
  const inProcess = await startBot(world);
  const body = { name: 'draft', output: 'Hello', kickoff_id: 'run-1' };
  const first = await axios.post(inProcess.webhook('task'), body);
  await inProcess.stop();
  const bot = await spawnBot(world);
  const again = await axios.post(bot.webhook('task'), body);
  expect(again.data).toEqual({ ...first.data, status: 'duplicate' });
});
