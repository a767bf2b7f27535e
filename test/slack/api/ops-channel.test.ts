import type { WebClient } from '@slack/web-api';
import { expect, it } from 'vitest';
import type { Alert } from '../../../src/approval/alerts.ts';
import { createAnnouncer, createOpsChannel } from '../../../src/slack/api/ops-channel.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { collectingLog, startStage } from '../stage.ts';

const HOUR = 60 * 60_000;
const STORE_FAILS: Alert = { kind: 'store_failed', operation: 'write' };

/** A channel of the operators in a played Slack. */
function startChannel(channel: string | undefined = 'COPS') {
  const clock = createFakeClock();
  const { log, lines } = collectingLog();
  const alerts: string[] = [];
  const slack = { isDown: false };
  const postMessage = async ({ text }: { text: string }) => {
    if (slack.isDown) throw new Error('Slack is away');
    alerts.push(text);
  };
  const client = { chat: { postMessage } } as unknown as WebClient;
  return { clock, alerts, lines, slack, alert: createOpsChannel({ client, clock, log }, channel, 'en') };
}

it('alerts the operators at most once per hour of each cause', async () => {
  const { alert, alerts, clock } = startChannel();
  for (let minute = 0; minute < 59; minute += 1) {
    alert(STORE_FAILS);
    alert({ kind: 'store_failed', operation: 'read' });
    for (const crew of ['press', 'budget']) alert({ kind: 'crew_token_rejected', crew, status: 401 });
    for (const receiver of ['a.example.com', 'b.example.com']) alert({ kind: 'events_dropped', receiver });
    await clock.advance(60_000);
  }
  expect(alerts).toEqual([
    ':rotating_light: The database rejects writes. Webhooks get 503 until it recovers.',
    expect.stringContaining('crew press'),
    expect.stringContaining('crew budget'),
    expect.stringContaining('a.example.com'),
    expect.stringContaining('b.example.com'),
  ]);
  await clock.advance(60_000);
  for (const wait of [0, HOUR - 1]) {
    alert(STORE_FAILS);
    await clock.advance(wait);
    alert(STORE_FAILS);
  }
  expect(alerts).toHaveLength(6);
});

it('alerts them of rejected webhooks each time, since these come with a count', () => {
  const { alert, alerts } = startChannel();
  const answer = 'name is missing; output is missing.';
  const rejected = { crew: 'press', webhook: 'task', status: 422, answer } as const;
  for (const count of [1, 1, 1_000]) alert({ kind: 'webhooks_rejected', ...rejected, count });
  const one =
    ':rotating_light: A task webhook of the crew press was rejected. Its run may be waiting for an approval that has no card. Answer (422): name is missing; output is missing.';
  expect(alerts).toEqual([
    one,
    one,
    ':rotating_light: 1,000 task webhooks of the crew press were rejected. Their runs may be waiting for approvals that have no card. Last answer (422): name is missing; output is missing.',
  ]);
});

const TOO_LARGE = 'The body is larger than 8 MiB.';
const ALERTS: { [Kind in Alert['kind']]: Omit<Extract<Alert, { kind: Kind }>, 'kind'> } = {
  store_failed: { operation: 'read' },
  database_lost: { reason: '/data/approvals.db was deleted' },
  step_failed: {},
  events_dropped: { receiver: 'events.example.com/hook' },
  crew_token_rejected: { crew: 'press', status: 403 },
  decisions_late: { crew: 'press' },
  callback_host_not_allowed: { crew: 'press', host: 'a.example' },
  too_few_deciders: { crew: 'press', approvals: 1 },
  slack_rate_limit: { channel: 'CPRESS', minutes: 30 },
  slack_token_rejected: { reason: 'token_revoked' },
  channel_blocked: { channel: 'CPRESS', reason: 'is_archived' },
  webhooks_rejected: { crew: 'press', webhook: 'task', status: 413, answer: TOO_LARGE, count: 2 },
  webhook_url_wrong: { crew: 'press', wrong: 'path', address: '127.0.0.1' },
};
/** Values that choose a sentence. */
const WORDS = new Set<unknown>(['read', 'write', 'secret', 'kind', 'path']);

it('posts each alert as one message that Slack accepts, with every value of the fact in it', async () => {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  const alert = createOpsChannel({ client, clock: createFakeClock(), log }, 'CAPPROVALS', 'en');
  const alerts = Object.entries(ALERTS);
  for (const [kind, values] of alerts) alert({ kind, ...values } as Alert);
  const messages = () => workspace.messages('CAPPROVALS');
  await workspace.changed(() => messages().length === alerts.length, { what: 'the messages' });
  for (const [index, [kind, values]] of alerts.entries()) {
    const text = messages()[index]?.text ?? '';
    expect(text).toMatch(/^:rotating_light: [A-Z0-9].*[.]$/);
    for (const value of Object.values(values))
      if (typeof value === 'string' && !WORDS.has(value)) expect(text, kind).toContain(value);
  }
});

it('posts no mention and no link, whatever came from outside', () => {
  const { alert, alerts } = startChannel();
  alert({ kind: 'callback_host_not_allowed', crew: 'press', host: '<!channel> @here <https://a.b|c>' });
  expect(alerts[0]).not.toMatch(/<|@here/);
});

it('announces in a channel a webhook that was too large, and pauses that nothing shows', async () => {
  const { workspace, client } = await startStage();
  const announce = createAnnouncer({ client, log: collectingLog().log }, () => 'en');
  await announce('CAPPROVALS', { kind: 'webhook_too_large', crew: 'press', webhook: 'task' });
  await announce('CAPPROVALS', { kind: 'pauses_not_visible', crew: 'press' });
  expect(workspace.messages('CAPPROVALS').map(({ text }) => text)).toEqual([
    ':warning: A task webhook of press was rejected because it is too large. If its run is waiting for an approval, there is no card. Check the run in CrewAI.',
    expect.stringMatching(
      /^:warning: A run of press may be waiting .*humanInputWebhookUrl.*ask the bot's admin/,
    ),
  ]);
});

it('logs an alert that could not be posted, and posts the next one', async () => {
  const { alert, alerts, lines, slack } = startChannel();
  for (const isDown of [true, false]) {
    slack.isDown = isDown;
    alert(STORE_FAILS);
    await settled();
  }
  expect(lines).toMatchObject([{ level: 'error', fact: 'alert to OPS_CHANNEL failed' }]);
  expect(alerts).toHaveLength(1);
});

it('posts nothing without OPS_CHANNEL', async () => {
  const { log, lines } = collectingLog();
  createOpsChannel({ client: {} as WebClient, clock: createFakeClock(), log }, undefined, 'en')(STORE_FAILS);
  await settled();
  expect(lines).toEqual([]);
});
