import { expect, test } from 'vitest';
import { kickoff, ready, startRunWithCard } from '../support/process-steps.ts';
import { alreadyApproved } from '../support/sentences.ts';
import { describeEachServer } from '../support/servers.ts';
import { type Bot, ephemeralsTo, sees, shown, startBot, startWorld } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';

// That one takes over when the other is killed is in bad-world-clocks.test.ts and in the drill.
describeEachServer('two replicas on one', (newUrl) => {
  const people = Array.from({ length: 20 }, (_, n) => ({ id: `UP${n}`, name: `person-${n}` }));
  const members = people.map(({ id }) => id);
  const channels = [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }];

  async function startReplicas() {
    const world = await startWorld(undefined, {}, { appToken: APP_TOKEN, people, channels, groups: [] });
    const own = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '', APPROVERS: members.join() };
    const settings = { ...own, STORE_URL: await newUrl() };
    const bots = [await startBot(world, settings), await startBot(world, settings)] as [Bot, Bot];
    const click = (user: string, ts: string) =>
      world.workspace.click({ user, channel: 'CAPPROVALS', ts, actionId: 'approve' });
    return { world, ...world, bots, click };
  }

  test('share the sockets: whichever takes a click, each approval is decided and sent once', async () => {
    const { world, workspace, platform, bots, click } = await startReplicas();
    expect(workspace.sockets.count()).toBe(2);
    for (const bot of [...bots, ...bots]) kickoff(world, bot);
    await workspace.changed(() => shown(workspace).filter(ready).length === 4, { what: 'four cards' });
    const clicks = shown(workspace).map(({ ts }) => click('UP0', ts));
    expect((await Promise.all(clicks)).map(({ acked }) => acked)).toEqual([true, true, true, true]);
    const accepted = () => shown(workspace).filter(({ all }) => all.includes('Decision sent. '));
    await workspace.changed(() => accepted().length === 4, { what: 'four acceptances' });
    expect(platform.resumes.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test('twenty people click at once: one decides, and nineteen learn whose decision it was', async () => {
    const { world, workspace, platform, bots, click } = await startReplicas();
    const { card } = await startRunWithCard(world, bots[0]);
    const clicks = await Promise.all(members.map((user) => click(user, card.ts)));
    expect(clicks.every(({ acked }) => acked)).toBe(true);
    const answers = () => members.flatMap((user) => ephemeralsTo(workspace, user).map(({ text }) => text));
    await workspace.changed(() => answers().length === 19, { what: 'nineteen answers' });
    const { all } = await sees(workspace, 'accepted', (one) => one.all.includes('Decision sent. '));
    expect(platform.resumes).toHaveLength(1);
    const whose = new RegExp(alreadyApproved('<@(\\w+)>'));
    const named = new Set(answers().map((text) => whose.exec(text)?.[1]));
    expect(named).toEqual(new Set([/Approved by <@(\w+)>/.exec(all)?.[1]]));
  });
});
