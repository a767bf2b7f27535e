import type { WebClient } from '@slack/web-api';
import { expect, test } from 'vitest';
import { createOpsChannel } from '../../../src/slack/api/ops-channel.ts';
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
  const alarm = createOpsChannel({ client, channel, clock, log });
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

test('the operators are told at most once an hour of each cause', async () => {
  const { alarm, alerts, clock } = operators();
  for (let minute = 0; minute < 59; minute += 1) {
    alarm('store', 'The store is down.');
    alarm('token press', 'CrewAI refuses the token.');
    await clock.advance(60_000);
  }
  expect(alerts).toEqual([
    ':rotating_light: The store is down.',
    ':rotating_light: CrewAI refuses the token.',
  ]);
  await clock.advance(60_000);
  alarm('store', 'The store is down.');
  alarm('store', 'The store is down.');
  expect(alerts).toHaveLength(3);
  await clock.advance(HOUR - 1);
  alarm('store', 'The store is down.');
  expect(alerts).toHaveLength(3);
});

test('a caller chooses how often a cause may come', async () => {
  const { alarm, alerts, clock } = operators();
  for (let time = 0; time < 3; time += 1) alarm('refused webhooks', 'A webhook was refused.', 0);
  expect(alerts).toHaveLength(3);
  alarm('skew', 'The clock is late.', 60_000);
  await clock.advance(60_000);
  alarm('skew', 'The clock is late.', 60_000);
  alarm('skew', 'The clock is late.', 60_000);
  expect(alerts).toHaveLength(5);
});

test('what could not be told is told the next time, and the log says so', async () => {
  const { alarm, alerts, lines, slackFails } = operators();
  slackFails(true);
  alarm('store', 'The store is down.');
  await settled();
  expect(lines).toMatchObject([{ level: 'error', fact: 'alert to OPS_CHANNEL failed' }]);
  slackFails(false);
  alarm('store', 'The store is down.');
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
  createOpsChannel({ client, channel: undefined, clock, log })('store', 'The store is down.');
});

test('Slack takes the message as it is', async () => {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  createOpsChannel({ client, channel: 'CAPPROVALS', clock: createFakeClock(), log })(
    'store',
    'The store is down.',
  );
  await workspace.changed(() => workspace.messages('CAPPROVALS').length === 1, { what: 'the message' });
  expect(workspace.messages('CAPPROVALS')[0]?.text).toBe(':rotating_light: The store is down.');
});
