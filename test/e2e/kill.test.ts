import { describe, expect, test } from 'vitest';
import { DEFAULT_DIALECT } from '../../src/sandbox/crewai/dialect.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { answered, clickOn, kickoff, noAnswerTo, ready, roots, sendPause } from '../support/process-steps.ts';
import { spawnBot, startGate } from '../support/spawn-bot.ts';
import { sees, shown, startWorld, type World, withoutTickets } from '../support/world.ts';

describe('kill -9 and a start', () => {
  test('right after a webhook was answered 202, with Slack not answering: its card appears, once', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    workspace.failures.plan(noAnswerTo('chat.postMessage'));
    const bot = await spawnBot(world);
    const pause = { run: 'run-1', output: 'Hello' };
    expect((await sendPause(world, bot, pause)).status).toBe(202);
    await bot.kill();
    workspace.failures.clear();
    const again = await bot.restart();
    const card = await sees(workspace, 'the card', ready);
    expect((await sendPause(world, again, pause)).data).toMatchObject({ status: 'duplicate' });
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
    workspace.failures.plan(noAnswerTo('chat.postMessage'));
    const bot = await spawnBot(world);
    const taken: string[] = [];
    const sent = Array.from({ length: 12 }, async (_, i) => {
      const pause = { run: `run-${i}`, output: `Output ${i} of many` };
      const { status } = await sendPause(world, bot, pause);
      if (status === 202) taken.push(pause.output);
      if (taken.length === 5) bot.signal('SIGKILL');
    });
    await Promise.allSettled(sent);
    await bot.ended;
    expect(taken.length).toBeGreaterThanOrEqual(5);
    workspace.failures.clear();
    await bot.restart();
    const all = () => shown(workspace).map((message) => message.all);
    await workspace.changed(() => taken.every((output) => all().some((text) => text.includes(output))), {
      what: 'a card for each',
      timeoutMs: 25_000,
    });
    for (const output of taken) {
      expect(all().filter((text) => text.includes(output))).toHaveLength(1);
    }
  });

  test('after a decision was acked, with CrewAI not answering: the decision reaches CrewAI, and the card says so', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    platform.hold();
    platform.failures.plan(noAnswerTo('resume'));
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 1, { what: 'the first try' });
    await bot.kill();
    platform.failures.clear();
    await bot.restart();
    const accepted = await sees(workspace, 'accepted', ({ all }) => all.includes(answered(world)));
    expect(accepted).toMatchObject({ ts: card.ts, buttons: [] });
    expect(accepted.all).toContain('Approved by <@UANA>');
    expect(platform.resumes.map(({ fate }) => fate)).toEqual(['no answer', 'answered']);
    expect(withoutTickets(platform.resumes[1]?.body)).toEqual(withoutTickets(platform.resumes[0]?.body));
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
    const world = await startWorld(undefined, { dialect: 'documented' });
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
        (message) => message.ts === ts && message.all.includes(texts.card.continued),
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
      ({ ts, all }) => ts === second.ts && all.includes(texts.card.continued),
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
    'as soon as the card tells it': (world, card) =>
      sees(world.workspace, 'accepted', ({ ts, all }) => ts === card && all.includes(answered(world))),
  };

  // A decision leaves with the commit that records it, before its click is acked.
  const LOSES_THE_ANSWER = new Set([
    'while a click is on its way',
    'as soon as a click was acked',
    'while CrewAI is being told',
    'as soon as CrewAI has answered',
  ]);

  // Without CI the crash matrix has four such moments.
  test.runIf(process.env.CI).each(Object.entries(moments))(
    '%s: in the end it is decided, sent and told, once',
    async (name, moment) => {
      // On the live dialect nothing ties the run's next id to it when the answer that named it is lost: lost-answers.test.ts.
      const dialect = LOSES_THE_ANSWER.has(name) ? 'documented' : DEFAULT_DIALECT;
      const world = await startWorld(undefined, { dialect });
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
      await sees(workspace, 'accepted', ({ ts, all }) => ts === card.ts && all.includes(answered(world)));
      platform.release();
      await sees(workspace, 'the end', ({ ts, all }) => ts === card.ts && all.includes(texts.card.continued));
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
