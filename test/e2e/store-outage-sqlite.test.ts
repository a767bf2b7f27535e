import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import {
  clickOn,
  file,
  ready,
  seesAccepted,
  seesModal,
  sendPause,
  startRunWithCard,
} from '../support/process-steps.ts';
import { startGate } from '../support/spawn-bot.ts';
import { GOES_ON, sees, shown, startBot, startWorld, type World } from '../support/world.ts';
import { answerTo, aPause, command, http, WITH_OPS } from './store-outage-steps.ts';

/** Another process begins to write the database of the bot; resolves with what ends that. */
function holdFile(world: World): () => void {
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('COMMIT');
    other.close();
  };
}

describe('SQLite as the store, whose file another process holds', () => {
  test('a webhook gets 503, a modal stays open, what only reads goes on; then all goes on by itself', async () => {
    const world = await startWorld(undefined, {}, WITH_OPS);
    const { workspace, platform } = world;
    const bot = await startBot(world, { OPS_CHANNEL: 'COPS' });
    const { card } = await startRunWithCard(world, bot);
    await clickOn(world, card.ts, 'request_revision', 'UBEN');
    await seesModal(world, 'UBEN');
    const submit = () => workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });

    const release = holdFile(world);
    const [refused, again, kept, waiting, health] = await Promise.all([
      sendPause(world, bot, aPause('run-2')),
      sendPause(world, bot, aPause('run-3')),
      submit(),
      answerTo(world, 'UANA', () => command(world)),
      http.get(`${bot.url}/healthz`),
    ]);
    for (const answer of [refused, again])
      expect(answer).toMatchObject({ status: 503, data: { error: 'store_unavailable' } });
    expect(kept).toMatchObject({ acked: true, closed: false });
    expect(kept.errors?.feedback).toContain('nothing was saved');
    const typed = { feedback: { feedback: { value: 'Shorter' } } };
    expect(workspace.openView('UBEN')?.state.values).toMatchObject(typed);
    expect(waiting).toContain('One approval is waiting');
    expect(health.status).toBe(200);
    release();

    const rejects = ({ all }: { all: string }) => all.includes('The database rejects writes');
    await sees(workspace, 'the alert', rejects, 'COPS');
    expect(shown(workspace, 'COPS').filter(rejects)).toHaveLength(1);
    expect(await submit()).toMatchObject({ acked: true, closed: true });
    const { status, data } = await sendPause(world, bot, aPause('run-2'));
    expect(status).toBe(202);
    await sees(workspace, 'its card', (message) => message.approval === data.approval && ready(message));
    await sees(workspace, 'round 2', (message) => message.all.includes('round 2') && ready(message));
    expect(platform.resumes.map((resume) => resume.status)).toEqual([200]);
  });

  test("CrewAI's answer that comes meanwhile is recorded afterwards, and nothing is sent again", async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    let fail = () => {};
    const notStored = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const bot = await startBot(world, { CREWAI_BASE_URL: crewai.url }, (line) => {
      if (line.includes('outcome not stored yet, retrying')) fail();
    });
    const { card } = await startRunWithCard(world, bot);
    platform.hold();
    crewai.hold();
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    const release = holdFile(world);
    crewai.release();
    await notStored;
    release();
    await seesAccepted(world, card);
    platform.release();
    await sees(workspace, 'the end', ({ all }) => all.includes(GOES_ON));
    expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
  });
});
