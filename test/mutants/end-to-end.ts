import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/app.ts': [
    ['    ...listNamedPeople(crew),\n', '    ...crew.approvers,\n', 'e2e/approver'],
    [
      "channels: async () => worker.blockedChannels().join(', ') || undefined,",
      'channels: async () => undefined,',
      'e2e/typed-decisions',
    ],
    [
      'void checkChannels(slack, opsChannel === undefined ? channels : [...channels, opsChannel]);',
      'void checkChannels(slack, opsChannel === undefined ? [] : [opsChannel]);',
      'e2e/approver',
    ],
  ],
  'src/approval/intake/build-approval.ts': [
    [
      'rules.channel === crew.channel ? (channel ?? crew.channel) : rules.channel;',
      'channel ?? rules.channel;',
      'e2e/approver',
    ],
  ],
  'src/approval/kickoffs/start-run.ts': [
    [
      'getOwn(settings, input)?.hidden === undefined;',
      "getOwn(settings, input)?.hidden !== '';",
      'e2e/start-run',
    ],
  ],
  'src/crewai/crew-ai.ts': [
    ['meta: { requested_by: by, channel,', 'meta: { channel,', 'e2e/start-run'],
    [
      'return isAllowedCallback(url, this.setup.endpoints.get(crew)?.callbackHosts ?? []);',
      'return url.length > 0;',
      'e2e/flow-reviews',
    ],
  ],
  'src/crewai/flow-callback.ts': [['if (status === 409) {', 'if (status === 410) {', 'e2e/flow-reviews']],
  'src/crewai/resume-request.ts': [
    [
      '...(urls.crew ? { crewWebhookUrl: urls.crew } : {}),',
      '...(urls.step ? { crewWebhookUrl: urls.crew } : {}),',
      'e2e/stories',
    ],
  ],
  'src/http/webhooks.ts': [['const MOST_LARGE = 8;', 'const MOST_LARGE = 9;', 'e2e/flow-floods']],
  'src/slack/api/post-message.ts': [["parse: 'none',", "parse: 'full',", 'e2e/harmless-cards']],
  'src/slack/app/ids.ts': [["retry: 'retry',", "retry: 'send_again',", 'e2e/clicks']],
  'src/slack/app/late-clicks.ts': [
    ['const MAX_DECIDING_AGE = 10_000;', 'const MAX_DECIDING_AGE = 12_000;', 'e2e/late-clicks'],
  ],
};
