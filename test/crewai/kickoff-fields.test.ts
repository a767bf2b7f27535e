import { expect, it } from 'vitest';
import { runEventTypes } from '../../src/approval/model/run/run-events.ts';
import { buildKickoffFields } from '../../src/crewai/kickoff-fields.ts';
import { buildEndpoint } from '../../src/settings/build-crew.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';

const SECRET = 'a-webhook-secret+of/crewai';
const authentication = { strategy: 'bearer', token: SECRET };
const endpoint = (kind: string, query = `?token=${encodeURIComponent(SECRET)}`) =>
  `https://bot.example/base/webhooks/press/${kind}${query}`;

function fieldsFor(dialect: 'documented' | 'live' | 'unknown', publicUrl?: string) {
  const config = loadSettings({
    SLACK_BOT_TOKEN: 'xoxb-1-a',
    SLACK_SIGNING_SECRET: 'signing-secret',
    CREWAI_BASE_URL: 'https://press.crewai.example',
    CREWAI_BEARER_TOKEN: 'crew-token',
    CREW_NAME: 'press',
    APPROVAL_CHANNEL: 'CAPPROVALS',
    WEBHOOK_SECRET: SECRET,
    ...(publicUrl ? { PUBLIC_URL: publicUrl } : {}),
  });
  const [crew] = config.crews;
  if (!crew) throw new Error('no crew');
  return buildKickoffFields(buildEndpoint(crew, config), dialect);
}

const asUrl = { humanInputWebhookUrl: endpoint('human-input') };
const asObject = { humanInputWebhook: { url: endpoint('human-input', ''), authentication } };

it.each([
  ['live', asUrl],
  ['unknown', asUrl],
  ['documented', asObject],
] as const)('a kickoff names every webhook of the bot: %s', (dialect, humanInput) => {
  expect(fieldsFor(dialect, 'https://bot.example/base/')).toEqual({
    taskWebhookUrl: endpoint('task'),
    crewWebhookUrl: endpoint('crew'),
    ...humanInput,
    webhooks: { events: runEventTypes, url: endpoint('events', ''), realtime: true, authentication },
  });
});

it('a kickoff names no webhooks without PUBLIC_URL', () => {
  expect(fieldsFor('live')).toBeUndefined();
});
