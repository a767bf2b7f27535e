import axios from 'axios';
import { expect, test } from 'vitest';
import { kickoff } from '../support/process-steps.ts';
import { alreadyApproved } from '../support/sentences.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { type Bot, draft, sees, shown, startBot, startWorld } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';

for (const [name, describeStore, newUrl] of [
  ['Redis', describeRedis, async () => newRedisUrl()],
  ['Postgres', describePostgres, newPostgresUrl],
] as const) {
  describeStore(`two replicas on one ${name}`, () => {
    test('share the sockets: whichever takes a click, each approval is decided and sent once', async () => {
      const world = await startWorld([draft], {}, { appToken: APP_TOKEN });
      const { workspace, platform } = world;
      const settings = { STORE_URL: await newUrl(), SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };
      const bots = [await startBot(world, settings), await startBot(world, settings)];
      expect(workspace.sockets.count()).toBe(2);
      for (const bot of [...bots, ...bots]) kickoff(world, bot);
      await workspace.changed(
        () => shown(workspace).filter(({ buttons }) => buttons.length > 0).length === 4,
        {
          what: 'four cards',
        },
      );
      const clicks = shown(workspace).map(({ ts }) =>
        workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'approve' }),
      );
      expect((await Promise.all(clicks)).map(({ acked }) => acked)).toEqual([true, true, true, true]);
      const told = () => shown(workspace).filter(({ all }) => all.includes('CrewAI accepted it')).length;
      await workspace.changed(() => told() === 4, { what: 'four acceptances' });
      expect(platform.resumes.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    });

    test('of twenty people who click at once one decides, and nineteen are told whose it was', async () => {
      const people = Array.from({ length: 20 }, (_, n) => ({ id: `UP${n}`, name: `person-${n}` }));
      const members = people.map(({ id }) => id);
      const channels = [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }];
      const world = await startWorld([draft], {}, { appToken: APP_TOKEN, people, channels, groups: [] });
      const { workspace, platform } = world;
      const settings = {
        STORE_URL: await newUrl(),
        SLACK_APP_TOKEN: APP_TOKEN,
        SLACK_SIGNING_SECRET: '',
        APPROVERS: members.join(','),
      };
      const bots = [await startBot(world, settings), await startBot(world, settings)];
      kickoff(world, bots[0] as Bot);
      const { ts } = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
      const clicks = await Promise.all(
        members.map((user) => workspace.click({ user, channel: 'CAPPROVALS', ts, actionId: 'approve' })),
      );
      expect(clicks.every(({ acked }) => acked)).toBe(true);
      const answers = () => members.flatMap((user) => workspace.ephemerals(user).map(({ text }) => text));
      await workspace.changed(() => answers().length === 19, { what: 'nineteen answers' });
      await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
      expect(platform.resumes).toHaveLength(1);
      const decider = /Approved by <@(\w+)>/.exec(shown(workspace)[0]?.all ?? '')?.[1];
      expect(
        new Set(answers().map((text) => new RegExp(alreadyApproved('<@(\\w+)>')).exec(text)?.[1])),
      ).toEqual(new Set([decider]));
    });

    test('one takes over when the other is killed with a decision on its way', {
      timeout: 40_000,
    }, async () => {
      const world = await startWorld();
      const { workspace, platform } = world;
      const settings = { STORE_URL: await newUrl() };
      const dying = await spawnBot(world, settings);
      kickoff(world, dying);
      const { ts } = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
      platform.failures.plan({ on: 'resume', failure: { noAnswer: true } });
      const click = await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'approve' });
      expect(click.acked).toBe(true);
      await platform.changed(() => platform.requests.some(({ path }) => path.endsWith('/resume')), {
        what: '/resume',
      });
      await dying.kill();
      const other = await startBot(world, settings);
      await workspace.changed(() => shown(workspace)[0]?.all.includes('CrewAI accepted it') === true, {
        what: 'the acceptance',
        timeoutMs: 25_000,
      });
      expect(
        platform.resumes.filter(({ status, fate }) => status === 200 && fate === 'answered'),
      ).toHaveLength(1);
      expect((await axios.get(`${other.url}/readyz`)).status).toBe(200);
    });
  });
}
