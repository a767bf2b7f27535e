import axios from 'axios';
import { expect, test, vi } from 'vitest';
import { draft, SECRET, sees, startBot, startWorld } from '../support/world.ts';

test('a whole run with its troubles leaves no secret, token, URL with a token, output or feedback in the log', async () => {
  const printed = vi.spyOn(console, 'log');
  const warned = vi.spyOn(console, 'warn');
  const failed = vi.spyOn(console, 'error');
  const OUTPUT = 'the-output-that-no-log-may-have';
  const FEEDBACK = 'the-feedback-that-no-log-may-have';
  const world = await startWorld([{ ...draft, output: ({ feedback }) => `${OUTPUT} ${feedback.length}` }], {
    dialect: 'documented',
  });
  const { workspace, platform, settings } = world;
  const bot = await startBot(world);

  // Troubles on every side, whose errors hold whole requests.
  await axios.post(
    `${bot.url}/webhooks/press/task?token=wrong-${SECRET}`,
    {},
    { validateStatus: () => true },
  );
  await axios.post(bot.webhook('task'), Buffer.from('{broken'), {
    headers: { 'content-type': 'application/json' },
    validateStatus: () => true,
  });
  workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'invalid_blocks' } });
  workspace.failures.plan({ on: 'chat.update', failure: { reset: true } });
  workspace.failures.plan({ on: 'response_url', failure: { status: 404 } });
  platform.failures.plan({ on: 'resume', failure: { status: 503, body: '<html>down</html>' } });
  platform.failures.plan({ on: 'resume', failure: { reset: true } });

  platform.kickoff({
    taskWebhookUrl: bot.webhook('task'),
    crewWebhookUrl: bot.webhook('crew'),
    meta: {
      taskWebhookUrl: bot.webhook('task'),
      crewWebhookUrl: bot.webhook('crew'),
      stepWebhookUrl: `ftp://x/?token=${SECRET}`,
      channel: 'CNOWHERE',
    },
  });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'));
  const at = { channel: 'CAPPROVALS', ts: card.ts };
  await workspace.click({ ...at, user: 'UCAT', actionId: 'approve' });
  await workspace.changed(() => workspace.ephemerals('UCAT').length > 0, { what: 'a refusal' });
  await workspace.click({ ...at, user: 'UBEN', actionId: 'request_revision' });
  await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
  await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: FEEDBACK } } });
  const second = await sees(
    workspace,
    'round 2',
    ({ all, buttons }) => all.includes('round 2') && buttons.length > 0,
  );
  await workspace.click({ channel: 'CAPPROVALS', ts: second.ts, user: 'UANA', actionId: 'approve' });
  await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
  await bot.stop();

  const log = bot.logged.join('');
  const lines = log.trim().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
  expect(log).toMatch(/decision refused by CrewAI|decision outcome unknown/);
  // Who decided what on which run can be followed by one line each.
  for (const fact of [
    'output waiting for a decision',
    'decision recorded',
    'decision accepted by CrewAI',
    'card posted',
  ]) {
    const line = lines.map((one) => JSON.parse(one)).find(({ msg }) => msg === fact);
    expect(line, fact).toMatchObject({
      crew: 'press',
      execution: expect.any(String),
      approval: expect.any(String),
    });
  }
  const secrets = [
    SECRET,
    encodeURIComponent(SECRET),
    settings.SLACK_BOT_TOKEN,
    settings.SLACK_SIGNING_SECRET,
    settings.CREWAI_BEARER_TOKEN,
    'token=',
    'xoxb-',
    'Bearer',
    OUTPUT,
    FEEDBACK,
    '/actions/',
    'stack',
  ] as string[];
  const consoleLines = [printed, warned, failed]
    .flatMap(({ mock }) => mock.calls)
    .map((call) => call.map(String).join(' '));
  for (const secret of secrets) {
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(consoleLines.filter((line) => line.includes(secret))).toEqual([]);
  }
}, 60_000);
