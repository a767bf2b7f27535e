import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/app.ts': [
    ['    ...listNamedPeople(crew),\n', '    ...crew.approvers,\n', 'e2e/approver'],
    ["worker.blockedChannels().join(', ') || undefined", 'undefined', 'e2e/typed-decisions'],
    ['channels : [...channels, opsChannel]', '[] : [opsChannel]', 'e2e/approver'],
  ],
  'src/approval/intake/build-approval.ts': [
    ['rules.channel === crew.channel ? (channel ?? crew.channel) :', 'channel ??', 'e2e/approver'],
  ],
  'src/approval/kickoffs/start-run.ts': [['hidden === undefined', "hidden !== ''", 'e2e/start-run']],
  'src/crewai/crew-ai.ts': [
    ['meta: { requested_by: by, channel,', 'meta: { channel,', 'e2e/start-run'],
    [
      'isAllowedCallback(url, this.setup.endpoints.get(crew)?.callbackHosts ?? [])',
      'url.length > 0',
      'e2e/flow-reviews',
    ],
  ],
  'src/crewai/flow-callback.ts': [['if (status === 409) {', 'if (status === 410) {', 'e2e/flow-reviews']],
  'src/crewai/resume-request.ts': [
    ['crew ? { crewWebhookUrl: urls.crew }', 'step ? { crewWebhookUrl: urls.crew }', 'e2e/stories'],
  ],
  'src/http/webhooks.ts': [['const MOST_LARGE = 8;', 'const MOST_LARGE = 9;', 'e2e/flow-floods']],
  'src/slack/api/post-message.ts': [["parse: 'none',", "parse: 'full',", 'e2e/harmless-cards']],
  'src/slack/app/ids.ts': [["retry: 'retry',", "retry: 'send_again',", 'e2e/clicks']],
  'src/slack/app/late-clicks.ts': [
    ['MAX_DECIDING_AGE = 10_000', 'MAX_DECIDING_AGE = 12_000', 'e2e/late-clicks'],
  ],
};
