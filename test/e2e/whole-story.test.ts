import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import {
  clickOn,
  file,
  kickoff,
  noAnswerTo,
  ready,
  requestRevision,
  revisionOf,
  roots,
  sendPause,
} from '../support/process-steps.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { DIALECTS, draft, SECRET, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

describe('a record that cannot be read', () => {
  /** Two webhooks are on disk and have no cards yet; the record that is due first is broken. */
  async function oneIsBroken(world: World): Promise<SpawnedBot> {
    world.workspace.failures.plan(noAnswerTo('chat.postMessage'));
    const bot = await spawnBot(world);
    for (const run of ['run-1', 'run-2', 'run-3']) {
      expect((await sendPause(world, bot, { run, output: `Output of ${run}` })).status).toBe(202);
    }
    await bot.kill();
    const db = new DatabaseSync(file(world), { timeout: 5_000 });
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
    const again = await bot.restart();
    await again.logs('the broken record set aside', ({ msg }) => msg === 'unreadable record set aside');
    expect((await ask(world, '')).all).toContain('2 approvals are waiting, oldest first:');
  });
});

const tasks = [
  { ...draft, name: 'outline', agent: 'Planner', output: () => '# Outline\n\n1. Linen' },
  {
    ...draft,
    output: ({ feedback }: { feedback: string[] }) => `# Release\n\nFeedback so far: ${feedback.length}`,
  },
];

test.each(DIALECTS)(
  'the whole story, %s: approve, revision, kill -9 in the middle, round 2, crew finished',
  {
    timeout: 60_000,
  },
  async (dialect) => {
    const world = await startWorld(tasks, { dialect });
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
      ({ ts, all }) => ts === outline.ts && all.includes(texts.card.continued),
    );

    platform.failures.plan(noAnswerTo('resume'));
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
    expect(second.all).toContain('This answers the request of <@UBEN>');
    await sees(
      workspace,
      'round 1 closed',
      ({ ts, all }) => ts === release.ts && all.includes(texts.card.continued),
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
      ({ ts, all }) => ts === second.ts && all.includes(texts.card.continued),
    );
    expect(platform.execution(execution)).toMatchObject({
      status: 'completed',
      feedback: ['Approved.', revisionOf(world, feedback), 'Approved.'],
    });
    expect(platform.resumes.map(({ fate }) => fate)).toEqual([
      'answered',
      'no answer',
      'answered',
      'answered',
    ]);
    expect(roots(world)).toHaveLength(2);
    expect(shown(workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
  },
);

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
  const pause = { run: 'run-1', output: 'Hello' };
  const first = await sendPause(world, inProcess, pause);
  await inProcess.stop();
  const bot = await spawnBot(world);
  const again = await sendPause(world, bot, pause);
  expect(again.data).toEqual({ ...first.data, status: 'duplicate' });
});
