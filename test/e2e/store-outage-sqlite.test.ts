import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn, file, kickoff, ready, sendPause } from '../support/process-steps.ts';
import { startGate } from '../support/spawn-bot.ts';
import { sees, startBot, startWorld } from '../support/world.ts';
import { accepted, answerTo, aPause, command, http } from './store-outage-steps.ts';

describe('SQLite as the store, whose file another process holds', () => {
  test('a webhook gets 503, a modal stays open, what only reads goes on; then all goes on by itself', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await startBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await clickOn(world, card.ts, 'request_revision', 'UBEN');
    await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
    const submit = () => workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });

    const other = new DatabaseSync(file(world), { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    const [refused, kept, waiting, health] = await Promise.all([
      sendPause(world, bot, aPause('run-2')),
      submit(),
      answerTo(world, 'UANA', () => command(world)),
      http.get(`${bot.url}/healthz`),
    ]);
    expect(refused).toMatchObject({ status: 503, data: { error: 'store_unavailable' } });
    expect(kept).toMatchObject({ acked: true, closed: false });
    expect(kept.errors?.feedback).toContain('nothing was saved');
    expect(workspace.openView('UBEN')?.state.values).toMatchObject({
      feedback: { feedback: { value: 'Shorter' } },
    });
    expect(waiting).toContain('One approval is waiting');
    expect(health.status).toBe(200);
    other.exec('COMMIT');
    other.close();

    expect(await submit()).toMatchObject({ acked: true, closed: true });
    const { status, data } = await sendPause(world, bot, aPause('run-2'));
    expect(status).toBe(202);
    await sees(workspace, 'its card', (message) => message.approval === data.approval && ready(message));
    await sees(workspace, 'round 2', (message) => message.all.includes('round 2') && ready(message));
    expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
  });

  test("CrewAI's answer that comes meanwhile is recorded afterwards, and nothing is sent again", async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    let failed = () => {};
    const notStored = new Promise<void>((resolve) => {
      failed = resolve;
    });
    const bot = await startBot(world, { CREWAI_BASE_URL: crewai.url }, (line) => {
      if (line.includes('outcome not stored yet, retrying')) failed();
    });
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    platform.hold();
    crewai.hold();
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    const other = new DatabaseSync(file(world), { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    crewai.release();
    await notStored;
    other.exec('COMMIT');
    other.close();
    await sees(workspace, 'accepted', accepted);
    platform.release();
    await sees(workspace, 'the end', ({ all }) => all.includes(texts.card.continued));
    expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
  });
});
