import { expect, test } from 'vitest';
import { freePort } from '../../src/sandbox/demo/free-port.ts';
import { clickOn, requestRevision } from '../support/process-steps.ts';
import { draft, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

/** A kickoff as the doctor prints it: cards by human-input webhooks, the rest for the truth about the run. */
function kickoffLive({ platform }: World, bot: { webhook(kind: string): string; url: string }): string {
  return platform.kickoff({
    humanInputWebhookUrl: bot.webhook('human-input'),
    taskWebhookUrl: bot.webhook('task'),
    crewWebhookUrl: bot.webhook('crew'),
    webhooks: {
      events: [
        'crew_kickoff_started',
        'crew_kickoff_completed',
        'crew_kickoff_failed',
        'task_started',
        'task_completed',
        'task_failed',
      ],
      url: `${bot.url}/webhooks/press/events`,
      realtime: true,
      authentication: { strategy: 'bearer', token: 'a-webhook-secret-of-crewai' },
    },
  });
}

test('on the live dialect with default settings: approve, OK as a revision, rounds 2 and 3, finished', async () => {
  const world = await startWorld([draft, { ...draft, name: 'second_task' }], { dialect: 'live' });
  const { workspace, platform } = world;
  const port = String(await freePort());
  const bot = await startBot(world, { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` });
  kickoffLive(world, bot);
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
  await requestRevision(world, card.ts, 'OK');
  const second = await sees(
    workspace,
    'round 2',
    ({ all, buttons }) => all.includes('round 2') && buttons.includes('Approve'),
  );
  console.log(
    JSON.stringify(
      platform.resumes.map(({ body, status }: any) => [status, body]),
      null,
      1,
    ),
  );
  console.log(JSON.stringify(shown(workspace), null, 1));
  expect(second.thread_ts).toBe(card.ts);
  await clickOn(world, second.ts, 'approve');
  const next = await sees(
    workspace,
    'the next card',
    ({ all, buttons }) => all.includes('second_task') && buttons.includes('Approve'),
  );
  await clickOn(world, next.ts, 'approve');
  await sees(workspace, 'the end', ({ all }) => all.includes('has finished'));
  console.log(
    JSON.stringify(
      platform.resumes.map(({ body, status }: any) => [status, body]),
      null,
      1,
    ),
  );
  console.log(JSON.stringify(shown(workspace), null, 1));
  console.log(bot.logged.map((l) => l.slice(0, 200)).join(''));
});
