import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn, noAnswerTo, roots, sendPause, startRunWithCard } from '../support/process-steps.ts';
import { spawnBot, startGate } from '../support/spawn-bot.ts';
import { sees, shown, startWorld, withoutTickets } from '../support/world.ts';

// Where else it can be killed is in crash-matrix.test.ts.
describe('kill -9 and a start', () => {
  test('in the middle of many webhooks: each that was answered 202 has its card, once', {
    timeout: 40_000,
  }, async () => {
    const world = await startWorld();
    const { workspace } = world;
    workspace.failures.plan(noAnswerTo('chat.postMessage'));
    const bot = await spawnBot(world);
    const accepted: string[] = [];
    const sent = Array.from({ length: 12 }, async (_, i) => {
      const pause = { run: `run-${i}`, output: `Output ${i} of many` };
      const { status } = await sendPause(world, bot, pause);
      if (status === 202) accepted.push(pause.output);
      if (accepted.length === 5) bot.signal('SIGKILL');
    });
    await Promise.allSettled(sent);
    await bot.ended;
    expect(accepted.length).toBeGreaterThanOrEqual(5);
    workspace.failures.clear();
    await bot.restart();
    const cards = (output: string) => shown(workspace).filter(({ all }) => all.includes(output));
    await workspace.changed(() => accepted.every((output) => cards(output).length > 0), {
      what: 'a card for each',
      timeoutMs: 25_000,
    });
    for (const output of accepted) expect(cards(output)).toHaveLength(1);
  });

  test('after a decision was acked, with CrewAI not answering: it is sent again, and the card says so', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    const { card } = await startRunWithCard(world, bot);
    platform.hold();
    platform.failures.plan(noAnswerTo('resume'));
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 1, { what: 'the first try' });
    await bot.kill();
    platform.failures.clear();
    await bot.restart();
    await platform.changed(() => platform.resumes.length === 2, { what: 'the second try' });
    expect(platform.resumes.map(({ fate }) => fate)).toEqual(['no answer', 'answered']);
    expect(withoutTickets(platform.resumes[1]?.body)).toEqual(withoutTickets(platform.resumes[0]?.body));
    platform.release();
    const end = await sees(workspace, 'the end', ({ all }) => all.includes(texts.card.continued));
    expect(end).toMatchObject({ ts: card.ts, buttons: [] });
    expect(end.all).toContain('Approved by <@UANA>');
    await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    expect(roots(world)).toHaveLength(1);
  });

  test('after a decision was acked and before any try, with CrewAI out of reach: it arrives, once', async () => {
    const world = await startWorld();
    const crewai = await startGate(world.platform.baseUrl);
    const bot = await spawnBot(world, { CREWAI_BASE_URL: crewai.url });
    const { card } = await startRunWithCard(world, bot);
    await crewai.shut();
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await bot.kill();
    await crewai.open();
    await bot.restart();
    await sees(world.workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
    expect(world.platform.resumes).toHaveLength(1);
  });
});
