import { describe, expect, it } from 'vitest';
import { runEventTypes } from '../../src/approval/model/run/run-events.ts';
import { buildKickoffFields } from '../../src/crewai/kickoff-fields.ts';
import { buildEndpoint } from '../../src/settings/build-crew.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';

const SECRET = 'a-webhook-secret+of/crewai';
const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-1-a',
  SLACK_SIGNING_SECRET: 'signing-secret',
  CREWAI_BASE_URL: 'https://press.crewai.example',
  CREWAI_BEARER_TOKEN: 'crew-token',
  CREW_NAME: 'press',
  APPROVAL_CHANNEL: 'CAPPROVALS',
  WEBHOOK_SECRET: SECRET,
};

function fieldsFor(dialect: 'documented' | 'live' | 'unknown', env: Record<string, string> = {}) {
  const config = loadSettings({ ...ENV, PUBLIC_URL: 'https://bot.example/base/', ...env });
  const [crew] = config.crews;
  if (!crew) throw new Error('no crew');
  return buildKickoffFields(buildEndpoint(crew, config), dialect) as Record<string, unknown> | undefined;
}

const token = encodeURIComponent(SECRET);
const endpoint = (kind: string) => `https://bot.example/base/webhooks/press/${kind}?token=${token}`;
const events = {
  events: runEventTypes,
  url: 'https://bot.example/base/webhooks/press/events',
  realtime: true,
  authentication: { strategy: 'bearer', token: SECRET },
};

describe('the fields of a kickoff', () => {
  it.each(['live', 'unknown'] as const)('name the human-input webhook as a URL: %s', (dialect) => {
    expect(fieldsFor(dialect)).toEqual({
      taskWebhookUrl: endpoint('task'),
      crewWebhookUrl: endpoint('crew'),
      humanInputWebhookUrl: endpoint('human-input'),
      webhooks: events,
    });
  });

  it('name it as an object with its secret on the documented dialect', () => {
    expect(fieldsFor('documented')).toEqual({
      taskWebhookUrl: endpoint('task'),
      crewWebhookUrl: endpoint('crew'),
      humanInputWebhook: {
        url: 'https://bot.example/base/webhooks/press/human-input',
        authentication: { strategy: 'bearer', token: SECRET },
      },
      webhooks: events,
    });
  });

  it('subscribe to the events that tell of failed runs and of tasks', () => {
    expect(runEventTypes).toEqual(
      expect.arrayContaining([
        'crew_kickoff_failed',
        'crew_kickoff_completed',
        'task_started',
        'task_completed',
      ]),
    );
  });

  it('are not known without PUBLIC_URL', () => {
    const config = loadSettings(ENV);
    const [crew] = config.crews;
    expect(crew && buildKickoffFields(buildEndpoint(crew, config), 'live')).toBeUndefined();
  });
});
