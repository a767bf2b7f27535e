import { expect, test } from 'vitest';
import { ready } from '../support/process-steps.ts';
import { describePostgres, newPostgresUrl } from '../support/servers.ts';
import { type Bot, draft, sees, shown, startBot, startWorld, type World } from '../support/world.ts';
import { form, kickoffs, root, run, topic } from './start-steps.ts';

describePostgres('two replicas on one Postgres', () => {
  /** A world, and what has Slack call one of its two bots. */
  async function startReplicas(): Promise<{ world: World; callOn: (bot: 0 | 1) => void }> {
    const world = await startWorld([draft], { inputs: ['topic'] });
    const settings = { STORE_URL: await newPostgresUrl() };
    const bots = [await startBot(world, settings), await startBot(world, settings)] as [Bot, Bot];
    return { world, callOn: (bot) => world.workspace.connectBot(`${bots[bot].url}/slack/events`) };
  }

  test('start one run when its form is submitted to both at once', async () => {
    const { world, callOn } = await startReplicas();
    const { workspace } = world;
    await run(world);
    await form(world);
    const submitTo = (bot: 0 | 1) => {
      callOn(bot);
      return workspace.submit({ user: 'UANA', values: topic(`rain ${bot}`) });
    };
    const both = await Promise.all([submitTo(0), submitTo(1)]);
    expect(both.map(({ acked }) => acked)).toEqual([true, true]);
    const message = await root(world, 'Running');
    await sees(workspace, 'the card', (one) => one.thread_ts === message.ts && ready(one));
    expect(kickoffs(world)).toHaveLength(1);
    expect(shown(workspace).filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
  });

  test('open, fill and submit a form on either of them', async () => {
    const { world, callOn } = await startReplicas();
    const { workspace } = world;
    callOn(0);
    await run(world);
    await form(world);
    callOn(1);
    expect((await workspace.submit({ user: 'UANA', values: topic('rain') })).acked).toBe(true);
    const message = await root(world, 'Running');
    callOn(0);
    await workspace.click({ user: 'UBEN', channel: 'CAPPROVALS', ts: message.ts, actionId: 'run_again' });
    expect(JSON.stringify((await form(world, 'UBEN')).blocks)).toContain('"initial_value":"rain"');
  });
});
