import { expect, test } from 'vitest';
import type { KickoffBody } from '../../src/sandbox/crewai/kickoff-request.ts';
import { clickOn, noAnswerTo, ready } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { draft, sees, shown, startWorld } from '../support/world.ts';
import { form, inThread, kickoffs, root, run, topic } from './start-steps.ts';

test('kill -9 at a form, before its message and during its kickoff: CrewAI is called once, and a webhook proves the run', async () => {
  const world = await startWorld([draft], { inputs: ['topic'] });
  const { workspace, platform } = world;
  const bot = await spawnBot(world);
  await run(world);
  await form(world);
  await bot.kill();
  const second = await bot.restart();
  workspace.failures.plan({ on: 'chat.postMessage', times: 100, failure: { error: 'internal_error' } });
  const sent = await workspace.submit({ user: 'UANA', values: topic('rain jackets') });
  expect(sent).toMatchObject({ acked: true, closed: true });
  await second.kill();
  expect(kickoffs(world)).toEqual([]);

  workspace.failures.clear();
  platform.failures.plan(noAnswerTo('kickoff'));
  const third = await second.restart();
  await platform.changed(() => kickoffs(world).length === 1, { what: '/kickoff' });
  await third.kill();
  platform.failures.clear();
  await third.restart();
  const message = await root(world, 'CrewAI may have started it');
  await inThread(world, message.ts, '<@UANA>, CrewAI may have started the run of *press*');

  // It had: its webhooks carry the `meta` of the kickoff.
  const execution = platform.kickoff(kickoffs(world)[0]?.body as KickoffBody);
  const running = await root(world, 'Running');
  expect(running.ts).toBe(message.ts);
  expect(running.all).toContain(`Run ${execution}`);
  const card = await sees(workspace, 'the card', (one) => one.thread_ts === message.ts && ready(one));
  await clickOn(world, card.ts, 'approve');
  await root(world, 'Finished');
  await inThread(world, message.ts, 'has finished');
  expect(kickoffs(world)).toHaveLength(1);
  expect(shown(workspace).filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
});
