import type { WebClient } from '@slack/web-api';
import { expect, test } from 'vitest';
import type { Alert } from '../../../src/approval/alerts.ts';
import { createAnnounce, createOpsChannel } from '../../../src/slack/api/ops-channel.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { collectingLog, startStage } from '../stage.ts';

const HOUR = 60 * 60_000;

/** A channel of the operators in a played Slack. */
function operators(channel: string | undefined = 'COPS') {
  const clock = createFakeClock();
  const { log, lines } = collectingLog();
  const alerts: string[] = [];
  let fails = false;
  const client = {
    chat: {
      postMessage: async ({ text }: { text: string }) => {
        if (fails) throw new Error('Slack is away');
        alerts.push(text);
      },
    },
  } as unknown as WebClient;
  const alarm = createOpsChannel({ client, clock, log }, channel);
  return {
    clock,
    alerts,
    lines,
    alarm,
    slackFails: (does: boolean) => {
      fails = does;
    },
  };
}

const STORE_FAILS: Alert = { kind: 'store_failed', operation: 'write' };
const rejectedToken = (crew: string): Alert => ({ kind: 'crew_token_rejected', crew, status: 401 });

test('the operators are told at most once an hour of each cause', async () => {
  const { alarm, alerts, clock } = operators();
  for (let minute = 0; minute < 59; minute += 1) {
    alarm(STORE_FAILS);
    alarm({ ...STORE_FAILS, operation: 'read' });
    alarm(rejectedToken('press'));
    alarm(rejectedToken('budget'));
    await clock.advance(60_000);
  }
  expect(alerts).toEqual([
    ':rotating_light: The database rejects writes. Webhooks get 503 until it recovers.',
    expect.stringContaining('crew press'),
    expect.stringContaining('crew budget'),
  ]);
  await clock.advance(60_000);
  alarm(STORE_FAILS);
  alarm(STORE_FAILS);
  expect(alerts).toHaveLength(4);
  await clock.advance(HOUR - 1);
  alarm(STORE_FAILS);
  expect(alerts).toHaveLength(4);
});

test('rejected webhooks are told each time, since they come with a count', () => {
  const { alarm, alerts } = operators();
  const answer = 'name is missing; output is missing.';
  const rejected = {
    kind: 'webhooks_rejected',
    crew: 'press',
    webhook: 'task',
    status: 422,
    answer,
  } as const;
  for (const count of [1, 1, 1_000]) alarm({ ...rejected, count });
  expect(alerts).toEqual([
    ':rotating_light: A task webhook of the crew press was rejected. Its run may be waiting for an approval that has no card. Answer (422): name is missing; output is missing.',
    expect.stringContaining('A task webhook'),
    ':rotating_light: 1,000 task webhooks of the crew press were rejected. Their runs may be waiting for approvals that have no card. Last answer (422): name is missing; output is missing.',
  ]);
});

const ALERTS: { [Kind in Alert['kind']]: Extract<Alert, { kind: Kind }> } = {
  store_failed: { kind: 'store_failed', operation: 'read' },
  database_lost: { kind: 'database_lost', reason: '/data/approvals.db was deleted' },
  clock_set_back: { kind: 'clock_set_back' },
  clock_skew: { kind: 'clock_skew', aheadMs: -61_000 },
  crew_token_rejected: { kind: 'crew_token_rejected', crew: 'press', status: 403 },
  decisions_late: { kind: 'decisions_late', crew: 'press' },
  callback_host_not_allowed: { kind: 'callback_host_not_allowed', crew: 'press', host: 'a.example' },
  too_few_deciders: { kind: 'too_few_deciders', crew: 'press', approvals: 1 },
  slack_rate_limit: { kind: 'slack_rate_limit', channel: 'CPRESS', minutes: 30 },
  slack_token_rejected: { kind: 'slack_token_rejected', reason: 'token_revoked' },
  channel_blocked: { kind: 'channel_blocked', channel: 'CPRESS', reason: 'is_archived' },
  webhooks_rejected: {
    kind: 'webhooks_rejected',
    crew: 'press',
    webhook: 'task',
    status: 413,
    answer: 'The body is larger than 8 MiB.',
    count: 2,
  },
  webhook_url_wrong: { kind: 'webhook_url_wrong', crew: 'press', wrong: 'path', address: '127.0.0.1' },
};

test('each alert is one message that Slack takes, with every value of the fact in it', async () => {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  const alarm = createOpsChannel({ client, clock: createFakeClock(), log }, 'CAPPROVALS');
  const alerts = Object.values(ALERTS);
  for (const alert of alerts) alarm(alert);
  const messages = () => workspace.messages('CAPPROVALS');
  await workspace.changed(() => messages().length === alerts.length, { what: 'the messages' });
  for (const [index, { kind, ...values }] of alerts.entries()) {
    const text = messages()[index]?.text ?? '';
    expect(text).toMatch(/^:rotating_light: [A-Z0-9].*[.]$/);
    for (const value of Object.values(values).filter(
      (value) => typeof value === 'string' && !WORDS.has(value),
    ))
      expect(text, kind).toContain(value);
  }
});
/** Values that choose a sentence. */
const WORDS = new Set<unknown>(['read', 'write', 'secret', 'kind', 'path']);

test('an alert mentions nobody and has no links, whatever came from outside', () => {
  const { alarm, alerts } = operators();
  alarm({ kind: 'callback_host_not_allowed', crew: 'press', host: '<!channel> @here <https://a.b|c>' });
  expect(alerts[0]).not.toMatch(/<|@here/);
});

test('a channel is told of a webhook that was too large, and of pauses that nothing shows', async () => {
  const { workspace, client } = await startStage();
  const announce = createAnnounce({ client, log: collectingLog().log });
  await announce('CAPPROVALS', { kind: 'webhook_too_large', crew: 'press', webhook: 'task' });
  await announce('CAPPROVALS', { kind: 'pauses_not_visible', crew: 'press' });
  expect(workspace.messages('CAPPROVALS').map(({ text }) => text)).toEqual([
    ':warning: A task webhook of press was rejected because it is too large. If its run is waiting for an approval, there is no card. Check the run in CrewAI.',
    expect.stringMatching(/^:warning: A run of press may be waiting .*humanInputWebhookUrl.*--kickoff press/),
  ]);
});

test('what could not be told is told the next time, and the log says so', async () => {
  const { alarm, alerts, lines, slackFails } = operators();
  slackFails(true);
  alarm(STORE_FAILS);
  await settled();
  expect(lines).toMatchObject([{ level: 'error', fact: 'alert to OPS_CHANNEL failed' }]);
  slackFails(false);
  alarm(STORE_FAILS);
  await settled();
  expect(alerts).toHaveLength(1);
});

test('without OPS_CHANNEL nobody is told', () => {
  const clock = createFakeClock();
  const { log } = collectingLog();
  const client = {
    get chat(): never {
      throw new Error('Slack is called');
    },
  } as unknown as WebClient;
  createOpsChannel({ client, clock, log }, undefined)(STORE_FAILS);
});
