import { expect, test } from 'vitest';
import type { KickoffBody } from '../../src/sandbox/crewai/kickoff-request.ts';
import { clickOn, noAnswerTo, ready } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { draft, sees, shown, startWorld } from '../support/world.ts';
import { form, inThread, kickoffs, root, run, topic } from './start-steps.ts';

async function startKilled() {
  const world = await startWorld([draft], { inputs: ['topic'] });
  const bot = await spawnBot(world);
  await run(world);
  await form(world);
  return { world, bot };
}

const submit = ({ workspace }: Awaited<ReturnType<typeof startKilled>>['world']) =>
  workspace.submit({ user: 'UANA', values: topic('rain jackets') });

test('a kickoff without an answer is not sent again after kill -9: the person is told, and the first webhook proves the run', async () => {
  const { world, bot } = await startKilled();
  const { workspace, platform } = world;
  platform.failures.plan(noAnswerTo('kickoff'));
  expect(await submit(world)).toMatchObject({ acked: true, closed: true });
  await platform.changed(() => kickoffs(world).length === 1, { what: '/kickoff' });
  await bot.kill();
  platform.failures.clear();
  await bot.restart();
  const message = await root(world, 'CrewAI may have started it');
  await inThread(world, message.ts, '<@UANA>, CrewAI may have started the run of *press*');
  expect(kickoffs(world)).toHaveLength(1);

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

test('a start that was submitted is made once after kill -9 before its message could be posted', async () => {
  const { world, bot } = await startKilled();
  const { workspace } = world;
  workspace.failures.plan({ on: 'chat.postMessage', times: 100, failure: { error: 'internal_error' } });
  expect(await submit(world)).toMatchObject({ acked: true, closed: true });
  await bot.kill();
  expect(kickoffs(world)).toEqual([]);
  workspace.failures.clear();
  await bot.restart();
  await root(world, 'Running');
  expect(kickoffs(world)).toHaveLength(1);
});

test('a form that was open during kill -9 starts its run afterwards', async () => {
  const { world, bot } = await startKilled();
  await bot.kill();
  await bot.restart();
  expect(await submit(world)).toMatchObject({ acked: true, closed: true });
  await root(world, 'Running');
  expect(kickoffs(world)).toHaveLength(1);
});
