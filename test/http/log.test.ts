import axios from 'axios';
import { expect, test, vi } from 'vitest';
import { clickOn, ready, requestRevision } from '../support/process-steps.ts';
import { draft, SECRET, sees, startBot, startWorld } from '../support/world.ts';

test('the log of a whole run with its troubles has no secret, token, URL with a token, output or feedback', async () => {
  const spies = (['log', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
  const OUTPUT = 'the-output-that-no-log-may-have';
  const FEEDBACK = 'the-feedback-that-no-log-may-have';
  const task = {
    ...draft,
    writeOutput: ({ revisions }: { revisions: string[] }) => `${OUTPUT} ${revisions.length}`,
  };
  const world = await startWorld([task], { dialect: 'documented' });
  const { workspace, platform, settings } = world;
  const bot = await startBot(world);

  // Troubles on every side, whose errors hold whole requests.
  const any = { headers: { 'content-type': 'application/json' }, validateStatus: () => true };
  await axios.post(`${bot.url}/webhooks/press/task?token=wrong-${SECRET}`, {}, any);
  await axios.post(bot.webhook('task'), Buffer.from('{broken'), any);
  workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'invalid_blocks' } });
  workspace.failures.plan({ on: 'chat.update', failure: { reset: true } });
  workspace.failures.plan({ on: 'response_url', failure: { status: 404 } });
  platform.failures.plan({ on: 'resume', failure: { status: 503, body: '<html>down</html>' } });
  platform.failures.plan({ on: 'resume', failure: { reset: true } });

  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  const meta = { ...urls, stepWebhookUrl: `ftp://x/?token=${SECRET}`, channel: 'CNOWHERE' };
  platform.kickoff({ ...urls, meta });
  const card = await sees(workspace, 'the card', ready);
  await clickOn(world, card.ts, 'approve', 'UCAT');
  await workspace.changed(() => workspace.ephemerals('UCAT').length > 0, { what: 'a refusal' });
  await requestRevision(world, card.ts, FEEDBACK);
  const second = await sees(workspace, 'round 2', (one) => one.all.includes('round 2') && ready(one));
  await clickOn(world, second.ts, 'approve');
  await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
  await bot.stop();

  const log = bot.logged.join('');
  const lines = log.trim().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
  expect(log).toMatch(/decision refused by CrewAI|decision outcome unknown/);
  // One line each says who decided what on which run.
  const decided = ['decision recorded', 'decision accepted by CrewAI'];
  for (const fact of ['output waiting for a decision', 'card posted', ...decided]) {
    const line = lines.map((one) => JSON.parse(one)).find(({ msg }) => msg === fact);
    const ids = { execution: expect.any(String), approval: expect.any(String) };
    expect(line, fact).toMatchObject({ crew: 'press', ...ids });
  }
  const { SLACK_BOT_TOKEN = '', SLACK_SIGNING_SECRET = '', CREWAI_BEARER_TOKEN = '' } = settings;
  const ofSlack = [SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET];
  const secrets = [SECRET, encodeURIComponent(SECRET), ...ofSlack, CREWAI_BEARER_TOKEN];
  const printed = spies.flatMap(({ mock }) => mock.calls.map((call) => call.map(String).join(' ')));
  for (const hidden of [...secrets, 'token=', 'xoxb-', 'Bearer', OUTPUT, FEEDBACK, '/actions/', 'stack'])
    expect([...lines, ...printed].filter((line) => line.includes(hidden))).toEqual([]);
});
